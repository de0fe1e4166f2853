// Calls into guests, each inside a breadcrumb and with the floating-point state given back afterwards.
#ifndef AUP_GUEST_H
#define AUP_GUEST_H
#include "../../../plugins/aup_plugin.h"
#include "aup_alone.h"
#include "aup_breadcrumb.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef uint64_t aup_float_state;

/// Rounding, exception masks and denormal handling of this thread.
static inline aup_float_state aup_float_state_get(void) AUP_GUEST_CALL {
#if defined(__x86_64__)
    uint16_t x87; // fesetround in a guest changes both units, and long double uses this one
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    return _mm_getcsr() | (uint64_t)x87 << 32;
#elif defined(__aarch64__)
    uint64_t state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    return state;
#else
    return 0;
#endif
}

static inline void aup_float_state_set(aup_float_state state) AUP_GUEST_CALL {
#if defined(__x86_64__)
    uint16_t x87 = (uint16_t)(state >> 32);
    __asm__ volatile("fldcw %0" ::"m"(x87));
    _mm_setcsr((unsigned)state);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" ::"r"(state));
#else
    (void)state;
#endif
}

/// The state guests run in: every exception masked, round to nearest, denormals in and out are zero.
static inline aup_float_state aup_float_state_guest(void) AUP_GUEST_CALL {
#if defined(__x86_64__)
    // MXCSR: FTZ (bit 15), DAZ (bit 6), all six masks (bits 7 to 12); x87 as after FNINIT: Intel SDM vol. 1, 10.2.3 and 8.1.5
    return 0x9FC0 | (uint64_t)0x37F << 32;
#elif defined(__aarch64__)
    return 1u << 24; // FZ: Arm ARM, FPCR
#else
    return 0;
#endif
}

/// The same, but denormals are numbers like others: what a thread begins with.
static inline aup_float_state aup_float_state_exact(void) AUP_GUEST_CALL {
#if defined(__x86_64__)
    return 0x1F80 | (uint64_t)0x37F << 32;
#else
    return 0;
#endif
}

typedef int32_t (*aup_process_call)(void *, const aup_block *) __attribute__((nonblocking));
typedef void (*aup_reset_call)(void *) __attribute__((nonblocking));

// The two casts below are where the contract of aup_plugin.h, which no compiler can check in a guest, is taken on trust.

/// Runs one block. `name` is for the breadcrumb and lives as long as the instance; `keeps_denormals` leaves them on.
static inline int32_t aup_guest_process(const aup_plugin *plugin, const char *name, void *instance,
                                        const aup_block *block, int32_t keeps_denormals) AUP_GUEST_CALL {
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(name, AUP_PHASE_PROCESS);
    aup_breadcrumb_position(block->position);
    aup_float_state_set(keeps_denormals ? aup_float_state_exact() : aup_float_state_guest());
    int32_t status = ((aup_process_call)plugin->process)(instance, block);
    aup_float_state_set(before);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    return status;
}

static inline void aup_guest_reset(const aup_plugin *plugin, const char *name, void *instance) AUP_GUEST_CALL {
    if (!plugin->reset) return;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(name, AUP_PHASE_RESET);
    aup_float_state_set(aup_float_state_guest());
    ((aup_reset_call)plugin->reset)(instance);
    aup_float_state_set(before);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
}

/// `original` is the guest's own struct, which it may compare with; `plugin` is our copy in our version's length.
static inline void *aup_guest_create(const aup_plugin *plugin, const aup_plugin *original, const char *name,
                                     const aup_host *host, const aup_setup *setup, aup_error *error) {
    AUP_ALONE;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(name, AUP_PHASE_CREATE);
    void *instance = plugin->create(host, original, setup, error);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    aup_float_state_set(before);
    return instance;
}

static inline void aup_guest_destroy(const aup_plugin *plugin, const char *name, void *instance) {
    AUP_ALONE;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(name, AUP_PHASE_DESTROY);
    plugin->destroy(instance);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    aup_float_state_set(before);
}

static inline uint32_t aup_guest_latency(const aup_plugin *plugin, const char *name, void *instance) {
    if (!plugin->latency) return 0;
    aup_breadcrumb_set(name, AUP_PHASE_QUERY);
    uint32_t frames = plugin->latency(instance);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    return frames;
}

static inline uint64_t aup_guest_tail(const aup_plugin *plugin, const char *name, void *instance) {
    if (!plugin->tail) return 0;
    aup_breadcrumb_set(name, AUP_PHASE_QUERY);
    uint64_t frames = plugin->tail(instance);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    return frames;
}

// Structs of guests are copied in the shorter of both lengths, the rest zero: an older guest's missing members read as
// NULL, a newer guest's additional ones are not looked at.

static inline aup_plugin aup_plugin_copy(const aup_plugin *from) {
    aup_plugin to;
    memset(&to, 0, sizeof to);
    memcpy(&to, from, from->size < sizeof to ? from->size : sizeof to);
    return to;
}

static inline aup_param aup_param_copy(const aup_plugin *plugin, uint32_t index) {
    aup_param to;
    memset(&to, 0, sizeof to);
    memcpy(&to, (const char *)plugin->params + (size_t)index * plugin->param_stride,
           plugin->param_stride < sizeof to ? plugin->param_stride : sizeof to);
    return to;
}

static inline aup_layout aup_layout_copy(const aup_plugin *plugin, uint32_t index) {
    aup_layout to;
    memset(&to, 0, sizeof to);
    memcpy(&to, (const char *)plugin->layouts + (size_t)index * plugin->layout_stride,
           plugin->layout_stride < sizeof to ? plugin->layout_stride : sizeof to);
    return to;
}

/// The shortest aup_plugin and aup_module that version 1.0 knows: everything up to the last member that must be there.
static inline uint32_t aup_plugin_least_size(void) { return (uint32_t)offsetof(aup_plugin, reset); }
static inline uint32_t aup_module_least_size(void) { return (uint32_t)sizeof(aup_module); }
/// One stride that version 1.0 could have written at the least.
static inline uint32_t aup_param_least_stride(void) { return (uint32_t)sizeof(aup_param); }
static inline uint32_t aup_layout_least_stride(void) { return (uint32_t)sizeof(aup_layout); }
#endif
