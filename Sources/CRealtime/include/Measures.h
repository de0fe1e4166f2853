// The door to the kernels of the meters: level, true peak, K-weighting and spectrum. Part of CRealtime.h.
#ifndef AUP_MEASURES_H
#define AUP_MEASURES_H
#include "CRealtime.h"

// All take interleaved floats as `aup_measure_load` leaves them. Sums are taken in an order that depends on nothing but
// the number of frames, and without fused operations: the results are the same, bit for bit, on every machine. The
// `_plain` twins are compiled for the oldest: tests compare both.

/// Floats that a kernel may read, and does not use, behind the last sample.
#define AUP_MEASURE_PADDING 16

/// What is known of one channel since its last reset.
typedef struct {
    double sum;
    double squares;
    float peak;
    float true_peak;
    int64_t clipped;
    int64_t longest_clip;
} AupChannelLevel;

/// Samples that were no ordinary numbers.
typedef struct {
    int64_t not_numbers;
    int64_t infinities;
    int64_t denormals;
} AupOddNumbers;

/// Brings samples of any format into floats, as the converter would: what is no number becomes 0, what is infinite, or
/// in f64 beyond every float, becomes full scale. Denormal numbers become 0. Each is counted, unless `odd` is null.
void aup_measure_load(const void *source, int sourceFormat, float *target, size_t samples,
                      AupOddNumbers *odd) AUP_REALTIME;

/// Adds to each channel's sums, raises its peak, and counts samples of at least `clip` and their longest run. `runs`
/// holds the run each channel is in. Returns the largest magnitude of these frames.
float aup_measure_levels(const float *samples, size_t channels, size_t frames, float clip, AupChannelLevel *levels,
                         int64_t *runs) AUP_REALTIME;
float aup_measure_levels_plain(const float *samples, size_t channels, size_t frames, float clip,
                               AupChannelLevel *levels, int64_t *runs) AUP_REALTIME;

/// The sum of the products of two channels.
double aup_measure_product(const float *samples, size_t channels, size_t frames, size_t one,
                           size_t other) AUP_REALTIME;

/// Taps of one phase of the true peak interpolator; even.
#define AUP_PEAK_TAPS 24

/// Raises each channel's true peak by what lies between its samples, a quarter, a half and three quarters of the way:
/// `samples` begins AUP_PEAK_TAPS - 1 frames before the first of `frames`. `table` holds, for each pair of taps from
/// the outermost, three floats: the half phase, and the even and the odd part of the quarter phase. `gain` is what no
/// phase amplifies beyond: blocks that cannot reach the peak there is are skipped. Returns the blocks that were not.
size_t aup_true_peak(const float *samples, size_t channels, size_t frames, const float *table, float gain,
                     AupChannelLevel *levels) AUP_REALTIME;
size_t aup_true_peak_plain(const float *samples, size_t channels, size_t frames, const float *table, float gain,
                           AupChannelLevel *levels) AUP_REALTIME;

/// Doubles of state for each channel, and what the number of channels is rounded up to.
#define AUP_WEIGHTING_STATES 4
#define AUP_WEIGHTING_LANES 8

/// Runs both filters of the K-weighting and writes each channel's sum of squares behind them. `coefficients`: for each
/// of the two stages, in state space form, b0, c1, c2, a1, a2.
void aup_k_weight(const float *samples, size_t channels, size_t frames, const double *coefficients, double *states,
                  double *energies) AUP_REALTIME;
void aup_k_weight_plain(const float *samples, size_t channels, size_t frames, const double *coefficients,
                        double *states, double *energies) AUP_REALTIME;

/// The sum of `count` doubles, the same whatever lies around them.
double aup_measure_sum(const double *values, size_t count) AUP_REALTIME;

/// 10·log10, and minus infinity for what is not positive.
static inline double aup_decibels_of_power(double power) AUP_REALTIME {
    return power > 0 ? 10 * __builtin_log10(power) : -__builtin_inf();
}

/// 10^(decibels / 10).
static inline double aup_power_of_decibels(double decibels) AUP_REALTIME {
    return __builtin_exp(decibels * 0.23025850929940456840);
}

// MARK: Spectrum

/// Adds the power spectrum of two windowed real signals, taken as one complex signal, to `power[0...size / 2]`.
/// `size` is a power of two, 16 to 65536; `twiddles` holds size / 2 cosines, then as many sines, of 2πk / size;
/// `work` has room for 4 * size floats, of which the first half holds the two signals and is overwritten.
void aup_power_spectrum(float *work, size_t size, const float *twiddles, double *power, double scale) AUP_REALTIME;

/// Writes `channel` of interleaved samples times the window.
void aup_window(const float *samples, size_t channels, size_t channel, const float *window, float *target,
                size_t frames) AUP_REALTIME;
#endif
