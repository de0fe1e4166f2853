/* compressor - makes what is louder than a threshold softer, all channels alike, so that the stereo image stands still.
 *
 *   level ─▶ curve ─▶ release ─▶ attack ─▶ gain            Giannoulis, Massberg and Reiss, Digital Dynamic Range
 *   sound ─▶ look-ahead ──────────────────▶ × ─▶ out       Compressor Design, JAES 60(6), 2012: log domain, decoupled
 *
 * With a side chain the level is that of the side chain. */
#include "../parts/level.h"
#include "../parts/ramp.h"
#include <stdlib.h>
#include <string.h>

enum { THRESHOLD, RATIO, ATTACK, RELEASE, KNEE, MAKEUP, LOOKAHEAD, REDUCTION };
static const aup_param params[] = {
    {.key = "threshold", .name = "Threshold", .unit = "dB", .min = -60, .max = 0, .def = -20, .scale = AUP_LINEAR},
    {.key = "ratio", .name = "Ratio (dB in for each dB out)", .unit = "", .min = 1, .max = 100, .def = 4,
     .scale = AUP_LOG},
    {.key = "attack", .name = "Attack (to 63 %)", .unit = "ms", .min = 0.05, .max = 500, .def = 10, .scale = AUP_LOG},
    {.key = "release", .name = "Release (to 63 %)", .unit = "ms", .min = 1, .max = 5000, .def = 100, .scale = AUP_LOG},
    {.key = "knee", .name = "Width of the knee", .unit = "dB", .min = 0, .max = 30, .def = 6, .scale = AUP_LINEAR},
    {.key = "makeup", .name = "Make-up gain", .unit = "dB", .min = -24, .max = 24, .def = 0, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_RAMP},
    {.key = "lookahead", .name = "Look-ahead (latency)", .unit = "ms", .min = 0, .max = 50, .def = 0,
     .scale = AUP_LINEAR, .flags = AUP_PARAM_STATIC},
    {.key = "reduction", .name = "Gain reduction", .unit = "dB", .min = 0, .max = 200, .def = 0, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_OUTPUT}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}, {.in = 0, .out = 0, .side = 1}, {.in = 0, .out = 0, .side = 2}};

typedef struct {
  double rate, held, reduction; /* decibels: the reduction before and after the attack */
  uint32_t channels, ahead, at;
  float past[]; /* for each channel, the last `ahead` frames in a ring */
} Compressor;

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  const uint32_t ahead = (uint32_t)lround(setup->values[LOOKAHEAD] / 1000 * setup->rate);
  Compressor *compressor = calloc(1, sizeof *compressor + (size_t)setup->in_channels * ahead * sizeof(float));
  if (!compressor) return error->code = AUP_E_MEMORY, NULL;
  compressor->rate = setup->rate;
  compressor->channels = setup->in_channels;
  compressor->ahead = ahead;
  return compressor;
}

static void reset(void *instance) {
  Compressor *compressor = instance;
  compressor->held = compressor->reduction = 0;
  compressor->at = 0;
  memset(compressor->past, 0, (size_t)compressor->channels * compressor->ahead * sizeof(float));
}

/* Decibels by which the output lies below the input, standing still. */
static double curve(double level, double threshold, double ratio, double knee) {
  const double over = level - threshold, slope = 1 - 1 / ratio;
  if (2 * over <= -knee) return 0;
  if (2 * over < knee) return slope * (over + knee / 2) * (over + knee / 2) / (2 * knee);
  return slope * over;
}

/* What the past is multiplied by at each frame, for a time constant in milliseconds. */
static double decay_of(double milliseconds, double rate) { return exp(-1000 / (milliseconds * rate)); }

static int32_t process(void *instance, const aup_block *block) {
  Compressor *compressor = instance;
  const uint32_t channels = compressor->channels, ahead = compressor->ahead;
  const double *value = block->value;
  const double attack = decay_of(value[ATTACK], compressor->rate), release = decay_of(value[RELEASE], compressor->rate);
  const float *const *key = block->side ? block->side : block->in;
  const uint32_t key_channels = block->side ? block->side_channels : channels;
  double most = 0;
  for (uint32_t i = 0; i < block->frames; i++) {
    const double level = decibels_of(peak_at(key, key_channels, i));
    const double wanted = curve(level, value[THRESHOLD], value[RATIO], value[KNEE]);
    compressor->held = larger(wanted, wanted + release * (compressor->held - wanted));
    compressor->reduction = compressor->held + attack * (compressor->reduction - compressor->held);
    most = larger(most, compressor->reduction);
    const double gain = factor_of(ramp_at(block, MAKEUP, i) - compressor->reduction);
    for (uint32_t c = 0; c < channels; c++) {
      float *past = &compressor->past[(size_t)c * ahead + compressor->at], now = sane(block->in[c][i]);
      if (ahead) {
        const float then = *past;
        *past = now;
        now = then;
      }
      block->out[c][i] = (float)(now * gain);
    }
    if (++compressor->at >= ahead) compressor->at = 0;
  }
  block->out_value[REDUCTION] = most;
  return AUP_OK;
}

static uint32_t latency(void *instance) { return ((Compressor *)instance)->ahead; }
static uint64_t tail(void *instance) { return ((Compressor *)instance)->ahead; }

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "compressor",
    .name = "Compressor", .version = "1.0", .vendor = "aup", .tags = "dynamics", .layouts = layouts, .params = params,
    .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params),
    .param_stride = sizeof params[0], .create = create, .destroy = free, .process = process, .reset = reset,
    .latency = latency, .tail = tail};
AUP_MODULE(&plugin);
