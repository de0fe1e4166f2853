// The door to lilv, which knows what LV2 plugins say about themselves. It is opened when a plugin is first named by a URI and
// never linked: whoever uses none neither waits for it nor has to install it.
#ifndef CLILV_H
#define CLILV_H
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_lilv_missing(void);

/// A collection of bundles. Every function below wants aup_lilv_missing() to have returned NULL once; every text they give
/// lives as long as the world.
typedef struct aup_lilv aup_lilv;

aup_lilv *aup_lilv_open(void);
void aup_lilv_close(aup_lilv *world);
/// Reads the manifests of all bundles; `path` is a list of absolute folders, NULL for lilv's own.
void aup_lilv_load_all(aup_lilv *world, const char *path);
/// Reads one bundle only; its folder, absolute.
void aup_lilv_load_bundle(aup_lilv *world, const char *folder);

/// The URIs of everything that was read; how many there are, of which at most `room` are given.
int32_t aup_lilv_uris(aup_lilv *world, const char **uris, int32_t room);
/// A plugin, or NULL.
const void *aup_lilv_find(aup_lilv *world, const char *uri);

enum aup_lilv_text { AUP_LILV_NAME, AUP_LILV_AUTHOR, AUP_LILV_BUNDLE, AUP_LILV_LIBRARY };
/// `NULL` where it says nothing. Bundle and library are paths.
const char *aup_lilv_text(aup_lilv *world, const void *plugin, int32_t which);
/// URIs of the features it cannot do without.
int32_t aup_lilv_required(aup_lilv *world, const void *plugin, const char **uris, int32_t room);
int32_t aup_lilv_has_feature(aup_lilv *world, const void *plugin, const char *uri);

enum aup_lilv_port_bits {
    AUP_LILV_INPUT = 1,
    AUP_LILV_OUTPUT = 2,
    AUP_LILV_AUDIO = 4,
    AUP_LILV_CONTROL = 8,
    AUP_LILV_CV = 16,
    AUP_LILV_ATOM = 32,
    AUP_LILV_OPTIONAL = 64,
    AUP_LILV_TOGGLED = 128,
    AUP_LILV_INTEGER = 256,
    AUP_LILV_ENUMERATION = 512,
    AUP_LILV_LOGARITHMIC = 1024,
    AUP_LILV_TIMES_RATE = 2048,
    AUP_LILV_LATENCY = 4096,
    AUP_LILV_HIDDEN = 8192,
    AUP_LILV_SIDE = 16384, // of a side chain, by its property or that of its group
    AUP_LILV_EVENT = 32768,
    AUP_LILV_DESIGNATED = 65536 // has a part to play, such as the right channel
};

typedef struct {
    uint32_t bits;
    uint32_t minimum_bytes; // of an atom buffer, 0 where nothing is said
    double initial, minimum, maximum; // NaN where nothing is said
    const char *symbol, *name;
    const char *unit; // a URI, a symbol, or NULL
} aup_lilv_port;

uint32_t aup_lilv_port_count(const void *plugin);
aup_lilv_port aup_lilv_port_at(aup_lilv *world, const void *plugin, uint32_t index);
/// Named values of a port; how many there are, of which at most `room` are given.
int32_t aup_lilv_points(aup_lilv *world, const void *plugin, uint32_t index, double *values, const char **labels, int32_t room);

/// Presets of a plugin; how many there are, of which at most `room` are given.
int32_t aup_lilv_presets(aup_lilv *world, const void *plugin, const char **uris, const char **labels, int32_t room);
/// The ports a preset sets, by symbol; how many, at most `room`. `map` is an LV2_URID_Map.
int32_t aup_lilv_preset(aup_lilv *world, const char *uri, void *map, const char **symbols, double *values, int32_t room);

/// Gives an instance the state that the world has under a URI. `map` is an LV2_URID_Map, the others are LV2's own too. 0
/// where there is none.
int32_t aup_lilv_restore(void *world, const char *uri, void *map, const void *descriptor, void *instance,
                         const void *features);
#endif
