#include "Kernels.h"

/// One stage of Stockham's transform, radix 2: `groups` groups of `stride` values, from x to y, in order without a
/// reversal of bits (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1.7).
AUP_INLINE void stage(const float *restrict xr, const float *restrict xi, float *restrict yr, float *restrict yi,
                      size_t groups, size_t stride, size_t half, const float *restrict twiddles, size_t size) {
    for (size_t group = 0; group < groups; group++) {
        float c = twiddles[group * stride], s = -twiddles[size / 2 + group * stride];
        const float *ar = xr + group * stride, *ai = xi + group * stride;
        const float *br = ar + half, *bi = ai + half;
        float *pr = yr + 2 * group * stride, *pi = yi + 2 * group * stride;
        for (size_t q = 0; q < stride; q++) {
            float dr = ar[q] - br[q], di = ai[q] - bi[q];
            pr[q] = ar[q] + br[q];
            pi[q] = ai[q] + bi[q];
            pr[q + stride] = dr * c - di * s;
            pi[q + stride] = dr * s + di * c;
        }
    }
}

AUP_CLONES void aup_power_spectrum(float *work, size_t size, const float *twiddles, double *power,
                                   double scale) AUP_REALTIME {
    float *from = work, *to = work + 2 * size;
    size_t stride = 1;
    for (size_t groups = size / 2; groups >= 1; groups /= 2) {
        stage(from, from + size, to, to + size, groups, stride, size / 2, twiddles, size);
        stride *= 2;
        float *other = from;
        from = to;
        to = other;
    }
    const float *real = from, *imaginary = from + size;
    // For the transform Z of l + i·r the powers of both together are (|Z[k]|² + |Z[n-k]|²) / 2.
    // The first and the last bin have no mirror to stand for.
    power[0] += scale * 0.5 * ((double)real[0] * real[0] + (double)imaginary[0] * imaginary[0]);
    for (size_t k = 1; k <= size / 2; k++) {
        size_t mirror = size - k;
        double one = (double)real[k] * real[k] + (double)imaginary[k] * imaginary[k];
        double other = (double)real[mirror] * real[mirror] + (double)imaginary[mirror] * imaginary[mirror];
        power[k] += scale * (one + other) * 0.5;
    }
}

AUP_CLONES void aup_window(const float *samples, size_t channels, size_t channel, const float *window, float *target,
                           size_t frames) AUP_REALTIME {
    for (size_t i = 0; i < frames; i++) target[i] = samples[i * channels + channel] * window[i];
}
