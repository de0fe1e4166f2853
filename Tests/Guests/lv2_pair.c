/* An LV2 guest of two channels whose right input may stay open, and then the left one is heard on both sides; and with a
 * side chain of one that may stay open too, and makes the sound 0 where it does not. */
#include <lv2/core/lv2.h>
#include <stdlib.h>

enum { LEFT_IN, RIGHT_IN, SIDE_IN, LEFT_OUT, RIGHT_OUT, PORTS };
typedef struct { float *port[PORTS]; } Guest;

static LV2_Handle make(const LV2_Descriptor *d, double rate, const char *bundle, const LV2_Feature *const *features) {
  (void)d, (void)rate, (void)bundle, (void)features;
  return calloc(1, sizeof(Guest));
}
static void connect(LV2_Handle handle, uint32_t port, void *where) { ((Guest *)handle)->port[port] = where; }
static void run(LV2_Handle handle, uint32_t frames) {
  float **port = ((Guest *)handle)->port;
  for (uint32_t i = 0; i < frames; i++) {
    port[LEFT_OUT][i] = port[SIDE_IN] ? 0 : port[LEFT_IN][i];
    port[RIGHT_OUT][i] = port[SIDE_IN] ? 0 : port[RIGHT_IN] ? port[RIGHT_IN][i] : port[LEFT_IN][i];
  }
}
static const LV2_Descriptor guest = {"urn:aup:test:pair", make, connect, NULL, run, NULL, free, NULL};
const LV2_Descriptor *lv2_descriptor(uint32_t index) { return index ? NULL : &guest; }
