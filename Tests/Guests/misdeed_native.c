/* A native guest with one misdeed: see misdeeds.h. */
#include "aup_plugin.h"
#include "misdeeds.h"

static const aup_param params[] = {
    {"amount", "Amount", "", 0, 1, 0.5, AUP_LINEAR, 0, NULL, NULL},
    {"meter", "Meter", "", 0, 1, 0, AUP_LINEAR, AUP_PARAM_OUTPUT, NULL, NULL},
};
static const aup_layout layouts[] = {{1, 1, 0, 0}};

__attribute__((constructor)) static void loaded(void) { misdeed_loaded(); }

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self, (void)setup;
  misdeed_state *state = misdeed_created() ? calloc(1, sizeof *state) : NULL;
  if (!state) error->code = AUP_E_UNSUPPORTED;
  return state;
}
static void destroy(void *instance) {
  misdeed_destroyed();
  free(instance);
}
static int32_t process(void *instance, const aup_block *block) {
  misdeed_run(instance, block->in[0], block->out[0], block->frames, (float)block->value[0]);
#ifdef MISDEED_READINGS
  block->out_value[2] = 1;
#elif defined MISDEED_FAIL
  return AUP_E_INTERNAL;
#endif
  block->out_value[1] = 0.5;
  return AUP_OK;
}
static void reset(void *instance) {
  misdeed_state *state = instance;
#ifdef MISDEED_NO_RESET
  state->ran = 0;
#else
  *state = (misdeed_state){0, 0};
#endif
}

static const aup_plugin plugin = {
    .size = sizeof plugin, .flags = 0
#ifndef MISDEED_NOT_IN_PLACE
    | AUP_BLOCK_INVARIANT
#endif
#ifdef MISDEED_IN_PLACE
    | AUP_IN_PLACE
#endif
#ifdef MISDEED_ALLOWED
    | AUP_NOT_REALTIME
#endif
    , .id = "misdeed", .name = "Misdeed", .version = "1", .vendor = "tests", .tags = "test", .layouts = layouts,
    .params = params, .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0],
    .param_count = AUP_COUNT(params), .param_stride = sizeof params[0], .create = create, .destroy = destroy,
    .process = process, .reset = reset};
AUP_MODULE(&plugin);
