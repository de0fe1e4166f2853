/* The table of invert: constant data, which the host reads before any code of the plugin has run. */
#include "../aup_plugin.h"

void *invert_create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error);
void invert_destroy(void *instance);
int32_t invert_process(void *instance, const aup_block *block);

static const aup_param params[] = {{.key = "invert", .name = "Invert polarity", .unit = "", .min = 0, .max = 1, .def = 1,
                                    .scale = AUP_TOGGLE, .flags = AUP_PARAM_RAMP}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}};
static const aup_plugin invert = {.size = sizeof invert, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "invert",
    .name = "Polarity inverter", .version = "1.0", .vendor = "aup", .tags = "phase utility", .layouts = layouts,
    .params = params, .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0],
    .param_count = AUP_COUNT(params), .param_stride = sizeof params[0], .create = invert_create,
    .destroy = invert_destroy, .process = invert_process};
AUP_MODULE(&invert);
