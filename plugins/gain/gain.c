/* gain - makes sound louder or softer. The template of an aup plugin: copy it and change what differs. */
#include "../aup_plugin.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
/* What the user may set. A ramp parameter moves smoothly; process sees where it is at both ends of the block. */
static const aup_param params[] = {{.key = "gain", .name = "Gain", .unit = "dB", .min = -90, .max = 24, .def = 0,
                                    .scale = AUP_LINEAR, .flags = AUP_PARAM_RAMP}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}}; /* any number of channels, the same on both sides */
typedef struct { uint32_t channels; } State; /* what one instance remembers: filters keep their memory here */

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  State *state = calloc(1, sizeof *state); /* allocate everything here: process must not */
  if (state) state->channels = setup->in_channels;
  else error->code = AUP_E_MEMORY;
  return state;
}
static void destroy(void *instance) { free(instance); }

static int32_t process(void *instance, const aup_block *block) {
  const State *state = instance;
  const double from = block->value[0], to = block->value_end[0]; /* parameter 0, in decibels */
  const double start = pow(10, from / 20), step = pow(10, (to - from) / 20 / block->frames);
  for (uint32_t c = 0; c < state->channels; c++) {
    const float *in = block->in[c];
    float *out = block->out[c];
    double now = start;
    if (from != to) for (uint32_t i = 0; i < block->frames; i++, now *= step) out[i] = (float)(in[i] * now);
    else if (from != 0) for (uint32_t i = 0; i < block->frames; i++) out[i] = in[i] * (float)start;
    else memmove(out, in, block->frames * sizeof *out); /* 0 dB changes no bit */
  }
  return AUP_OK;
}
static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "gain",
    .name = "Gain", .version = "1.0", .vendor = "aup", .tags = "level", .layouts = layouts, .params = params,
    .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params),
    .param_stride = sizeof params[0], .create = create, .destroy = destroy, .process = process};
AUP_MODULE(&plugin);
