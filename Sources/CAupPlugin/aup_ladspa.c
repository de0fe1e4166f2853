#include "aup_adapter.h"
#include "aup_alone.h"
#include <stdlib.h>

typedef const aup_ladspa_descriptor *(*find_descriptor)(unsigned long);

// The casts below are where the contract of ladspa.h, which no compiler can check in a guest, is taken on trust: a guest
// promises not to wait in run and connect_port only by its property, and users decide whether to believe it.
typedef void (*run_call)(void *, unsigned long) __attribute__((nonblocking));
typedef void (*connect_call)(void *, unsigned long, float *) __attribute__((nonblocking));

typedef struct {
    const aup_ladspa_plugin *plugin;
    void *guest;
    unsigned long rate;
    uint32_t latency;
    float control[]; // one for each control port, where it is connected for good
} instance;

const aup_ladspa_descriptor *aup_ladspa_at(void *symbol, const char *name, unsigned long index) {
    AUP_ALONE;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(name, AUP_PHASE_QUERY);
    const aup_ladspa_descriptor *found = ((find_descriptor)symbol)(index);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    aup_float_state_set(before);
    return found;
}

static int is_output(const aup_ladspa_plugin *plugin, uint32_t control) AUP_GUEST_CALL {
    return plugin->guest->ports[plugin->control[control]] & AUP_LADSPA_OUTPUT;
}

// Instantiates, connects every control and switches on. Audio ports follow with each block.
static void *begin(instance *self) {
    const aup_ladspa_plugin *plugin = self->plugin;
    const aup_ladspa_descriptor *guest = plugin->guest;
    void *made = guest->instantiate(guest, self->rate);
    if (!made) return NULL;
    for (uint32_t c = 0; c < plugin->control_count; c++) guest->connect_port(made, plugin->control[c], &self->control[c]);
    return made;
}

static void end(instance *self, void *guest) {
    if (self->plugin->guest->deactivate) self->plugin->guest->deactivate(guest);
    self->plugin->guest->cleanup(guest);
}

// A latency port is written by run, and running changes the guest: an instance of its own is run over silence and let go.
static uint32_t probe(instance *self, uint32_t frames) {
    const aup_ladspa_plugin *plugin = self->plugin;
    const aup_ladspa_descriptor *guest = plugin->guest;
    uint32_t channels = plugin->audio_in_count + plugin->audio_out_count;
    float *silence = calloc((size_t)frames * (channels ? channels : 1), sizeof *silence);
    void *made = silence ? begin(self) : NULL;
    if (!made) {
        free(silence);
        return 0;
    }
    uint32_t at = 0;
    for (uint32_t c = 0; c < plugin->audio_in_count; c++)
        guest->connect_port(made, plugin->audio_in[c], silence + (size_t)frames * at++);
    for (uint32_t c = 0; c < plugin->audio_out_count; c++)
        guest->connect_port(made, plugin->audio_out[c], silence + (size_t)frames * at++);
    if (guest->activate) guest->activate(made);
    guest->run(made, frames);
    float latency = self->control[plugin->latency];
    end(self, made);
    free(silence);
    return aup_adapter_latency(latency);
}

static void set_controls(instance *self, const double *value) AUP_GUEST_CALL {
    for (uint32_t c = 0; c < self->plugin->control_count; c++)
        if (!is_output(self->plugin, c)) self->control[c] = (float)value[c];
}

static void *create(const aup_host *host, const aup_plugin *table, const aup_setup *setup, aup_error *error) {
    (void)host;
    const aup_ladspa_plugin *plugin = (const aup_ladspa_plugin *)table;
    instance *self = calloc(1, sizeof *self + sizeof(float) * (plugin->control_count + 1));
    if (!self) return aup_adapter_out_of_memory(error);
    self->plugin = plugin;
    self->rate = (unsigned long)setup->rate;
    set_controls(self, setup->values);
    if (plugin->latency >= 0) self->latency = probe(self, setup->max_frames);
    for (uint32_t c = 0; c < plugin->control_count; c++)
        if (is_output(plugin, c)) self->control[c] = 0;
    self->guest = begin(self);
    if (!self->guest) {
        free(self);
        return aup_adapter_refusal(error, "its instantiate gives nothing", setup->rate);
    }
    if (plugin->guest->activate) plugin->guest->activate(self->guest);
    return self;
}

static void destroy(void *handle) {
    instance *self = handle;
    end(self, self->guest);
    free(self);
}

static int32_t process(void *handle, const aup_block *block) AUP_GUEST_CALL {
    instance *self = handle;
    const aup_ladspa_plugin *plugin = self->plugin;
    const aup_ladspa_descriptor *guest = plugin->guest;
    set_controls(self, block->value);
    connect_call connect = (connect_call)guest->connect_port;
    for (uint32_t c = 0; c < plugin->audio_in_count; c++)
        connect(self->guest, plugin->audio_in[c], aup_adapter_in(block, c));
    for (uint32_t c = 0; c < plugin->audio_out_count; c++)
        connect(self->guest, plugin->audio_out[c], aup_adapter_out(block, c));
    ((run_call)guest->run)(self->guest, block->frames);
    for (uint32_t c = 0; c < plugin->control_count; c++)
        if (is_output(plugin, c)) block->out_value[c] = aup_adapter_reading(self->control[c]);
    return AUP_OK;
}

// LADSPA calls switching off and on a reset, but plate of the swh plugins, for one, keeps its echoes through that: the guest
// is made anew, which may allocate. Where that fails, off and on has to do.
static void reset(void *handle) {
    instance *self = handle;
    const aup_ladspa_descriptor *guest = self->plugin->guest;
    void *fresh = begin(self);
    if (fresh) {
        end(self, self->guest);
        self->guest = fresh;
    } else if (guest->deactivate) {
        guest->deactivate(self->guest);
    }
    if (guest->activate) guest->activate(self->guest);
}

static uint32_t latency(void *handle) { return ((instance *)handle)->latency; }

aup_ladspa_plugin *aup_ladspa_adapt(const aup_ladspa_descriptor *guest, int64_t latency_port) {
    aup_ladspa_plugin *plugin = calloc(1, sizeof *plugin);
    uint32_t *ports = calloc(guest->port_count + 1, sizeof *ports);
    if (!plugin || !ports) {
        free(plugin);
        free(ports);
        return NULL;
    }
    plugin->guest = guest;
    plugin->latency = -1;
    // Three passes over one list, so that each kind lies together.
    static const int32_t kinds[] = {AUP_LADSPA_AUDIO | AUP_LADSPA_INPUT, AUP_LADSPA_AUDIO | AUP_LADSPA_OUTPUT, AUP_LADSPA_CONTROL};
    uint32_t at = 0;
    for (int kind = 0; kind < 3; kind++) {
        uint32_t *first = ports + at;
        uint32_t count = 0;
        for (unsigned long port = 0; port < guest->port_count; port++)
            if ((guest->ports[port] & kinds[kind]) == kinds[kind]) {
                if (kind == 2 && (int64_t)port == latency_port) plugin->latency = (int32_t)count;
                first[count++] = (uint32_t)port;
            }
        at += count;
        if (kind == 0) plugin->audio_in = first, plugin->audio_in_count = count;
        if (kind == 1) plugin->audio_out = first, plugin->audio_out_count = count;
        if (kind == 2) plugin->control = first, plugin->control_count = count;
    }
    plugin->table.size = sizeof plugin->table;
    plugin->table.create = create;
    plugin->table.destroy = destroy;
    plugin->table.process = process;
    plugin->table.reset = reset;
    plugin->table.latency = latency;
    return plugin;
}

void aup_ladspa_release(aup_ladspa_plugin *plugin) {
    if (plugin) free(plugin->audio_in); // all three lists begin there
    free(plugin);
}
