#include "aup_adapter.h"
#include "aup_alone.h"
#include <stdlib.h>

// As in aup_ladspa.c: what the interface promises, and no compiler can check in a guest, is taken on trust here.
typedef int32_t (*process_call)(const aup_clap_instance *, const aup_clap_block *) __attribute__((nonblocking));
typedef bool (*start_call)(const aup_clap_instance *) __attribute__((nonblocking));

typedef struct {
    const aup_clap_plugin *plugin;
    const aup_clap_instance *guest;
    const aup_host *log;
    aup_clap_host host;
    double rate;
    uint32_t longest, latency;
    bool is_processing, wants_callback, is_audio;
    double *sent; // the value each parameter was last told
    double *reading;
    aup_clap_value_event *events;
    uint32_t event_count;
    float *silence, *rest; // what side inputs hear, and where side outputs go
    aup_clap_buffer inputs[AUP_CLAP_PORTS], outputs[AUP_CLAP_PORTS];
    float *input_channels[AUP_CLAP_PORTS][AUP_CLAP_CHANNELS], *output_channels[AUP_CLAP_PORTS][AUP_CLAP_CHANNELS];
    int64_t position;
} instance;

// MARK: what a guest may ask of its host

static bool is_main(const aup_clap_host *host) { return !((instance *)host->data)->is_audio; }
static bool is_audio(const aup_clap_host *host) { return ((instance *)host->data)->is_audio; }
static void ignore(const aup_clap_host *host) { (void)host; }
static void ask(const aup_clap_host *host) { ((instance *)host->data)->wants_callback = true; }
static void ignore_flags(const aup_clap_host *host, uint32_t flags) { (void)host, (void)flags; }
static void ignore_parameter(const aup_clap_host *host, uint32_t id, uint32_t flags) { (void)host, (void)id, (void)flags; }

static void say(const aup_clap_host *host, int32_t severity, const char *text) {
    const instance *self = host->data;
    (void)severity;
    // Keeping a line takes memory and a lock, which the audio thread may not.
    if (self->log && text && !self->is_audio) self->log->log(self->log->context, AUP_LOG_INFO, text);
}

static const void *lend(const aup_clap_host *host, const char *id) {
    (void)host;
    static const struct {
        bool (*is_main)(const aup_clap_host *);
        bool (*is_audio)(const aup_clap_host *);
    } threads = {is_main, is_audio};
    static const struct {
        void (*log)(const aup_clap_host *, int32_t, const char *);
    } log = {say};
    static const struct {
        void (*rescan)(const aup_clap_host *, uint32_t);
        void (*clear)(const aup_clap_host *, uint32_t, uint32_t);
        void (*request_flush)(const aup_clap_host *);
    } parameters = {ignore_flags, ignore_parameter, ignore};
    static const struct {
        void (*changed)(const aup_clap_host *);
    } changed = {ignore};
    if (!strcmp(id, "clap.thread-check")) return &threads;
    if (!strcmp(id, "clap.log")) return &log;
    if (!strcmp(id, "clap.params")) return &parameters;
    if (!strcmp(id, "clap.latency") || !strcmp(id, "clap.tail") || !strcmp(id, "clap.state")) return &changed;
    return NULL;
}

// MARK: events

static uint32_t event_count(const aup_clap_events_in *list) { return ((instance *)list->data)->event_count; }

static const aup_clap_event *event_at(const aup_clap_events_in *list, uint32_t index) {
    instance *self = list->data;
    return index < self->event_count ? &self->events[index].header : NULL;
}

static bool heard(const aup_clap_events_out *list, const aup_clap_event *event) {
    instance *self = list->data;
    if (event->space != 0 || event->type != 5 || event->size < sizeof(aup_clap_value_event)) return true;
    const aup_clap_value_event *said = (const aup_clap_value_event *)event;
    for (uint32_t p = 0; p < self->plugin->parameter_count; p++)
        if (self->plugin->parameters[p].id == said->parameter) self->reading[p] = said->value;
    return true;
}

// Tells the guest what it does not know yet.
static void note_changes(instance *self, const double *value) AUP_GUEST_CALL {
    self->event_count = 0;
    for (uint32_t p = 0; p < self->plugin->parameter_count; p++) {
        const aup_clap_parameter *parameter = &self->plugin->parameters[p];
        if (parameter->flags & AUP_CLAP_READ_ONLY || self->sent[p] == value[p]) continue;
        self->sent[p] = value[p];
        self->events[self->event_count++] = (aup_clap_value_event){
            {sizeof(aup_clap_value_event), 0, 0, 5, 0}, parameter->id, NULL, -1, -1, -1, -1, value[p]};
    }
}

// MARK: life

static const aup_clap_instance *make(instance *self) {
    const aup_clap_factory *factory = self->plugin->factory;
    const aup_clap_instance *made = factory->create(factory, &self->host, self->plugin->id);
    if (!made) return NULL;
    if (made->begin && made->destroy && made->process && made->activate && made->deactivate && made->extension &&
        made->begin(made))
        return made;
    if (made->destroy) made->destroy(made);
    return NULL;
}

static void answer(instance *self, const aup_clap_instance *guest) {
    if (self->wants_callback && guest->on_main_thread) guest->on_main_thread(guest);
    self->wants_callback = false;
}

static const aup_clap_instance *begin(instance *self) {
    const aup_clap_instance *made = make(self);
    if (!made) return NULL;
    const aup_clap_parameters *parameters = made->extension(made, "clap.params");
    if (parameters && parameters->flush) {
        aup_clap_events_in in = {self, event_count, event_at};
        aup_clap_events_out out = {self, heard};
        parameters->flush(made, &in, &out);
    }
    answer(self, made);
    if (!made->activate(made, self->rate, 1, self->longest)) {
        made->destroy(made);
        return NULL;
    }
    answer(self, made);
    return made;
}

static void end(instance *self, const aup_clap_instance *guest) {
    self->is_audio = true;
    if (self->is_processing && guest->stop) guest->stop(guest);
    self->is_audio = self->is_processing = false;
    guest->deactivate(guest);
    guest->destroy(guest);
}

static void release(instance *self) {
    free(self->sent);
    free(self->reading);
    free(self->events);
    free(self->silence);
    free(self->rest);
    free(self);
}

static instance *make_instance(const aup_clap_plugin *plugin, const aup_host *log, uint32_t longest) {
    instance *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->plugin = plugin;
    self->log = log;
    self->longest = longest;
    self->host = (aup_clap_host){{1, 2, 0}, self, "aup", "aup", "", "0.1.0", lend, ignore, ignore, ask};
    self->sent = calloc(plugin->parameter_count + 1, sizeof *self->sent);
    self->reading = calloc(plugin->parameter_count + 1, sizeof *self->reading);
    self->events = calloc(plugin->parameter_count + 1, sizeof *self->events);
    self->silence = calloc(longest, sizeof(float));
    self->rest = calloc(longest, sizeof(float));
    if (!self->sent || !self->reading || !self->events || !self->silence || !self->rest) {
        release(self);
        return NULL;
    }
    for (uint32_t p = 0; p < plugin->input_ports; p++) {
        self->inputs[p] = (aup_clap_buffer){self->input_channels[p], NULL, plugin->input_channels[p], 0, 0};
        for (uint32_t c = 0; c < AUP_CLAP_CHANNELS; c++) self->input_channels[p][c] = self->silence;
    }
    for (uint32_t p = 0; p < plugin->output_ports; p++) {
        self->outputs[p] = (aup_clap_buffer){self->output_channels[p], NULL, plugin->output_channels[p], 0, 0};
        for (uint32_t c = 0; c < AUP_CLAP_CHANNELS; c++) self->output_channels[p][c] = self->rest;
    }
    return self;
}

// Every value is news to a fresh instance.
static void note_all(instance *self, const double *value) {
    for (uint32_t p = 0; p < self->plugin->parameter_count; p++) self->sent[p] = NAN;
    note_changes(self, value);
}

static void *create(const aup_host *host, const aup_plugin *table, const aup_setup *setup, aup_error *error) {
    instance *self = make_instance((const aup_clap_plugin *)table, host, setup->max_frames);
    if (!self) return aup_adapter_out_of_memory(error);
    self->rate = setup->rate;
    note_all(self, setup->values);
    self->guest = begin(self);
    if (!self->guest) {
        release(self);
        return aup_adapter_refusal(error, "it does not start", setup->rate);
    }
    const aup_clap_frames *latency = self->guest->extension(self->guest, "clap.latency");
    self->latency = latency && latency->get ? aup_adapter_latency(latency->get(self->guest)) : 0;
    return self;
}

static void destroy(void *handle) {
    instance *self = handle;
    end(self, self->guest);
    release(self);
}

static int32_t process(void *handle, const aup_block *block) AUP_GUEST_CALL {
    instance *self = handle;
    const aup_clap_plugin *plugin = self->plugin;
    self->is_audio = true;
    if (!self->is_processing) {
        self->is_processing = true;
        if (self->guest->start && !((start_call)self->guest->start)(self->guest)) return AUP_E_INTERNAL;
    }
    note_changes(self, block->value);
    for (uint32_t c = 0; plugin->input_ports && c < plugin->input_channels[0]; c++)
        self->input_channels[0][c] = aup_adapter_in(block, c);
    for (uint32_t c = 0; c < plugin->output_channels[0]; c++) self->output_channels[0][c] = aup_adapter_out(block, c);
    for (uint32_t p = 0; p < plugin->output_ports; p++) self->outputs[p].constant_mask = self->outputs[p].latency = 0;
    aup_clap_events_in in = {self, event_count, event_at};
    aup_clap_events_out out = {self, heard};
    aup_clap_block given = {self->position, block->frames, NULL, self->inputs, self->outputs, plugin->input_ports,
                            plugin->output_ports, &in, &out};
    int32_t status = ((process_call)self->guest->process)(self->guest, &given);
    self->position += block->frames;
    for (uint32_t p = 0; p < plugin->parameter_count; p++)
        if (plugin->parameters[p].flags & AUP_CLAP_READ_ONLY)
            block->out_value[p] = aup_adapter_reading(self->reading[p]);
    self->is_audio = false;
    return status == 0 ? AUP_E_INTERNAL : AUP_OK;
}

// A fresh instance, as for the other interfaces; its own reset where there is none.
static void reset(void *handle) {
    instance *self = handle;
    double *values = malloc(sizeof *values * (self->plugin->parameter_count + 1));
    if (values) memcpy(values, self->sent, sizeof *values * self->plugin->parameter_count);
    if (values) note_all(self, values);
    free(values);
    self->position = 0;
    const aup_clap_instance *old = self->guest, *fresh = values ? begin(self) : NULL;
    if (fresh) {
        end(self, old);
        self->guest = fresh;
    } else if (old->reset) {
        self->is_audio = true;
        old->reset(old);
        self->is_audio = false;
    }
}

static uint32_t latency(void *handle) { return ((instance *)handle)->latency; }

static uint64_t tail(void *handle) {
    instance *self = handle;
    const aup_clap_frames *tail = self->guest->extension(self->guest, "clap.tail");
    // It is the audio thread that may ask for a tail.
    self->is_audio = true;
    uint32_t frames = tail && tail->get ? tail->get(self->guest) : 0;
    self->is_audio = false;
    return frames >= INT32_MAX ? AUP_TAIL_INFINITE : frames;
}

// MARK: what is known before

const aup_clap_factory *aup_clap_open(const aup_clap_entry *entry, const char *path) {
    AUP_ALONE;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(path, AUP_PHASE_QUERY);
    const aup_clap_factory *factory = NULL;
    if (entry->open && entry->factory && entry->open(path)) factory = entry->factory("clap.plugin-factory");
    if (factory && (!factory->count || !factory->descriptor || !factory->create)) factory = NULL;
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    aup_float_state_set(before);
    return factory;
}

void aup_clap_close(const aup_clap_entry *entry, const char *path) {
    AUP_ALONE;
    aup_breadcrumb_set(path, AUP_PHASE_UNLOAD);
    if (entry->close) entry->close();
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
}

uint32_t aup_clap_count(const aup_clap_factory *factory, const char *path) {
    AUP_ALONE;
    aup_breadcrumb_set(path, AUP_PHASE_QUERY);
    uint32_t count = factory->count(factory);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    return count;
}

const aup_clap_descriptor *aup_clap_at(const aup_clap_factory *factory, const char *path, uint32_t index) {
    AUP_ALONE;
    aup_breadcrumb_set(path, AUP_PHASE_QUERY);
    const aup_clap_descriptor *found = factory->descriptor(factory, index);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    return found;
}

static const char *read_ports(aup_clap_plugin *plugin, const aup_clap_instance *guest) {
    const aup_clap_audio_ports *ports = guest->extension(guest, "clap.audio-ports");
    if (!ports || !ports->count || !ports->info) return "it has no audio ports";
    for (int side = 0; side < 2; side++) {
        uint32_t count = ports->count(guest, side == 0);
        if (count > AUP_CLAP_PORTS) return "it has more than 16 audio ports";
        for (uint32_t p = 0; p < count; p++) {
            aup_clap_audio_port info;
            memset(&info, 0, sizeof info);
            if (!ports->info(guest, p, side == 0, &info)) return "it does not describe its audio ports";
            if (info.channel_count > AUP_CLAP_CHANNELS) return "it has a port of more than 64 channels";
            (side == 0 ? plugin->input_channels : plugin->output_channels)[p] = info.channel_count;
        }
        *(side == 0 ? &plugin->input_ports : &plugin->output_ports) = count;
    }
    return plugin->output_ports && plugin->output_channels[0] ? NULL : "it has no sound output, so nothing can follow it";
}

static const char *read_parameters(aup_clap_plugin *plugin, const aup_clap_instance *guest, uint32_t limit) {
    const aup_clap_parameters *parameters = guest->extension(guest, "clap.params");
    uint32_t count = parameters && parameters->count && parameters->info ? parameters->count(guest) : 0;
    if (count > limit) return "it has too many parameters";
    plugin->parameters = calloc(count + 1, sizeof *plugin->parameters);
    if (!plugin->parameters) return "out of memory";
    for (uint32_t p = 0; p < count; p++) {
        aup_clap_parameter *parameter = &plugin->parameters[p];
        if (!parameters->info(guest, p, parameter)) return "it does not describe its parameters";
        parameter->name[sizeof parameter->name - 1] = parameter->module[sizeof parameter->module - 1] = 0;
    }
    plugin->parameter_count = count;
    return NULL;
}

aup_clap_plugin *aup_clap_adapt(const aup_clap_factory *factory, const char *id, uint32_t limit, const char **why) {
    AUP_ALONE;
    aup_clap_plugin *plugin = calloc(1, sizeof *plugin);
    char *name = strdup(id);
    *why = "out of memory";
    if (!plugin || !name) {
        free(name);
        free(plugin);
        return NULL;
    }
    plugin->factory = factory;
    plugin->id = name;
    plugin->table = (aup_plugin){.size = sizeof plugin->table, .create = create, .destroy = destroy, .process = process,
                                 .reset = reset, .latency = latency, .tail = tail};
    instance *self = make_instance(plugin, NULL, 1);
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(name, AUP_PHASE_QUERY);
    const aup_clap_instance *guest = self ? make(self) : NULL;
    if (guest) {
        *why = read_ports(plugin, guest);
        if (!*why) *why = read_parameters(plugin, guest, limit);
        guest->destroy(guest);
    } else {
        *why = "it cannot be created and gives no reason";
    }
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    aup_float_state_set(before);
    if (self) release(self);
    if (!*why) return plugin;
    aup_clap_release(plugin);
    return NULL;
}

void aup_clap_release(aup_clap_plugin *plugin) {
    if (!plugin) return;
    free((void *)(uintptr_t)plugin->id);
    free(plugin->parameters);
    free(plugin);
}

void aup_clap_texts(const aup_clap_plugin *plugin, const uint32_t *parameter, const double *value, uint32_t count, char *texts) {
    memset(texts, 0, (size_t)count * 64);
    instance *self = make_instance(plugin, NULL, 1);
    if (!self) return;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(plugin->id, AUP_PHASE_QUERY);
    const aup_clap_instance *guest = make(self);
    const aup_clap_parameters *parameters = guest ? guest->extension(guest, "clap.params") : NULL;
    for (uint32_t i = 0; parameters && parameters->text && i < count; i++) {
        char *text = texts + (size_t)i * 64;
        if (!parameters->text(guest, plugin->parameters[parameter[i]].id, value[i], text, 64)) text[0] = 0;
        text[63] = 0;
    }
    if (guest) guest->destroy(guest);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    aup_float_state_set(before);
    release(self);
}
