// What one LV2 instance is lent: features, and the buffers behind its ports.
#ifndef AUP_LV2_HOST_H
#define AUP_LV2_HOST_H
#include "CAupPlugin.h"
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

// The headers of what came before atoms warn of being old, which is why they are needed.
#include <lv2/core/attributes.h>
LV2_DISABLE_DEPRECATION_WARNINGS
#include <lv2/event/event.h>
#include <lv2/uri-map/uri-map.h>

enum { AUP_LV2_FEATURES = 11, AUP_LV2_OPTIONS = 6, AUP_LV2_QUEUE_BYTES = 1 << 16 };

/// Messages one after another: a length of 4 bytes, then so many.
typedef struct {
    uint32_t used;
    unsigned char bytes[AUP_LV2_QUEUE_BYTES];
} aup_lv2_queue;

typedef struct {
    const aup_host *host;
    LV2_URID_Map map;
    LV2_URID_Unmap unmap;
    LV2_Log_Log log;
    LV2_Worker_Schedule schedule;
    LV2_URI_Map_Feature old_map;
    LV2_Event_Feature old_events;
    LV2_Options_Option options[AUP_LV2_OPTIONS];
    int32_t shortest, longest, sequence_bytes;
    float rate;
    LV2_Feature features[AUP_LV2_FEATURES];
    const LV2_Feature *list[AUP_LV2_FEATURES + 1];
    aup_lv2_queue requests, responses;
    LV2_URID sequence, chunk;
} aup_lv2_host;
LV2_RESTORE_WARNINGS

/// Fills in everything; the host must stay where it is.
void aup_lv2_host_begin(aup_lv2_host *host, const aup_host *log, double rate, uint32_t longest, int32_t is_live);

/// Does the work that was asked for during run, on this thread, and hands over what came of it.
void aup_lv2_host_work(aup_lv2_host *host, const LV2_Worker_Interface *worker, LV2_Handle guest);

/// Makes an event buffer of so many bytes, the kind before atoms, an empty one.
void aup_lv2_no_events(void *buffer, uint32_t bytes) AUP_GUEST_CALL;

/// The features a library asks for before there is an instance.
const LV2_Feature *const *aup_lv2_bare_features(void);
#endif
