/* An LV2 guest that uses what hosts have to lend, and, built with -DRUDE_<way>, breaks the contract one way.
 *
 * Ports: sound in, sound out, gain, CV in, events in, events out, latency, reading. Sound comes out one frame late, times
 * the gain, plus the CV; the reading counts frames, plus 1000 for each piece of work that came back, plus 10000 for
 * each broken promise of the host. */
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN, OUT, GAIN, CV, EVENTS_IN, EVENTS_OUT, LATENCY, READING, PORTS };
typedef struct {
  void *port[PORTS];
  float held, ran, worked, broken;
  int active;
  LV2_URID sequence, chunk;
  int32_t longest;
  const LV2_Worker_Schedule *worker;
} Guest;

static const void *lent(const LV2_Feature *const *features, const char *uri) {
  for (int i = 0; features[i]; i++) if (!strcmp(features[i]->URI, uri)) return features[i]->data ? features[i]->data : "";
  return NULL;
}

static LV2_Handle make(const LV2_Descriptor *d, double rate, const char *bundle, const LV2_Feature *const *features) {
  (void)d;
#ifdef RUDE_INSTANTIATE_NULL
  return NULL;
#endif
  Guest *guest = calloc(1, sizeof *guest);
  const LV2_URID_Map *map = lent(features, LV2_URID__map);
  const LV2_Options_Option *option = lent(features, LV2_OPTIONS__options);
  const LV2_Log_Log *log = lent(features, LV2_LOG__log);
  guest->worker = lent(features, LV2_WORKER__schedule);
  if (!map || !option || !log || !guest->worker || !lent(features, LV2_BUF_SIZE__boundedBlockLength) || rate != 48000
      || bundle[strlen(bundle) - 1] != '/')
    return free(guest), NULL;
  guest->sequence = map->map(map->handle, LV2_ATOM__Sequence);
  guest->chunk = map->map(map->handle, LV2_ATOM__Chunk);
  for (; option->key; option++)
    if (option->key == map->map(map->handle, LV2_BUF_SIZE__maxBlockLength)) guest->longest = *(const int32_t *)option->value;
  log->printf(log->handle, 0, "longest %d\n", guest->longest);
  return guest;
}
static void connect(LV2_Handle handle, uint32_t port, void *where) { ((Guest *)handle)->port[port] = where; }
static void activate(LV2_Handle handle) { ((Guest *)handle)->active = 1; }
static void run(LV2_Handle handle, uint32_t frames) {
  Guest *guest = handle;
  const float *in = guest->port[IN], *cv = guest->port[CV];
  float *out = guest->port[OUT], gain = *(float *)guest->port[GAIN];
  const LV2_Atom_Sequence *events = guest->port[EVENTS_IN], *room = guest->port[EVENTS_OUT];
  if (!guest->active || (int32_t)frames > guest->longest || in == out) guest->broken++;
  if (events->atom.type != guest->sequence || events->atom.size != sizeof(LV2_Atom_Sequence_Body)) guest->broken++;
  if (room->atom.type != guest->chunk || room->atom.size < 20000) guest->broken++;
#ifdef RUDE_SEGFAULT
  if (guest->ran >= 512) *(volatile int *)8 = 1;
#endif
  for (uint32_t i = 0; i < frames; i++) {
    float now = in[i];
    out[i] = guest->held * gain + cv[i];
    guest->held = now;
  }
  guest->ran += frames;
  guest->worker->schedule_work(guest->worker->handle, sizeof guest->ran, &guest->ran);
  *(float *)guest->port[LATENCY] = 1;
  *(float *)guest->port[READING] = guest->ran + 1000 * guest->worked + 10000 * guest->broken;
}
static void deactivate(LV2_Handle handle) { ((Guest *)handle)->active = 0; }
static void cleanup(LV2_Handle handle) { free(handle); }

static LV2_Worker_Status work(LV2_Handle handle, LV2_Worker_Respond_Function respond, LV2_Worker_Respond_Handle to,
                              uint32_t size, const void *data) {
  (void)handle;
  return respond(to, size, data);
}
static LV2_Worker_Status response(LV2_Handle handle, uint32_t size, const void *data) {
  Guest *guest = handle;
  if (size != sizeof(float) || *(const float *)data != guest->ran) guest->broken++;
  guest->worked++;
  return LV2_WORKER_SUCCESS;
}
static const LV2_Worker_Interface worker = {work, response, NULL};
static const void *more(const char *uri) { return strcmp(uri, LV2_WORKER__interface) ? NULL : &worker; }

static LV2_Descriptor guest = {"urn:aup:test:guest", make, connect, activate, run, deactivate, cleanup, more};

const LV2_Descriptor *lv2_descriptor(uint32_t index) {
#ifdef RUDE_OTHER_URI
  guest.URI = "urn:aup:test:other";
#endif
#ifdef RUDE_NULL_RUN
  guest.run = NULL;
#endif
#ifdef RUDE_NULL_URI
  guest.URI = NULL;
#endif
#ifdef RUDE_ENDLESS
  return guest.URI = "urn:aup:test:other", &guest;
#endif
  return index ? NULL : &guest;
}
