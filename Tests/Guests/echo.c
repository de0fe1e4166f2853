/* A guest with all that a chain has to see to: echoes that end, die away or never do, a latency, and a reading. */
#include "aup_plugin.h"
#include <math.h>
#include <stdlib.h>

static const aup_param params[] = {
    {"feedback", "Feedback", "", 0, 1, 0.5, AUP_LINEAR, 0, NULL, NULL},
    {"time", "Time", "", 1, 48000, 100, AUP_INTEGER, AUP_PARAM_STATIC, NULL, NULL},
    {"lag", "Latency", "", 0, 48000, 0, AUP_INTEGER, AUP_PARAM_STATIC, NULL, NULL},
    {"level", "Level", "dB", -200, 200, -200, AUP_LINEAR, AUP_PARAM_OUTPUT, NULL, NULL},
};
static const aup_layout layouts[] = {{1, 1, 0, 0}};

typedef struct {
  uint32_t time, lag;
  uint64_t tail, at;
  float *echo, *held;
} Echo;

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self, (void)error;
  Echo *echo = calloc(1, sizeof *echo);
  const double feedback = setup->values[0];
  echo->time = (uint32_t)setup->values[1];
  echo->lag = (uint32_t)setup->values[2];
  echo->tail = feedback >= 1 ? AUP_TAIL_INFINITE : feedback <= 0 ? 0 : echo->time * (uint64_t)ceil(-4 / log10(feedback));
  echo->echo = calloc(echo->time, sizeof(float));
  echo->held = calloc(echo->lag + 1, sizeof(float));
  return echo;
}
static void destroy(void *instance) {
  Echo *echo = instance;
  free(echo->echo);
  free(echo->held);
  free(echo);
}
static void reset(void *instance) {
  Echo *echo = instance;
  for (uint32_t i = 0; i < echo->time; i++) echo->echo[i] = 0;
  for (uint32_t i = 0; i <= echo->lag; i++) echo->held[i] = 0;
  echo->at = 0;
}
static int32_t process(void *instance, const aup_block *block) {
  Echo *echo = instance;
  float peak = 0;
  for (uint32_t i = 0; i < block->frames; i++, echo->at++) {
    echo->held[echo->at % (echo->lag + 1)] = block->in[0][i];
    float *place = &echo->echo[echo->at % echo->time];
    const float now = echo->held[(echo->at + 1) % (echo->lag + 1)] + *place * (float)block->value[0];
    block->out[0][i] = *place = now;
    if (fabsf(now) > peak) peak = fabsf(now);
  }
  block->out_value[3] = peak > 0 ? 20 * log10(peak) : -200;
  return AUP_OK;
}
static uint32_t latency(void *instance) { return ((Echo *)instance)->lag; }
static uint64_t tail(void *instance) { return ((Echo *)instance)->tail; }

static const aup_plugin echo = {
    .size = sizeof echo, .flags = AUP_BLOCK_INVARIANT, .id = "echo", .name = "Echo", .version = "1", .vendor = "tests",
    .tags = "test", .layouts = layouts, .params = params, .layout_count = AUP_COUNT(layouts),
    .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params), .param_stride = sizeof params[0],
    .create = create, .destroy = destroy, .process = process, .reset = reset, .latency = latency, .tail = tail};
AUP_MODULE(&echo);
