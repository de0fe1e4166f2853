#include "Formats.h"

/// One block, interleaved to interleaved.
AUP_INLINE void convert_block(const void *source, int from, void *target, int to, size_t count, uint32_t position,
                              uint32_t *clipped) {
    if (to == F32) {
        float floats[BlockSamples];
        load_floats(source, from, floats, count, clipped);
        memcpy(target, floats, count * sizeof(float));
    } else if (to == F64) {
        double doubles[BlockSamples];
        load_doubles(source, from, doubles, count, clipped);
        memcpy(target, doubles, count * sizeof(double));
    } else if (from == F32) {
        float floats[BlockSamples];
        memcpy(floats, source, count * sizeof(float));
        store_from_floats(floats, target, to, count, position, clipped);
    } else if (from == F64) {
        double doubles[BlockSamples];
        memcpy(doubles, source, count * sizeof(double));
        store_from_doubles(doubles, target, to, count, position, clipped);
    } else {
        int32_t integers[BlockSamples];
        load_integers(source, from, integers, count);
        store_from_integers(integers, target, to, count, position, clipped);
    }
}

AUP_INLINE size_t convert(const void *source, int from, void *target, int to, size_t samples, uint32_t *position) {
    const uint8_t *in = source;
    uint8_t *out = target;
    size_t clipped = 0;
    if (from == to && from != F32 && from != F64) {
        memcpy(out, in, samples * bytes_per_sample(from));
        *position += (uint32_t)samples;
        return 0;
    }
    while (samples > 0) {
        size_t count = smaller(samples, BlockSamples);
        uint32_t bad = 0;
        convert_block(in, from, out, to, count, *position, &bad);
        clipped += bad;
        *position += (uint32_t)count;
        in += count * bytes_per_sample(from);
        out += count * bytes_per_sample(to);
        samples -= count;
    }
    return clipped;
}

/// Interleaved floats to one array a channel. One, two and eight channels have loops of constant stride.
AUP_INLINE void scatter(const float *restrict in, float *const *planes, size_t channels, size_t start, size_t frames) {
    if (channels == 2) {
        float *restrict left = planes[0] + start, *restrict right = planes[1] + start;
        for (size_t i = 0; i < frames; i++) {
            left[i] = in[2 * i];
            right[i] = in[2 * i + 1];
        }
        return;
    }
    for (size_t channel = 0; channel < channels; channel++) {
        float *restrict plane = planes[channel] + start;
        for (size_t i = 0; i < frames; i++) plane[i] = in[channels * i + channel];
    }
}

AUP_INLINE void gather(float *const *planes, size_t channels, size_t start, float *restrict out, size_t frames) {
    if (channels == 2) {
        const float *restrict left = planes[0] + start, *restrict right = planes[1] + start;
        for (size_t i = 0; i < frames; i++) {
            out[2 * i] = left[i];
            out[2 * i + 1] = right[i];
        }
        return;
    }
    for (size_t channel = 0; channel < channels; channel++) {
        const float *restrict plane = planes[channel] + start;
        for (size_t i = 0; i < frames; i++) out[channels * i + channel] = plane[i];
    }
}

AUP_INLINE size_t deinterleave(const void *source, int from, float *const *planes, size_t channels, size_t frames) {
    const uint8_t *in = source;
    size_t clipped = 0;
    for (size_t start = 0; start < frames;) {
        size_t count = smaller(frames - start, BlockSamples / channels);
        uint32_t bad = 0;
        if (channels == 1) {
            load_floats(in, from, planes[0] + start, count, &bad);
        } else {
            float floats[BlockSamples];
            load_floats(in, from, floats, count * channels, &bad);
            scatter(floats, planes, channels, start, count);
        }
        clipped += bad;
        in += count * channels * bytes_per_sample(from);
        start += count;
    }
    return clipped;
}

AUP_INLINE size_t interleave(float *const *planes, size_t channels, void *target, int to, size_t frames,
                             uint32_t *position) {
    uint8_t *out = target;
    size_t clipped = 0;
    for (size_t start = 0; start < frames;) {
        size_t count = smaller(frames - start, BlockSamples / channels);
        uint32_t bad = 0;
        float floats[BlockSamples];
        gather(planes, channels, start, floats, count);
        convert_block(floats, F32, out, to, count * channels, *position, &bad);
        clipped += bad;
        *position += (uint32_t)(count * channels);
        out += count * channels * bytes_per_sample(to);
        start += count;
    }
    return clipped;
}

// MARK: The doors

AUP_CLONES size_t aup_convert(const void *source, int from, void *target, int to, size_t samples,
                              uint32_t *position) AUP_REALTIME {
    return convert(source, from, target, to, samples, position);
}

size_t aup_convert_plain(const void *source, int from, void *target, int to, size_t samples,
                         uint32_t *position) AUP_REALTIME {
    return convert(source, from, target, to, samples, position);
}

AUP_CLONES size_t aup_deinterleave(const void *source, int from, float *const *planes, size_t channels,
                                   size_t frames) AUP_REALTIME {
    return deinterleave(source, from, planes, channels, frames);
}

size_t aup_deinterleave_plain(const void *source, int from, float *const *planes, size_t channels,
                              size_t frames) AUP_REALTIME {
    return deinterleave(source, from, planes, channels, frames);
}

AUP_CLONES size_t aup_interleave(float *const *planes, size_t channels, void *target, int to, size_t frames,
                                 uint32_t *position) AUP_REALTIME {
    return interleave(planes, channels, target, to, frames, position);
}

size_t aup_interleave_plain(float *const *planes, size_t channels, void *target, int to, size_t frames,
                            uint32_t *position) AUP_REALTIME {
    return interleave(planes, channels, target, to, frames, position);
}
