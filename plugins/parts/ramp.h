/* ramp.h - where a parameter stands at one frame of a block. */
#ifndef AUP_PARTS_RAMP_H
#define AUP_PARTS_RAMP_H
#include "../aup_plugin.h"

/* True when it moves within this block; only a parameter with AUP_PARAM_RAMP ever does. */
static inline int ramp_moves(const aup_block *block, uint32_t param) {
  return block->value[param] != block->value_end[param];
}

/* The straight line from value to value_end. Rounded to float, because the last bits of a double depend on where the host
 * cut the line into blocks, and a filter that remembers would then sound different after it. */
static inline double ramp_at(const aup_block *block, uint32_t param, uint32_t frame) {
  const double from = block->value[param], to = block->value_end[param];
  return (float)(from + (to - from) * frame / block->frames);
}
#endif
