/* The smallest host: runs one plugin over planar sound, with what aup's own chain does not offer from its front door: a side
   chain, output parameters, blocks of any cut, a reset in between. Built as a shared object and called by the tests. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include "aup_plugin.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { CHANNELS, OUT_CHANNELS, SIDE_CHANNELS, FRAMES, BLOCKS, RUNS }; /* of shape */

static int32_t process_all(const aup_plugin *plugin, void *instance, const double *values, const uint32_t *shape,
                           const uint32_t *blocks, const float *in, const float *side, float *out, double *readings) {
  const float *ins[64], *sides[64];
  float *outs[64];
  const uint32_t frames = shape[FRAMES];
  for (uint32_t at = 0, next = 0, count; at < frames; at += count) {
    count = blocks[next++ % shape[BLOCKS]];
    if (count > frames - at) count = frames - at;
    for (uint32_t c = 0; c < shape[CHANNELS]; c++) ins[c] = in + (size_t)c * frames + at;
    for (uint32_t c = 0; c < shape[SIDE_CHANNELS]; c++) sides[c] = side + (size_t)c * frames + at;
    for (uint32_t c = 0; c < shape[OUT_CHANNELS]; c++) outs[c] = out + (size_t)c * frames + at;
    const aup_block block = {.size = sizeof block, .frames = count, .position = at, .in = ins, .out = outs,
        .side = shape[SIDE_CHANNELS] ? sides : NULL, .in_channels = shape[CHANNELS],
        .out_channels = shape[OUT_CHANNELS], .side_channels = shape[SIDE_CHANNELS], .value = values,
        .value_end = values, .out_value = readings, .event_stride = sizeof(aup_event)};
    const int32_t status = plugin->process(instance, &block);
    if (status < 0) return status;
  }
  return 0;
}

/* Sound is planar, channel after channel. Of `runs` runs over the same sound, with a reset between, the last is kept.
 * 0, or a number for what went wrong. The module stays loaded. */
__attribute__((visibility("default"))) int32_t drive(const char *path, double rate, const double *values,
                                                     const uint32_t *shape, const uint32_t *blocks, const float *in,
                                                     const float *side, float *out, double *readings, uint64_t *delays) {
  void *file = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!file) return 1;
  const aup_module *module = dlsym(file, "aup_module_v1");
  if (!module || module->plugin_count != 1) return 2;
  const aup_plugin *plugin = module->plugins[0];
  const aup_host host = {.size = sizeof host, .abi_major = AUP_ABI_MAJOR, .abi_minor = AUP_ABI_MINOR, .name = "drive",
                         .version = "1"};
  const aup_setup setup = {.size = sizeof setup, .rate = rate, .max_frames = shape[FRAMES],
      .in_channels = shape[CHANNELS], .out_channels = shape[OUT_CHANNELS], .side_channels = shape[SIDE_CHANNELS],
      .values = values};
  aup_error error = {.size = sizeof error};
  void *instance = plugin->create(&host, plugin, &setup, &error);
  if (!instance) return 3;
  delays[0] = plugin->latency ? plugin->latency(instance) : 0;
  delays[1] = plugin->tail ? plugin->tail(instance) : 0;
#if defined(__x86_64__)
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040); /* denormals are zero, as the contract says */
#endif
  int32_t status = 0;
  for (uint32_t run = 0; run < shape[RUNS] && status == 0; run++) {
    if (run && plugin->reset) plugin->reset(instance);
    status = process_all(plugin, instance, values, shape, blocks, in, side, out, readings);
  }
#if defined(__x86_64__)
  _mm_setcsr(before);
#endif
  plugin->destroy(instance);
  return status;
}
