// A host as the headers of LADSPA and LV2 describe one, and no more: a third opinion where other hosts cannot run a plugin.
// Built by run.py.
//
//     reference numbers FILE.so                                        the unique number and label of each plugin
//     reference ladspa FILE.so LABEL BLOCK IN.raw OUT.raw [VALUE ...]   a value for each control port, outputs too
//     reference lv2 URI BLOCK IN.raw OUT.raw [SYMBOL=VALUE ...]
//
// Sound is 32 bit float, interleaved, 48 kHz; not in place, unless REFERENCE_IN_PLACE is set. The format is as wide as the plugin has ports.
#include <dlfcn.h>
#include <ladspa.h>
#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>
#include <lv2/parameters/parameters.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 48000, FRAMES = 60 * 4096, PORTS = 4096, LONGEST = 4096, EVENT_BYTES = 1 << 20 };

static void fail(const char *why, const char *what) {
    fprintf(stderr, "reference: %s: %s\n", what, why);
    exit(1);
}

static float *planes(unsigned long count) {
    float *made = calloc((count + 1) * LONGEST, sizeof *made);
    if (!made) fail("out of memory", "planes");
    return made;
}

// Reads a block into planes; gives its frames, 0 at the end. A plugin without inputs gets as many as run.py has.
static unsigned long next(FILE *in, float *to, unsigned long channels, unsigned long block, unsigned long done) {
    if (!channels) return done >= FRAMES ? 0 : FRAMES - done < block ? FRAMES - done : block;
    static float frame[PORTS];
    unsigned long frames = 0;
    while (frames < block && fread(frame, sizeof *frame, channels, in) == channels) {
        for (unsigned long c = 0; c < channels; c++) to[c * LONGEST + frames] = frame[c];
        frames++;
    }
    return frames;
}

static void put(FILE *out, const float *from, unsigned long channels, unsigned long frames) {
    for (unsigned long f = 0; f < frames; f++)
        for (unsigned long c = 0; c < channels; c++) fwrite(from + c * LONGEST + f, sizeof *from, 1, out);
}

static FILE *opened(const char *path, const char *mode) {
    FILE *file = fopen(path, mode);
    if (!file) fail("cannot be opened", path);
    return file;
}

static LADSPA_Descriptor_Function list_of(const char *file) {
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!handle) fail(dlerror(), file);
    LADSPA_Descriptor_Function list = (LADSPA_Descriptor_Function)dlsym(handle, "ladspa_descriptor");
    if (!list) fail("no ladspa_descriptor", file);
    return list;
}

static int numbers(const char *file) {
    LADSPA_Descriptor_Function list = list_of(file);
    const LADSPA_Descriptor *one;
    for (unsigned long i = 0; (one = list(i)); i++) printf("%lu\t%s\n", one->UniqueID, one->Label);
    return 0;
}

static int ladspa(const char *file, const char *label, unsigned long block, FILE *in, FILE *out, char **values, int count) {
    LADSPA_Descriptor_Function list = list_of(file);
    const LADSPA_Descriptor *plugin;
    for (unsigned long i = 0; (plugin = list(i)) && strcmp(plugin->Label, label); i++) {}
    if (!plugin) fail("not in the file", label);
    unsigned long inputs = 0, outputs = 0, controls = 0;
    static float control[PORTS];
    LADSPA_Handle guest = plugin->instantiate(plugin, RATE);
    if (!guest) fail("instantiate gives nothing", label);
    for (unsigned long p = 0; p < plugin->PortCount; p++) {
        LADSPA_PortDescriptor kind = plugin->PortDescriptors[p];
        if (LADSPA_IS_PORT_CONTROL(kind)) {
            control[controls] = (int)controls < count && LADSPA_IS_PORT_INPUT(kind) ? strtof(values[controls], NULL) : 0;
            plugin->connect_port(guest, p, &control[controls++]);
        } else if (LADSPA_IS_PORT_INPUT(kind)) inputs++;
        else outputs++;
    }
    // For finding out whether another host works in place, which this one does only when told to.
    int in_place = getenv("REFERENCE_IN_PLACE") != NULL;
    float *heard = planes(inputs > outputs ? inputs : outputs), *made = in_place ? heard : planes(outputs);
    if (plugin->activate) plugin->activate(guest);
    for (unsigned long done = 0, frames; (frames = next(in, heard, inputs, block, done)); done += frames) {
        unsigned long i = 0, o = 0;
        for (unsigned long p = 0; p < plugin->PortCount; p++) {
            LADSPA_PortDescriptor kind = plugin->PortDescriptors[p];
            if (!LADSPA_IS_PORT_AUDIO(kind)) continue;
            plugin->connect_port(guest, p, LADSPA_IS_PORT_INPUT(kind) ? heard + LONGEST * i++ : made + LONGEST * o++);
        }
        plugin->run(guest, frames);
        put(out, made, outputs, frames);
    }
    if (plugin->deactivate) plugin->deactivate(guest);
    plugin->cleanup(guest);
    return 0;
}

static char *known[100000];
static LV2_URID known_count;

static LV2_URID map(LV2_URID_Map_Handle handle, const char *uri) {
    (void)handle;
    for (LV2_URID i = 0; i < known_count; i++)
        if (!strcmp(known[i], uri)) return i + 1;
    known[known_count] = strdup(uri);
    return ++known_count;
}

static const char *unmap(LV2_URID_Unmap_Handle handle, LV2_URID number) {
    (void)handle;
    return number && number <= known_count ? known[number - 1] : NULL;
}

static int say(LV2_Log_Handle handle, LV2_URID type, const char *format, va_list words) {
    (void)handle, (void)type;
    return vfprintf(stderr, format, words);
}

static int say_words(LV2_Log_Handle handle, LV2_URID type, const char *format, ...) {
    va_list words;
    va_start(words, format);
    int length = say(handle, type, format, words);
    va_end(words);
    return length;
}

typedef struct {
    uint32_t size;
    void *data;
} message;
static message asked[1024], answered[1024];
static int asked_count, answered_count;

static LV2_Worker_Status keep(message *to, int *count, uint32_t size, const void *data) {
    if (*count == 1024) return LV2_WORKER_ERR_NO_SPACE;
    to[*count] = (message){size, malloc(size + 1)};
    memcpy(to[(*count)++].data, data, size);
    return LV2_WORKER_SUCCESS;
}

static LV2_Worker_Status schedule(LV2_Worker_Schedule_Handle handle, uint32_t size, const void *data) {
    (void)handle;
    return keep(asked, &asked_count, size, data);
}

static LV2_Worker_Status respond(LV2_Worker_Respond_Handle handle, uint32_t size, const void *data) {
    (void)handle;
    return keep(answered, &answered_count, size, data);
}

static void work(const LV2_Worker_Interface *worker, LV2_Handle guest) {
    if (!worker) return;
    int wanted = asked_count;
    for (int i = 0; i < wanted; i++) worker->work(guest, respond, NULL, asked[i].size, asked[i].data);
    asked_count = 0;
    for (int i = 0; i < answered_count; i++)
        if (worker->work_response) worker->work_response(guest, answered[i].size, answered[i].data);
    answered_count = 0;
    if (worker->end_run) worker->end_run(guest);
}

static void set_value(const char *symbol, void *context, const void *value, uint32_t size, uint32_t type) {
    (void)symbol, (void)context, (void)value, (void)size, (void)type;
}

static int lv2(const char *uri, int block, FILE *in, FILE *out, char **pairs, int count) {
    LilvWorld *world = lilv_world_new();
    lilv_world_set_option(world, LILV_OPTION_DYN_MANIFEST, lilv_new_bool(world, false));
    lilv_world_load_all(world);
    LilvNode *name = lilv_new_uri(world, uri);
    const LilvPlugin *plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world), name);
    if (!plugin) fail("not installed", uri);

    static LV2_URID_Map mapper = {NULL, map};
    static LV2_URID_Unmap unmapper = {NULL, unmap};
    static LV2_Log_Log log = {NULL, say_words, say};
    static LV2_Worker_Schedule scheduler = {NULL, schedule};
    static int32_t shortest = 1, longest = LONGEST, events = 8192;
    static float rate = RATE;
    LV2_URID whole = map(NULL, LV2_ATOM__Int);
    const LV2_Options_Option options[] = {
        {LV2_OPTIONS_INSTANCE, 0, map(NULL, LV2_BUF_SIZE__minBlockLength), 4, whole, &shortest},
        {LV2_OPTIONS_INSTANCE, 0, map(NULL, LV2_BUF_SIZE__maxBlockLength), 4, whole, &longest},
        {LV2_OPTIONS_INSTANCE, 0, map(NULL, "http://lv2plug.in/ns/ext/buf-size#nominalBlockLength"), 4, whole, &longest},
        {LV2_OPTIONS_INSTANCE, 0, map(NULL, LV2_BUF_SIZE__sequenceSize), 4, whole, &events},
        {LV2_OPTIONS_INSTANCE, 0, map(NULL, LV2_PARAMETERS__sampleRate), 4, map(NULL, LV2_ATOM__Float), &rate},
        {LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, NULL}};
    const LV2_Feature lent[] = {
        {LV2_URID__map, &mapper}, {LV2_URID__unmap, &unmapper}, {LV2_LOG__log, &log},
        {LV2_WORKER__schedule, &scheduler}, {LV2_OPTIONS__options, (void *)options},
        {LV2_BUF_SIZE__boundedBlockLength, NULL}, {LV2_STATE__loadDefaultState, NULL}};
    const LV2_Feature *features[8] = {0};
    for (int i = 0; i < 7; i++) features[i] = &lent[i];

    LilvInstance *guest = lilv_plugin_instantiate(plugin, RATE, features);
    if (!guest) fail("instantiate gives nothing", uri);
    LV2_Handle handle = lilv_instance_get_handle(guest);
    const LV2_Worker_Interface *worker = lilv_instance_get_extension_data(guest, LV2_WORKER__interface);

    uint32_t ports = lilv_plugin_get_num_ports(plugin), inputs = 0, outputs = 0;
    LilvNode *is_input = lilv_new_uri(world, LV2_CORE__InputPort), *is_audio = lilv_new_uri(world, LV2_CORE__AudioPort),
             *is_control = lilv_new_uri(world, LV2_CORE__ControlPort), *is_cv = lilv_new_uri(world, LV2_CORE__CVPort),
             *is_atom = lilv_new_uri(world, LV2_ATOM__AtomPort),
             *may_be_open = lilv_new_uri(world, LV2_CORE__connectionOptional),
             *designation = lilv_new_uri(world, LV2_CORE__designation);
    static float control[PORTS];
    static char input[PORTS];
    enum { NOTHING, AUDIO, CV, ATOM };
    static char kind[PORTS];
    static void *buffer[PORTS];
    // Where there is no sound, voltages are it.
    int has_sound = 0;
    for (uint32_t p = 0; p < ports; p++)
        has_sound |= lilv_port_is_a(plugin, lilv_plugin_get_port_by_index(plugin, p), is_audio);
    for (uint32_t p = 0; p < ports; p++) {
        const LilvPort *port = lilv_plugin_get_port_by_index(plugin, p);
        const char *symbol = lilv_node_as_string(lilv_port_get_symbol(plugin, port));
        input[p] = lilv_port_is_a(plugin, port, is_input);
        for (int i = 0; i < count; i++) {
            size_t length = strlen(symbol);
            if (!strncmp(pairs[i], symbol, length) && pairs[i][length] == '=') control[p] = strtof(pairs[i] + length + 1, NULL);
        }
        if (lilv_port_is_a(plugin, port, is_control)) lilv_instance_connect_port(guest, p, &control[p]);
        else if (lilv_port_is_a(plugin, port, is_audio)) {
            // An input that may stay open does, as a side chain nobody has cabled, but not one with a part to play.
            if (input[p] && lilv_port_has_property(plugin, port, may_be_open) && !lilv_port_get(plugin, port, designation))
                lilv_instance_connect_port(guest, p, NULL);
            else kind[p] = AUDIO, *(input[p] ? &inputs : &outputs) += 1;
        } else if (lilv_port_is_a(plugin, port, is_cv)) {
            kind[p] = has_sound ? CV : AUDIO;
            if (!has_sound) *(input[p] ? &inputs : &outputs) += 1;
        }
        else if (lilv_port_is_a(plugin, port, is_atom)) kind[p] = ATOM;
        else lilv_instance_connect_port(guest, p, NULL);
        if (kind[p] == CV) buffer[p] = planes(1);
        if (kind[p] == ATOM) buffer[p] = calloc(1, EVENT_BYTES);
        if (buffer[p]) lilv_instance_connect_port(guest, p, buffer[p]);
    }
    LilvState *state = lilv_plugin_has_feature(plugin, lilv_new_uri(world, LV2_STATE__loadDefaultState))
                           ? lilv_state_new_from_world(world, &mapper, name)
                           : NULL;
    if (state) lilv_state_restore(state, guest, set_value, NULL, 0, features);
    float *heard = planes(inputs), *made = planes(outputs);
    lilv_instance_activate(guest);
    for (unsigned long done = 0, frames; (frames = next(in, heard, inputs, (unsigned long)block, done)); done += frames) {
        uint32_t i = 0, o = 0;
        for (uint32_t p = 0; p < ports; p++) {
            LV2_Atom_Sequence *sequence = buffer[p];
            if (kind[p] == AUDIO) lilv_instance_connect_port(guest, p, input[p] ? heard + LONGEST * i++ : made + LONGEST * o++);
            if (kind[p] == CV && input[p])
                for (unsigned long f = 0; f < frames; f++) ((float *)buffer[p])[f] = control[p];
            if (kind[p] == ATOM && input[p])
                *sequence = (LV2_Atom_Sequence){{sizeof(LV2_Atom_Sequence_Body), map(NULL, LV2_ATOM__Sequence)}, {0, 0}};
            if (kind[p] == ATOM && !input[p])
                sequence->atom = (LV2_Atom){EVENT_BYTES - (uint32_t)sizeof(LV2_Atom), map(NULL, LV2_ATOM__Chunk)};
        }
        lilv_instance_run(guest, (uint32_t)frames);
        work(worker, handle);
        put(out, made, outputs, frames);
    }
    lilv_instance_deactivate(guest);
    // What the guest takes down with it is no part of the opinion.
    fclose(out);
    _Exit(0);
}

int main(int count, char **word) {
    if (count == 3 && !strcmp(word[1], "numbers")) return numbers(word[2]);
    if (count >= 7 && !strcmp(word[1], "ladspa"))
        return ladspa(word[2], word[3], strtoul(word[4], NULL, 10), opened(word[5], "rb"), opened(word[6], "wb"), word + 7,
                      count - 7);
    if (count >= 6 && !strcmp(word[1], "lv2"))
        return lv2(word[2], atoi(word[3]), opened(word[4], "rb"), opened(word[5], "wb"), word + 6, count - 6);
    fail("see its source", "usage");
}
