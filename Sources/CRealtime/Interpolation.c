#include "Kernels.h"

enum { Taps = AUP_INTERPOLATION_TAPS };

/// Eight sums side by side: a compiler may not reorder a sum of its own accord, and one alone does not vectorise.
AUP_INLINE double dot(const double *restrict a, const double *restrict b) {
    double sums[8] = {0};
    for (size_t k = 0; k < Taps; k += 8)
        for (size_t j = 0; j < 8; j++) sums[j] += a[k + j] * b[k + j];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

AUP_CLONES size_t aup_interpolate(const double *planes, size_t stride, size_t channels, size_t frames,
                                  const double *table, size_t phases, double *position, double *step,
                                  double target, double easing, double *out, size_t room) AUP_REALTIME {
    double at = *position;
    double pace = *step;
    size_t made = 0;
    for (; made < room; made++) {
        size_t whole = (size_t)at;
        if (whole + Taps > frames) break;
        double place = (at - (double)whole) * (double)phases;
        size_t row = (size_t)place;
        double mix = place - (double)row;
        const double *restrict low = table + row * Taps;
        const double *restrict high = low + Taps;
        double filter[Taps];
        for (size_t k = 0; k < Taps; k++) filter[k] = low[k] + mix * (high[k] - low[k]);
        for (size_t channel = 0; channel < channels; channel++)
            out[made * channels + channel] = dot(planes + channel * stride + whole, filter);
        pace += (target - pace) * easing;
        at += pace;
    }
    *position = at;
    *step = pace;
    return made;
}

AUP_CLONES void aup_mix(const double *source, size_t sources, double *target, size_t targets,
                        const double *coefficients, size_t frames) AUP_REALTIME {
    for (size_t frame = 0; frame < frames; frame++) {
        for (size_t out = 0; out < targets; out++) {
            double sum = 0;
            for (size_t in = 0; in < sources; in++) sum += coefficients[out * sources + in] * source[in];
            target[out] = sum;
        }
        source += sources;
        target += targets;
    }
}
