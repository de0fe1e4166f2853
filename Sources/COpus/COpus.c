#include "COpus.h"
#include "CLibrary.h"
#include <opus/opus.h>
#include <opus/opus_multistream.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(X) \
    X(opus_strerror) X(opus_get_version_string) X(opus_packet_get_nb_samples) \
    X(opus_multistream_surround_encoder_create) X(opus_multistream_encode_float) X(opus_multistream_encoder_ctl) \
    X(opus_multistream_encoder_destroy) X(opus_multistream_decoder_create) X(opus_multistream_decode_float) \
    X(opus_multistream_decoder_ctl) X(opus_multistream_decoder_get_size) X(opus_multistream_decoder_destroy)
AUP_LIBRARY(FUNCTIONS, "libopus.so.0")

const char *aup_opus_missing(void) { return aup_library_missing(&door); }
const char *aup_opus_version(void) { return library.opus_get_version_string(); }
const char *aup_opus_words(int32_t code) { return library.opus_strerror(code); }

static int32_t application(int32_t number) {
    return number == AUP_OPUS_VOIP       ? OPUS_APPLICATION_VOIP
           : number == AUP_OPUS_LOWDELAY ? OPUS_APPLICATION_RESTRICTED_LOWDELAY
                                         : OPUS_APPLICATION_AUDIO;
}

static int32_t bandwidth(int32_t hertz) {
    return hertz <= 4000    ? OPUS_BANDWIDTH_NARROWBAND
           : hertz <= 6000  ? OPUS_BANDWIDTH_MEDIUMBAND
           : hertz <= 8000  ? OPUS_BANDWIDTH_WIDEBAND
           : hertz <= 12000 ? OPUS_BANDWIDTH_SUPERWIDEBAND
                            : OPUS_BANDWIDTH_FULLBAND;
}

static int32_t signal_kind(int32_t number) {
    return number == AUP_OPUS_SIGNAL_VOICE   ? OPUS_SIGNAL_VOICE
           : number == AUP_OPUS_SIGNAL_MUSIC ? OPUS_SIGNAL_MUSIC
                                             : OPUS_AUTO;
}

aup_opus_encoder *aup_opus_encoder_make(const aup_opus_settings *settings, aup_opus_facts *facts, int32_t *code) {
    int error = OPUS_OK, streams = 0, coupled = 0;
    OpusMSEncoder *encoder = library.opus_multistream_surround_encoder_create(
        settings->rate, settings->channels, settings->family, &streams, &coupled, facts->mapping,
        application(settings->application), &error);
    *code = error;
    if (!encoder) return NULL;
    const int control = settings->rate_control;
    int bad = 0;
    // The constants of the durations follow each other, from 2.5 ms on.
    int duration = OPUS_FRAMESIZE_ARG;
    const int durations[] = {120, 240, 480, 960, 1920, 2880};
    for (int place = 0; place < 6; place++)
        if (settings->seen_frames == durations[place]) duration = OPUS_FRAMESIZE_2_5_MS + place;
#define SET(request) bad = bad ? bad : library.opus_multistream_encoder_ctl(encoder, request)
    SET(OPUS_SET_BITRATE(settings->bits ? settings->bits : OPUS_AUTO));
    SET(OPUS_SET_VBR(control != AUP_OPUS_CBR));
    SET(OPUS_SET_VBR_CONSTRAINT(control == AUP_OPUS_CVBR));
    SET(OPUS_SET_COMPLEXITY(settings->complexity));
    if (settings->bandwidth) SET(OPUS_SET_MAX_BANDWIDTH(bandwidth(settings->bandwidth)));
    SET(OPUS_SET_PACKET_LOSS_PERC(settings->loss_percent));
    SET(OPUS_SET_INBAND_FEC(settings->has_fec));
    SET(OPUS_SET_DTX(settings->has_dtx));
    SET(OPUS_SET_SIGNAL(signal_kind(settings->signal)));
    SET(OPUS_SET_LSB_DEPTH(settings->depth_bits));
    SET(OPUS_SET_EXPERT_FRAME_DURATION(duration));
    SET(OPUS_GET_LOOKAHEAD(&facts->lookahead));
#undef SET
    if (bad) {
        *code = bad;
        library.opus_multistream_encoder_destroy(encoder);
        return NULL;
    }
    facts->streams = streams;
    facts->coupled = coupled;
    return (aup_opus_encoder *)encoder;
}

int32_t aup_opus_encode(aup_opus_encoder *encoder, const float *samples, int32_t frames, uint8_t *packet, int32_t room) {
    return library.opus_multistream_encode_float((OpusMSEncoder *)encoder, samples, frames, packet, room);
}

void aup_opus_encoder_free(aup_opus_encoder *encoder) {
    if (encoder) library.opus_multistream_encoder_destroy((OpusMSEncoder *)encoder);
}

aup_opus_decoder *aup_opus_decoder_make(int32_t rate, int32_t channels, int32_t streams, int32_t coupled,
                                        const uint8_t *mapping, int32_t *code) {
    int error = OPUS_OK;
    OpusMSDecoder *decoder =
        library.opus_multistream_decoder_create(rate, channels, streams, coupled, mapping, &error);
    *code = error;
    return (aup_opus_decoder *)decoder;
}

int32_t aup_opus_decode(aup_opus_decoder *decoder, const uint8_t *packet, int32_t bytes, float *samples, int32_t room,
                        int32_t uses_fec) {
    return library.opus_multistream_decode_float((OpusMSDecoder *)decoder, packet, packet ? bytes : 0, samples, room,
                                                 uses_fec);
}

void aup_opus_decoder_reset(aup_opus_decoder *decoder) {
    library.opus_multistream_decoder_ctl((OpusMSDecoder *)decoder, OPUS_RESET_STATE);
}

void aup_opus_decoder_copy(aup_opus_decoder *decoder, const aup_opus_decoder *other, int32_t streams, int32_t coupled) {
    /* Because a decoder is one block without a pointer into itself, which opus_decoder's documentation promises. */
    memcpy(decoder, other, (size_t)library.opus_multistream_decoder_get_size(streams, coupled));
}

void aup_opus_decoder_free(aup_opus_decoder *decoder) {
    if (decoder) library.opus_multistream_decoder_destroy((OpusMSDecoder *)decoder);
}

int32_t aup_opus_packet_frames(const uint8_t *packet, int32_t bytes) {
    return bytes > 0 ? library.opus_packet_get_nb_samples(packet, bytes, 48000) : OPUS_INVALID_PACKET;
}
