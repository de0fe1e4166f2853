/* Guests that break the contract of aup_plugin.h, one way each: built by the tests with -DRUDE_<way>. Without a way it is a
 * well-behaved plugin that passes sound through, with one parameter of each scale. */
#include "aup_plugin.h"
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const labels[] = {"Low", "Mid", "High"};
static const aup_param params[] = {
    {"level", "Level", "dB", -90, 24, 0, AUP_LINEAR, AUP_PARAM_RAMP, NULL, NULL},
    {"cutoff", "Cut-off", "Hz", 20, 20000, 1000, AUP_LOG, 0, NULL, NULL},
    {"delay", "Delay", "ms", 0, 2000, 20, AUP_LINEAR, AUP_PARAM_STATIC, NULL, NULL},
    {"mix", "Mix", "%", 0, 100, 100, AUP_LINEAR, 0, NULL, NULL},
    {"amount", "Amount", "", 0, 1, 0.5, AUP_LINEAR, 0, NULL, NULL},
    {"band", "Band", "", 0, 2, 1, AUP_ENUM, 0, labels, NULL},
    {"order", "Order", "", 1, 8, 2, AUP_INTEGER, 0, NULL, NULL},
    {"listen", "Listen", "", 0, 1, 0, AUP_TOGGLE, 0, NULL, NULL},
    {"note", "Note", "", 0, 0, 0, AUP_STRING, 0, NULL, "hello"},
    {"calls", "Process calls", "", 0, 1e9, 0, AUP_LINEAR, AUP_PARAM_OUTPUT, NULL, NULL},
    {"last_event", "Frame of the last event", "", 0, 1e9, 0, AUP_LINEAR, AUP_PARAM_OUTPUT, NULL, NULL},
};

typedef struct {
  uint32_t channels, max_frames;
  uint64_t seed, expected;
  double calls, last_event;
  float held[64];
} Guest;

__attribute__((constructor)) static void loaded(void) {
#ifdef RUDE_PRINTS
  printf("hello from a constructor\n");
  if (write(1, "raw hello\n", 10) < 0) return;
#endif
#ifdef RUDE_EXIT_IN_CONSTRUCTOR
  exit(0);
#endif
#ifdef RUDE_CRASH_IN_CONSTRUCTOR
  *(volatile int *)8 = 1;
#endif
}

static const aup_plugin *own_table(void);

static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
#ifdef RUDE_CREATE_NULL
  error->code = AUP_E_UNSUPPORTED;
  snprintf(error->text, sizeof error->text, "cannot run at %g Hz\nor anywhere", setup->rate);
  return NULL;
#endif
#ifdef RUDE_CREATE_SECOND_NULL
  static int made;
  if (made++) return error->code = AUP_E_MEMORY, NULL;
#endif
  (void)error;
  if (AUP_HAS(host, log)) host->log(host->context, AUP_LOG_INFO, "created");
  printf("text while being created\n");
  Guest *guest = calloc(1, sizeof *guest);
  guest->channels = setup->in_channels;
  guest->max_frames = setup->max_frames;
  guest->seed = setup->seed;
  /* A host that hands over anything but the guest's own table and defaults gets a guest that always fails. */
  if (self != own_table() || (self->param_count && setup->values[1] < 20)) guest->max_frames = 0;
  return guest;
}
static void destroy(void *instance) {
#ifdef RUDE_CRASH_IN_DESTROY
  *(volatile int *)8 = 1;
#endif
  free(instance);
}
static void reset(void *instance) {
  Guest *guest = instance;
  guest->expected = 0;
  memset(guest->held, 0, sizeof guest->held);
}

#ifdef RUDE_STACK_OVERFLOW
static int dig(volatile char *above, int depth) {
  volatile char here[4096];
  here[0] = above[0];
  return dig(here, depth + 1) + here[0];
}
#endif

static int32_t process(void *instance, const aup_block *block) {
  Guest *guest = instance;
#ifdef RUDE_SEGFAULT
  if (block->position >= 512) *(volatile int *)8 = 1;
#endif
#ifdef RUDE_ABORT
  abort();
#endif
#ifdef RUDE_EXIT
  exit(0);
#endif
#ifdef RUDE_STACK_OVERFLOW
  char first = 0;
  return dig(&first, 0);
#endif
#ifdef RUDE_FAILS
  if (block->position >= 512) return AUP_E_INTERNAL;
#endif
#ifdef RUDE_FLOAT_STATE
  fesetround(FE_UPWARD);
#endif
  if (block->size < sizeof *block || !block->frames || block->frames > guest->max_frames) return AUP_E_INVALID;
  if (block->position != guest->expected || block->in_channels != guest->channels) return AUP_E_INVALID;
  guest->expected += block->frames;
  for (uint32_t c = 0; c < guest->channels; c++) {
#ifndef RUDE_IN_PLACE
    if (block->in[c] == block->out[c]) return AUP_E_UNSUPPORTED; /* the host was not told that this works */
#endif
    for (uint32_t i = 0; i < block->frames; i++) {
#if defined RUDE_NAN
      block->out[c][i] = i % 4 == 0 ? NAN : i % 4 == 1 ? INFINITY : i % 4 == 2 ? 1e-40f : block->in[c][i];
#elif defined RUDE_DELAY
      block->out[c][i] = guest->held[c];
      guest->held[c] = block->in[c][i];
#elif defined RUDE_SEED
      block->out[c][i] = (float)(guest->seed >> 40) / 16777216.0f;
#elif defined RUDE_DENORMAL_MATHS
      volatile float tiny = 1e-38f;
      block->out[c][i] = tiny * 0.01f > 0 ? 1 : 0;
#else
      block->out[c][i] = block->in[c][i];
#endif
    }
  }
  guest->calls += 1;
#ifdef RUDE_EVENTS
  for (uint32_t e = 0; e < block->event_count; e++) {
    const aup_event *event = (const aup_event *)((const char *)block->events + (size_t)e * block->event_stride);
    guest->calls += 1000 * (event->param + 1);
    if (event->frame >= block->frames) return AUP_E_INVALID;
    if (event->frame == 0 && block->value[event->param] != event->value) return AUP_E_INVALID;
    guest->last_event = guest->expected - block->frames + event->frame;
  }
#endif
  if (block->out_value) block->out_value[9] = guest->calls, block->out_value[10] = guest->last_event;
#ifdef RUDE_DONE
  if (block->position >= 512) return AUP_DONE;
#endif
  return AUP_OK;
}
static uint32_t latency(void *instance) {
  (void)instance;
  return 1;
}
static uint64_t tail(void *instance) {
  (void)instance;
#ifdef RUDE_ENDLESS
  return AUP_TAIL_INFINITE;
#endif
  return 1;
}

#if defined RUDE_MONO
static const aup_layout layouts[] = {{1, 1, 0, 0}};
#elif defined RUDE_STEREO
static const aup_layout layouts[] = {{2, 2, 0, 0}};
#elif defined RUDE_SIDE
static const aup_layout layouts[] = {{2, 2, 1, 0}};
#elif defined RUDE_WIDE
static const aup_layout layouts[] = {{65, 65, 0, 0}};
#else
static const aup_layout layouts[] = {{0, 0, 0, 0}};
#endif

/* The tables of a version of the header that appended members, which this host does not know. */
typedef struct { aup_param known; double more[3]; } newer_param;
typedef struct { aup_plugin known; void *more[4]; } newer_plugin;
#ifdef RUDE_NEWER
static newer_param newer_params[AUP_COUNT(params)];
#endif

static newer_plugin guest = {{
    .size = sizeof(aup_plugin), .id = "rude", .name = "Rude \033[31mguest", .version = "1", .vendor = "tests",
    .tags = "test tool", .layouts = layouts, .params = params, .layout_count = AUP_COUNT(layouts),
    .layout_stride = sizeof layouts[0], .param_count = AUP_COUNT(params), .param_stride = sizeof params[0],
    .create = create, .destroy = destroy, .process = process, .reset = reset, .latency = latency, .tail = tail,
#if defined RUDE_IN_PLACE
    .flags = AUP_IN_PLACE,
#elif defined RUDE_EVENTS
    .flags = AUP_WANT_EVENTS,
#endif
}, {NULL, NULL, NULL, NULL}};
static const aup_plugin *own_table(void) { return &guest.known; }
static newer_plugin second = {{.size = sizeof(aup_plugin), .id = "second"}, {NULL, NULL, NULL, NULL}};

static const aup_param bad_param[] = {
#if defined RUDE_BAD_KEY
    {"Bad Key", "x", "", 0, 1, 0, 0, 0, NULL, NULL}
#elif defined RUDE_NULL_KEY
    {NULL, "x", "", 0, 1, 0, 0, 0, NULL, NULL}
#elif defined RUDE_NAN_RANGE
    {"x", "x", "", 0, 0.0 / 0.0, 0, 0, 0, NULL, NULL}
#elif defined RUDE_TURNED_RANGE
    {"x", "x", "", 1, 0, 0, 0, 0, NULL, NULL}
#elif defined RUDE_BAD_SCALE
    {"x", "x", "", 0, 1, 0, 99, 0, NULL, NULL}
#elif defined RUDE_LOG_ZERO
    {"x", "x", "", 0, 1, 0, AUP_LOG, 0, NULL, NULL}
#elif defined RUDE_NO_LABELS
    {"x", "x", "", 0, 2, 0, AUP_ENUM, 0, NULL, NULL}
#else
    {"x", "x", "", 0, 1, 0, 0, 0, NULL, NULL}
#endif
};

__attribute__((constructor)) static void shape(void) {
#if defined RUDE_BAD_KEY || defined RUDE_NULL_KEY || defined RUDE_NAN_RANGE || defined RUDE_TURNED_RANGE || \
    defined RUDE_BAD_SCALE || defined RUDE_LOG_ZERO || defined RUDE_NO_LABELS
  guest.known.params = bad_param;
  guest.known.param_count = 1;
#endif
#ifdef RUDE_DOUBLE_KEY
  static aup_param twice[2];
  twice[0] = twice[1] = bad_param[0];
  guest.known.params = twice;
  guest.known.param_count = 2;
#endif
#ifdef RUDE_NULL_NAME
  guest.known.name = NULL;
#endif
#ifdef RUDE_BAD_ID
  guest.known.id = "My Plugin";
#endif
#ifdef RUDE_LONG_NAME
  static char name[5000];
  memset(name, 'x', sizeof name - 1);
  guest.known.name = name;
#endif
#ifdef RUDE_ZERO_SIZE
  guest.known.size = 0;
#endif
#ifdef RUDE_ODD_SIZE
  guest.known.size = sizeof(aup_plugin) + 3;
#endif
#ifdef RUDE_OLDER
  guest.known.size = offsetof(aup_plugin, reset); /* what follows must not be looked at */
  guest.known.reset = (void (*)(void *))8;
  guest.known.latency = (uint32_t (*)(void *))8;
  guest.known.tail = (uint64_t (*)(void *))8;
#endif
#ifdef RUDE_NEWER
  guest.known.size = sizeof guest;
  for (uint32_t i = 0; i < AUP_COUNT(params); i++) newer_params[i] = (newer_param){params[i], {1e300, 1e300, 1e300}};
  guest.known.params = &newer_params[0].known;
  guest.known.param_stride = sizeof newer_params[0];
#endif
#ifdef RUDE_SHORT_STRIDE
  guest.known.param_stride = 8;
#endif
#ifdef RUDE_ODD_STRIDE
  guest.known.layout_stride = sizeof(aup_layout) + 1;
#endif
#ifdef RUDE_CROWD
  guest.known.param_count = 100000;
#endif
#ifdef RUDE_NULL_PARAMS
  guest.known.params = NULL;
#endif
#ifdef RUDE_NO_LAYOUT
  guest.known.layout_count = 0;
#endif
#ifdef RUDE_NULL_PROCESS
  guest.known.process = NULL;
#endif
  second.known = guest.known;
  second.known.id = "second";
}

#ifndef RUDE_NO_SYMBOL
#ifdef RUDE_NULL_PLUGIN
static const aup_plugin *const list[] = {NULL};
#elif defined RUDE_SAME_IDS
static const aup_plugin *const list[] = {&guest.known, &guest.known};
#elif defined RUDE_TWO
static const aup_plugin *const list[] = {&guest.known, &second.known};
#else
static const aup_plugin *const list[] = {&guest.known};
#endif
__attribute__((visibility("default"))) const aup_module aup_module_v1;
const aup_module aup_module_v1 = {
    .size = sizeof(aup_module),
#ifdef RUDE_WRONG_MAGIC
    .magic = 0x12345678,
#else
    .magic = AUP_MAGIC,
#endif
#if defined RUDE_WRONG_ABI
    .abi_major = 7,
#elif defined RUDE_OLD_ABI
    .abi_major = 0,
#else
    .abi_major = AUP_ABI_MAJOR,
#endif
    .plugins = list,
#ifdef RUDE_MANY_PLUGINS
    .plugin_count = 4000000000u,
#else
    .plugin_count = AUP_COUNT(list),
#endif
};
#endif

#ifdef RUDE_UNDEFINED
void this_is_nowhere(void);
__attribute__((constructor)) static void lost(void) { this_is_nowhere(); }
#endif
#ifdef RUDE_LADSPA
__attribute__((visibility("default"))) const void *ladspa_descriptor(unsigned long index);
const void *ladspa_descriptor(unsigned long index) { return index ? NULL : NULL; }
#endif
