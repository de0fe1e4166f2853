// ITU-T G.711: eight logarithmic segments of sixteen steps, on a 16 bit scale as ITU-T G.191 has it.
#ifndef AUP_COMPANDING_H
#define AUP_COMPANDING_H
#include "Kernels.h"

/// Table 1a: even bits are inverted on the line (0x55), the sign bit is set for positive values.
AUP_INLINE int16_t alaw_decode(uint8_t code) {
    uint32_t bits = code ^ 0x55u;
    uint32_t segment = (bits >> 4) & 7;
    // The middle of the step; segment 0 and 1 share a step size, the rest have the hidden bit 16.
    uint32_t magnitude = ((bits & 15) << 4) + 8;
    if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
    return bits & 0x80 ? (int16_t)magnitude : (int16_t) - (int32_t)magnitude;
}

AUP_INLINE uint8_t alaw_encode(int32_t sample) {
    // One's complement below zero, so that the decision values lie symmetrically about -1/2.
    uint32_t magnitude = (uint32_t)(sample < 0 ? ~sample : sample) >> 4;
    uint32_t sign = sample < 0 ? 0 : 0x80;
    uint32_t segment = 0;
    if (magnitude > 15) {
        segment = 28u - (uint32_t)__builtin_clz(magnitude);
        if (segment > 1) magnitude >>= segment - 1;
        magnitude &= 15;
    }
    return (uint8_t)((sign | segment << 4 | magnitude) ^ 0x55u);
}

/// Table 2a: all bits are inverted, the bias of 33 (132 on this scale) makes every segment start at a power of two.
AUP_INLINE int16_t mulaw_decode(uint8_t code) {
    uint32_t bits = ~(uint32_t)code;
    uint32_t segment = (bits >> 4) & 7;
    int32_t magnitude = (int32_t)((((bits & 15) << 3) + 0x84) << segment) - 0x84;
    return bits & 0x80 ? (int16_t)-magnitude : (int16_t)magnitude;
}

AUP_INLINE uint8_t mulaw_encode(int32_t sample) {
    uint32_t magnitude = ((uint32_t)(sample < 0 ? ~sample : sample) >> 2) + 33;
    if (magnitude > 0x1FFF) magnitude = 0x1FFF;
    uint32_t segment = 26u - (uint32_t)__builtin_clz(magnitude);
    uint32_t step = (magnitude >> (segment + 1)) & 15;
    return (uint8_t) ~((sample < 0 ? 0x80u : 0u) | segment << 4 | step);
}

#endif
