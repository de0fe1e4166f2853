/* A plain host of LV2 plugins on lilv: what aup's is compared with.
 *
 *   lv2_host URI RATE BLOCK FRAMES SYMBOL=VALUE… <in >out      planar float32 */
#include <lilv-0/lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/options/options.h>
#include <lv2/parameters/parameters.h>
#include <lv2/urid/urid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *uris[4096];
static int uri_count;
static LV2_URID map(LV2_URID_Map_Handle handle, const char *uri) {
  (void)handle;
  for (int i = 0; i < uri_count; i++) if (!strcmp(uris[i], uri)) return i + 1;
  uris[uri_count++] = strdup(uri);
  return uri_count;
}
static const char *unmap(LV2_URID_Unmap_Handle handle, LV2_URID number) { (void)handle; return uris[number - 1]; }

int main(int count, char **word) {
  if (count < 5) return 64;
  double rate = atof(word[2]);
  int32_t block = atoi(word[3]), frames = atoi(word[4]), least = 1;
  float hertz = (float)rate;
  LilvWorld *world = lilv_world_new();
  lilv_world_set_option(world, LILV_OPTION_DYN_MANIFEST, lilv_new_bool(world, false));
  lilv_world_load_all(world);
  const LilvPlugin *plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world), lilv_new_uri(world, word[1]));
  if (!plugin) return 1;
  LV2_URID_Map mapper = {NULL, map};
  LV2_URID_Unmap unmapper = {NULL, unmap};
  LV2_URID whole = map(NULL, LV2_ATOM__Int), real = map(NULL, LV2_ATOM__Float);
  LV2_Options_Option options[] = {
    {0, 0, map(NULL, LV2_BUF_SIZE__minBlockLength), 4, whole, &least},
    {0, 0, map(NULL, LV2_BUF_SIZE__maxBlockLength), 4, whole, &block},
    {0, 0, map(NULL, "http://lv2plug.in/ns/ext/buf-size#nominalBlockLength"), 4, whole, &block},
    {0, 0, map(NULL, LV2_PARAMETERS__sampleRate), 4, real, &hertz}, {0, 0, 0, 0, 0, NULL},
  };
  LV2_Feature a = {LV2_URID__map, &mapper}, b = {LV2_URID__unmap, &unmapper}, c = {LV2_OPTIONS__options, options},
              d = {LV2_BUF_SIZE__boundedBlockLength, NULL};
  const LV2_Feature *features[] = {&a, &b, &c, &d, NULL};
  LilvInstance *instance = lilv_plugin_instantiate(plugin, rate, features);
  if (!instance) return 2;
  uint32_t ports = lilv_plugin_get_num_ports(plugin);
  float *control = calloc(ports, sizeof(float)), **sound = calloc(ports, sizeof(float *));
  int *is_output = calloc(ports, sizeof(int));
  LilvNode *audio = lilv_new_uri(world, LV2_CORE__AudioPort), *controls = lilv_new_uri(world, LV2_CORE__ControlPort),
           *input = lilv_new_uri(world, LV2_CORE__InputPort);
  for (uint32_t p = 0; p < ports; p++) {
    const LilvPort *port = lilv_plugin_get_port_by_index(plugin, p);
    const char *symbol = lilv_node_as_string(lilv_port_get_symbol(plugin, port));
    is_output[p] = !lilv_port_is_a(plugin, port, input);
    if (lilv_port_is_a(plugin, port, controls)) {
      for (int w = 5; w < count; w++)
        if (!strncmp(word[w], symbol, strlen(symbol)) && word[w][strlen(symbol)] == '=')
          control[p] = (float)atof(word[w] + strlen(symbol) + 1);
      lilv_instance_connect_port(instance, p, &control[p]);
    } else if (lilv_port_is_a(plugin, port, audio)) {
      sound[p] = calloc(frames, sizeof(float));
      if (!is_output[p] && fread(sound[p], sizeof(float), frames, stdin) != (size_t)frames) return 3;
    } else {
      LV2_Atom_Sequence *events = calloc(1, 8192);
      events->atom.type = map(NULL, LV2_ATOM__Sequence);
      events->atom.size = sizeof(LV2_Atom_Sequence_Body);
      lilv_instance_connect_port(instance, p, events);
    }
  }
  lilv_instance_activate(instance);
  for (int32_t at = 0; at < frames; at += block) {
    for (uint32_t p = 0; p < ports; p++) if (sound[p]) lilv_instance_connect_port(instance, p, sound[p] + at);
    lilv_instance_run(instance, frames - at < block ? frames - at : block);
  }
  for (uint32_t p = 0; p < ports; p++)
    if (sound[p] && is_output[p]) fwrite(sound[p], sizeof(float), frames, stdout);
  return 0;
}
