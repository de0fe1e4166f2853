// From a finer grid to a coarser one: rounding, clipping, and triangular dither where it is needed.
#ifndef AUP_QUANTISATION_H
#define AUP_QUANTISATION_H
#include "Kernels.h"

/// The dither of sample number `index`: two uniform numbers of 16 bits, whose difference is triangular over
/// (-1, 1) steps of 2^-16.
///
/// A hash of the sample's number instead of a generator with state, because then lanes need no order (it vectorises)
/// and the result does not depend on how the stream was cut into blocks. The mixer is Wellons' `lowbias32`
/// (https://nullprogram.com/blog/2018/07/31/); its halves are the two independent sources.
AUP_INLINE int32_t triangular(uint32_t index) {
    uint32_t x = index;
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return (int32_t)(x >> 16) - (int32_t)(x & 0xFFFF);
}

/// A sample of full scale 1 on the grid of `bits` bits. What lies on the grid already is left alone; the rest gets
/// triangular dither of two steps peak to peak (Lipshitz, Wannamaker, Vanderkooy, "Quantization and Dither", JAES 40,
/// 1992), which leaves an error of mean 0 and variance 1/4 step² whatever the sound. Adds 1 to `clipped` where the
/// nearest value lies outside the scale or the sample is no number.
AUP_INLINE int32_t quantise_float(float sample, int bits, uint32_t index, uint32_t *clipped) {
    const float scale = (float)(1u << (bits - 1));
    const int32_t highest = (int32_t)((1u << (bits - 1)) - 1), lowest = -highest - 1;
    // Exact: a power of two.
    float value = sample * scale;
    // For 32 bits both sums round to ±2^31: floats are integers out there.
    int tooHigh = value >= (float)highest + 0.5f, tooLow = value < (float)lowest - 0.5f, notANumber = value != value;
    if (bits == 32) tooHigh = value >= scale, tooLow = value < -scale;
    *clipped += (uint32_t)(tooHigh | tooLow | notANumber);
    // Inside the range of the conversion; it would be undefined outside.
    float inside = tooHigh | tooLow | notANumber ? 0.0f : value;
    int32_t whole = (int32_t)inside;
    float rest = inside - (float)whole;
    // floor(rest + dither + 1/2): the 2 makes it positive, where truncation is floor.
    float dithered = rest + (float)triangular(index) * 0x1p-16f + 2.5f;
    int32_t offset = rest == 0.0f ? 0 : (int32_t)dithered - 2;
    int32_t result = whole + offset;
    result = result > highest ? highest : result;
    result = result < lowest ? lowest : result;
    result = tooHigh ? highest : result;
    return tooLow ? lowest : result;
}

/// The same from double precision.
AUP_INLINE int32_t quantise_double(double sample, int bits, uint32_t index, uint32_t *clipped) {
    const double scale = (double)(1u << (bits - 1));
    const double highest = scale - 1, lowest = -scale;
    double value = sample * scale;
    int tooHigh = value >= highest + 0.5, tooLow = value < lowest - 0.5, notANumber = value != value;
    *clipped += (uint32_t)(tooHigh | tooLow | notANumber);
    double inside = notANumber ? 0.0 : value;
    inside = inside > highest ? highest : inside;
    inside = inside < lowest ? lowest : inside;
    int32_t whole = (int32_t)inside;
    double rest = inside - (double)whole;
    double dithered = rest + (double)triangular(index) * 0x1p-16 + 2.5;
    // Summed as doubles, because at 32 bits the sum may leave the range of an int32.
    double result = (double)whole + (double)(rest == 0.0 ? 0 : (int32_t)dithered - 2);
    result = result > highest ? highest : result;
    result = result < lowest ? lowest : result;
    return (int32_t)result;
}

/// A left-justified sample of 32 bits on the grid of its upper `bits` bits.
AUP_INLINE int32_t quantise_integer(int32_t sample, int bits, uint32_t index, uint32_t *clipped) {
    if (bits == 32) return sample;
    const int shift = 32 - bits;
    const int32_t highest = (int32_t)((1u << (bits - 1)) - 1), half = 1 << (shift - 1);
    const int32_t mask = (int32_t)((1u << shift) - 1);
    int32_t whole = sample >> shift, rest = sample & mask;
    int32_t dither = triangular(index);
    dither = shift >= 16 ? dither * (1 << (shift >= 16 ? shift - 16 : 0)) : dither >> (shift < 16 ? 16 - shift : 0);
    int32_t result = whole + (rest == 0 ? 0 : (rest + dither + half) >> shift);
    *clipped += (uint32_t)((whole == highest) & (rest >= half));
    result = result > highest ? highest : result;
    return result < -highest - 1 ? -highest - 1 : result;
}

/// A float as a float: any finite value passes, infinity becomes full scale, what is no number becomes silence.
AUP_INLINE float tame_float(float sample, uint32_t *clipped) {
    int notANumber = sample != sample, tooHigh = sample > FLT_MAX, tooLow = sample < -FLT_MAX;
    *clipped += (uint32_t)(notANumber | tooHigh | tooLow);
    float result = notANumber ? 0.0f : sample;
    result = tooHigh ? 1.0f : result;
    return tooLow ? -1.0f : result;
}

/// The same for doubles; `limit` is the largest value the target can hold.
AUP_INLINE double tame_double(double sample, double limit, uint32_t *clipped) {
    int notANumber = sample != sample, tooHigh = sample > limit, tooLow = sample < -limit;
    *clipped += (uint32_t)(notANumber | tooHigh | tooLow);
    double result = notANumber ? 0.0 : sample;
    result = tooHigh ? 1.0 : result;
    return tooLow ? -1.0 : result;
}

#endif
