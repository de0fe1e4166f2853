#include "aup_dbus.h"
#include "CLibrary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The part of libdbus's interface that is used, declared here so that neither its headers nor the library are needed to
// build or to start. From the D-Bus API documentation, stable since 1.0.
typedef struct DBusConnection DBusConnection;
typedef struct DBusMessage DBusMessage;
typedef struct DBusPendingCall DBusPendingCall;
typedef struct {
    const char *name;
    const char *message;
    unsigned int flags; // five bit fields in the original
    void *padding;
} DBusError;
// Opaque and 14 words in the original; more room does no harm.
typedef struct {
    void *words[32];
} DBusMessageIter;
enum { TYPE_INVALID = 0, TYPE_STRING = 's', TYPE_UINT64 = 't', TYPE_UINT32 = 'u', TYPE_INT32 = 'i', TYPE_INT64 = 'x', TYPE_VARIANT = 'v' };

void dbus_error_init(DBusError *);
void dbus_error_free(DBusError *);
unsigned dbus_threads_init_default(void);
DBusConnection *dbus_connection_open_private(const char *, DBusError *);
void dbus_connection_set_exit_on_disconnect(DBusConnection *, unsigned);
DBusMessage *dbus_message_new_method_call(const char *, const char *, const char *, const char *);
unsigned dbus_message_append_args(DBusMessage *, int, ...);
unsigned dbus_connection_send_with_reply(DBusConnection *, DBusMessage *, DBusPendingCall **, int);
unsigned dbus_connection_read_write_dispatch(DBusConnection *, int);
unsigned dbus_pending_call_get_completed(DBusPendingCall *);
DBusMessage *dbus_pending_call_steal_reply(DBusPendingCall *);
void dbus_pending_call_cancel(DBusPendingCall *);
void dbus_pending_call_unref(DBusPendingCall *);
unsigned dbus_set_error_from_message(DBusError *, DBusMessage *);
unsigned dbus_message_iter_init(DBusMessage *, DBusMessageIter *);
int dbus_message_iter_get_arg_type(DBusMessageIter *);
void dbus_message_iter_recurse(DBusMessageIter *, DBusMessageIter *);
void dbus_message_iter_get_basic(DBusMessageIter *, void *);
void dbus_message_unref(DBusMessage *);
void dbus_connection_close(DBusConnection *);
void dbus_connection_unref(DBusConnection *);

#define FUNCTIONS(X) \
    X(dbus_error_init) X(dbus_error_free) X(dbus_threads_init_default) X(dbus_connection_open_private) \
    X(dbus_connection_set_exit_on_disconnect) X(dbus_message_new_method_call) X(dbus_message_append_args) \
    X(dbus_connection_send_with_reply) X(dbus_connection_read_write_dispatch) X(dbus_pending_call_get_completed) \
    X(dbus_pending_call_steal_reply) X(dbus_pending_call_cancel) X(dbus_pending_call_unref) \
    X(dbus_set_error_from_message) X(dbus_message_iter_init) X(dbus_message_iter_get_arg_type) \
    X(dbus_message_iter_recurse) X(dbus_message_iter_get_basic) X(dbus_message_unref) X(dbus_connection_close) \
    X(dbus_connection_unref)
AUP_LIBRARY(FUNCTIONS, "libdbus-1.so.3")

struct aup_rtkit {
    DBusConnection *connection;
    int milliseconds;
};

static const char service[] = "org.freedesktop.RealtimeKit1";
static const char object[] = "/org/freedesktop/RealtimeKit1";

static void say(char *why, size_t capacity, const char *first, const char *second) {
    snprintf(why, capacity, "%s%s%s", first, second ? ": " : "", second ? second : "");
    for (char *c = why; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
}

static int64_t milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Sends a call, waits for its answer no longer than the time-out, and frees the call. NULL with a reason.
///
/// Not dbus_connection_send_with_reply_and_block: that one first flushes without any time-out, for ever on a bus that
/// accepts the connection and then says nothing.
static DBusMessage *ask(aup_rtkit *rtkit, DBusMessage *call, const char *what, char *why, size_t capacity) {
    DBusPendingCall *pending = NULL;
    DBusMessage *answer = NULL;
    int64_t deadline = milliseconds_now() + rtkit->milliseconds;
    if (library.dbus_connection_send_with_reply(rtkit->connection, call, &pending, rtkit->milliseconds) && pending) {
        int64_t left;
        while (!library.dbus_pending_call_get_completed(pending) && (left = deadline - milliseconds_now()) > 0)
            if (!library.dbus_connection_read_write_dispatch(rtkit->connection, (int)left)) break;
        if (library.dbus_pending_call_get_completed(pending)) answer = library.dbus_pending_call_steal_reply(pending);
        else library.dbus_pending_call_cancel(pending);
        library.dbus_pending_call_unref(pending);
    }
    library.dbus_message_unref(call);
    if (!answer) {
        say(why, capacity, what, "no answer");
        return NULL;
    }
    DBusError error;
    library.dbus_error_init(&error);
    if (library.dbus_set_error_from_message(&error, answer)) {
        say(why, capacity, what, error.message ? error.message : "an error without words");
        library.dbus_message_unref(answer);
        answer = NULL;
    }
    library.dbus_error_free(&error);
    return answer;
}

aup_rtkit *aup_rtkit_open(int32_t milliseconds, char *why, size_t capacity) {
    aup_rtkit *rtkit = calloc(1, sizeof *rtkit);
    if (!rtkit) {
        say(why, capacity, "out of memory", NULL);
        return NULL;
    }
    rtkit->milliseconds = milliseconds;
    if (aup_library_missing(&door)) {
        say(why, capacity, "libdbus-1.so.3 is not installed", NULL);
        aup_rtkit_close(rtkit);
        return NULL;
    }
    library.dbus_threads_init_default();
    const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");
    DBusError error;
    library.dbus_error_init(&error);
    // A connection of our own and a Hello by hand: dbus_bus_get waits for it up to 25 seconds.
    rtkit->connection = library.dbus_connection_open_private(
        address && *address ? address : "unix:path=/run/dbus/system_bus_socket", &error);
    if (!rtkit->connection) {
        say(why, capacity, "no system bus", error.message);
        library.dbus_error_free(&error);
        aup_rtkit_close(rtkit);
        return NULL;
    }
    library.dbus_error_free(&error);
    library.dbus_connection_set_exit_on_disconnect(rtkit->connection, 0);
    DBusMessage *hello = library.dbus_message_new_method_call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                              "org.freedesktop.DBus", "Hello");
    DBusMessage *answer = hello ? ask(rtkit, hello, "the system bus does not answer", why, capacity) : NULL;
    if (!answer) {
        aup_rtkit_close(rtkit);
        return NULL;
    }
    library.dbus_message_unref(answer);
    return rtkit;
}

void aup_rtkit_close(aup_rtkit *rtkit) {
    if (!rtkit) return;
    if (rtkit->connection) {
        library.dbus_connection_close(rtkit->connection);
        library.dbus_connection_unref(rtkit->connection);
    }
    free(rtkit);
}

int32_t aup_rtkit_number(aup_rtkit *rtkit, const char *name, int64_t *value, char *why, size_t capacity) {
    DBusMessage *call = library.dbus_message_new_method_call(service, object, "org.freedesktop.DBus.Properties", "Get");
    const char *interface = service;
    if (!call || !library.dbus_message_append_args(call, TYPE_STRING, &interface, TYPE_STRING, &name, TYPE_INVALID)) {
        if (call) library.dbus_message_unref(call);
        say(why, capacity, "out of memory", NULL);
        return -1;
    }
    DBusMessage *answer = ask(rtkit, call, "rtkit", why, capacity);
    if (!answer) return -1;
    DBusMessageIter outer, inner;
    int32_t result = -1;
    if (library.dbus_message_iter_init(answer, &outer) &&
        library.dbus_message_iter_get_arg_type(&outer) == TYPE_VARIANT) {
        library.dbus_message_iter_recurse(&outer, &inner);
        int type = library.dbus_message_iter_get_arg_type(&inner);
        int32_t narrow = 0;
        result = 0;
        if (type == TYPE_INT64 || type == TYPE_UINT64) library.dbus_message_iter_get_basic(&inner, value);
        else if (type == TYPE_INT32 || type == TYPE_UINT32)
            library.dbus_message_iter_get_basic(&inner, &narrow), *value = narrow;
        else result = -1;
    }
    if (result) say(why, capacity, "rtkit gives no number for", name);
    library.dbus_message_unref(answer);
    return result;
}

static int32_t change(aup_rtkit *rtkit, const char *method, int64_t thread, int type, const void *level, char *why,
                      size_t capacity) {
    DBusMessage *call = library.dbus_message_new_method_call(service, object, service, method);
    uint64_t number = (uint64_t)thread;
    if (!call || !library.dbus_message_append_args(call, TYPE_UINT64, &number, type, level, TYPE_INVALID)) {
        if (call) library.dbus_message_unref(call);
        say(why, capacity, "out of memory", NULL);
        return -1;
    }
    DBusMessage *answer = ask(rtkit, call, "rtkit", why, capacity);
    if (!answer) return -1;
    library.dbus_message_unref(answer);
    return 0;
}

int32_t aup_rtkit_make_realtime(aup_rtkit *rtkit, int64_t thread, uint32_t priority, char *why, size_t capacity) {
    return change(rtkit, "MakeThreadRealtime", thread, TYPE_UINT32, &priority, why, capacity);
}

int32_t aup_rtkit_make_nice(aup_rtkit *rtkit, int64_t thread, int32_t level, char *why, size_t capacity) {
    return change(rtkit, "MakeThreadHighPriority", thread, TYPE_INT32, &level, why, capacity);
}
