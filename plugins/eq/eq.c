/* eq - a parametric equaliser of eight bands, with the curves of Bristow-Johnson's Audio EQ Cookbook.
 *
 * A band at 0 dB or switched off is not run at all, so a flat equaliser changes no bit. */
#include "../parts/ramp.h"
#include "../parts/sane.h"
#include "../parts/svf.h"
#include <stdlib.h>
#include <string.h>

enum { BANDS = 8 };
enum { TYPE, FREQUENCY, GAIN, Q, ON, BAND_PARAMS }; /* of one band; the next band's follow */
enum { BELL, LOW_SHELF, HIGH_SHELF, LOW_PASS, HIGH_PASS, BAND_PASS, NOTCH, ALL_PASS };
static const char *const types[] = {"bell", "lowshelf", "highshelf", "lowpass", "highpass", "bandpass", "notch", "allpass"};

#define BAND(n, type, frequency) \
  {.key = "type" n, .name = "Type of band " n, .unit = "", .min = BELL, .max = ALL_PASS, .def = type, .scale = AUP_ENUM, \
   .labels = types}, \
  {.key = "freq" n, .name = "Frequency of band " n, .unit = "Hz", .min = 10, .max = 20000, .def = frequency, \
   .scale = AUP_LOG, .flags = AUP_PARAM_RAMP}, \
  {.key = "gain" n, .name = "Gain of band " n, .unit = "dB", .min = -30, .max = 30, .def = 0, .scale = AUP_LINEAR, \
   .flags = AUP_PARAM_RAMP}, \
  {.key = "q" n, .name = "Q of band " n, .unit = "", .min = 0.1, .max = 40, .def = 0.7071, .scale = AUP_LOG, \
   .flags = AUP_PARAM_RAMP}, \
  {.key = "on" n, .name = "Band " n " is on", .unit = "", .min = 0, .max = 1, .def = 1, .scale = AUP_TOGGLE, \
   .flags = AUP_PARAM_RAMP}
static const aup_param params[] = {BAND("1", LOW_SHELF, 80), BAND("2", BELL, 160), BAND("3", BELL, 320), BAND("4", BELL, 640),
                                   BAND("5", BELL, 1250), BAND("6", BELL, 2500), BAND("7", BELL, 5000),
                                   BAND("8", HIGH_SHELF, 10000)};
static const aup_layout layouts[] = {{.in = 0, .out = 0}};

typedef struct {
  int type;             /* as last seen; -1 for never */
  svf_shape shape, old; /* as last used; what a change of type began from */
  uint32_t fade;        /* frames until the old shape is gone */
  svf filter;
} Band;

typedef struct {
  double rate;
  uint32_t channels, fade_frames;
  uint64_t tail; /* with the first values */
  Band band[BANDS];
  svf_state state[]; /* BANDS for each channel */
} Equaliser;

static void reset(void *instance) {
  Equaliser *eq = instance;
  memset(eq->state, 0, eq->channels * BANDS * sizeof(svf_state));
  for (int b = 0; b < BANDS; b++) eq->band[b] = (Band){.type = -1};
}

/* Simper's mixtures of input, band and low for each curve of the cookbook; `on` blends with the input. */
static svf_shape shape_of(const aup_block *block, int band, uint32_t frame, double rate) {
  const uint32_t first = (uint32_t)band * BAND_PARAMS;
  const double a = pow(10, ramp_at(block, first + GAIN, frame) / 40), on = ramp_at(block, first + ON, frame);
  double g = svf_tuning(ramp_at(block, first + FREQUENCY, frame), rate), k = 1 / ramp_at(block, first + Q, frame);
  double m0 = 1, m1 = 0, m2 = 0;
  switch ((int)block->value[first + TYPE]) {
  case BELL: k /= a, m1 = k * (a * a - 1); break;
  case LOW_SHELF: g /= sqrt(a), m1 = k * (a - 1), m2 = a * a - 1; break;
  case HIGH_SHELF: g *= sqrt(a), m0 = a * a, m1 = k * (1 - a) * a, m2 = 1 - a * a; break;
  case LOW_PASS: m0 = 0, m2 = 1; break;
  case HIGH_PASS: m1 = -k, m2 = -1; break;
  case BAND_PASS: m0 = 0, m1 = k; break;
  case NOTCH: m1 = -k; break;
  default: m1 = -2 * k;
  }
  return (svf_shape){g, k, 1 + on * (m0 - 1), on * m1, on * m2};
}

static void tune(Equaliser *eq, const aup_block *block, int b, uint32_t frame) {
  Band *band = &eq->band[b];
  svf_shape shape = shape_of(block, b, frame, eq->rate);
  if (band->fade) {
    const double t = (double)band->fade-- / eq->fade_frames;
    shape.g += t * (band->old.g - shape.g), shape.k += t * (band->old.k - shape.k);
    shape.m0 += t * (band->old.m0 - shape.m0), shape.m1 += t * (band->old.m1 - shape.m1);
    shape.m2 += t * (band->old.m2 - shape.m2);
  }
  band->shape = shape;
  band->filter = svf_make(shape);
}

/* Does nothing from the first frame of this block to its last. */
static int is_flat(const double *from, const double *to) {
  return (from[ON] == 0 && to[ON] == 0) || (from[TYPE] <= HIGH_SHELF && from[GAIN] == 0 && to[GAIN] == 0);
}

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  Equaliser *eq = calloc(1, sizeof *eq + setup->in_channels * BANDS * sizeof(svf_state));
  if (!eq) return error->code = AUP_E_MEMORY, NULL;
  eq->rate = setup->rate;
  eq->channels = setup->in_channels;
  eq->fade_frames = (uint32_t)(setup->rate / 100) + 1; /* a type changes in 10 ms, as long as the host's ramps */
  const aup_block still = {.frames = 1, .value = setup->values, .value_end = setup->values};
  for (int b = 0; b < BANDS; b++) {
    const svf_shape shape = shape_of(&still, b, 0, setup->rate);
    const double *values = &setup->values[b * BAND_PARAMS];
    if (!is_flat(values, values)) eq->tail += (uint64_t)svf_tail(shape.g, shape.k);
  }
  reset(eq);
  return eq;
}

/* Frames of the block in which a band moves: none, all, or as long as it changes its type. */
static uint32_t prepare(Equaliser *eq, const aup_block *block, int b) {
  Band *band = &eq->band[b];
  const uint32_t first = (uint32_t)b * BAND_PARAMS;
  const int type = (int)block->value[first + TYPE];
  if (type != band->type && band->type >= 0) band->old = band->shape, band->fade = eq->fade_frames;
  band->type = type;
  for (uint32_t p = FREQUENCY; p < BAND_PARAMS; p++)
    if (ramp_moves(block, first + p)) return block->frames;
  if (band->fade) return band->fade < block->frames ? band->fade + 1 : block->frames;
  tune(eq, block, b, 0);
  return 0;
}

static int32_t process(void *instance, const aup_block *block) {
  Equaliser *eq = instance;
  int active[BANDS], count = 0;
  uint32_t moving[BANDS];
  for (int b = 0; b < BANDS; b++) {
    const double *from = &block->value[b * BAND_PARAMS];
    const uint32_t frames = prepare(eq, block, b);
    if (eq->band[b].fade || !is_flat(from, &block->value_end[b * BAND_PARAMS])) {
      moving[count] = frames;
      active[count++] = b;
    } else {
      for (uint32_t c = 0; c < eq->channels; c++) eq->state[c * BANDS + b] = (svf_state){0, 0};
    }
  }
  for (uint32_t i = 0; i < block->frames; i++) {
    for (int n = 0; n < count; n++)
      if (i < moving[n]) tune(eq, block, active[n], i);
    for (uint32_t c = 0; c < eq->channels; c++) {
      double x = sane(block->in[c][i]);
      for (int n = 0; n < count; n++) x = svf_run(&eq->band[active[n]].filter, &eq->state[c * BANDS + active[n]], x);
      block->out[c][i] = (float)x;
    }
  }
  return AUP_OK;
}

static uint64_t tail(void *instance) { return ((Equaliser *)instance)->tail; }

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "eq",
    .name = "Parametric equaliser", .version = "1.0", .vendor = "aup", .tags = "filter eq", .layouts = layouts,
    .params = params, .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0],
    .param_count = AUP_COUNT(params), .param_stride = sizeof params[0], .create = create, .destroy = free,
    .process = process, .reset = reset, .tail = tail};
AUP_MODULE(&plugin);
