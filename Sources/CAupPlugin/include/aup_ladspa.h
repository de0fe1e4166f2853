// Guests that speak LADSPA 1.1, behind the table of our own ABI: what runs an aup plugin then runs them too.
#ifndef AUP_LADSPA_H
#define AUP_LADSPA_H
#include "../../../plugins/aup_plugin.h"
#include "aup_breadcrumb.h"

// The binary interface, in our own words; a guest is built against a ladspa.h of its own.

/// Bits of a port: one of each pair.
enum aup_ladspa_port { AUP_LADSPA_INPUT = 1, AUP_LADSPA_OUTPUT = 2, AUP_LADSPA_CONTROL = 4, AUP_LADSPA_AUDIO = 8 };

/// Bits of a range; the four bits of AUP_LADSPA_DEFAULT are one number.
enum aup_ladspa_hint {
    AUP_LADSPA_BOUNDED_BELOW = 1,
    AUP_LADSPA_BOUNDED_ABOVE = 2,
    AUP_LADSPA_TOGGLED = 4,
    AUP_LADSPA_TIMES_RATE = 8,
    AUP_LADSPA_LOGARITHMIC = 16,
    AUP_LADSPA_INTEGER = 32,
    AUP_LADSPA_DEFAULT = 0x3C0
};

/// Bits of a plugin.
enum aup_ladspa_property { AUP_LADSPA_HARD_REALTIME = 4 };

typedef struct aup_ladspa_range {
    int32_t hints;
    float lower, upper;
} aup_ladspa_range;

typedef struct aup_ladspa_descriptor {
    unsigned long unique_id;
    const char *label;
    int32_t properties;
    const char *name, *maker, *copyright;
    unsigned long port_count;
    const int32_t *ports;
    const char *const *port_names;
    const aup_ladspa_range *ranges;
    void *data;
    void *(*instantiate)(const struct aup_ladspa_descriptor *descriptor, unsigned long rate);
    void (*connect_port)(void *instance, unsigned long port, float *location);
    void (*activate)(void *instance);
    void (*run)(void *instance, unsigned long frames);
    void (*run_adding)(void *instance, unsigned long frames);
    void (*set_run_adding_gain)(void *instance, float gain);
    void (*deactivate)(void *instance);
    void (*cleanup)(void *instance);
} aup_ladspa_descriptor;

/// What `ladspa_descriptor` of a loaded file gives for an index, called inside a breadcrumb of that name; NULL at the end.
const aup_ladspa_descriptor *aup_ladspa_at(void *symbol, const char *name, unsigned long index);

/// A LADSPA plugin as one of ours. Parameters are the control ports in their order.
typedef struct aup_ladspa_plugin {
    aup_plugin table; // first, because create gets it as `self`
    const aup_ladspa_descriptor *guest;
    uint32_t audio_in_count, audio_out_count, control_count;
    int32_t latency; // the control that reads the latency, or -1
    uint32_t *audio_in, *audio_out, *control; // ports
} aup_ladspa_plugin;

/// Makes one for a descriptor whose ports have been checked. `latency_port` is negative where there is none. The
/// descriptor must outlive it; NULL when memory is short.
aup_ladspa_plugin *aup_ladspa_adapt(const aup_ladspa_descriptor *guest, int64_t latency_port);
void aup_ladspa_release(aup_ladspa_plugin *plugin);
#endif
