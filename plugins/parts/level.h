/* level.h - peaks, factors and decibels. */
#ifndef AUP_PARTS_LEVEL_H
#define AUP_PARTS_LEVEL_H
#include "sane.h"
#include <math.h>
#include <stdint.h>

/* 20 / ln 10 and its inverse: exp and log cost less than pow and log10. 0 dB is the factor 1, exactly. */
static inline double factor_of(double decibels) { return exp(decibels * 0.11512925464970228); }
/* Silence is -200 dB, far below the last bit of anything. */
static inline double decibels_of(double factor) { return factor > 1e-10 ? 8.685889638065037 * log(factor) : -200; }

/* fmax and fmin would be calls, since they must look after NaN. */
static inline double larger(double a, double b) { return b > a ? b : a; }
static inline double smaller(double a, double b) { return b < a ? b : a; }

/* The highest sample of one frame. */
static inline float peak_at(const float *const *sound, uint32_t channels, uint32_t frame) {
  float peak = 0;
  for (uint32_t c = 0; c < channels; c++) {
    const float sample = fabsf(sane(sound[c][frame]));
    if (sample > peak) peak = sample;
  }
  return peak;
}
#endif
