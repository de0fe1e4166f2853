#include "Kernels.h"

enum { Columns = 16, MostChannels = 64, Taps = AUP_PEAK_TAPS, BlockFrames = 64 };

typedef float Lanes __attribute__((vector_size(4 * Columns)));

/// The largest magnitude between each of `count` samples and the next of its channel, count a multiple of Columns.
///
/// Three quarters is the mirror of a quarter, and a half its own. So taps are taken in pairs from the outside: with
/// u = a + b and v = a - b the quarters are even + odd and even - odd, the larger of which is |even| + |odd|.
AUP_INLINE void between(const float *restrict in, size_t channels, size_t count, const float *restrict table,
                        float *restrict worst) {
    for (size_t start = 0; start < count; start += Columns) {
        Lanes half = {0}, even = {0}, odd = {0};
        const float *front = in + start, *back = in + start + (Taps - 1) * channels;
        for (size_t pair = 0; pair < Taps / 2; pair++) {
            Lanes a, b;
            memcpy(&a, front, sizeof a);
            memcpy(&b, back, sizeof b);
            Lanes u = a + b, v = a - b;
            half += u * table[3 * pair];
            even += u * table[3 * pair + 1];
            odd += v * table[3 * pair + 2];
            front += channels;
            back -= channels;
        }
        Lanes middle = __builtin_elementwise_abs(half);
        Lanes quarters = __builtin_elementwise_abs(even) + __builtin_elementwise_abs(odd);
        Lanes largest = __builtin_elementwise_max(middle, quarters);
        memcpy(worst + start, &largest, sizeof largest);
    }
}

AUP_INLINE void raise_rows(const float *restrict in, size_t rows, size_t width, float *restrict peaks) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < width; column++) {
            float size = __builtin_fabsf(in[row * width + column]);
            peaks[column] = size > peaks[column] ? size : peaks[column];
        }
    }
}

/// The largest magnitude of each channel.
AUP_INLINE void raise(const float *in, size_t samples, size_t channels, float *peaks) {
    float columns[MostChannels] = {0};
    size_t width = channels >= Columns ? channels : channels * (Columns / channels);
    size_t rows = samples / width;
    if (width == Columns)
        raise_rows(in, rows, Columns, columns);
    else
        raise_rows(in, rows, width, columns);
    raise_rows(in + rows * width, 1, samples - rows * width, columns);
    for (size_t column = 0; column < width; column++)
        if (columns[column] > peaks[column % channels]) peaks[column % channels] = columns[column];
}

AUP_INLINE size_t true_peak(const float *in, size_t channels, size_t frames, const float *table, float gain,
                            AupChannelLevel *levels) {
    float peaks[MostChannels];
    // The samples themselves are the fourth phase.
    for (size_t channel = 0; channel < channels; channel++) {
        float peak = levels[channel].peak, known = levels[channel].true_peak;
        peaks[channel] = known > peak ? known : peak;
    }
    float worst[BlockSamples + Columns];
    size_t searched = 0;
    size_t most = smaller(BlockFrames, BlockSamples / channels);
    for (size_t start = 0; start < frames; start += most) {
        size_t count = smaller(frames - start, most);
        const float *block = in + start * channels;
        float bounds[MostChannels] = {0};
        raise(block, (count + Taps - 1) * channels, channels, bounds);
        int reaches = 0;
        for (size_t channel = 0; channel < channels; channel++) reaches |= bounds[channel] * gain > peaks[channel];
        if (!reaches) continue;
        size_t samples = count * channels;
        between(block, channels, (samples + Columns - 1) / Columns * Columns, table, worst);
        raise(worst, samples, channels, peaks);
        searched++;
    }
    for (size_t channel = 0; channel < channels; channel++) levels[channel].true_peak = peaks[channel];
    return searched;
}

AUP_CLONES size_t aup_true_peak(const float *in, size_t channels, size_t frames, const float *table, float gain,
                                AupChannelLevel *levels) AUP_REALTIME {
    return true_peak(in, channels, frames, table, gain, levels);
}

size_t aup_true_peak_plain(const float *in, size_t channels, size_t frames, const float *table, float gain,
                           AupChannelLevel *levels) AUP_REALTIME {
    return true_peak(in, channels, frames, table, gain, levels);
}
