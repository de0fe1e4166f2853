// The largest sample and the power of columns of samples: what both level meters are made of.
#ifndef AUP_LEVEL_ROWS_H
#define AUP_LEVEL_ROWS_H
#include "Formats.h"

/// One row of columns is wide enough to vectorise; few channels take several columns each.
enum { Columns = 16 };

/// Rows of `width` samples, into as many columns; column c belongs to channel c % channels. `sums` may be null.
AUP_INLINE void add_rows(const float *restrict in, size_t rows, size_t width, float *restrict peaks,
                         double *restrict sums, double *restrict squares) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < width; column++) {
            float sample = in[row * width + column];
            float size = __builtin_fabsf(sample);
            peaks[column] = size > peaks[column] ? size : peaks[column];
            if (sums) sums[column] += (double)sample;
            squares[column] += (double)sample * (double)sample;
        }
    }
}
#endif
