#include "LevelRows.h"

enum { MostChannels = 64 };

typedef uint32_t AnyBits32 __attribute__((aligned(1), may_alias));
typedef uint64_t AnyBits64 __attribute__((aligned(1), may_alias));

// Told by their bits, so that the answer does not depend on how this thread treats denormal numbers.

AUP_INLINE void count_odd_floats(const void *source, size_t count, AupOddNumbers *odd) {
    const AnyBits32 *restrict in = source;
    uint32_t none = 0, infinite = 0, tiny = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = in[i] & 0x7FFFFFFF;
        none += size > 0x7F800000;
        infinite += size == 0x7F800000;
        tiny += size - 1 < 0x007FFFFF;
    }
    odd->not_numbers += none;
    odd->infinities += infinite;
    odd->denormals += tiny;
}

/// A double that no float can hold counts as infinite, and one below the smallest normal float as denormal.
AUP_INLINE void count_odd_doubles(const void *source, size_t count, AupOddNumbers *odd) {
    const AnyBits64 *restrict in = source;
    uint64_t none = 0, infinite = 0, tiny = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t size = in[i] & 0x7FFFFFFFFFFFFFFF;
        none += size > 0x7FF0000000000000;
        infinite += size > 0x47EFFFFFE0000000 && size <= 0x7FF0000000000000;
        tiny += size - 1 < 0x3810000000000000 - 1;
    }
    odd->not_numbers += (int64_t)none;
    odd->infinities += (int64_t)infinite;
    odd->denormals += (int64_t)tiny;
}

AUP_CLONES void aup_measure_load(const void *source, int format, float *target, size_t samples,
                                 AupOddNumbers *odd) AUP_REALTIME {
    const uint8_t *in = source;
    while (samples > 0) {
        size_t count = smaller(samples, BlockSamples);
        uint32_t bad = 0;
        load_floats(in, format, target, count, &bad);
        if (format == F32 || format == F64) {
            if (odd && format == F32)
                count_odd_floats(in, count, odd);
            else if (odd)
                count_odd_doubles(in, count, odd);
            AnyBits32 *restrict bits = (AnyBits32 *)target;
            for (size_t i = 0; i < count; i++) bits[i] = (bits[i] & 0x7F800000) ? bits[i] : 0;
        }
        in += count * bytes_per_sample(format);
        target += count;
        samples -= count;
    }
}

/// Counts samples that reach the clip level, and how many follow each other: seldom needed, so it may be slow.
AUP_INLINE void count_clips(const float *in, size_t channels, size_t frames, float clip, AupChannelLevel *level,
                            int64_t *run) {
    int64_t current = *run;
    for (size_t i = 0; i < frames; i++) {
        if (__builtin_fabsf(in[i * channels]) >= clip) {
            current++;
            level->clipped++;
            if (current > level->longest_clip) level->longest_clip = current;
        } else {
            current = 0;
        }
    }
    *run = current;
}

AUP_INLINE float measure_levels(const float *in, size_t channels, size_t frames, float clip, AupChannelLevel *levels,
                                int64_t *runs) {
    float peaks[MostChannels] = {0};
    double sums[MostChannels] = {0};
    double squares[MostChannels] = {0};
    size_t samples = frames * channels;
    size_t width = channels >= Columns ? channels : channels * (Columns / channels);
    size_t rows = samples / width;
    if (width == Columns)
        add_rows(in, rows, Columns, peaks, sums, squares);
    else
        add_rows(in, rows, width, peaks, sums, squares);
    // What is left is less than a row, and belongs to the first columns.
    add_rows(in + rows * width, 1, samples - rows * width, peaks, sums, squares);
    float largest = 0;
    for (size_t channel = 0; channel < channels; channel++) {
        float peak = 0;
        for (size_t column = channel; column < width; column += channels) {
            if (peaks[column] > peak) peak = peaks[column];
            levels[channel].sum += sums[column];
            levels[channel].squares += squares[column];
        }
        if (peak > levels[channel].peak) levels[channel].peak = peak;
        if (peak > largest) largest = peak;
        if (peak >= clip)
            count_clips(in + channel, channels, frames, clip, levels + channel, runs + channel);
        else if (frames > 0)
            runs[channel] = 0;
    }
    return largest;
}

AUP_CLONES float aup_measure_levels(const float *in, size_t channels, size_t frames, float clip,
                                    AupChannelLevel *levels, int64_t *runs) AUP_REALTIME {
    return measure_levels(in, channels, frames, clip, levels, runs);
}

float aup_measure_levels_plain(const float *in, size_t channels, size_t frames, float clip, AupChannelLevel *levels,
                               int64_t *runs) AUP_REALTIME {
    return measure_levels(in, channels, frames, clip, levels, runs);
}

AUP_CLONES double aup_measure_product(const float *in, size_t channels, size_t frames, size_t one,
                                      size_t other) AUP_REALTIME {
    double sums[8] = {0};
    size_t whole = frames & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8)
        for (size_t j = 0; j < 8; j++)
            sums[j] += (double)in[(i + j) * channels + one] * (double)in[(i + j) * channels + other];
    for (size_t i = whole; i < frames; i++)
        sums[i - whole] += (double)in[i * channels + one] * (double)in[i * channels + other];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

AUP_CLONES double aup_measure_sum(const double *values, size_t count) AUP_REALTIME {
    double sums[8] = {0};
    size_t whole = count & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8)
        for (size_t j = 0; j < 8; j++) sums[j] += values[i + j];
    for (size_t i = whole; i < count; i++) sums[i - whole] += values[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}
