// Guests that speak LV2, behind the table of our own ABI. What they say about themselves in Turtle is read elsewhere.
#ifndef AUP_LV2_H
#define AUP_LV2_H
#include "../../../plugins/aup_plugin.h"
#include "aup_breadcrumb.h"

/// How a port is served.
enum aup_lv2_kind {
    AUP_LV2_NOTHING = 0, // connected to nothing, which it allows
    AUP_LV2_AUDIO_IN,
    AUP_LV2_AUDIO_OUT,
    AUP_LV2_CONTROL_IN,
    AUP_LV2_CONTROL_OUT,
    AUP_LV2_CV_IN, // a parameter, held for the block
    AUP_LV2_CV_OUT, // a reading: its last sample
    AUP_LV2_ATOM_IN, // an empty sequence each block
    AUP_LV2_ATOM_OUT, // room that nobody reads
    AUP_LV2_EVENT_IN, // the same two in the shape they had before atoms
    AUP_LV2_EVENT_OUT
};

typedef struct aup_lv2_port {
    uint32_t kind;
    uint32_t parameter; // of the control kinds
    uint32_t bytes; // of the atom and event kinds
} aup_lv2_port;

/// Gives an instance the state somebody keeps under a URI; 0 where there is none.
typedef int32_t (*aup_lv2_restore)(void *keeper, const char *uri, void *map, const void *descriptor, void *instance,
                                   const void *features);

/// A set of values, and of state where there is one, under a URI.
typedef struct aup_lv2_preset {
    const char *label, *uri;
} aup_lv2_preset;

/// An LV2 plugin as one of ours.
typedef struct aup_lv2_plugin {
    aup_plugin table; // first, because create gets it as `self`
    const void *descriptor;
    const char *uri, *bundle; // a path that ends with a slash
    const aup_lv2_port *ports;
    uint32_t port_count;
    int32_t latency; // the port that reads the latency, or -1
    aup_lv2_restore restore;
    void *keeper;
    int32_t begins_with_state; // of its own, kept under its URI
    const aup_lv2_preset *presets;
    uint32_t preset_count, preset_parameter; // the text parameter that names one
} aup_lv2_plugin;

/// The URI of a feature the host has, by index; NULL after the last.
const char *aup_lv2_feature(uint32_t index);

/// The process's LV2_URID_Map.
void *aup_lv2_map(void);

/// What a loaded file has under a URI, called inside a breadcrumb; NULL if nothing. Either symbol may be missing.
const void *aup_lv2_find(void *descriptor_symbol, void *library_symbol, const char *uri, const char *bundle);

/// Whether a descriptor lacks one of the functions nobody can do without; its name, or NULL.
const char *aup_lv2_lacking(const void *descriptor);

/// Gives it presets, which are copied; their state is restored when one is named. 0 when memory is short.
int32_t aup_lv2_take_presets(aup_lv2_plugin *plugin, const aup_lv2_preset *presets, uint32_t count, uint32_t parameter);

/// Makes one; texts and ports are copied, the rest must outlive it. NULL when memory is short.
aup_lv2_plugin *aup_lv2_adapt(const void *descriptor, const char *uri, const char *bundle, const aup_lv2_port *ports,
                              uint32_t port_count, int32_t latency);
void aup_lv2_release(aup_lv2_plugin *plugin);
#endif
