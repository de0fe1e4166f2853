/* What the codec alone costs: 16-bit stereo at 48 kHz from a WAV file through libopus, and the packets nowhere. Called as
 * opusenc, ffmpeg and aup call it: as a multistream of one stream.
 *
 *   bare_opus FILE.wav BITS COMPLEXITY */
#include <opus/opus_multistream.h>
#include <stdio.h>
#include <stdlib.h>

enum { FRAMES = 960, CHANNELS = 2, HEADER_BYTES = 44 };

int main(int count, char **words) {
    FILE *file = count == 4 ? fopen(words[1], "rb") : NULL;
    int error = 0;
    int streams = 0, coupled = 0;
    unsigned char mapping[CHANNELS];
    OpusMSEncoder *encoder = opus_multistream_surround_encoder_create(
        48000, CHANNELS, 0, &streams, &coupled, mapping, OPUS_APPLICATION_AUDIO, &error);
    if (!file || !encoder || fseek(file, HEADER_BYTES, SEEK_SET) != 0) return 1;
    opus_multistream_encoder_ctl(encoder, OPUS_SET_BITRATE(atoi(words[2])));
    opus_multistream_encoder_ctl(encoder, OPUS_SET_VBR_CONSTRAINT(0));
    opus_multistream_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(atoi(words[3])));
    opus_multistream_encoder_ctl(encoder, OPUS_SET_LSB_DEPTH(16));
    static short samples[FRAMES * CHANNELS];
    static float floats[FRAMES * CHANNELS];
    static unsigned char packet[4096];
    long bytes = 0;
    while (fread(samples, sizeof samples, 1, file) == 1) {
        for (int index = 0; index < FRAMES * CHANNELS; index++) floats[index] = samples[index] / 32768.0f;
        int made = opus_multistream_encode_float(encoder, floats, FRAMES, packet, sizeof packet);
        if (made < 0) return 1;
        bytes += made;
    }
    printf("%ld\n", bytes);
    return 0;
}
