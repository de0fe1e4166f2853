// Guests that speak CLAP 1, behind the table of our own ABI. The binary interface is declared in our own words.
#ifndef AUP_CLAP_H
#define AUP_CLAP_H
#include "../../../plugins/aup_plugin.h"
#include "aup_breadcrumb.h"
#include <stdbool.h>

typedef struct aup_clap_version {
    uint32_t major, minor, revision;
} aup_clap_version;

/// What `clap_entry` is.
typedef struct aup_clap_entry {
    aup_clap_version version;
    bool (*open)(const char *path);
    void (*close)(void);
    const void *(*factory)(const char *id);
} aup_clap_entry;

typedef struct aup_clap_descriptor {
    aup_clap_version version;
    const char *id, *name, *vendor, *url, *manual_url, *support_url, *release, *description;
    const char *const *features; // ends with NULL
} aup_clap_descriptor;

typedef struct aup_clap_host {
    aup_clap_version version;
    void *data;
    const char *name, *vendor, *url, *release;
    const void *(*extension)(const struct aup_clap_host *host, const char *id);
    void (*request_restart)(const struct aup_clap_host *host);
    void (*request_process)(const struct aup_clap_host *host);
    void (*request_callback)(const struct aup_clap_host *host);
} aup_clap_host;

typedef struct aup_clap_buffer {
    float **data32;
    double **data64;
    uint32_t channel_count, latency;
    uint64_t constant_mask;
} aup_clap_buffer;

typedef struct aup_clap_event {
    uint32_t size, time;
    uint16_t space, type; // 0 is the interface's own space, and there 5 is a parameter's value
    uint32_t flags;
} aup_clap_event;

typedef struct aup_clap_value_event {
    aup_clap_event header;
    uint32_t parameter;
    void *cookie;
    int32_t note;
    int16_t port, channel, key; // -1 for all
    double value;
} aup_clap_value_event;

typedef struct aup_clap_events_in {
    void *data;
    uint32_t (*size)(const struct aup_clap_events_in *list);
    const aup_clap_event *(*get)(const struct aup_clap_events_in *list, uint32_t index);
} aup_clap_events_in;

typedef struct aup_clap_events_out {
    void *data;
    bool (*push)(const struct aup_clap_events_out *list, const aup_clap_event *event);
} aup_clap_events_out;

typedef struct aup_clap_block {
    int64_t steady_time;
    uint32_t frames;
    const void *transport;
    const aup_clap_buffer *inputs;
    aup_clap_buffer *outputs;
    uint32_t input_count, output_count;
    const aup_clap_events_in *events_in;
    const aup_clap_events_out *events_out;
} aup_clap_block;

typedef struct aup_clap_instance {
    const aup_clap_descriptor *descriptor;
    void *data;
    bool (*begin)(const struct aup_clap_instance *guest);
    void (*destroy)(const struct aup_clap_instance *guest);
    bool (*activate)(const struct aup_clap_instance *guest, double rate, uint32_t shortest, uint32_t longest);
    void (*deactivate)(const struct aup_clap_instance *guest);
    bool (*start)(const struct aup_clap_instance *guest);
    void (*stop)(const struct aup_clap_instance *guest);
    void (*reset)(const struct aup_clap_instance *guest);
    int32_t (*process)(const struct aup_clap_instance *guest, const aup_clap_block *block); // 0 is an error
    const void *(*extension)(const struct aup_clap_instance *guest, const char *id);
    void (*on_main_thread)(const struct aup_clap_instance *guest);
} aup_clap_instance;

typedef struct aup_clap_factory {
    uint32_t (*count)(const struct aup_clap_factory *factory);
    const aup_clap_descriptor *(*descriptor)(const struct aup_clap_factory *factory, uint32_t index);
    const aup_clap_instance *(*create)(const struct aup_clap_factory *factory, const aup_clap_host *host, const char *id);
} aup_clap_factory;

enum aup_clap_parameter_flags {
    AUP_CLAP_STEPPED = 1 << 0,
    AUP_CLAP_HIDDEN = 1 << 2,
    AUP_CLAP_READ_ONLY = 1 << 3
};

typedef struct aup_clap_parameter {
    uint32_t id, flags;
    void *cookie;
    char name[256], module[1024];
    double minimum, maximum, initial;
} aup_clap_parameter;

typedef struct aup_clap_parameters {
    uint32_t (*count)(const aup_clap_instance *guest);
    bool (*info)(const aup_clap_instance *guest, uint32_t index, aup_clap_parameter *info);
    bool (*value)(const aup_clap_instance *guest, uint32_t id, double *value);
    bool (*text)(const aup_clap_instance *guest, uint32_t id, double value, char *text, uint32_t bytes);
    bool (*number)(const aup_clap_instance *guest, uint32_t id, const char *text, double *value);
    void (*flush)(const aup_clap_instance *guest, const aup_clap_events_in *in, const aup_clap_events_out *out);
} aup_clap_parameters;

typedef struct aup_clap_audio_port {
    uint32_t id;
    char name[256];
    uint32_t flags, channel_count;
    const char *type;
    uint32_t in_place_pair;
} aup_clap_audio_port;

typedef struct aup_clap_audio_ports {
    uint32_t (*count)(const aup_clap_instance *guest, bool is_input);
    bool (*info)(const aup_clap_instance *guest, uint32_t index, bool is_input, aup_clap_audio_port *info);
} aup_clap_audio_ports;

/// Frames, of latency as of tail.
typedef struct aup_clap_frames {
    uint32_t (*get)(const aup_clap_instance *guest);
} aup_clap_frames;

/// Ports and channels that are served at most.
enum { AUP_CLAP_PORTS = 16, AUP_CLAP_CHANNELS = 64 };

/// What is known of a plugin before it plays: filled in by a probe, from an instance that is let go of again.
typedef struct aup_clap_plugin {
    aup_plugin table; // first, because create gets it as `self`
    const aup_clap_factory *factory;
    const char *id;
    uint32_t input_ports, output_ports;
    uint32_t input_channels[AUP_CLAP_PORTS], output_channels[AUP_CLAP_PORTS];
    uint32_t parameter_count;
    aup_clap_parameter *parameters;
} aup_clap_plugin;

/// The factory of a file, which is opened with it, inside a breadcrumb; NULL when it refuses or has none.
const aup_clap_factory *aup_clap_open(const aup_clap_entry *entry, const char *path);
void aup_clap_close(const aup_clap_entry *entry, const char *path);
uint32_t aup_clap_count(const aup_clap_factory *factory, const char *path);
const aup_clap_descriptor *aup_clap_at(const aup_clap_factory *factory, const char *path, uint32_t index);

/// Makes one; `limit` is how many parameters are read. NULL, and then *why is a text that stays valid.
aup_clap_plugin *aup_clap_adapt(const aup_clap_factory *factory, const char *id, uint32_t limit, const char **why);
void aup_clap_release(aup_clap_plugin *plugin);

/// Says a value of a parameter as the plugin does, with an instance of its own: `count` texts of 64 bytes each, empty where
/// it says nothing.
void aup_clap_texts(const aup_clap_plugin *plugin, const uint32_t *parameter, const double *value, uint32_t count, char *texts);
#endif
