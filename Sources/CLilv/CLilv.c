#include "CLilv.h"
#include "CLibrary.h"
#include <lilv-0/lilv/lilv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST(X) \
    X(world_new) X(world_free) X(world_load_all) X(world_load_bundle) X(world_set_option) X(world_get_all_plugins) \
    X(world_get) X(plugins_begin) X(plugins_is_end) X(plugins_next) X(plugins_get) X(plugins_get_by_uri) X(new_uri) \
    X(new_string) X(new_bool) X(new_file_uri) X(node_free) X(node_as_string) X(node_as_uri) X(node_is_uri) X(node_as_float) \
    X(node_is_float) X(node_is_int) X(node_as_int) X(node_get_path) X(free) X(plugin_get_uri) X(plugin_get_name) \
    X(plugin_get_author_name) X(plugin_get_bundle_uri) X(plugin_get_library_uri) X(plugin_get_required_features) \
    X(plugin_has_feature) X(plugin_get_num_ports) X(plugin_get_port_by_index) X(port_is_a) X(port_has_property) \
    X(port_get_symbol) X(port_get_name) X(port_get_range) X(port_get) X(port_get_scale_points) X(scale_points_begin) \
    X(scale_points_is_end) X(scale_points_next) X(scale_points_get) X(scale_points_free) X(scale_point_get_label) \
    X(scale_point_get_value) X(nodes_begin) X(nodes_is_end) X(nodes_next) X(nodes_get) X(nodes_free) \
    X(state_new_from_world) X(state_restore) X(state_emit_port_values) X(state_free) X(plugin_get_related) \
    X(world_load_resource)

#define FIELD(name) __typeof__(&lilv_##name) name;
static struct {
    LIST(FIELD)
} library;

#define FUNCTION(name) {"lilv_" #name, &library.name},
static const aup_library_function functions[] = {LIST(FUNCTION){0, 0}};
AUP_LIBRARY_DOOR("liblilv-0.so.0")

const char *aup_lilv_missing(void) { return aup_library_missing(&door); }

struct aup_lilv {
    LilvWorld *world;
    char **kept;
    size_t kept_count;
};

// Texts outlive the nodes they came from.
static const char *keep(aup_lilv *world, const char *text) {
    if (!text) return NULL;
    char **more = realloc(world->kept, (world->kept_count + 1) * sizeof *more);
    char *copy = strdup(text);
    if (more) world->kept = more;
    if (!more || !copy) {
        free(copy);
        return NULL;
    }
    return world->kept[world->kept_count++] = copy;
}

static const char *keep_node(aup_lilv *world, LilvNode *node) {
    const char *text = node ? keep(world, library.node_as_string(node)) : NULL;
    library.node_free(node);
    return text;
}

static const char *keep_path(aup_lilv *world, const LilvNode *node) {
    char *path = node ? library.node_get_path(node, NULL) : NULL;
    const char *text = keep(world, path);
    if (path) library.free(path);
    return text;
}

aup_lilv *aup_lilv_open(void) {
    aup_lilv *world = calloc(1, sizeof *world);
    if (world) world->world = library.world_new();
    if (world && !world->world) {
        free(world);
        return NULL;
    }
    if (!world) return NULL;
    // Dynamic manifests are code: bridges that would load every plugin of other interfaces into this process.
    LilvNode *no = library.new_bool(world->world, false);
    library.world_set_option(world->world, LILV_OPTION_DYN_MANIFEST, no);
    library.node_free(no);
    return world;
}

void aup_lilv_close(aup_lilv *world) {
    library.world_free(world->world);
    for (size_t i = 0; i < world->kept_count; i++) free(world->kept[i]);
    free(world->kept);
    free(world);
}

void aup_lilv_load_all(aup_lilv *world, const char *path) {
    if (path) {
        LilvNode *value = library.new_string(world->world, path);
        library.world_set_option(world->world, LILV_OPTION_LV2_PATH, value);
        library.node_free(value);
    }
    library.world_load_all(world->world);
}

void aup_lilv_load_bundle(aup_lilv *world, const char *folder) {
    char path[4096];
    // A bundle's URI ends with a slash, one.
    size_t length = strlen(folder);
    snprintf(path, sizeof path, "%s%s", folder, length && folder[length - 1] == '/' ? "" : "/");
    LilvNode *node = library.new_file_uri(world->world, NULL, path);
    library.world_load_bundle(world->world, node);
    library.node_free(node);
}

int32_t aup_lilv_uris(aup_lilv *world, const char **uris, int32_t room) {
    const LilvPlugins *all = library.world_get_all_plugins(world->world);
    int32_t count = 0;
    for (LilvIter *i = library.plugins_begin(all); !library.plugins_is_end(all, i); i = library.plugins_next(all, i)) {
        const LilvNode *uri = library.plugin_get_uri(library.plugins_get(all, i));
        if (count < room) uris[count] = keep(world, library.node_as_uri(uri));
        count++;
    }
    return count;
}

const void *aup_lilv_find(aup_lilv *world, const char *uri) {
    LilvNode *node = library.new_uri(world->world, uri);
    if (!node) return NULL;
    const void *found = library.plugins_get_by_uri(library.world_get_all_plugins(world->world), node);
    library.node_free(node);
    return found;
}

const char *aup_lilv_text(aup_lilv *world, const void *plugin, int32_t which) {
    switch (which) {
    case AUP_LILV_NAME: return keep_node(world, library.plugin_get_name(plugin));
    case AUP_LILV_AUTHOR: return keep_node(world, library.plugin_get_author_name(plugin));
    case AUP_LILV_BUNDLE: return keep_path(world, library.plugin_get_bundle_uri(plugin));
    case AUP_LILV_LIBRARY: return keep_path(world, library.plugin_get_library_uri(plugin));
    default: return NULL;
    }
}

int32_t aup_lilv_required(aup_lilv *world, const void *plugin, const char **uris, int32_t room) {
    LilvNodes *all = library.plugin_get_required_features(plugin);
    int32_t count = 0;
    for (LilvIter *i = library.nodes_begin(all); !library.nodes_is_end(all, i) && count < room; i = library.nodes_next(all, i))
        uris[count++] = keep(world, library.node_as_uri(library.nodes_get(all, i)));
    library.nodes_free(all);
    return count;
}

int32_t aup_lilv_has_feature(aup_lilv *world, const void *plugin, const char *uri) {
    LilvNode *node = library.new_uri(world->world, uri);
    int32_t has = library.plugin_has_feature(plugin, node);
    library.node_free(node);
    return has;
}

uint32_t aup_lilv_port_count(const void *plugin) { return library.plugin_get_num_ports(plugin); }

static double number(LilvNode *node) {
    double value = NAN;
    if (node && (library.node_is_float(node) || library.node_is_int(node))) value = library.node_as_float(node);
    library.node_free(node);
    return value;
}

#define LV2_CORE "http://lv2plug.in/ns/lv2core#"
#define LV2_GROUPS "http://lv2plug.in/ns/ext/port-groups#"

aup_lilv_port aup_lilv_port_at(aup_lilv *world, const void *plugin, uint32_t index) {
    static const struct {
        const char *uri;
        uint32_t bit;
    } kinds[] = {
        {LV2_CORE "InputPort", AUP_LILV_INPUT}, {LV2_CORE "OutputPort", AUP_LILV_OUTPUT},
        {LV2_CORE "AudioPort", AUP_LILV_AUDIO}, {LV2_CORE "ControlPort", AUP_LILV_CONTROL},
        {LV2_CORE "CVPort", AUP_LILV_CV}, {"http://lv2plug.in/ns/ext/atom#AtomPort", AUP_LILV_ATOM},
        {"http://lv2plug.in/ns/ext/event#EventPort", AUP_LILV_EVENT},
    }, properties[] = {
        {LV2_CORE "connectionOptional", AUP_LILV_OPTIONAL}, {LV2_CORE "toggled", AUP_LILV_TOGGLED},
        {LV2_CORE "integer", AUP_LILV_INTEGER}, {LV2_CORE "enumeration", AUP_LILV_ENUMERATION},
        {LV2_CORE "sampleRate", AUP_LILV_TIMES_RATE}, {LV2_CORE "reportsLatency", AUP_LILV_LATENCY},
        {"http://lv2plug.in/ns/ext/port-props#logarithmic", AUP_LILV_LOGARITHMIC},
        {"http://lv2plug.in/ns/ext/port-props#notOnGUI", AUP_LILV_HIDDEN}, {LV2_CORE "isSideChain", AUP_LILV_SIDE},
    };
    aup_lilv_port facts = {.initial = NAN, .minimum = NAN, .maximum = NAN};
    const LilvPort *port = library.plugin_get_port_by_index(plugin, index);
    if (!port) return facts;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        LilvNode *node = library.new_uri(world->world, kinds[i].uri);
        if (library.port_is_a(plugin, port, node)) facts.bits |= kinds[i].bit;
        library.node_free(node);
    }
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        LilvNode *node = library.new_uri(world->world, properties[i].uri);
        if (library.port_has_property(plugin, port, node)) facts.bits |= properties[i].bit;
        library.node_free(node);
    }
    LilvNode *ends[3] = {NULL, NULL, NULL};
    library.port_get_range(plugin, port, &ends[0], &ends[1], &ends[2]);
    facts.initial = number(ends[0]);
    facts.minimum = number(ends[1]);
    facts.maximum = number(ends[2]);
    facts.symbol = keep(world, library.node_as_string(library.port_get_symbol(plugin, port)));
    facts.name = keep_node(world, library.port_get_name(plugin, port));
    LilvNode *predicate = library.new_uri(world->world, LV2_CORE "designation");
    const char *designation = keep_node(world, library.port_get(plugin, port, predicate));
    library.node_free(predicate);
    if (designation) facts.bits |= AUP_LILV_DESIGNATED;
    if (designation && !strcmp(designation, LV2_CORE "latency")) facts.bits |= AUP_LILV_LATENCY;
    predicate = library.new_uri(world->world, LV2_GROUPS "group");
    LilvNode *group = library.port_get(plugin, port, predicate);
    library.node_free(predicate);
    if (group) {
        predicate = library.new_uri(world->world, LV2_GROUPS "sideChainOf");
        LilvNode *main_group = library.world_get(world->world, group, predicate, NULL);
        if (main_group) facts.bits |= AUP_LILV_SIDE;
        library.node_free(main_group);
        library.node_free(predicate);
        library.node_free(group);
    }
    predicate = library.new_uri(world->world, "http://lv2plug.in/ns/ext/resize-port#minimumSize");
    double bytes = number(library.port_get(plugin, port, predicate));
    library.node_free(predicate);
    facts.minimum_bytes = bytes > 0 && bytes < 1e9 ? (uint32_t)bytes : 0;
    predicate = library.new_uri(world->world, "http://lv2plug.in/ns/extensions/units#unit");
    LilvNode *unit = library.port_get(plugin, port, predicate);
    library.node_free(predicate);
    if (unit && !library.node_is_uri(unit)) {
        // A unit of the plugin's own: what it is called is said of a node without a name.
        predicate = library.new_uri(world->world, "http://lv2plug.in/ns/extensions/units#symbol");
        facts.unit = keep_node(world, library.world_get(world->world, unit, predicate, NULL));
        library.node_free(predicate);
        library.node_free(unit);
    } else {
        facts.unit = keep_node(world, unit);
    }
    return facts;
}

int32_t aup_lilv_points(aup_lilv *world, const void *plugin, uint32_t index, double *values, const char **labels,
                        int32_t room) {
    LilvScalePoints *all = library.port_get_scale_points(plugin, library.plugin_get_port_by_index(plugin, index));
    if (!all) return 0;
    int32_t count = 0;
    for (LilvIter *i = library.scale_points_begin(all); !library.scale_points_is_end(all, i);
         i = library.scale_points_next(all, i)) {
        const LilvScalePoint *point = library.scale_points_get(all, i);
        if (count < room) {
            values[count] = library.node_as_float(library.scale_point_get_value(point));
            labels[count] = keep(world, library.node_as_string(library.scale_point_get_label(point)));
        }
        count++;
    }
    library.scale_points_free(all);
    return count;
}

int32_t aup_lilv_presets(aup_lilv *world, const void *plugin, const char **uris, const char **labels, int32_t room) {
    LilvNode *kind = library.new_uri(world->world, "http://lv2plug.in/ns/ext/presets#Preset");
    LilvNode *label = library.new_uri(world->world, "http://www.w3.org/2000/01/rdf-schema#label");
    LilvNodes *all = library.plugin_get_related(plugin, kind);
    int32_t count = 0;
    for (LilvIter *i = library.nodes_begin(all); !library.nodes_is_end(all, i); i = library.nodes_next(all, i)) {
        const LilvNode *preset = library.nodes_get(all, i);
        if (count < room) {
            library.world_load_resource(world->world, preset);
            uris[count] = keep(world, library.node_as_uri(preset));
            labels[count] = keep_node(world, library.world_get(world->world, preset, label, NULL));
        }
        count++;
    }
    library.nodes_free(all);
    library.node_free(kind);
    library.node_free(label);
    return count;
}

typedef struct {
    aup_lilv *world;
    LV2_URID real, wide, whole, large, truth;
    const char **symbols;
    double *values;
    int32_t count, room;
} preset_values;

static void note_value(const char *symbol, void *context, const void *value, uint32_t size, uint32_t type) {
    preset_values *to = context;
    if (to->count >= to->room) return;
    double number;
    if (type == to->real && size == 4) number = *(const float *)value;
    else if (type == to->wide && size == 8) number = *(const double *)value;
    else if ((type == to->whole || type == to->truth) && size == 4) number = *(const int32_t *)value;
    else if (type == to->large && size == 8) number = (double)*(const int64_t *)value;
    else return;
    to->symbols[to->count] = keep(to->world, symbol);
    to->values[to->count++] = number;
}

int32_t aup_lilv_preset(aup_lilv *world, const char *uri, void *map, const char **symbols, double *values, int32_t room) {
    LV2_URID_Map *numbers = map;
    LilvNode *node = library.new_uri(world->world, uri);
    LilvState *state = node ? library.state_new_from_world(world->world, numbers, node) : NULL;
    library.node_free(node);
    if (!state) return 0;
#define NUMBER(name) numbers->map(numbers->handle, "http://lv2plug.in/ns/ext/atom#" name)
    preset_values to = {world, NUMBER("Float"), NUMBER("Double"), NUMBER("Int"), NUMBER("Long"), NUMBER("Bool"), symbols,
                        values, 0, room};
    library.state_emit_port_values(state, note_value, &to);
    library.state_free(state);
    return to.count;
}

int32_t aup_lilv_restore(void *world, const char *uri, void *map, const void *descriptor, void *instance,
                         const void *features) {
    LilvWorld *lilv = ((aup_lilv *)world)->world;
    LilvNode *node = library.new_uri(lilv, uri);
    LilvState *state = node ? library.state_new_from_world(lilv, map, node) : NULL;
    library.node_free(node);
    if (!state) return 0;
    struct LilvInstanceImpl guest = {descriptor, instance, NULL};
    library.state_restore(state, &guest, NULL, NULL, 0, features);
    library.state_free(state);
    return 1;
}
