// What the adapters of LADSPA, LV2 and CLAP have in common.
#ifndef AUP_ADAPTER_H
#define AUP_ADAPTER_H
#include "CAupPlugin.h"
#include <math.h>
#include <stdio.h>

/// An input channel. A guest only reads what it declared an input, but the types of its functions do not say so.
static inline float *aup_adapter_in(const aup_block *block, uint32_t channel) AUP_GUEST_CALL {
    return (float *)(uintptr_t)block->in[channel];
}

/// An output channel, silent: what a guest forgets to write must not be sound of another block.
static inline float *aup_adapter_out(const aup_block *block, uint32_t channel) AUP_GUEST_CALL {
    if (!aup_guest_shows_unwritten) memset(block->out[channel], 0, sizeof(float) * block->frames);
    return block->out[channel];
}

/// A reading; 0 where the guest wrote what is no number.
static inline double aup_adapter_reading(double value) AUP_GUEST_CALL { return isfinite(value) ? value : 0; }

/// Frames of latency. Twenty million are 25 s at 768 kHz: more is no latency, but a number that nobody wrote.
static inline uint32_t aup_adapter_latency(double frames) {
    return frames >= 0 && frames <= 2e7 ? (uint32_t)lrint(frames) : 0;
}

/// A guest that does not begin says no more than that. Gives what `create` then returns.
static inline void *aup_adapter_refusal(aup_error *error, const char *what, double rate) {
    error->code = AUP_E_UNSUPPORTED;
    snprintf(error->text, sizeof error->text, "%s at %g Hz, without a reason", what, rate);
    return NULL;
}

static inline void *aup_adapter_out_of_memory(aup_error *error) {
    error->code = AUP_E_MEMORY;
    return NULL;
}
#endif
