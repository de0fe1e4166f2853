/* sane.h - what a plugin that remembers does to its input first. */
#ifndef AUP_PARTS_SANE_H
#define AUP_PARTS_SANE_H

/* What is infinite or no number becomes 0: a file may hold such samples, and a filter would never forget one. */
static inline float sane(float sample) { return sample - sample == 0 ? sample : 0; }
#endif
