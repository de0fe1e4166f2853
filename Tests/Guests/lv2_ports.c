/* LV2 guests with what is rarely seen: events as they were before atoms, control voltages only, no sound at all, and a
 * state. */
#include <lv2/core/attributes.h>
#include <lv2/core/lv2.h>
LV2_DISABLE_DEPRECATION_WARNINGS
#include <lv2/event/event.h>
#include <lv2/state/state.h>
#include <lv2/uri-map/uri-map.h>
#include <lv2/urid/urid.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  void *port[4];
  int is_served;
  LV2_URID value;
  float kept;
} Guest;

static const void *lent(const LV2_Feature *const *features, const char *uri) {
  for (int i = 0; features[i]; i++) if (!strcmp(features[i]->URI, uri)) return features[i]->data;
  return NULL;
}
static LV2_Handle make(const LV2_Descriptor *d, double rate, const char *bundle, const LV2_Feature *const *features) {
  (void)d, (void)rate, (void)bundle;
  Guest *guest = calloc(1, sizeof *guest);
  const LV2_URI_Map_Feature *map = lent(features, LV2_URI_MAP_URI);
  const LV2_Event_Feature *events = lent(features, LV2_EVENT_URI);
  const LV2_URID_Map *numbers = lent(features, LV2_URID__map);
  if (numbers) guest->value = numbers->map(numbers->handle, "urn:aup:test:value");
  if (!map || !events || !events->lv2_event_ref || !events->lv2_event_unref) return guest;
  uint32_t first = map->uri_to_id(map->callback_data, LV2_EVENT_URI, "http://lv2plug.in/ns/ext/midi#MidiEvent");
  uint32_t again = map->uri_to_id(map->callback_data, LV2_EVENT_URI, "http://lv2plug.in/ns/ext/midi#MidiEvent");
  uint32_t other = map->uri_to_id(map->callback_data, NULL, "urn:aup:test:other");
  guest->is_served = first && first < 65536 && first == again && other && other != first;
  return guest;
}
static void connect(LV2_Handle handle, uint32_t port, void *where) { ((Guest *)handle)->port[port] = where; }

/* 0.5 where the host keeps its promises: out, events in, events out. */
static void run_old(LV2_Handle handle, uint32_t frames) {
  Guest *guest = handle;
  float *out = guest->port[0], value = guest->is_served ? 0.5f : -1;
  for (int port = 1; port < 3; port++) {
    LV2_Event_Buffer *events = guest->port[port];
    if (!events || !events->data || events->header_size != sizeof *events || events->stamp_type || events->event_count
        || events->size || events->capacity < 4096)
      value = -1;
    else {
      /* The next block must find it as this one did. */
      events->event_count = events->size = 16;
      memset(events->data, 1, events->capacity);
    }
  }
  for (uint32_t i = 0; i < frames; i++) out[i] = value;
}
/* Twice the voltage. */
static void run_voltage(LV2_Handle handle, uint32_t frames) {
  Guest *guest = handle;
  const float *in = guest->port[0];
  float *out = guest->port[1];
  for (uint32_t i = 0; i < frames; i++) out[i] = 2 * in[i];
}
/* The right channel, which may stay open. */
static void run_key(LV2_Handle handle, uint32_t frames) {
  Guest *guest = handle;
  const float *right = guest->port[2];
  float *out = guest->port[3];
  for (uint32_t i = 0; i < frames; i++) out[i] = right ? right[i] : -1;
}
/* What was kept under urn:aup:test:value. */
static void run_state(LV2_Handle handle, uint32_t frames) {
  Guest *guest = handle;
  float *out = guest->port[0];
  for (uint32_t i = 0; i < frames; i++) out[i] = guest->kept;
}
static LV2_State_Status restore(LV2_Handle handle, LV2_State_Retrieve_Function retrieve, LV2_State_Handle state, uint32_t flags,
                                const LV2_Feature *const *features) {
  (void)flags, (void)features;
  Guest *guest = handle;
  size_t bytes = 0;
  uint32_t type = 0, kind = 0;
  const void *found = retrieve(state, guest->value, &bytes, &type, &kind);
  if (found && bytes == sizeof guest->kept) memcpy(&guest->kept, found, bytes);
  return LV2_STATE_SUCCESS;
}
static const LV2_State_Interface keeper = {NULL, restore};
static const void *more(const char *uri) { return strcmp(uri, LV2_STATE__interface) ? NULL : &keeper; }
static void run_nothing(LV2_Handle handle, uint32_t frames) { (void)handle, (void)frames; }

static const LV2_Descriptor guests[] = {
  {"urn:aup:test:old", make, connect, NULL, run_old, NULL, free, NULL},
  {"urn:aup:test:voltage", make, connect, NULL, run_voltage, NULL, free, NULL},
  {"urn:aup:test:mute", make, connect, NULL, run_nothing, NULL, free, NULL},
  {"urn:aup:test:key", make, connect, NULL, run_key, NULL, free, NULL},
  {"urn:aup:test:state", make, connect, NULL, run_state, NULL, free, more},
};
const LV2_Descriptor *lv2_descriptor(uint32_t index) { return index < 5 ? &guests[index] : NULL; }
