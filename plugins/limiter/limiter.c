/* limiter - keeps true peaks, those between the samples too, below a ceiling, all channels alike.
 *
 *   sound ─▶ gain ─┬─▶ true peak ─▶ factor needed ─▶ lowest of `hold` frames ─▶ release ─▶ mean of `attack` frames ─┐
 *                  └─▶ delay of attack + 46 frames ───────────────────────────────────────────────────────────────▶ × ─▶ out
 *
 * The true peak is the highest of what two filters find: that of ITU-R BS.1770-5, annex 2, four times oversampled, so that
 * meters of the standard agree; and a sinc of 48 frames under a Kaiser window at every eighth of a frame, because the
 * standard's twelve frames see too little of what lies near half the rate. Each point lies amid 48 frames; the delay and the
 * hold are long enough for the mean to have come down before the first of these is heard, and to stay down until the last
 * has been. Factors are whole numbers of 2^-30, so the mean has no rounding to gather, and a sound below the ceiling passes
 * unchanged to the bit.
 */
#include "../parts/level.h"
#include "../parts/ramp.h"
#include <stdlib.h>
#include <string.h>

enum { GAIN, CEILING, RELEASE, LOOKAHEAD, REDUCTION };
static const aup_param params[] = {
    {.key = "gain", .name = "Gain before it", .unit = "dB", .min = -24, .max = 24, .def = 0, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_RAMP},
    {.key = "ceiling", .name = "Highest true peak", .unit = "dB", .min = -24, .max = 0, .def = -1,
     .scale = AUP_LINEAR},
    {.key = "release", .name = "Release (to 63 %)", .unit = "ms", .min = 1, .max = 2000, .def = 100, .scale = AUP_LOG},
    {.key = "lookahead", .name = "Look-ahead (latency)", .unit = "ms", .min = 0.5, .max = 20, .def = 2,
     .scale = AUP_LINEAR, .flags = AUP_PARAM_STATIC},
    {.key = "reduction", .name = "Gain reduction", .unit = "dB", .min = 0, .max = 200, .def = 0, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_OUTPUT}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}};

enum { TAPS = 48, STANDARD_TAPS = 12, POINTS = 8, ONE = 1 << 30 };
/* The four phases of annex 2, tap by tap. Newest first or last is the same: two phases are the others turned round. */
typedef float Phases __attribute__((vector_size(16)));
static const Phases standard[STANDARD_TAPS] = {
    {0.0017089843750f, -0.0291748046875f, -0.0189208984375f, -0.0083007812500f},
    {0.0109863281250f, 0.0292968750000f, 0.0330810546875f, 0.0148925781250f},
    {-0.0196533203125f, -0.0517578125000f, -0.0582275390625f, -0.0266113281250f},
    {0.0332031250000f, 0.0891113281250f, 0.1015625000000f, 0.0476074218750f},
    {-0.0594482421875f, -0.1665039062500f, -0.2003173828125f, -0.1022949218750f},
    {0.1373291015625f, 0.4650878906250f, 0.7797851562500f, 0.9721679687500f},
    {0.9721679687500f, 0.7797851562500f, 0.4650878906250f, 0.1373291015625f},
    {-0.1022949218750f, -0.2003173828125f, -0.1665039062500f, -0.0594482421875f},
    {0.0476074218750f, 0.1015625000000f, 0.0891113281250f, 0.0332031250000f},
    {-0.0266113281250f, -0.0582275390625f, -0.0517578125000f, -0.0196533203125f},
    {0.0148925781250f, 0.0330810546875f, 0.0292968750000f, 0.0109863281250f},
    {-0.0083007812500f, -0.0189208984375f, -0.0291748046875f, 0.0017089843750f}};

typedef struct { uint64_t frame; uint32_t factor; } Low;

typedef struct {
  double rate;
  uint32_t channels, attack, delay, hold;
  uint64_t frame, first, last; /* frames so far; lows are kept from first to before last, rising */
  uint64_t sum;                /* of the last `attack` factors */
  uint32_t factor;             /* after the release */
  uint32_t loud;               /* frames until all that the filters see is too soft for a peak */
  double ceiling, soft;        /* of the last block; below `soft` no point can be above it */
  double gain_of_filters;      /* the most that a point can be of the highest sample */
  uint32_t *means;             /* the last `attack` factors, in a ring */
  Low *lows;                   /* at most `hold`, in a ring */
  float *past;                 /* for each channel, the last delay + 1 frames in a ring */
  float *recent;               /* for each channel, the last TAPS frames twice over, so that they always lie in a row */
  Phases sinc[TAPS][2];        /* for the points at 1/8 to 8/8 of the way from the 24th frame of 48 to the next */
} Limiter;

static void reset(void *instance) {
  Limiter *limiter = instance;
  limiter->frame = limiter->first = limiter->last = 0;
  limiter->factor = ONE;
  limiter->loud = 0;
  limiter->ceiling = 0;
  limiter->sum = (uint64_t)ONE * limiter->attack;
  for (uint32_t i = 0; i < limiter->attack; i++) limiter->means[i] = ONE;
  memset(limiter->past, 0, (size_t)limiter->channels * (limiter->delay + 1) * sizeof(float));
  memset(limiter->recent, 0, (size_t)limiter->channels * 2 * TAPS * sizeof(float));
}

static void destroy(void *instance) {
  Limiter *limiter = instance;
  free(limiter->means), free(limiter->lows), free(limiter->past), free(limiter->recent), free(limiter);
}

/* The modified Bessel function of the first kind of order 0, by its series. */
static double bessel(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 40; k++) sum += term *= (x / 2 / k) * (x / 2 / k);
  return sum;
}

/* A Kaiser window (beta 7: side lobes 70 dB down) over sin(pi d) / (pi d), d frames from the point. */
static void make_sinc(Limiter *limiter) {
  const double pi = 3.14159265358979323846, beta = 7;
  for (int p = 0; p < POINTS; p++) {
    double most = 0;
    for (int t = 0; t < TAPS; t++) {
      const double d = t - (TAPS / 2 - 1) - (p + 1.0) / POINTS, u = d / (TAPS / 2);
      const double window = u * u < 1 ? bessel(beta * sqrt(1 - u * u)) / bessel(beta) : 0;
      const double tap = (d == 0 ? 1 : sin(pi * d) / (pi * d)) * window;
      limiter->sinc[t][p / 4][p % 4] = (float)tap;
      most += fabs(tap);
    }
    limiter->gain_of_filters = larger(limiter->gain_of_filters, most);
  }
}

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  Limiter *limiter = calloc(1, sizeof *limiter);
  if (!limiter) return error->code = AUP_E_MEMORY, NULL;
  limiter->rate = setup->rate;
  limiter->channels = setup->in_channels;
  limiter->attack = (uint32_t)lround(setup->values[LOOKAHEAD] / 1000 * setup->rate) + 1;
  limiter->delay = limiter->attack + TAPS - 2;
  limiter->hold = limiter->delay + 1;
  limiter->means = malloc(limiter->attack * sizeof *limiter->means);
  limiter->lows = malloc(limiter->hold * sizeof *limiter->lows);
  limiter->past = malloc((size_t)limiter->channels * (limiter->delay + 1) * sizeof *limiter->past);
  limiter->recent = malloc((size_t)limiter->channels * 2 * TAPS * sizeof *limiter->recent);
  if (!limiter->means || !limiter->lows || !limiter->past || !limiter->recent) {
    destroy(limiter);
    return error->code = AUP_E_MEMORY, NULL;
  }
  make_sinc(limiter);
  reset(limiter);
  return limiter;
}

/* The highest of the points that the newest TAPS frames surround, and of the newest frame itself. Two sums of each, so that
 * an addition does not wait for the one before. */
static double true_peak(const Limiter *limiter, const float *row) {
  Phases sums[5] = {0};
  for (int t = 0; t < TAPS; t += 2) {
    sums[0] += limiter->sinc[t][0] * row[t], sums[1] += limiter->sinc[t][1] * row[t];
    sums[2] += limiter->sinc[t + 1][0] * row[t + 1], sums[3] += limiter->sinc[t + 1][1] * row[t + 1];
  }
  for (int t = 0; t < STANDARD_TAPS; t++) sums[4] += standard[t] * row[TAPS - STANDARD_TAPS + t];
  const Phases points[3] = {sums[0] + sums[2], sums[1] + sums[3], sums[4]};
  float peak = fabsf(row[TAPS - 1]);
  for (int p = 0; p < 12; p++) {
    const float point = fabsf(points[p / 4][p % 4]);
    if (point > peak) peak = point;
  }
  return peak;
}

/* The lowest factor of the last `hold` frames: a queue keeps only those that no later one undercuts. */
static uint32_t lowest(Limiter *limiter, uint32_t factor) {
  const Low *oldest = &limiter->lows[limiter->first % limiter->hold];
  if (limiter->last > limiter->first && oldest->frame + limiter->hold <= limiter->frame) limiter->first++;
  while (limiter->last > limiter->first && limiter->lows[(limiter->last - 1) % limiter->hold].factor >= factor)
    limiter->last--;
  limiter->lows[limiter->last++ % limiter->hold] = (Low){limiter->frame, factor};
  return limiter->lows[limiter->first % limiter->hold].factor;
}

static int32_t process(void *instance, const aup_block *block) {
  Limiter *limiter = instance;
  const uint32_t channels = limiter->channels, length = limiter->delay + 1;
  const double ceiling = factor_of(block->value[CEILING]);
  const double release = 1 - exp(-1000 / (block->value[RELEASE] * limiter->rate));
  if (ceiling != limiter->ceiling) {
    limiter->ceiling = ceiling;
    /* A little less, for what sums of floats may gather. */
    limiter->soft = ceiling / limiter->gain_of_filters * 0.999;
    limiter->loud = TAPS;
  }
  double least = 1;
  for (uint32_t i = 0; i < block->frames; i++, limiter->frame++) {
    const uint32_t newest = (uint32_t)(limiter->frame % TAPS), at = (uint32_t)(limiter->frame % length);
    const double gain = factor_of(ramp_at(block, GAIN, i));
    double peak = 0;
    for (uint32_t c = 0; c < channels; c++) {
      float *recent = &limiter->recent[c * 2 * TAPS];
      recent[newest] = recent[newest + TAPS] = limiter->past[c * length + at] = (float)(sane(block->in[c][i]) * gain);
      if (fabsf(recent[newest]) > limiter->soft) limiter->loud = TAPS;
    }
    if (limiter->loud) {
      limiter->loud--;
      for (uint32_t c = 0; c < channels; c++)
        peak = larger(peak, true_peak(limiter, &limiter->recent[c * 2 * TAPS + newest + 1]));
    }
    const uint32_t low = lowest(limiter, peak > ceiling ? (uint32_t)(ceiling / peak * ONE) : ONE);
    const uint32_t released = limiter->factor + (uint32_t)((ONE - limiter->factor) * release) + 1;
    limiter->factor = low < released ? low : released;
    uint32_t *mean = &limiter->means[limiter->frame % limiter->attack];
    limiter->sum += limiter->factor - (uint64_t)*mean;
    *mean = limiter->factor;
    const double factor = (double)limiter->sum / ((double)ONE * limiter->attack);
    least = smaller(least, factor);
    const uint32_t oldest = (uint32_t)((limiter->frame + 1) % length);
    for (uint32_t c = 0; c < channels; c++) block->out[c][i] = (float)(limiter->past[c * length + oldest] * factor);
  }
  block->out_value[REDUCTION] = -decibels_of(least);
  return AUP_OK;
}

static uint32_t latency(void *instance) { return ((Limiter *)instance)->delay; }
static uint64_t tail(void *instance) { return ((Limiter *)instance)->delay; }

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "limiter",
    .name = "True-peak limiter", .version = "1.0", .vendor = "aup", .tags = "dynamics limiter", .layouts = layouts,
    .params = params, .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0],
    .param_count = AUP_COUNT(params), .param_stride = sizeof params[0], .create = create, .destroy = destroy,
    .process = process, .reset = reset, .latency = latency, .tail = tail};
AUP_MODULE(&plugin);
