#include "Kernels.h"

enum { States = AUP_WEIGHTING_STATES, Group = AUP_WEIGHTING_LANES };

/// Below this a state is forgotten: 600 dB under full scale, and long before numbers become denormal.
static const double Silence = 1e-30;

/// Both stages for as many channels as there are lanes. A stage is a biquad with its state as
///
///     y = b0·x + s1,   s1' = c1·x + s2 - a1·s1,   s2' = c2·x - a2·s1,   with c = b - a·b0
///
/// which has one product and one sum on the way from a sample to the next instead of two. Lanes without a channel of
/// their own run along with whatever lies there.
#define WEIGHTING(name, lanes)                                                                                         \
    typedef double name##Doubles __attribute__((vector_size(8 * lanes)));                                              \
    typedef float name##Floats __attribute__((vector_size(4 * lanes)));                                                \
    AUP_INLINE void name(const float *restrict in, size_t channels, size_t frames, const double *restrict k,           \
                         double *restrict states, double *restrict energies) {                                         \
        name##Doubles s[States], energy = {0};                                                                         \
        for (size_t i = 0; i < States; i++) memcpy(&s[i], states + Group * i, sizeof s[i]);                            \
        for (size_t frame = 0; frame < frames; frame++) {                                                              \
            name##Floats narrow;                                                                                       \
            memcpy(&narrow, in + frame * channels, sizeof narrow);                                                     \
            name##Doubles x = __builtin_convertvector(narrow, name##Doubles);                                          \
            name##Doubles y = x * k[0] + s[0];                                                                         \
            name##Doubles next = (x * k[1] + s[1]) - s[0] * k[3];                                                      \
            s[1] = x * k[2] - s[0] * k[4];                                                                             \
            s[0] = next;                                                                                               \
            name##Doubles z = y * k[5] + s[2];                                                                         \
            next = (y * k[6] + s[3]) - s[2] * k[8];                                                                    \
            s[3] = y * k[7] - s[2] * k[9];                                                                             \
            s[2] = next;                                                                                               \
            energy += z * z;                                                                                           \
        }                                                                                                              \
        for (size_t i = 0; i < States; i++) memcpy(states + Group * i, &s[i], sizeof s[i]);                            \
        memcpy(energies, &energy, sizeof energy);                                                                      \
    }
WEIGHTING(weight_two, 2)
WEIGHTING(weight_four, 4)
WEIGHTING(weight_eight, 8)

AUP_INLINE void k_weight(const float *in, size_t channels, size_t frames, const double *coefficients, double *states,
                         double *energies) {
    for (size_t channel = 0; channel < channels; channel += Group) {
        size_t left = channels - channel;
        double *own = states + channel * States;
        if (left <= 2)
            weight_two(in + channel, channels, frames, coefficients, own, energies + channel);
        else if (left <= 4)
            weight_four(in + channel, channels, frames, coefficients, own, energies + channel);
        else
            weight_eight(in + channel, channels, frames, coefficients, own, energies + channel);
        for (size_t i = 0; i < Group * States; i++)
            if (__builtin_fabs(own[i]) < Silence) own[i] = 0;
    }
}

AUP_CLONES void aup_k_weight(const float *in, size_t channels, size_t frames, const double *coefficients,
                             double *states, double *energies) AUP_REALTIME {
    k_weight(in, channels, frames, coefficients, states, energies);
}

void aup_k_weight_plain(const float *in, size_t channels, size_t frames, const double *coefficients, double *states,
                        double *energies) AUP_REALTIME {
    k_weight(in, channels, frames, coefficients, states, energies);
}
