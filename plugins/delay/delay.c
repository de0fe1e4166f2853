/* delay - an echo, exact to the sample. `mix=100%` and `feedback=0%` make it a plain delay line. */
#include "../parts/ramp.h"
#include "../parts/sane.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TIME, FEEDBACK, MIX };
static const aup_param params[] = {
    {.key = "time", .name = "Time", .unit = "ms", .min = 0.01, .max = 5000, .def = 350, .scale = AUP_LOG},
    {.key = "feedback", .name = "Feedback", .unit = "%", .min = 0, .max = 98, .def = 35, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_RAMP},
    {.key = "mix", .name = "Echo against input", .unit = "%", .min = 0, .max = 100, .def = 30, .scale = AUP_LINEAR,
     .flags = AUP_PARAM_RAMP}};
static const aup_layout layouts[] = {{.in = 0, .out = 0}};

typedef struct {
  double rate;
  uint32_t channels, mask; /* the length of a line less one; the length is a power of two */
  uint32_t time, old;      /* frames: of the echo that is heard, and of the one that fades out; 0 before the first block */
  uint32_t fade, fade_frames;
  uint32_t at;
  uint64_t tail;
  float lines[]; /* one for each channel */
} Delay;

static uint32_t frames_of(const Delay *delay, double milliseconds) {
  const long frames = lround(milliseconds / 1000 * delay->rate);
  return frames < 1 ? 1 : (uint32_t)frames;
}

static void reset(void *instance) {
  Delay *delay = instance;
  delay->time = delay->fade = delay->at = 0;
  memset(delay->lines, 0, (size_t)delay->channels * (delay->mask + 1) * sizeof(float));
}

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  uint32_t length = 2;
  while (length <= params[TIME].max / 1000 * setup->rate) length *= 2;
  Delay *delay = malloc(sizeof *delay + (size_t)setup->in_channels * length * sizeof(float));
  if (!delay) return error->code = AUP_E_MEMORY, NULL;
  delay->rate = setup->rate;
  delay->channels = setup->in_channels;
  delay->mask = length - 1;
  delay->fade_frames = (uint32_t)(setup->rate / 50) + 1; /* 20 ms from one time to another */
  /* Echoes until they are 100 dB down, with the feedback as it is at first. */
  const double feedback = setup->values[FEEDBACK] / 100;
  const double echoes = setup->values[MIX] > 0 ? 1 + (feedback > 1e-5 ? floor(log(1e-5) / log(feedback)) : 0) : 0;
  delay->tail = (uint64_t)(echoes * frames_of(delay, setup->values[TIME]));
  reset(delay); /* which also touches every page, so that none is found missing while sound runs */
  return delay;
}

static int32_t process(void *instance, const aup_block *block) {
  Delay *delay = instance;
  const uint32_t wanted = frames_of(delay, block->value[TIME]), mask = delay->mask;
  if (!delay->time) delay->time = wanted;
  for (uint32_t i = 0; i < block->frames; i++, delay->at++) {
    if (!delay->fade && delay->time != wanted) {
      delay->old = delay->time;
      delay->time = wanted;
      delay->fade = delay->fade_frames;
    }
    const double feedback = ramp_at(block, FEEDBACK, i) / 100, mix = ramp_at(block, MIX, i) / 100;
    const double old_part = (double)delay->fade / delay->fade_frames;
    for (uint32_t c = 0; c < delay->channels; c++) {
      float *line = &delay->lines[(size_t)c * (mask + 1)];
      const float in = sane(block->in[c][i]);
      double echo = line[(delay->at - delay->time) & mask];
      if (delay->fade) echo += old_part * (line[(delay->at - delay->old) & mask] - echo);
      line[delay->at & mask] = (float)(in + feedback * echo);
      block->out[c][i] = (float)(in * (1 - mix) + echo * mix);
    }
    if (delay->fade) delay->fade--;
  }
  return AUP_OK;
}

static uint64_t tail(void *instance) { return ((Delay *)instance)->tail; }

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_IN_PLACE | AUP_BLOCK_INVARIANT, .id = "delay",
    .name = "Delay", .version = "1.0", .vendor = "aup", .tags = "echo delay", .layouts = layouts, .params = params,
    .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params),
    .param_stride = sizeof params[0], .create = create, .destroy = free, .process = process, .reset = reset, .tail = tail};
AUP_MODULE(&plugin);
