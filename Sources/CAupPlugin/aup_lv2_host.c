#include "aup_lv2_host.h"
#include <lv2/atom/atom.h>
#include <lv2/parameters/parameters.h>
#include <lv2/state/state.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// One numbering of URIs for the whole process, because guests keep the numbers in their binaries' statics.
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static char **known;
static uint32_t known_count;
// More than any set of plugins uses; a guest that maps without end gets 0, which means "failed".
enum { KNOWN_LIMIT = 100000 };

static LV2_URID number_of(LV2_URID_Map_Handle handle, const char *uri) {
    (void)handle;
    if (!uri) return 0;
    pthread_mutex_lock(&gate);
    uint32_t at = 0;
    while (at < known_count && strcmp(known[at], uri)) at++;
    if (at == known_count) {
        char **more = known_count < KNOWN_LIMIT ? realloc(known, (known_count + 1) * sizeof *more) : NULL;
        if (more) known = more;
        char *copy = more ? strdup(uri) : NULL;
        if (copy) known[known_count++] = copy;
        else at = UINT32_MAX;
    }
    pthread_mutex_unlock(&gate);
    return at + 1;
}

static const char *uri_of(LV2_URID_Unmap_Handle handle, LV2_URID number) {
    (void)handle;
    pthread_mutex_lock(&gate);
    const char *uri = number >= 1 && number <= known_count ? known[number - 1] : NULL;
    pthread_mutex_unlock(&gate);
    return uri;
}

LV2_DISABLE_DEPRECATION_WARNINGS

static uint32_t old_number_of(LV2_URI_Map_Callback_Data data, const char *map, const char *uri) {
    (void)map;
    return number_of(data, uri);
}

// No event is ever sent that anybody would have to hold on to.
static uint32_t hold(LV2_Event_Callback_Data data, LV2_Event *event) {
    (void)data, (void)event;
    return 0;
}

void aup_lv2_no_events(void *buffer, uint32_t bytes) AUP_GUEST_CALL {
    LV2_Event_Buffer *events = buffer;
    *events = (LV2_Event_Buffer){.data = (uint8_t *)(events + 1),
                                 .header_size = sizeof *events,
                                 .stamp_type = LV2_EVENT_AUDIO_STAMP,
                                 .capacity = bytes - (uint32_t)sizeof *events};
}

static int say(LV2_Log_Handle handle, LV2_URID type, const char *format, va_list words) {
    (void)type;
    const aup_host *host = ((aup_lv2_host *)handle)->host;
    char text[240];
    int length = vsnprintf(text, sizeof text, format, words);
    // Keeping a line takes memory and a lock, which the audio thread may not.
    if (!host || aup_breadcrumb_phase() == AUP_PHASE_PROCESS) return length;
    size_t end = strcspn(text, "\r\n");
    text[end] = 0;
    if (end) host->log(host->context, AUP_LOG_INFO, text);
    return length;
}

static int say_words(LV2_Log_Handle handle, LV2_URID type, const char *format, ...) {
    va_list words;
    va_start(words, format);
    int length = say(handle, type, format, words);
    va_end(words);
    return length;
}

static int put(aup_lv2_queue *queue, uint32_t size, const void *data) {
    if (size > sizeof queue->bytes - 4 || queue->used > sizeof queue->bytes - size - 4) return 0;
    memcpy(queue->bytes + queue->used, &size, 4);
    if (size) memcpy(queue->bytes + queue->used + 4, data, size);
    queue->used += 4 + size;
    return 1;
}

static LV2_Worker_Status schedule(LV2_Worker_Schedule_Handle handle, uint32_t size, const void *data) {
    return put(&((aup_lv2_host *)handle)->requests, size, data) ? LV2_WORKER_SUCCESS : LV2_WORKER_ERR_NO_SPACE;
}

static LV2_Worker_Status respond(LV2_Worker_Respond_Handle handle, uint32_t size, const void *data) {
    return put(&((aup_lv2_host *)handle)->responses, size, data) ? LV2_WORKER_SUCCESS : LV2_WORKER_ERR_NO_SPACE;
}

// One message in memory of its own, aligned as a guest may expect; gives where the next begins.
static uint32_t take(const aup_lv2_queue *queue, uint32_t at, uint64_t *message, uint32_t *size) {
    memcpy(size, queue->bytes + at, 4);
    memcpy(message, queue->bytes + at + 4, *size);
    return at + 4 + *size;
}

void aup_lv2_host_work(aup_lv2_host *host, const LV2_Worker_Interface *worker, LV2_Handle guest) {
    if (!worker || !worker->work) return;
    uint64_t message[AUP_LV2_QUEUE_BYTES / 8];
    uint32_t size;
    // What is asked for while this goes on waits for the next block, so that no guest keeps it going for ever.
    uint32_t end = host->requests.used;
    for (uint32_t at = 0; at < end;) {
        at = take(&host->requests, at, message, &size);
        aup_call_watch_pause(1); // work may allocate and wait: that it is done here is our choice
        worker->work(guest, respond, host, size, message);
        aup_call_watch_pause(-1);
    }
    memmove(host->requests.bytes, host->requests.bytes + end, host->requests.used - end);
    host->requests.used -= end;
    end = host->responses.used;
    for (uint32_t at = 0; at < end;) {
        at = take(&host->responses, at, message, &size);
        if (worker->work_response) worker->work_response(guest, size, message);
    }
    host->responses.used = 0;
    if (worker->end_run) worker->end_run(guest);
}

static const char *const feature_uris[AUP_LV2_FEATURES] = {
    LV2_URID__map, LV2_URID__unmap, LV2_LOG__log, LV2_WORKER__schedule, LV2_OPTIONS__options,
    LV2_BUF_SIZE__boundedBlockLength, LV2_STATE__loadDefaultState, LV2_STATE__threadSafeRestore, LV2_URI_MAP_URI,
    LV2_EVENT_URI, LV2_CORE__isLive,
};

const char *aup_lv2_feature(uint32_t index) { return index < AUP_LV2_FEATURES ? feature_uris[index] : NULL; }

void aup_lv2_host_begin(aup_lv2_host *host, const aup_host *log, double rate, uint32_t longest, int32_t is_live) {
    host->host = log;
    host->map = (LV2_URID_Map){host, number_of};
    host->unmap = (LV2_URID_Unmap){host, uri_of};
    host->log = (LV2_Log_Log){host, say_words, say};
    host->schedule = (LV2_Worker_Schedule){host, schedule};
    host->old_map = (LV2_URI_Map_Feature){host, old_number_of};
    host->old_events = (LV2_Event_Feature){host, hold, hold};
    host->shortest = 1;
    host->longest = (int32_t)longest;
    host->sequence_bytes = 8192;
    host->rate = (float)rate;
    LV2_URID whole = number_of(host, LV2_ATOM__Int);
    const struct {
        const char *key;
        LV2_URID type;
        const void *value;
    } options[AUP_LV2_OPTIONS - 1] = {
        {LV2_BUF_SIZE__minBlockLength, whole, &host->shortest},
        {LV2_BUF_SIZE__maxBlockLength, whole, &host->longest},
        {"http://lv2plug.in/ns/ext/buf-size#nominalBlockLength", whole, &host->longest},
        {LV2_BUF_SIZE__sequenceSize, whole, &host->sequence_bytes},
        {LV2_PARAMETERS__sampleRate, number_of(host, LV2_ATOM__Float), &host->rate},
    };
    for (int i = 0; i < AUP_LV2_OPTIONS - 1; i++)
        host->options[i] =
            (LV2_Options_Option){LV2_OPTIONS_INSTANCE, 0, number_of(host, options[i].key), 4, options[i].type, options[i].value};
    void *const data[AUP_LV2_FEATURES] = {&host->map, &host->unmap, &host->log, &host->schedule, host->options, NULL, NULL, NULL,
                                          &host->old_map, &host->old_events, NULL};
    int count = 0;
    for (int i = 0; i < AUP_LV2_FEATURES; i++) {
        host->features[i] = (LV2_Feature){feature_uris[i], data[i]};
        if (i < AUP_LV2_FEATURES - 1 || is_live) host->list[count++] = &host->features[i];
    }
    host->list[count] = NULL;
    host->sequence = number_of(host, LV2_ATOM__Sequence);
    host->chunk = number_of(host, LV2_ATOM__Chunk);
}

void *aup_lv2_map(void) {
    static LV2_URID_Map map = {NULL, number_of};
    return &map;
}

const LV2_Feature *const *aup_lv2_bare_features(void) {
    static LV2_URID_Unmap unmap = {NULL, uri_of};
    static LV2_Feature map_feature = {LV2_URID__map, NULL}, unmap_feature = {LV2_URID__unmap, &unmap};
    static const LV2_Feature *const list[] = {&map_feature, &unmap_feature, NULL};
    map_feature.data = aup_lv2_map();
    return list;
}

LV2_RESTORE_WARNINGS
