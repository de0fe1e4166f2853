/*
 * A sound in which every sample has a number of its own: captured without a file, checked where it is played.
 *
 * Sample c of frame n is a mix of both numbers over the whole width of the format, so that a frame lost, doubled, moved
 * or changed in any bit differs from what is expected there, and the count of played frames shows the rest. Ten minutes of
 * eight channels would otherwise be gigabytes of files.
 */
#include "stream.h"

#include <string.h>

/* Bijective in the frame for each channel (an odd multiplier, then xor-shifts), so no two of 2^32 frames are alike. */
static uint32_t number_of(int64_t frame, unsigned channel) {
    uint32_t number = (uint32_t)frame * 2654435761u + channel * 0x9E3779B9u;
    number ^= number >> 16;
    number *= 0x85EBCA6Bu;
    return number ^ number >> 13;
}

static void store(snd_pcm_format_t format, uint8_t *sample, uint32_t number) {
    int32_t value = (int32_t)number;
    switch (format) {
    case SND_PCM_FORMAT_S16_LE:
        memcpy(sample, &(int16_t){(int16_t)(value >> 16)}, 2);
        break;
    case SND_PCM_FORMAT_S24_LE:
        memcpy(sample, &(int32_t){value >> 8}, 4);
        break;
    case SND_PCM_FORMAT_S24_3LE:
        memcpy(sample, &(int32_t){value >> 8}, 3);
        break;
    case SND_PCM_FORMAT_FLOAT_LE:
        /* 24 bits are what a float holds exactly. */
        memcpy(sample, &(float){(float)(value >> 8) / 8388608.0f}, 4);
        break;
    default:
        memcpy(sample, &value, 4);
    }
}

void pattern_frame(struct stream *s, int64_t frame, uint8_t *destination) {
    size_t width = s->frame_bytes / s->io.channels;
    for (unsigned channel = 0; channel < s->io.channels; channel++)
        store(s->io.format, destination + channel * width, number_of(frame, channel));
}

void pattern_check(struct stream *s, const uint8_t *played, size_t frames) {
    uint8_t expected[64 * 8];
    for (size_t i = 0; i < frames; i++) {
        pattern_frame(s, s->checked, expected);
        if (memcmp(expected, played + i * s->frame_bytes, s->frame_bytes) != 0 && s->differing++ == 0)
            s->first_difference = s->checked;
        s->checked++;
    }
}

void pattern_report(struct stream *s) {
    if (s->options.pattern && !s->is_capture)
        stream_log(s, "pattern played=%lld differing=%lld first=%lld", (long long)s->checked, (long long)s->differing,
                   (long long)s->first_difference);
}
