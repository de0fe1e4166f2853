// One block of samples from any format into an intermediate, and from an intermediate into any format.
//
// Three intermediates carry every pair without loss: left-justified 32 bit integers (all integer formats and G.711),
// floats and doubles. Loops run over plain arrays with a constant format, so that each vectorises by itself.
#ifndef AUP_FORMATS_H
#define AUP_FORMATS_H
#include "Companding.h"
#include "Kernels.h"
#include "Quantisation.h"

#define SOURCE(type) const type *restrict in = (const type *)source
#define TARGET(type) type *restrict out = (type *)target
#define EACH for (size_t i = 0; i < count; i++)

/// Three packed bytes as the upper three of 32 bits.
AUP_INLINE int32_t packed24(const uint8_t *bytes) {
    return (int32_t)((uint32_t)bytes[0] << 8 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 24);
}

typedef uint8_t Bytes16 __attribute__((vector_size(16)));

/// Packed samples as left-justified 32 bits, four at a time: compilers do not find this shuffle by themselves.
AUP_INLINE void load_packed24(const uint8_t *restrict in, int32_t *restrict out, size_t count) {
    size_t i = 0;
    // Twelve bytes are used and sixteen are read, so six samples must be left.
    for (; i + 6 <= count; i += 4) {
        Bytes16 packed, zero = {0};
        memcpy(&packed, in + 3 * i, 16);
        Bytes16 wide = __builtin_shufflevector(packed, zero, 16, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11);
        memcpy(out + i, &wide, 16);
    }
    for (; i < count; i++) out[i] = packed24(in + 3 * i);
}

/// Any integer format as left-justified 32 bits: exact.
AUP_INLINE void load_integers(const void *source, int format, int32_t *restrict out, size_t count) {
    switch (format) {
    case U8: {
        SOURCE(uint8_t);
        EACH out[i] = (int32_t)((uint32_t)(in[i] ^ 0x80) << 24);
        break;
    }
    case S16: {
        SOURCE(AnyInt16);
        EACH out[i] = (int32_t)((uint32_t)(int32_t)in[i] << 16);
        break;
    }
    case S24: {
        // The top byte is whatever the sender left there.
        SOURCE(AnyUInt32);
        EACH out[i] = (int32_t)(in[i] << 8);
        break;
    }
    case S24Packed: load_packed24(source, out, count); break;
    case S32: memcpy(out, source, count * 4); break;
    case ALaw: {
        SOURCE(uint8_t);
        EACH out[i] = (int32_t)((uint32_t)(int32_t)alaw_decode(in[i]) << 16);
        break;
    }
    case MuLaw: {
        SOURCE(uint8_t);
        EACH out[i] = (int32_t)((uint32_t)(int32_t)mulaw_decode(in[i]) << 16);
        break;
    }
    }
}

/// Any format as floats: exact up to 24 bits, else to the nearest.
AUP_INLINE void load_floats(const void *source, int format, float *restrict out, size_t count, uint32_t *clipped) {
    uint32_t bad = 0;
    switch (format) {
    case S16: {
        SOURCE(AnyInt16);
        EACH out[i] = (float)in[i] * 0x1p-15f;
        break;
    }
    case S24: {
        SOURCE(AnyUInt32);
        EACH out[i] = (float)(int32_t)(in[i] << 8) * 0x1p-31f;
        break;
    }
    case S32: {
        SOURCE(AnyInt32);
        EACH out[i] = (float)in[i] * 0x1p-31f;
        break;
    }
    case F32: {
        SOURCE(AnyFloat);
        EACH out[i] = tame_float(in[i], &bad);
        break;
    }
    case F64: {
        SOURCE(AnyDouble);
        EACH out[i] = (float)tame_double(in[i], FLT_MAX, &bad);
        break;
    }
    default: {
        int32_t integers[BlockSamples];
        load_integers(source, format, integers, count);
        EACH out[i] = (float)integers[i] * 0x1p-31f;
    }
    }
    *clipped += bad;
}

/// Any format as doubles: exact.
AUP_INLINE void load_doubles(const void *source, int format, double *restrict out, size_t count, uint32_t *clipped) {
    uint32_t bad = 0;
    if (format == F64) {
        SOURCE(AnyDouble);
        EACH out[i] = tame_double(in[i], DBL_MAX, &bad);
    } else if (format == F32) {
        SOURCE(AnyFloat);
        EACH out[i] = (double)tame_float(in[i], &bad);
    } else {
        int32_t integers[BlockSamples];
        load_integers(source, format, integers, count);
        EACH out[i] = (double)integers[i] * 0x1p-31;
    }
    *clipped += bad;
}

AUP_INLINE void put_packed24(uint8_t *bytes, int32_t sample) {
    bytes[0] = (uint8_t)sample;
    bytes[1] = (uint8_t)(sample >> 8);
    bytes[2] = (uint8_t)(sample >> 16);
}

/// The same the other way. Sixteen bytes are written and twelve are used: the next samples overwrite the rest.
AUP_INLINE void store_packed24(const int32_t *restrict in, uint8_t *restrict out, size_t count) {
    size_t i = 0;
    for (; i + 6 <= count; i += 4) {
        Bytes16 wide;
        memcpy(&wide, in + i, 16);
        Bytes16 packed = __builtin_shufflevector(wide, wide, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 12, 13, 14, 15);
        memcpy(out + 3 * i, &packed, 16);
    }
    for (; i < count; i++) put_packed24(out + 3 * i, in[i]);
}

/// Into an integer format, from whatever `quantise(sample, bits, index, &clipped)` takes.
#define STORE_INTEGERS(name, type, quantise)                                                                           \
    AUP_INLINE void name(const type *restrict in, void *target, int format, size_t count, uint32_t position,           \
                         uint32_t *clipped) {                                                                          \
        uint32_t bad = 0;                                                                                              \
        switch (format) {                                                                                              \
        case U8: {                                                                                                     \
            TARGET(uint8_t);                                                                                           \
            EACH out[i] = (uint8_t)(quantise(in[i], 8, position + (uint32_t)i, &bad) ^ 0x80);                          \
            break;                                                                                                     \
        }                                                                                                              \
        case S16: {                                                                                                    \
            TARGET(AnyInt16);                                                                                          \
            EACH out[i] = (int16_t)quantise(in[i], 16, position + (uint32_t)i, &bad);                                  \
            break;                                                                                                     \
        }                                                                                                              \
        case S24: {                                                                                                    \
            TARGET(AnyInt32);                                                                                          \
            EACH out[i] = quantise(in[i], 24, position + (uint32_t)i, &bad);                                           \
            break;                                                                                                     \
        }                                                                                                              \
        case S32: {                                                                                                    \
            TARGET(AnyInt32);                                                                                          \
            EACH out[i] = quantise(in[i], 32, position + (uint32_t)i, &bad);                                           \
            break;                                                                                                     \
        }                                                                                                              \
        case S24Packed: {                                                                                              \
            int32_t grid[BlockSamples];                                                                                \
            EACH grid[i] = quantise(in[i], 24, position + (uint32_t)i, &bad);                                          \
            store_packed24(grid, target, count);                                                                       \
            break;                                                                                                     \
        }                                                                                                              \
        default: {                                                                                                     \
            int32_t grid[BlockSamples];                                                                                \
            TARGET(uint8_t);                                                                                           \
            EACH grid[i] = quantise(in[i], 16, position + (uint32_t)i, &bad);                                          \
            if (format == ALaw) {                                                                                      \
                EACH out[i] = alaw_encode(grid[i]);                                                                    \
            } else {                                                                                                   \
                EACH out[i] = mulaw_encode(grid[i]);                                                                   \
            }                                                                                                          \
        }                                                                                                              \
        }                                                                                                              \
        *clipped += bad;                                                                                               \
    }
STORE_INTEGERS(store_from_integers, int32_t, quantise_integer)
STORE_INTEGERS(store_from_floats, float, quantise_float)
STORE_INTEGERS(store_from_doubles, double, quantise_double)

#endif
