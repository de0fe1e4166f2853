/* A LADSPA guest with one misdeed: see misdeeds.h. */
#include <ladspa.h>
#include "misdeeds.h"

typedef struct { misdeed_state state; float *port[4]; } Guest;

__attribute__((constructor)) static void loaded(void) { misdeed_loaded(); }

static LADSPA_Handle make(const LADSPA_Descriptor *d, unsigned long rate) {
  (void)d, (void)rate;
  return misdeed_created() ? calloc(1, sizeof(Guest)) : NULL;
}
static void connect_port(LADSPA_Handle handle, unsigned long port, LADSPA_Data *where) {
  ((Guest *)handle)->port[port] = where;
}
static void run(LADSPA_Handle handle, unsigned long frames) {
  Guest *guest = handle;
  misdeed_run(&guest->state, guest->port[0], guest->port[1], frames, *guest->port[2]);
  *guest->port[3] = 0.5f;
}
static void cleanup(LADSPA_Handle handle) {
  misdeed_destroyed();
  free(handle);
}

static const LADSPA_PortDescriptor ports[] = {
  LADSPA_PORT_INPUT | LADSPA_PORT_AUDIO, LADSPA_PORT_OUTPUT | LADSPA_PORT_AUDIO,
  LADSPA_PORT_INPUT | LADSPA_PORT_CONTROL, LADSPA_PORT_OUTPUT | LADSPA_PORT_CONTROL,
};
static const char *const names[] = {"In", "Out", "Amount", "Meter"};
static const LADSPA_PortRangeHint ranges[] = {
  {0, 0, 0}, {0, 0, 0},
  {LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_DEFAULT_MIDDLE, 0, 1}, {0, 0, 0},
};
static const LADSPA_Descriptor guest = {
  .UniqueID = 1, .Label = "misdeed", .Properties = LADSPA_PROPERTY_HARD_RT_CAPABLE, .Name = "Misdeed", .Maker = "tests",
  .Copyright = "None", .PortCount = 4, .PortDescriptors = ports, .PortNames = names, .PortRangeHints = ranges,
  .instantiate = make, .connect_port = connect_port, .run = run, .cleanup = cleanup,
};
const LADSPA_Descriptor *ladspa_descriptor(unsigned long index) { return index ? NULL : &guest; }
