/* lowpass - takes away what lies above a frequency: hiss, whistles. Butterworth, 6 dB an octave and order. */
#include "../parts/butterworth.h"

static const aup_param params[] = {
    {.key = "frequency", .name = "Frequency (3 dB down)", .unit = "Hz", .min = 10, .max = 20000, .def = 10000,
     .scale = AUP_LOG, .flags = AUP_PARAM_RAMP},
    {.key = "order", .name = "Order (6 dB an octave each)", .unit = "", .min = 1, .max = 8, .def = 2, .scale = AUP_INTEGER,
     .flags = AUP_PARAM_STATIC}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}};

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  return butterworth_create(setup, error, 0);
}

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "lowpass",
    .name = "Low pass", .version = "1.0", .vendor = "aup", .tags = "filter", .layouts = layouts, .params = params,
    .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params),
    .param_stride = sizeof params[0], .create = create, .destroy = free, .process = butterworth_process,
    .reset = butterworth_reset, .tail = butterworth_tail};
AUP_MODULE(&plugin);
