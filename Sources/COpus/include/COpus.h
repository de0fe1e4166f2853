// The door to libopus, opened when the first Opus packet is made or read and never linked.
//
// Every stream is a multistream one, of which one mono or stereo stream is the simplest (RFC 7845, 5.1.1).
#ifndef COPUS_H
#define COPUS_H
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_opus_missing(void);
/// What the library calls itself: `libopus 1.3.1`.
const char *aup_opus_version(void);
/// One line for an error code of the functions below.
const char *aup_opus_words(int32_t code);

enum aup_opus_application { AUP_OPUS_VOIP, AUP_OPUS_AUDIO, AUP_OPUS_LOWDELAY };
enum aup_opus_rate_control { AUP_OPUS_VBR, AUP_OPUS_CVBR, AUP_OPUS_CBR };
enum aup_opus_signal { AUP_OPUS_SIGNAL_AUTO, AUP_OPUS_SIGNAL_VOICE, AUP_OPUS_SIGNAL_MUSIC };

typedef struct {
    int32_t rate;         ///< 8000, 12000, 16000, 24000 or 48000
    int32_t channels;     ///< 1 to 255
    int32_t family;       ///< channel mapping: 0 (mono, stereo), 1 (surround in Vorbis order), 255 (no order)
    int32_t application;  ///< enum aup_opus_application
    int32_t bits;         ///< a second, of all streams; 0 for the library's choice
    int32_t rate_control; ///< enum aup_opus_rate_control
    int32_t complexity;   ///< 0 to 10
    int32_t bandwidth;    ///< audio bandwidth at most, in Hz: 4000, 6000, 8000, 12000, 20000; 0 for no bound
    int32_t loss_percent; ///< packets that are expected to be lost
    int32_t has_fec;      ///< each packet repeats the one before it, coarsely
    int32_t has_dtx;      ///< hardly any bits for silence
    int32_t signal;       ///< enum aup_opus_signal
    int32_t depth_bits;   ///< of the samples before, 8 to 24: nothing below is worth a bit
    int32_t seen_frames;  ///< frames of a packet at 48 kHz where more is handed in than one, to be seen; else 0
} aup_opus_settings;

typedef struct {
    int32_t streams, coupled;
    uint8_t mapping[256];
    int32_t lookahead; ///< frames at `rate` by which the sound is late
} aup_opus_facts;

typedef struct aup_opus_encoder aup_opus_encoder;

/// `NULL`, with a code, for settings that the library does not take.
aup_opus_encoder *aup_opus_encoder_make(const aup_opus_settings *settings, aup_opus_facts *facts, int32_t *code);
/// Makes a packet of interleaved floats: its bytes, or a negative code.
int32_t aup_opus_encode(aup_opus_encoder *encoder, const float *samples, int32_t frames, uint8_t *packet, int32_t room);
void aup_opus_encoder_free(aup_opus_encoder *encoder);

typedef struct aup_opus_decoder aup_opus_decoder;

aup_opus_decoder *aup_opus_decoder_make(int32_t rate, int32_t channels, int32_t streams, int32_t coupled,
                                        const uint8_t *mapping, int32_t *code);
/// Interleaved floats of a packet: frames, or a negative code. `packet` is NULL for one that was lost, whose sound is
/// guessed; with `uses_fec` what `packet` repeats of the one before it is taken. In both cases `room` is the frames wanted.
int32_t aup_opus_decode(aup_opus_decoder *decoder, const uint8_t *packet, int32_t bytes, float *samples, int32_t room,
                        int32_t uses_fec);
void aup_opus_decoder_reset(aup_opus_decoder *decoder);
/// Makes a decoder what another one of the same streams is.
void aup_opus_decoder_copy(aup_opus_decoder *decoder, const aup_opus_decoder *other, int32_t streams, int32_t coupled);
void aup_opus_decoder_free(aup_opus_decoder *decoder);

/// Frames at 48 kHz of a packet's first stream, or a negative code where it is none.
int32_t aup_opus_packet_frames(const uint8_t *packet, int32_t bytes);
#endif
