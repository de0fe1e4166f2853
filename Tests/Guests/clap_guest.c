/* A CLAP guest that uses what hosts have to lend, and, built with -DRUDE_<way>, breaks the contract one way.
 *
 * One channel in and out, and a side port of two. Sound comes out one frame late, times the gain. The reading counts frames,
 * plus 1000 for each value it was told, plus 100000 for each broken promise of the host. */
#include "aup_clap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  aup_clap_instance table;
  const aup_clap_host *host;
  double gain, mode, ran, told, broken;
  float held;
  uint32_t longest;
  bool is_active, is_started, was_called;
} Guest;
typedef struct { bool (*is_main)(const aup_clap_host *), (*is_audio)(const aup_clap_host *); } Threads;
typedef struct { void (*log)(const aup_clap_host *, int32_t, const char *); } Log;

static const Threads *threads(Guest *guest) { return guest->host->extension(guest->host, "clap.thread-check"); }
static Guest *me(const aup_clap_instance *table) { return table->data; }
static void on_main(const aup_clap_instance *table) {
  Guest *guest = me(table);
  if (!threads(guest)->is_main(guest->host)) guest->broken++;
}
static void on_audio(const aup_clap_instance *table) {
  Guest *guest = me(table);
  if (!threads(guest)->is_audio(guest->host)) guest->broken++;
}

static bool begin(const aup_clap_instance *table) {
  Guest *guest = me(table);
  const Log *log = guest->host->extension(guest->host, "clap.log");
  log->log(guest->host, 1, "begun");
  guest->host->request_callback(guest->host);
#ifdef RUDE_BEGIN_FAILS
  return false;
#endif
  return true;
}
static void destroy(const aup_clap_instance *table) { free(me(table)); }
static bool activate(const aup_clap_instance *table, double rate, uint32_t shortest, uint32_t longest) {
  on_main(table);
  me(table)->is_active = true;
  me(table)->longest = longest;
#ifdef RUDE_ACTIVATE_FAILS
  return false;
#endif
  return rate == 48000 && shortest == 1;
}
static void deactivate(const aup_clap_instance *table) {
  on_main(table);
  me(table)->is_active = false;
}
static bool start(const aup_clap_instance *table) {
  on_audio(table);
  return me(table)->is_started = true;
}
static void stop(const aup_clap_instance *table) {
  on_audio(table);
  me(table)->is_started = false;
}
static void called(const aup_clap_instance *table) {
  on_main(table);
  me(table)->was_called = true;
}

static void take(Guest *guest, const aup_clap_events_in *in) {
  for (uint32_t i = 0; i < in->size(in); i++) {
    const aup_clap_value_event *event = (const void *)in->get(in, i);
    if (event->header.space || event->header.type != 5 || event->header.time) guest->broken++;
    if (event->parameter == 7) guest->gain = event->value;
    if (event->parameter == 9) guest->mode = event->value;
    guest->told++;
  }
}
static int32_t process(const aup_clap_instance *table, const aup_clap_block *block) {
  Guest *guest = me(table);
  on_audio(table);
#ifdef RUDE_SEGFAULT
  if (block->steady_time >= 512) *(volatile int *)8 = 1;
#endif
#ifdef RUDE_FAILS
  if (block->steady_time >= 512) return 0;
#endif
  if (!guest->is_active || !guest->is_started || !guest->was_called || block->frames > guest->longest) guest->broken++;
  if (block->input_count != 2 || block->output_count != 1 || block->inputs[1].channel_count != 2) guest->broken++;
  for (uint32_t c = 0; c < 2; c++)
    for (uint32_t i = 0; i < block->frames; i++)
      if (block->inputs[1].data32[c][i]) guest->broken++;
  take(guest, block->events_in);
  const float *in = block->inputs[0].data32[0];
  float *out = block->outputs[0].data32[0];
  if (in == out) guest->broken++;
  for (uint32_t i = 0; i < block->frames; i++) {
    float now = in[i];
    out[i] = guest->held * (float)guest->gain;
    guest->held = now;
  }
  guest->ran += block->frames;
  aup_clap_value_event said = {{sizeof said, block->frames - 1, 0, 5, 0}, 8, NULL, -1, -1, -1, -1,
                               guest->ran + 1000 * guest->told + 100000 * guest->broken};
  block->events_out->push(block->events_out, &said.header);
  return 1;
}

static uint32_t parameter_count(const aup_clap_instance *table) {
  (void)table;
#ifdef RUDE_CROWD
  return 100000;
#endif
  return 3;
}
static bool info(const aup_clap_instance *table, uint32_t index, aup_clap_parameter *to) {
  (void)table;
  static const aup_clap_parameter all[] = {
    {7, 0, NULL, "Gain", "", (float)0.1, 4, 1},
    {8, AUP_CLAP_READ_ONLY, NULL, "Reading", "", 0, 1e9, 0},
    {9, AUP_CLAP_STEPPED, NULL, "Mode", "", 1, 3, 2},
  };
#ifdef RUDE_NO_INFO
  return false;
#endif
  *to = all[index];
#ifdef RUDE_LONG_NAME
  memset(to->name, 'x', sizeof to->name);
#endif
  return true;
}
static bool text(const aup_clap_instance *table, uint32_t id, double value, char *to, uint32_t bytes) {
  (void)table;
  static const char *const modes[] = {"Low", "Mid", "High"};
  if (id == 9) return snprintf(to, bytes, "%s", modes[(int)value - 1]) > 0;
  return id == 7 && snprintf(to, bytes, "%.2f dB", value) > 0;
}
static void flush(const aup_clap_instance *table, const aup_clap_events_in *in, const aup_clap_events_out *out) {
  (void)out;
  take(me(table), in);
}
static uint32_t port_count(const aup_clap_instance *table, bool is_input) {
  (void)table;
#ifdef RUDE_NO_OUTPUT
  if (!is_input) return 0;
#endif
  return is_input ? 2 : 1;
}
static bool port(const aup_clap_instance *table, uint32_t index, bool is_input, aup_clap_audio_port *to) {
  (void)table;
  (void)is_input;
  to->channel_count = index + 1;
  return true;
}
static uint32_t one(const aup_clap_instance *table) { (void)table; return 1; }

static const void *extension(const aup_clap_instance *table, const char *id) {
  (void)table;
  static const aup_clap_parameters parameters = {parameter_count, info, NULL, text, NULL, flush};
  static const aup_clap_audio_ports ports = {port_count, port};
  static const aup_clap_frames frames = {one};
  if (!strcmp(id, "clap.params")) return &parameters;
  if (!strcmp(id, "clap.audio-ports")) return &ports;
  return !strcmp(id, "clap.latency") || !strcmp(id, "clap.tail") ? &frames : NULL;
}

static const char *const features[] = {"audio-effect", "mono", NULL};
static const aup_clap_descriptor described = {{1, 2, 0}, "test.guest", "Guest", "tests", "", "", "", "3", "", features};
#ifdef RUDE_NULL_ID
static const aup_clap_descriptor nameless;
#endif
static uint32_t count(const aup_clap_factory *factory) {
  (void)factory;
#ifdef RUDE_MANY
  return 4000000000u;
#endif
  return 1;
}
static const aup_clap_descriptor *descriptor(const aup_clap_factory *factory, uint32_t index) {
  (void)factory;
  (void)index;
#ifdef RUDE_NULL_DESCRIPTOR
  return NULL;
#endif
#ifdef RUDE_NULL_ID
  return &nameless;
#endif
  return &described;
}
static const aup_clap_instance *create(const aup_clap_factory *factory, const aup_clap_host *host, const char *id) {
  (void)factory;
#ifdef RUDE_CREATE_NULL
  return NULL;
#endif
  if (strcmp(id, "test.guest")) return NULL;
  Guest *guest = calloc(1, sizeof *guest);
  guest->table = (aup_clap_instance){&described, guest, begin, destroy, activate, deactivate, start, stop, NULL, process,
                                     extension, called};
  guest->host = host;
  return &guest->table;
}

static bool open_file(const char *path) {
  (void)path;
#ifdef RUDE_OPEN_FAILS
  return false;
#endif
  printf("text while being opened\n");
  return true;
}
static void close_file(void) {}
static const void *factory(const char *id) {
  static const aup_clap_factory made = {count, descriptor, create};
  return strcmp(id, "clap.plugin-factory") ? NULL : &made;
}
__attribute__((visibility("default"))) const aup_clap_entry clap_entry = {
#ifdef RUDE_WRONG_VERSION
  {7, 0, 0},
#else
  {1, 2, 0},
#endif
  open_file, close_file, factory};
