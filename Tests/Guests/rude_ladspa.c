/* LADSPA guests that break their contract, one way each: built by the tests with -DRUDE_<way>. Without a way it is a
 * well-behaved plugin that passes one channel through, with a control of each kind. */
#include <ladspa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { float *port[16]; unsigned long rate, ran; float held; } Guest;

enum { IN, OUT, GAIN, CUTOFF, STEPS, SWITCH, LEVEL, LATENCY, PORTS };
static LADSPA_PortDescriptor ports[PORTS] = {
  LADSPA_PORT_INPUT | LADSPA_PORT_AUDIO, LADSPA_PORT_OUTPUT | LADSPA_PORT_AUDIO, LADSPA_PORT_INPUT | LADSPA_PORT_CONTROL,
  LADSPA_PORT_INPUT | LADSPA_PORT_CONTROL, LADSPA_PORT_INPUT | LADSPA_PORT_CONTROL,
  LADSPA_PORT_INPUT | LADSPA_PORT_CONTROL, LADSPA_PORT_OUTPUT | LADSPA_PORT_CONTROL,
  LADSPA_PORT_OUTPUT | LADSPA_PORT_CONTROL,
};
static const char *names[PORTS] = {
  "Input", "Output", "Gain [dB]", "Cut-off Frequency (Hz)", "Steps", "Steps", "Level (dB)",
#ifdef RUDE_LATENCY
  "latency",
#else
  "Frames of delay",
#endif
};
static const LADSPA_PortRangeHint ranges[PORTS] = {
  {0, 0, 0}, {0, 0, 0},
  {LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_DEFAULT_0, -70, 20},
  {LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_SAMPLE_RATE | LADSPA_HINT_LOGARITHMIC
     | LADSPA_HINT_DEFAULT_440, 0.001f, 0.5f},
  {LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_INTEGER | LADSPA_HINT_DEFAULT_LOW, 1, 8},
  {LADSPA_HINT_TOGGLED | LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_DEFAULT_1, -5, 5},
  {0, 0, 0}, {0, 0, 0},
};

static LADSPA_Handle make(const LADSPA_Descriptor *d, unsigned long rate) {
  (void)d;
  printf("text while being made\n");
#ifdef RUDE_INSTANTIATE_NULL
  return NULL;
#endif
#ifdef RUDE_CRASH_IN_INSTANTIATE
  *(volatile int *)8 = 1;
#endif
  Guest *guest = calloc(1, sizeof *guest);
  guest->rate = rate;
  return guest;
}
static void connect(LADSPA_Handle handle, unsigned long port, LADSPA_Data *where) { ((Guest *)handle)->port[port] = where; }
static void activate(LADSPA_Handle handle) { ((Guest *)handle)->held = 0; }
static void run(LADSPA_Handle handle, unsigned long frames) {
  Guest *guest = handle;
#ifdef RUDE_SEGFAULT
  if (guest->ran >= 512) *(volatile int *)8 = 1;
#endif
#ifdef RUDE_EXIT
  exit(0);
#endif
  for (unsigned long i = 0; i < frames; i++) {
#if defined RUDE_SILENT
    break;
#elif defined RUDE_LATENCY
    float now = guest->port[IN][i];
    guest->port[OUT][i] = guest->held;
    guest->held = now;
#else
    guest->port[OUT][i] = guest->port[IN][i];
#endif
  }
  guest->ran += frames;
  *guest->port[LEVEL] = *guest->port[GAIN] + (float)guest->ran;
  *guest->port[LATENCY] = 1;
}
static void cleanup(LADSPA_Handle handle) {
#ifdef RUDE_CRASH_IN_CLEANUP
  *(volatile int *)8 = 1;
#endif
  free(handle);
}

static LADSPA_Descriptor guest = {
  .UniqueID = 1, .Label = "rude", .Name = "Rude \033[31mguest", .Maker = "tests", .Copyright = "None", .PortCount = PORTS,
  .PortDescriptors = ports, .PortNames = names, .PortRangeHints = ranges, .instantiate = make, .connect_port = connect,
  .activate = activate, .run = run, .cleanup = cleanup,
}, polite;

__attribute__((constructor)) static void shape(void) {
  polite = guest;
  polite.Label = "polite";
#ifdef RUDE_URI_LABEL
  guest.Label = "http://tests/rude";
#endif
#ifdef RUDE_NULL_LABEL
  guest.Label = NULL;
#endif
#ifdef RUDE_NULL_NAME
  guest.Name = guest.Maker = guest.Copyright = names[GAIN] = NULL;
#endif
#ifdef RUDE_NULL_RUN
  guest.run = NULL;
#endif
#ifdef RUDE_NULL_PORTS
  guest.PortDescriptors = NULL;
#endif
#ifdef RUDE_NULL_RANGES
  guest.PortRangeHints = NULL;
#endif
#ifdef RUDE_NO_DIRECTION
  ports[GAIN] = 0;
#endif
#ifdef RUDE_NO_OUTPUT
  ports[OUT] = LADSPA_PORT_INPUT | LADSPA_PORT_AUDIO;
#endif
#ifdef RUDE_CROWD
  guest.PortCount = 100000;
#endif
#ifdef RUDE_NO_ACTIVATE
  guest.activate = NULL;
#endif
}

__attribute__((visibility("default"))) const LADSPA_Descriptor *ladspa_descriptor(unsigned long index) {
#if defined RUDE_EMPTY
  return NULL;
#elif defined RUDE_ENDLESS
  return &guest;
#elif defined RUDE_CRASH_IN_LIST
  *(volatile int *)8 = 1;
#elif defined RUDE_TWO
  return index == 0 ? &guest : index == 1 ? &polite : NULL;
#endif
#if defined RUDE_NULL_RUN_OF_TWO
  guest.run = NULL;
  return index == 0 ? &guest : index == 1 ? &polite : NULL;
#endif
  return index == 0 ? &guest : NULL;
}
