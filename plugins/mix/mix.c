/* mix - a matrix of gains: each output channel is a sum of input channels. `2to1=50%` gives half of input 2 to output 1.
 *
 * Eight by eight; as it begins, every channel goes to itself. Channels beyond the eighth pass as they are. */
#include "../parts/ramp.h"
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 8 };
#define CELL(i, o, gain) \
  {.key = #i "to" #o, .name = "Input " #i " to output " #o, .unit = "", .min = -4, .max = 4, .def = gain, \
   .scale = AUP_LINEAR, .flags = AUP_PARAM_RAMP}
#define OUTPUT(o, g1, g2, g3, g4, g5, g6, g7, g8) \
  CELL(1, o, g1), CELL(2, o, g2), CELL(3, o, g3), CELL(4, o, g4), CELL(5, o, g5), CELL(6, o, g6), CELL(7, o, g7), \
  CELL(8, o, g8)
static const aup_param params[] = {OUTPUT(1, 1, 0, 0, 0, 0, 0, 0, 0), OUTPUT(2, 0, 1, 0, 0, 0, 0, 0, 0),
                                   OUTPUT(3, 0, 0, 1, 0, 0, 0, 0, 0), OUTPUT(4, 0, 0, 0, 1, 0, 0, 0, 0),
                                   OUTPUT(5, 0, 0, 0, 0, 1, 0, 0, 0), OUTPUT(6, 0, 0, 0, 0, 0, 1, 0, 0),
                                   OUTPUT(7, 0, 0, 0, 0, 0, 0, 1, 0), OUTPUT(8, 0, 0, 0, 0, 0, 0, 0, 1)};
/* As many out as in, unless the host asks for another number. */
#define TO(i, o) {.in = i, .out = o}
#define FROM(i, a, b, c, d, e, f, g) TO(i, a), TO(i, b), TO(i, c), TO(i, d), TO(i, e), TO(i, f), TO(i, g)
static const aup_layout layouts[] = {{.in = 0, .out = 0}, FROM(1, 2, 3, 4, 5, 6, 7, 8), FROM(2, 1, 3, 4, 5, 6, 7, 8),
    FROM(3, 2, 1, 4, 5, 6, 7, 8), FROM(4, 2, 1, 3, 5, 6, 7, 8), FROM(5, 2, 1, 3, 4, 6, 7, 8),
    FROM(6, 2, 1, 3, 4, 5, 7, 8), FROM(7, 2, 1, 3, 4, 5, 6, 8), FROM(8, 2, 1, 3, 4, 5, 6, 7)};

typedef struct { uint32_t inputs, outputs; } Mix;

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
  (void)host, (void)self;
  Mix *mix = calloc(1, sizeof *mix);
  if (!mix) return error->code = AUP_E_MEMORY, NULL;
  mix->inputs = setup->in_channels;
  mix->outputs = setup->out_channels;
  return mix;
}

/* Summed in double and rounded once. In place it could not work: the second output needs inputs that the first has
 * overwritten. */
static int32_t process(void *instance, const aup_block *block) {
  const Mix *mix = instance;
  for (uint32_t o = 0; o < mix->outputs; o++) {
    if (o >= WIDTH) {
      memcpy(block->out[o], block->in[o], block->frames * sizeof(float));
      continue;
    }
    uint32_t heard[WIDTH], count = 0; /* the inputs that are not at 0 all the time */
    int moves = 0;
    for (uint32_t n = 0; n < WIDTH && n < mix->inputs; n++) {
      const uint32_t cell = o * WIDTH + n;
      if (block->value[cell] != 0 || block->value_end[cell] != 0) heard[count++] = n;
      moves |= ramp_moves(block, cell);
    }
    for (uint32_t i = 0; i < block->frames; i++) {
      double sum = 0;
      for (uint32_t h = 0; h < count; h++) {
        const uint32_t cell = o * WIDTH + heard[h];
        sum += (moves ? ramp_at(block, cell, i) : (float)block->value[cell]) * block->in[heard[h]][i];
      }
      block->out[o][i] = (float)sum;
    }
  }
  return AUP_OK;
}

static const aup_plugin plugin = {.size = sizeof plugin, .flags = AUP_BLOCK_INVARIANT, .id = "mix", .name = "Channel matrix",
    .version = "1.0", .vendor = "aup", .tags = "utility matrix", .layouts = layouts, .params = params,
    .layout_count = AUP_COUNT(layouts), .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params),
    .param_stride = sizeof params[0], .create = create, .destroy = free, .process = process};
AUP_MODULE(&plugin);
