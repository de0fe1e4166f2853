// The door to the kernels that Swift cannot vectorise, and the real-time vocabulary.
#ifndef CREALTIME_H
#define CREALTIME_H
#include <stddef.h>
#include <stdint.h>

/// One promise for both compilers: clang's function effects and Swift's `@_noLocks`.
#define AUP_REALTIME __attribute__((swift_attr("@_noLocks"), nonblocking))

// MARK: The bracket of RealtimeSanitizer

// Weak, because only a binary linked with -fsanitize=realtime has them: elsewhere both addresses are null and the
// bracket is one compare.
extern void __rtsan_realtime_enter(void) AUP_REALTIME __attribute__((weak));
extern void __rtsan_realtime_exit(void) AUP_REALTIME __attribute__((weak));

/// From here to the matching exit, the sanitizer kills the process on an allocation, a lock or a blocking call.
static inline void aup_realtime_enter(void) AUP_REALTIME {
    if (__rtsan_realtime_enter) __rtsan_realtime_enter();
}

static inline void aup_realtime_exit(void) AUP_REALTIME {
    if (__rtsan_realtime_exit) __rtsan_realtime_exit();
}

/// Whether this binary carries the sanitizer at all.
static inline int aup_realtime_is_checked(void) AUP_REALTIME { return __rtsan_realtime_enter != 0; }

// MARK: Denormal numbers

/// Makes this thread treat denormal numbers as zero, in and out, and returns the control word as it was.
/// x86-64: bits 15 (FTZ) and 6 (DAZ) of MXCSR, Intel SDM volume 1, 10.2.3; AArch64: bit 24 (FZ) of FPCR.
static inline uint64_t aup_flush_to_zero_enable(void) AUP_REALTIME {
#if defined(__x86_64__)
    uint32_t word = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(word | 0x8040u);
    return word;
#elif defined(__aarch64__)
    uint64_t word;
    __asm__ volatile("mrs %0, fpcr" : "=r"(word));
    __asm__ volatile("msr fpcr, %0" ::"r"(word | (1ull << 24)) : "memory");
    return word;
#else
    return 0;
#endif
}

/// Puts the control word back as `aup_flush_to_zero_enable` found it.
static inline void aup_flush_to_zero_restore(uint64_t word) AUP_REALTIME {
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr((uint32_t)word);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" ::"r"(word) : "memory");
#else
    (void)word;
#endif
}

// MARK: Samples

// Formats are the raw values of AupSound's SampleFormat. Interleaved data may lie at any address; planar data lies
// aligned. Source and target never overlap. `ditherPosition` is the number of the next sample in the dither sequence.
// Each function returns how many samples were clipped or were not numbers. The `_plain` twins are compiled for the
// oldest machine: tests compare the two, bit for bit.

size_t aup_convert(const void *source, int sourceFormat, void *target, int targetFormat, size_t samples,
                   uint32_t *ditherPosition) AUP_REALTIME;
size_t aup_convert_plain(const void *source, int sourceFormat, void *target, int targetFormat, size_t samples,
                         uint32_t *ditherPosition) AUP_REALTIME;

size_t aup_deinterleave(const void *source, int sourceFormat, float *const *planes, size_t channels,
                        size_t frames) AUP_REALTIME;
size_t aup_deinterleave_plain(const void *source, int sourceFormat, float *const *planes, size_t channels,
                              size_t frames) AUP_REALTIME;

size_t aup_interleave(float *const *planes, size_t channels, void *target, int targetFormat, size_t frames,
                      uint32_t *ditherPosition) AUP_REALTIME;
size_t aup_interleave_plain(float *const *planes, size_t channels, void *target, int targetFormat, size_t frames,
                            uint32_t *ditherPosition) AUP_REALTIME;

// MARK: Gain and level

/// Multiplies `frames` frames of `channels` interleaved samples by a gain that runs on a straight line: at frame i it
/// is `from + (to - from) * (position + i) / length`, and `to` from frame `length` on.
void aup_gain_ramp(float *samples, size_t channels, size_t frames, double from, double to, uint64_t position,
                   uint64_t length) AUP_REALTIME;

// MARK: Interpolation

/// The root of what is not negative, else 0.
static inline double aup_square_root(double value) AUP_REALTIME { return value > 0 ? __builtin_sqrt(value) : 0; }

/// Samples that one interpolated sample is made of.
#define AUP_INTERPOLATION_TAPS 128

/// Interpolates planar doubles, channel c at `planes + c * stride`, each `frames` long, into interleaved `out`. An output
/// frame is the sum of the taps from its position on, with the filter of the position's fraction: `phases` + 1 rows of
/// taps in `table`, between which it is taken on a straight line. Positions go on by a step that moves towards its
/// target by the share `easing` with each frame. Ends when the taps run out, or the room, and returns the frames made;
/// *position is that of the next one.
size_t aup_interpolate(const double *planes, size_t stride, size_t channels, size_t frames, const double *table,
                       size_t phases, double *position, double *step, double target, double easing, double *out,
                       size_t room) AUP_REALTIME;

/// Adds up input channels times coefficients, a row of `sources` coefficients for each of `targets` outputs, over
/// interleaved doubles.
void aup_mix(const double *source, size_t sources, double *target, size_t targets, const double *coefficients,
             size_t frames) AUP_REALTIME;

/// Raises each channel's peak (a float each) and adds to each channel's sum of squares (a double each).
void aup_meter(const void *source, int sourceFormat, size_t channels, size_t frames, void *peaks,
               void *squares) AUP_REALTIME;

// MARK: Meters

#include "Measures.h"
#endif
