/* butterworth.h - the body of highpass and lowpass: a Butterworth filter of order 1 to 8, flat until it falls by 6 dB an
 * octave and order. It is a row of second-order sections, and a first-order one where the order is odd. */
#ifndef AUP_PARTS_BUTTERWORTH_H
#define AUP_PARTS_BUTTERWORTH_H
#include "ramp.h"
#include "sane.h"
#include "svf.h"
#include <stdlib.h>
#include <string.h>

enum { FREQUENCY, ORDER }; /* the parameters of both */
enum { SECTIONS = 4 };

typedef struct {
  double rate;
  uint32_t channels, order, sections;
  int is_high;
  uint64_t tail; /* at the first frequency */
  svf section[SECTIONS];
  svf_state state[]; /* SECTIONS for each channel */
} Butterworth;

/* The poles stand evenly on a half circle; each pair of them is a section, and its damping is twice the sine of its angle to
 * the imaginary axis. */
static double damping(const Butterworth *filter, uint32_t section) {
  return 2 * sin(PI * (2 * section + 1) / (2 * filter->order));
}

static void *butterworth_create(const aup_setup *setup, aup_error *error, int is_high) {
  Butterworth *filter = calloc(1, sizeof *filter + setup->in_channels * SECTIONS * sizeof(svf_state));
  if (!filter) return error->code = AUP_E_MEMORY, NULL;
  filter->rate = setup->rate;
  filter->channels = setup->in_channels;
  filter->order = (uint32_t)setup->values[ORDER];
  filter->sections = (filter->order + 1) / 2;
  filter->is_high = is_high;
  const double g = svf_tuning(setup->values[FREQUENCY], setup->rate);
  for (uint32_t n = 0; n < filter->sections; n++) filter->tail += (uint64_t)svf_tail(g, damping(filter, n));
  return filter;
}

static void butterworth_tune(Butterworth *filter, double frequency) {
  const double g = svf_tuning(frequency, filter->rate);
  for (uint32_t n = 0; n < filter->order / 2; n++) {
    const double k = damping(filter, n);
    filter->section[n] = svf_make(filter->is_high ? (svf_shape){g, k, 1, -k, -1} : (svf_shape){g, k, 0, 0, 1});
  }
  if (filter->order % 2) filter->section[filter->order / 2] = svf_make_first_order(g, filter->is_high);
}

static int32_t butterworth_process(void *instance, const aup_block *block) {
  Butterworth *filter = instance;
  const int moves = ramp_moves(block, FREQUENCY);
  butterworth_tune(filter, ramp_at(block, FREQUENCY, 0));
  for (uint32_t i = 0; i < block->frames; i++) {
    if (moves) butterworth_tune(filter, ramp_at(block, FREQUENCY, i));
    for (uint32_t c = 0; c < filter->channels; c++) {
      double x = sane(block->in[c][i]);
      for (uint32_t n = 0; n < filter->sections; n++)
        x = svf_run(&filter->section[n], &filter->state[c * SECTIONS + n], x);
      block->out[c][i] = (float)x;
    }
  }
  return AUP_OK;
}

static uint64_t butterworth_tail(void *instance) { return ((Butterworth *)instance)->tail; }

static void butterworth_reset(void *instance) {
  Butterworth *filter = instance;
  memset(filter->state, 0, filter->channels * SECTIONS * sizeof(svf_state));
}
#endif
