/* gate - shuts when there is nothing but noise, all channels together. With a side chain that decides in their place.
 *
 *                     peak ≥ threshold
 *            ┌──────────────────────────────────┐
 *         shutting ◀── hold frames long ──── open          open: the factor rises in a straight line to 1
 *                      peak < threshold - hysteresis       shutting: the decibels fall in a straight line to -range
 */
#include "../parts/level.h"
#include "../parts/ramp.h"
#include <stdlib.h>

enum { THRESHOLD, HYSTERESIS, RANGE, ATTACK, HOLD, RELEASE, REDUCTION };
static const aup_param params[] = {
    {.key = "threshold", .name = "Threshold to open", .unit = "dB", .min = -90, .max = 0, .def = -50, .scale = AUP_LINEAR},
    {.key = "hysteresis", .name = "How much lower it shuts", .unit = "dB", .min = 0, .max = 30, .def = 6,
     .scale = AUP_LINEAR},
    {.key = "range", .name = "Reduction when shut", .unit = "dB", .min = 0, .max = 90, .def = 60, .scale = AUP_LINEAR},
    {.key = "attack", .name = "Time to open", .unit = "ms", .min = 0.05, .max = 500, .def = 1, .scale = AUP_LOG},
    {.key = "hold", .name = "Time it stays open", .unit = "ms", .min = 0, .max = 5000, .def = 50, .scale = AUP_LINEAR},
    {.key = "release", .name = "Time to shut", .unit = "ms", .min = 1, .max = 5000, .def = 100, .scale = AUP_LOG},
    {.key = "reduction", .name = "Gain reduction", .unit = "dB", .min = 0, .max = 200, .def = 0, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_OUTPUT}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}, {.in = 0, .out = 0, .side = 1}, {.in = 0, .out = 0, .side = 2}};

typedef struct {
  double rate, gain; /* the factor now; negative before the first frame, which begins shut */
  uint32_t channels;
  uint64_t open_left; /* frames until it shuts, 0 when it has begun to */
} Gate;

static void reset(void *instance) {
  Gate *gate = instance;
  gate->gain = -1;
  gate->open_left = 0;
}

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  Gate *gate = calloc(1, sizeof *gate);
  if (!gate) return error->code = AUP_E_MEMORY, NULL;
  gate->rate = setup->rate;
  gate->channels = setup->in_channels;
  reset(gate);
  return gate;
}

static int32_t process(void *instance, const aup_block *block) {
  Gate *gate = instance;
  const double *value = block->value, per_ms = gate->rate / 1000;
  const double opens = factor_of(value[THRESHOLD]), shuts = factor_of(value[THRESHOLD] - value[HYSTERESIS]);
  const double floor = factor_of(-value[RANGE]), rise = (1 - floor) / (value[ATTACK] * per_ms);
  const double fall = factor_of(-value[RANGE] / (value[RELEASE] * per_ms));
  const uint64_t hold = (uint64_t)(value[HOLD] * per_ms) + 1;
  const float *const *key = block->side ? block->side : block->in;
  const uint32_t key_channels = block->side ? block->side_channels : gate->channels;
  double least = 1, gain = gate->gain < 0 ? floor : gate->gain;
  for (uint32_t i = 0; i < block->frames; i++) {
    const float peak = peak_at(key, key_channels, i);
    if (peak >= opens || (gate->open_left && peak >= shuts)) gate->open_left = hold;
    else if (gate->open_left) gate->open_left--;
    gain = gate->open_left ? smaller(gain + rise, 1) : larger(gain * fall, smaller(floor, gain + rise));
    least = smaller(least, gain);
    for (uint32_t c = 0; c < gate->channels; c++) block->out[c][i] = (float)(sane(block->in[c][i]) * gain);
  }
  gate->gain = gain;
  block->out_value[REDUCTION] = -decibels_of(least);
  return AUP_OK;
}

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "gate",
    .name = "Noise gate", .version = "1.0", .vendor = "aup", .tags = "dynamics", .layouts = layouts, .params = params,
    .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params),
    .param_stride = sizeof params[0], .create = create, .destroy = free, .process = process, .reset = reset};
AUP_MODULE(&plugin);
