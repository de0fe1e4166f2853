#include "aup_adapter.h"
#include "aup_alone.h"
#include "aup_lv2_host.h"
#include <lv2/atom/atom.h>
#include <stdlib.h>
#include <strings.h>

// As in aup_ladspa.c: what lv2.h promises, and no compiler can check in a guest, is taken on trust here.
typedef void (*run_call)(LV2_Handle, uint32_t) __attribute__((nonblocking));
typedef void (*connect_call)(LV2_Handle, uint32_t, void *) __attribute__((nonblocking));
typedef void (*work_call)(aup_lv2_host *, const LV2_Worker_Interface *, LV2_Handle) __attribute__((nonblocking));

typedef struct {
    const aup_lv2_plugin *plugin;
    const LV2_Descriptor *guest;
    LV2_Handle handle;
    const LV2_Worker_Interface *worker;
    uint32_t longest, latency;
    const char *preset; // a URI, or NULL
    float *control; // one for each port
    void **buffer; // of CV and atom ports
    aup_lv2_host host;
} instance;

const void *aup_lv2_find(void *descriptor_symbol, void *library_symbol, const char *uri, const char *bundle) {
    AUP_ALONE;
    const LV2_Descriptor *found = NULL;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(uri, AUP_PHASE_QUERY);
    if (library_symbol) {
        const LV2_Lib_Descriptor *library = ((LV2_Lib_Descriptor_Function)library_symbol)(bundle, aup_lv2_bare_features());
        for (uint32_t i = 0; library && i < 100000; i++) {
            found = library->get_plugin(library->handle, i);
            if (!found || !strcmp(found->URI, uri)) break;
        }
    } else if (descriptor_symbol) {
        for (uint32_t i = 0; i < 100000; i++) {
            found = ((LV2_Descriptor_Function)descriptor_symbol)(i);
            if (!found || (found->URI && !strcmp(found->URI, uri))) break;
        }
    }
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    aup_float_state_set(before);
    return found && found->URI && !strcmp(found->URI, uri) ? found : NULL;
}

const char *aup_lv2_lacking(const void *descriptor) {
    const LV2_Descriptor *guest = descriptor;
    if (!guest->instantiate) return "instantiate";
    if (!guest->connect_port) return "connect_port";
    if (!guest->run) return "run";
    return guest->cleanup ? NULL : "cleanup";
}

static LV2_Handle begin(instance *self) {
    const aup_lv2_plugin *plugin = self->plugin;
    LV2_Handle made = self->guest->instantiate(self->guest, self->host.rate, plugin->bundle, self->host.list);
    if (!made) return NULL;
    self->worker = self->guest->extension_data ? self->guest->extension_data(LV2_WORKER__interface) : NULL;
    for (uint32_t p = 0; p < plugin->port_count; p++)
        switch (plugin->ports[p].kind) {
        case AUP_LV2_CONTROL_IN:
        case AUP_LV2_CONTROL_OUT: self->guest->connect_port(made, p, &self->control[p]); break;
        case AUP_LV2_CV_IN:
        case AUP_LV2_CV_OUT:
        case AUP_LV2_ATOM_IN:
        case AUP_LV2_ATOM_OUT:
        case AUP_LV2_EVENT_IN:
        case AUP_LV2_EVENT_OUT: self->guest->connect_port(made, p, self->buffer[p]); break;
        case AUP_LV2_NOTHING: self->guest->connect_port(made, p, NULL); break;
        default: break;
        }
    if (plugin->begins_with_state)
        plugin->restore(plugin->keeper, plugin->uri, &self->host.map, self->guest, made, self->host.list);
    if (self->preset)
        plugin->restore(plugin->keeper, self->preset, &self->host.map, self->guest, made, self->host.list);
    return made;
}

static void activate(instance *self, LV2_Handle handle) {
    if (self->guest->activate) self->guest->activate(handle);
}

static void end(instance *self, LV2_Handle handle) {
    if (self->guest->deactivate) self->guest->deactivate(handle);
    self->guest->cleanup(handle);
    self->host.requests.used = self->host.responses.used = 0;
}

// What every block begins with: values held, events none.
static void fill(instance *self, const double *value, uint32_t frames) AUP_GUEST_CALL {
    const aup_lv2_plugin *plugin = self->plugin;
    for (uint32_t p = 0; p < plugin->port_count; p++) {
        const aup_lv2_port *port = &plugin->ports[p];
        LV2_Atom_Sequence *events = self->buffer[p];
        float *held = self->buffer[p];
        switch (port->kind) {
        case AUP_LV2_CONTROL_IN: self->control[p] = (float)value[port->parameter]; break;
        case AUP_LV2_CV_IN:
            for (uint32_t i = 0; i < frames; i++) held[i] = (float)value[port->parameter];
            break;
        case AUP_LV2_ATOM_IN:
            *events = (LV2_Atom_Sequence){{sizeof(LV2_Atom_Sequence_Body), self->host.sequence}, {0, 0}};
            break;
        case AUP_LV2_ATOM_OUT: events->atom = (LV2_Atom){port->bytes - (uint32_t)sizeof(LV2_Atom), self->host.chunk}; break;
        case AUP_LV2_EVENT_IN:
        case AUP_LV2_EVENT_OUT: aup_lv2_no_events(self->buffer[p], port->bytes); break;
        default: break;
        }
    }
}

// As for LADSPA: the latency is known after run, so an instance of its own is run over silence and let go.
static uint32_t probe(instance *self, const double *value) {
    const aup_lv2_plugin *plugin = self->plugin;
    float *silence = calloc((size_t)self->longest * (plugin->port_count + 1), sizeof *silence);
    LV2_Handle made = silence ? begin(self) : NULL;
    if (!made) {
        free(silence);
        return 0;
    }
    for (uint32_t p = 0; p < plugin->port_count; p++)
        if (plugin->ports[p].kind == AUP_LV2_AUDIO_IN || plugin->ports[p].kind == AUP_LV2_AUDIO_OUT)
            self->guest->connect_port(made, p, silence + (size_t)self->longest * p);
    activate(self, made);
    fill(self, value, self->longest);
    self->guest->run(made, self->longest);
    float latency = self->control[plugin->latency];
    end(self, made);
    free(silence);
    return aup_adapter_latency(latency);
}

static void release(instance *self) {
    for (uint32_t p = 0; self->buffer && p < self->plugin->port_count; p++) free(self->buffer[p]);
    free(self->buffer);
    free(self->control);
    free(self);
}

static int make_buffers(instance *self) {
    const aup_lv2_plugin *plugin = self->plugin;
    self->control = calloc(plugin->port_count + 1, sizeof *self->control);
    self->buffer = calloc(plugin->port_count + 1, sizeof *self->buffer);
    if (!self->control || !self->buffer) return 0;
    for (uint32_t p = 0; p < plugin->port_count; p++) {
        const aup_lv2_port *port = &plugin->ports[p];
        size_t bytes = port->kind == AUP_LV2_CV_IN || port->kind == AUP_LV2_CV_OUT     ? sizeof(float) * self->longest
                       : port->kind >= AUP_LV2_ATOM_IN && port->kind <= AUP_LV2_EVENT_OUT ? port->bytes
                                                                                          : 0;
        if (bytes && !(self->buffer[p] = calloc(1, bytes))) return 0;
    }
    return 1;
}

// The preset that was named, by what it is called in any case or by its URI.
static const char *wanted_preset(const aup_lv2_plugin *plugin, const aup_setup *setup) {
    const char *name = plugin->preset_count && setup->strings ? setup->strings[plugin->preset_parameter] : NULL;
    for (uint32_t i = 0; name && *name && i < plugin->preset_count; i++)
        if (!strcasecmp(plugin->presets[i].label, name) || !strcmp(plugin->presets[i].uri, name)) return plugin->presets[i].uri;
    return NULL;
}

static void *create(const aup_host *host, const aup_plugin *table, const aup_setup *setup, aup_error *error) {
    instance *self = calloc(1, sizeof *self);
    if (self) self->plugin = (const aup_lv2_plugin *)table;
    if (self) self->longest = setup->max_frames;
    if (!self || !make_buffers(self)) {
        if (self) release(self);
        return aup_adapter_out_of_memory(error);
    }
    self->guest = self->plugin->descriptor;
    self->preset = wanted_preset(self->plugin, setup);
    aup_lv2_host_begin(&self->host, host, setup->rate, setup->max_frames, !(setup->flags & AUP_SETUP_OFFLINE));
    fill(self, setup->values, self->longest);
    if (self->plugin->latency >= 0) self->latency = probe(self, setup->values);
    self->handle = begin(self);
    if (!self->handle) {
        release(self);
        return aup_adapter_refusal(error, "its instantiate gives nothing", setup->rate);
    }
    activate(self, self->handle);
    return self;
}

static void destroy(void *handle) {
    instance *self = handle;
    end(self, self->handle);
    release(self);
}

static int32_t process(void *handle, const aup_block *block) AUP_GUEST_CALL {
    instance *self = handle;
    const aup_lv2_plugin *plugin = self->plugin;
    connect_call connect = (connect_call)self->guest->connect_port;
    fill(self, block->value, block->frames);
    uint32_t in = 0, out = 0;
    for (uint32_t p = 0; p < plugin->port_count; p++) {
        // Fewer channels than inputs leave the last of those open, which a layout of fewer says is allowed.
        if (plugin->ports[p].kind == AUP_LV2_AUDIO_IN) {
            connect(self->handle, p, in < block->in_channels ? aup_adapter_in(block, in) : NULL);
            in++;
        }
        if (plugin->ports[p].kind == AUP_LV2_AUDIO_OUT) connect(self->handle, p, aup_adapter_out(block, out++));
    }
    ((run_call)self->guest->run)(self->handle, block->frames);
    // Work runs here, one thread after all: what it changes is then heard at the same frame in every run.
    if (self->worker) ((work_call)aup_lv2_host_work)(&self->host, self->worker, self->handle);
    for (uint32_t p = 0; p < plugin->port_count; p++) {
        const aup_lv2_port *port = &plugin->ports[p];
        if (port->kind != AUP_LV2_CONTROL_OUT && port->kind != AUP_LV2_CV_OUT) continue;
        float read = port->kind == AUP_LV2_CV_OUT ? ((float *)self->buffer[p])[block->frames - 1] : self->control[p];
        block->out_value[port->parameter] = aup_adapter_reading(read);
    }
    return AUP_OK;
}

static void reset(void *handle) {
    instance *self = handle;
    LV2_Handle fresh = begin(self);
    if (fresh) {
        end(self, self->handle);
        self->handle = fresh;
    } else if (self->guest->deactivate) {
        self->guest->deactivate(self->handle);
    }
    activate(self, self->handle);
}

static uint32_t latency(void *handle) { return ((instance *)handle)->latency; }

aup_lv2_plugin *aup_lv2_adapt(const void *descriptor, const char *uri, const char *bundle, const aup_lv2_port *ports,
                              uint32_t port_count, int32_t latency_port) {
    AUP_ALONE;
    aup_lv2_plugin *plugin = calloc(1, sizeof *plugin);
    aup_lv2_port *copy = calloc(port_count + 1, sizeof *copy);
    char *texts[2] = {strdup(uri), strdup(bundle)};
    if (!plugin || !copy || !texts[0] || !texts[1]) {
        free(plugin);
        free(copy);
        free(texts[0]);
        free(texts[1]);
        return NULL;
    }
    memcpy(copy, ports, port_count * sizeof *copy);
    plugin->descriptor = descriptor;
    plugin->uri = texts[0];
    plugin->bundle = texts[1];
    plugin->ports = copy;
    plugin->port_count = port_count;
    plugin->latency = latency_port;
    plugin->table.size = sizeof plugin->table;
    plugin->table.create = create;
    plugin->table.destroy = destroy;
    plugin->table.process = process;
    plugin->table.reset = reset;
    plugin->table.latency = latency;
    return plugin;
}

int32_t aup_lv2_take_presets(aup_lv2_plugin *plugin, const aup_lv2_preset *presets, uint32_t count, uint32_t parameter) {
    AUP_ALONE;
    aup_lv2_preset *copy = calloc(count + 1, sizeof *copy);
    if (!copy) return 0;
    plugin->presets = copy;
    plugin->preset_parameter = parameter;
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = (aup_lv2_preset){strdup(presets[i].label), strdup(presets[i].uri)};
        plugin->preset_count = i + 1;
        if (!copy[i].label || !copy[i].uri) return 0;
    }
    return 1;
}

void aup_lv2_release(aup_lv2_plugin *plugin) {
    if (!plugin) return;
    for (uint32_t i = 0; i < plugin->preset_count; i++) {
        free((void *)(uintptr_t)plugin->presets[i].label);
        free((void *)(uintptr_t)plugin->presets[i].uri);
    }
    free((void *)(uintptr_t)plugin->presets);
    free((void *)(uintptr_t)plugin->uri);
    free((void *)(uintptr_t)plugin->bundle);
    free((void *)(uintptr_t)plugin->ports);
    free(plugin);
}
