// What the kernels share: the formats, loads and stores at any address, and the clones.
#ifndef AUP_KERNELS_H
#define AUP_KERNELS_H
#include "CRealtime.h"

#include <float.h>
#include <string.h>

// A fused multiply-add rounds once where two instructions round twice: without this the same recording would come
// out differently on different machines.
#pragma STDC FP_CONTRACT OFF

/// Compiles a kernel for three generations of machines; the loader picks one (ifunc). Not under a sanitizer: the
/// loader asks before the sanitizer has set itself up, and the instrumented answer crashes.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define AUP_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define AUP_CLONES
#endif

/// Whatever a clone calls must be compiled with the clone's instructions, so it is inlined into each.
#define AUP_INLINE static inline __attribute__((always_inline)) AUP_REALTIME

/// The raw values of AupSound's SampleFormat.
enum { U8 = 1, S16 = 2, S24 = 3, S24Packed = 4, S32 = 5, F32 = 6, F64 = 7, ALaw = 8, MuLaw = 9 };

// Samples come out of packets and files, where nothing is aligned.
typedef int16_t AnyInt16 __attribute__((aligned(1), may_alias));
typedef int32_t AnyInt32 __attribute__((aligned(1), may_alias));
typedef uint32_t AnyUInt32 __attribute__((aligned(1), may_alias));
typedef float AnyFloat __attribute__((aligned(1), may_alias));
typedef double AnyDouble __attribute__((aligned(1), may_alias));

/// Samples that pass through a buffer on the stack at once: small enough for the first-level cache.
enum { BlockSamples = 1024 };

AUP_INLINE size_t bytes_per_sample(int format) {
    switch (format) {
    case U8:
    case ALaw:
    case MuLaw: return 1;
    case S16: return 2;
    case S24Packed: return 3;
    case F64: return 8;
    default: return 4;
    }
}

AUP_INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

#endif
