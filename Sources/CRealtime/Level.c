#include "LevelRows.h"

AUP_INLINE void ramp(float *restrict samples, size_t channels, size_t frames, double from, double to,
                     uint64_t position, uint64_t length) {
    // The gain of a frame follows from its number, never from the frame before: so the cut into blocks cannot show.
    const double slope = (to - from) / (double)length;
    for (size_t start = 0; start < frames;) {
        float gains[BlockSamples];
        size_t count = smaller(frames - start, BlockSamples);
        for (size_t i = 0; i < count; i++) {
            uint64_t frame = position + start + i;
            gains[i] = frame < length ? (float)(from + slope * (double)(int64_t)frame) : (float)to;
        }
        float *restrict block = samples + start * channels;
        if (channels == 1) {
            for (size_t i = 0; i < count; i++) block[i] *= gains[i];
        } else if (channels == 2) {
            for (size_t i = 0; i < count; i++) {
                block[2 * i] *= gains[i];
                block[2 * i + 1] *= gains[i];
            }
        } else {
            for (size_t i = 0; i < count; i++)
                for (size_t channel = 0; channel < channels; channel++) block[channels * i + channel] *= gains[i];
        }
        start += count;
    }
}

AUP_CLONES void aup_gain_ramp(float *samples, size_t channels, size_t frames, double from, double to,
                              uint64_t position, uint64_t length) AUP_REALTIME {
    ramp(samples, channels, frames, from, to, position, length);
}

AUP_INLINE void meter(const void *source, int format, size_t channels, size_t frames, float *peaks, double *squares) {
    const uint8_t *in = source;
    // Sixteen columns keep sixteen sums apart, which vectorise; few channels take several columns each.
    const int folds = Columns % channels == 0;
    for (size_t start = 0; start < frames;) {
        size_t count = smaller(frames - start, BlockSamples / channels);
        float floats[BlockSamples + Columns];
        uint32_t bad = 0;
        size_t samples = count * channels;
        load_floats(in, format, floats, samples, &bad);
        if (folds) {
            float columnPeaks[Columns] = {0};
            double columnSquares[Columns] = {0};
            // Silence fills the last row.
            size_t rows = (samples + Columns - 1) / Columns;
            for (size_t i = samples; i < rows * Columns; i++) floats[i] = 0;
            add_rows(floats, rows, Columns, columnPeaks, NULL, columnSquares);
            for (size_t column = 0; column < Columns; column++) {
                size_t channel = column % channels;
                if (columnPeaks[column] > peaks[channel]) peaks[channel] = columnPeaks[column];
                squares[channel] += columnSquares[column];
            }
        } else {
            add_rows(floats, count, channels, peaks, NULL, squares);
        }
        in += samples * bytes_per_sample(format);
        start += count;
    }
}

AUP_CLONES void aup_meter(const void *source, int format, size_t channels, size_t frames, void *peaks,
                          void *squares) AUP_REALTIME {
    meter(source, format, channels, frames, peaks, squares);
}
