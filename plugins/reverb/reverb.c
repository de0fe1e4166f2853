/* reverb - a room: sixteen delay lines that feed one another through an orthogonal matrix.
 *
 *   input ─▶ pre-delay ─▶ + ─▶ 16 delay lines, each of a prime length ─▶ damping ─┬─▶ output
 *                         ▲                                                       │
 *                         └────────────────── Hadamard matrix ◀───────────────────┘
 *
 * The matrix loses nothing, so the damping of each line alone decides how long the room sounds, and exactly: Jot and Chaigne,
 * Digital Delay Networks for Designing Artificial Reverberators, 90th AES Convention, 1991. Prime lengths never fall together.
 */
#include "../parts/ramp.h"
#include "../parts/sane.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TIME, TREBLE, SIZE, PREDELAY, MIX };
static const aup_param params[] = {
    {.key = "time", .name = "Time to fall by 60 dB", .unit = "s", .min = 0.1, .max = 30, .def = 1.8, .scale = AUP_LOG},
    {.key = "treble", .name = "Treble's part of the time", .unit = "%", .min = 5, .max = 100, .def = 35,
     .scale = AUP_LINEAR},
    {.key = "size", .name = "Size of the room", .unit = "%", .min = 20, .max = 300, .def = 100, .scale = AUP_LOG,
     .flags = AUP_PARAM_STATIC},
    {.key = "predelay", .name = "Pre-delay", .unit = "ms", .min = 0, .max = 500, .def = 10, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_STATIC},
    {.key = "mix", .name = "Room against input", .unit = "%", .min = 0, .max = 100, .def = 25, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_RAMP}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}};

enum { LINES = 16 };
/* Evenly spread in ratio: the shortest gives the first echo, their sum (half a second) how many tones the room can have. */
static const double shortest_ms = 11, longest_ms = 67;

/* The damping of each line, y = gain x + pole y before, and the level of the room. */
typedef struct { float gain[LINES], pole[LINES], level; } Tuning;
enum { NUMBERS = sizeof(Tuning) / sizeof(float) };

typedef struct {
  double rate, time, treble; /* the last two as last seen; time is 0 before the first block */
  uint32_t channels, at, mask, predelay, glide, glide_frames, length[LINES];
  uint64_t tail;
  float now[NUMBERS], step[NUMBERS], target[NUMBERS]; /* Tunings, as rows of numbers */
  float damped[LINES];
  float *lines;  /* a ring of frames of LINES samples */
  float *before; /* for each channel, a ring of predelay + 1 frames */
  uint32_t before_at;
} Reverb;

static void reset(void *instance) {
  Reverb *reverb = instance;
  reverb->at = reverb->before_at = reverb->glide = 0;
  reverb->time = 0;
  memset(reverb->damped, 0, sizeof reverb->damped);
  memset(reverb->lines, 0, (size_t)(reverb->mask + 1) * LINES * sizeof(float));
  memset(reverb->before, 0, (size_t)reverb->channels * (reverb->predelay + 1) * sizeof(float));
}

static void destroy(void *instance) {
  Reverb *reverb = instance;
  free(reverb->lines), free(reverb->before), free(reverb);
}

static uint32_t next_prime(uint32_t n) {
  for (;; n++) {
    uint32_t d = 2;
    while (d * d <= n && n % d) d++;
    if (d * d > n) return n;
  }
}

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  Reverb *reverb = calloc(1, sizeof *reverb);
  if (!reverb) return error->code = AUP_E_MEMORY, NULL;
  reverb->rate = setup->rate;
  reverb->channels = setup->in_channels;
  reverb->glide_frames = (uint32_t)(setup->rate / 50) + 1; /* 20 ms from one tuning to another */
  reverb->predelay = (uint32_t)lround(setup->values[PREDELAY] / 1000 * setup->rate);
  const double scale = setup->values[SIZE] / 100 / 1000 * setup->rate;
  uint32_t longest = 1;
  for (int l = 0; l < LINES; l++) {
    const uint32_t wanted = (uint32_t)(scale * shortest_ms * pow(longest_ms / shortest_ms, (double)l / (LINES - 1)));
    reverb->length[l] = longest = next_prime(wanted > longest ? wanted : longest + 1);
  }
  uint32_t length = 2;
  while (length <= longest) length *= 2;
  reverb->mask = length - 1;
  if (setup->values[MIX] > 0) /* until it is 100 dB down */
    reverb->tail = reverb->predelay + longest + (uint64_t)(setup->values[TIME] * 100 / 60 * setup->rate);
  reverb->lines = malloc((size_t)length * LINES * sizeof(float));
  reverb->before = malloc((size_t)reverb->channels * (reverb->predelay + 1) * sizeof(float));
  if (!reverb->lines || !reverb->before) {
    destroy(reverb);
    return error->code = AUP_E_MEMORY, NULL;
  }
  reset(reverb);
  return reverb;
}

/* A line of n frames must be 60 n / (time rate) dB softer at its end: at 0 Hz for the time, at half the rate for that of the
 * treble. A one-pole filter meets both. The level makes a steady noise as loud behind the room as before it. */
static void tune(const Reverb *reverb, double time, double treble, Tuning *tuning) {
  double kept = 0;
  for (int l = 0; l < LINES; l++) {
    const double low = pow(10, -3.0 * reverb->length[l] / (time * reverb->rate)), high = pow(low, 100 / treble);
    const double pole = (low - high) / (low + high);
    tuning->pole[l] = (float)pole;
    tuning->gain[l] = (float)(low * (1 - pole));
    kept += low * low / LINES;
  }
  tuning->level = (float)(sqrt((1 - kept) / (kept * reverb->channels)) / 4);
}

static void glide(Reverb *reverb, double time, double treble) {
  if (reverb->time == time && reverb->treble == treble) return;
  Tuning tuning;
  tune(reverb, time, treble, &tuning);
  memcpy(reverb->target, &tuning, sizeof tuning);
  if (reverb->time == 0) memcpy(reverb->now, &tuning, sizeof tuning);
  else reverb->glide = reverb->glide_frames;
  for (int n = 0; n < NUMBERS; n++) reverb->step[n] = (reverb->target[n] - reverb->now[n]) / (float)reverb->glide_frames;
  reverb->time = time;
  reverb->treble = treble;
}

static void glide_on(Reverb *reverb) {
  for (int n = 0; n < NUMBERS; n++) reverb->now[n] += reverb->step[n];
  if (--reverb->glide == 0) memcpy(reverb->now, reverb->target, sizeof reverb->now);
}

/* The fast Walsh-Hadamard transform, which is its own inverse when divided by the root of its size. */
static void hadamard(float *x) {
  for (int half = 1; half < LINES; half *= 2)
    for (int first = 0; first < LINES; first += 2 * half)
      for (int l = first; l < first + half; l++) {
        const float a = x[l], b = x[l + half];
        x[l] = a + b;
        x[l + half] = a - b;
      }
}

/* Plus or minus 1: rows of the matrix, so that channels go in and come out by patterns that have nothing in common. Those of
 * neighbours come out as 15 apart, which changes sign as evenly over short lines and long as any pattern can. */
static float sign(uint32_t row, uint32_t line) { return __builtin_popcount(row & line & (LINES - 1)) % 2 ? -1.0f : 1.0f; }

static int32_t process(void *instance, const aup_block *block) {
  Reverb *reverb = instance;
  const float *gain = reverb->now, *pole = gain + LINES, *level = pole + LINES;
  const uint32_t channels = reverb->channels, predelay = reverb->predelay + 1;
  glide(reverb, block->value[TIME], block->value[TREBLE]);
  for (uint32_t i = 0; i < block->frames; i++, reverb->at++) {
    if (reverb->glide) glide_on(reverb);
    float next[LINES], *damped = reverb->damped;
    for (int l = 0; l < LINES; l++) {
      const float end = reverb->lines[((reverb->at - reverb->length[l]) & reverb->mask) * LINES + (uint32_t)l];
      damped[l] = gain[l] * end + pole[l] * damped[l];
      next[l] = damped[l] * (1.0f / 4);
    }
    hadamard(next);
    const double mix = ramp_at(block, MIX, i) / 100;
    for (uint32_t c = 0; c < channels; c++) {
      float *before = &reverb->before[(size_t)c * predelay], in = sane(block->in[c][i]), room = 0;
      before[reverb->before_at] = in;
      const float now = before[(reverb->before_at + 1) % predelay];
      for (uint32_t l = 0; l < LINES; l++) {
        next[l] += sign(c, l) * now;
        room += sign(15 * c ^ 3, l) * damped[l];
      }
      block->out[c][i] = (float)(in * (1 - mix) + *level * room * mix);
    }
    memcpy(&reverb->lines[(reverb->at & reverb->mask) * LINES], next, sizeof next);
    if (++reverb->before_at == predelay) reverb->before_at = 0;
  }
  return AUP_OK;
}

static uint64_t tail(void *instance) { return ((Reverb *)instance)->tail; }

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "reverb",
    .name = "Reverb", .version = "1.0", .vendor = "aup", .tags = "reverb", .layouts = layouts, .params = params,
    .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params),
    .param_stride = sizeof params[0], .create = create, .destroy = destroy, .process = process, .reset = reset,
    .tail = tail};
AUP_MODULE(&plugin);
