#include "aup_dbus.h"
#include <dlfcn.h>
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

struct aup_rtkit {
    void *library;
    DBusConnection *connection;
    int milliseconds;
    void (*error_init)(DBusError *);
    void (*error_free)(DBusError *);
    unsigned (*threads_init_default)(void);
    DBusConnection *(*open_private)(const char *, DBusError *);
    void (*set_exit_on_disconnect)(DBusConnection *, unsigned);
    DBusMessage *(*new_method_call)(const char *, const char *, const char *, const char *);
    unsigned (*append_args)(DBusMessage *, int, ...);
    unsigned (*send_with_reply)(DBusConnection *, DBusMessage *, DBusPendingCall **, int);
    unsigned (*read_write_dispatch)(DBusConnection *, int);
    unsigned (*pending_completed)(DBusPendingCall *);
    DBusMessage *(*pending_steal)(DBusPendingCall *);
    void (*pending_cancel)(DBusPendingCall *);
    void (*pending_unref)(DBusPendingCall *);
    unsigned (*error_from_message)(DBusError *, DBusMessage *);
    unsigned (*iter_init)(DBusMessage *, DBusMessageIter *);
    int (*iter_type)(DBusMessageIter *);
    void (*iter_recurse)(DBusMessageIter *, DBusMessageIter *);
    void (*iter_basic)(DBusMessageIter *, void *);
    void (*message_unref)(DBusMessage *);
    void (*close)(DBusConnection *);
    void (*unref)(DBusConnection *);
};

static const char service[] = "org.freedesktop.RealtimeKit1";
static const char object[] = "/org/freedesktop/RealtimeKit1";

static void say(char *why, size_t capacity, const char *first, const char *second) {
    snprintf(why, capacity, "%s%s%s", first, second ? ": " : "", second ? second : "");
    for (char *c = why; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
}

static int load(aup_rtkit *rtkit) {
    // RTLD_NODELETE: libdbus keeps state of its own for the process and must not be unmapped.
    rtkit->library = dlopen("libdbus-1.so.3", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!rtkit->library) return -1;
    struct {
        const char *name;
        void *where;
    } wanted[] = {
        {"dbus_error_init", &rtkit->error_init},
        {"dbus_error_free", &rtkit->error_free},
        {"dbus_threads_init_default", &rtkit->threads_init_default},
        {"dbus_connection_open_private", &rtkit->open_private},
        {"dbus_connection_set_exit_on_disconnect", &rtkit->set_exit_on_disconnect},
        {"dbus_message_new_method_call", &rtkit->new_method_call},
        {"dbus_message_append_args", &rtkit->append_args},
        {"dbus_connection_send_with_reply", &rtkit->send_with_reply},
        {"dbus_connection_read_write_dispatch", &rtkit->read_write_dispatch},
        {"dbus_pending_call_get_completed", &rtkit->pending_completed},
        {"dbus_pending_call_steal_reply", &rtkit->pending_steal},
        {"dbus_pending_call_cancel", &rtkit->pending_cancel},
        {"dbus_pending_call_unref", &rtkit->pending_unref},
        {"dbus_set_error_from_message", &rtkit->error_from_message},
        {"dbus_message_iter_init", &rtkit->iter_init},
        {"dbus_message_iter_get_arg_type", &rtkit->iter_type},
        {"dbus_message_iter_recurse", &rtkit->iter_recurse},
        {"dbus_message_iter_get_basic", &rtkit->iter_basic},
        {"dbus_message_unref", &rtkit->message_unref},
        {"dbus_connection_close", &rtkit->close},
        {"dbus_connection_unref", &rtkit->unref},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        void *symbol = dlsym(rtkit->library, wanted[i].name);
        if (!symbol) return -1;
        // POSIX: a pointer to data and one to a function have one size; copied, since C has no cast between them.
        memcpy(wanted[i].where, &symbol, sizeof symbol);
    }
    return 0;
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
    if (rtkit->send_with_reply(rtkit->connection, call, &pending, rtkit->milliseconds) && pending) {
        int64_t left;
        while (!rtkit->pending_completed(pending) && (left = deadline - milliseconds_now()) > 0)
            if (!rtkit->read_write_dispatch(rtkit->connection, (int)left)) break;
        if (rtkit->pending_completed(pending)) answer = rtkit->pending_steal(pending);
        else rtkit->pending_cancel(pending);
        rtkit->pending_unref(pending);
    }
    rtkit->message_unref(call);
    if (!answer) {
        say(why, capacity, what, "no answer");
        return NULL;
    }
    DBusError error;
    rtkit->error_init(&error);
    if (rtkit->error_from_message(&error, answer)) {
        say(why, capacity, what, error.message ? error.message : "an error without words");
        rtkit->message_unref(answer);
        answer = NULL;
    }
    rtkit->error_free(&error);
    return answer;
}

aup_rtkit *aup_rtkit_open(int32_t milliseconds, char *why, size_t capacity) {
    aup_rtkit *rtkit = calloc(1, sizeof *rtkit);
    if (!rtkit) {
        say(why, capacity, "out of memory", NULL);
        return NULL;
    }
    rtkit->milliseconds = milliseconds;
    if (load(rtkit)) {
        say(why, capacity, "libdbus-1.so.3 is not installed", NULL);
        aup_rtkit_close(rtkit);
        return NULL;
    }
    rtkit->threads_init_default();
    const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");
    DBusError error;
    rtkit->error_init(&error);
    // A connection of our own and a Hello by hand: dbus_bus_get waits for it up to 25 seconds.
    rtkit->connection = rtkit->open_private(address && *address ? address : "unix:path=/run/dbus/system_bus_socket", &error);
    if (!rtkit->connection) {
        say(why, capacity, "no system bus", error.message);
        rtkit->error_free(&error);
        aup_rtkit_close(rtkit);
        return NULL;
    }
    rtkit->error_free(&error);
    rtkit->set_exit_on_disconnect(rtkit->connection, 0);
    DBusMessage *hello =
        rtkit->new_method_call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello");
    DBusMessage *answer = hello ? ask(rtkit, hello, "the system bus does not answer", why, capacity) : NULL;
    if (!answer) {
        aup_rtkit_close(rtkit);
        return NULL;
    }
    rtkit->message_unref(answer);
    return rtkit;
}

void aup_rtkit_close(aup_rtkit *rtkit) {
    if (!rtkit) return;
    if (rtkit->connection) {
        rtkit->close(rtkit->connection);
        rtkit->unref(rtkit->connection);
    }
    if (rtkit->library) dlclose(rtkit->library);
    free(rtkit);
}

int32_t aup_rtkit_number(aup_rtkit *rtkit, const char *name, int64_t *value, char *why, size_t capacity) {
    DBusMessage *call = rtkit->new_method_call(service, object, "org.freedesktop.DBus.Properties", "Get");
    const char *interface = service;
    if (!call || !rtkit->append_args(call, TYPE_STRING, &interface, TYPE_STRING, &name, TYPE_INVALID)) {
        if (call) rtkit->message_unref(call);
        say(why, capacity, "out of memory", NULL);
        return -1;
    }
    DBusMessage *answer = ask(rtkit, call, "rtkit", why, capacity);
    if (!answer) return -1;
    DBusMessageIter outer, inner;
    int32_t result = -1;
    if (rtkit->iter_init(answer, &outer) && rtkit->iter_type(&outer) == TYPE_VARIANT) {
        rtkit->iter_recurse(&outer, &inner);
        int type = rtkit->iter_type(&inner);
        int32_t narrow = 0;
        result = 0;
        if (type == TYPE_INT64 || type == TYPE_UINT64) rtkit->iter_basic(&inner, value);
        else if (type == TYPE_INT32 || type == TYPE_UINT32) rtkit->iter_basic(&inner, &narrow), *value = narrow;
        else result = -1;
    }
    if (result) say(why, capacity, "rtkit gives no number for", name);
    rtkit->message_unref(answer);
    return result;
}

static int32_t change(aup_rtkit *rtkit, const char *method, int64_t thread, int type, const void *level, char *why,
                      size_t capacity) {
    DBusMessage *call = rtkit->new_method_call(service, object, service, method);
    uint64_t number = (uint64_t)thread;
    if (!call || !rtkit->append_args(call, TYPE_UINT64, &number, type, level, TYPE_INVALID)) {
        if (call) rtkit->message_unref(call);
        say(why, capacity, "out of memory", NULL);
        return -1;
    }
    DBusMessage *answer = ask(rtkit, call, "rtkit", why, capacity);
    if (!answer) return -1;
    rtkit->message_unref(answer);
    return 0;
}

int32_t aup_rtkit_make_realtime(aup_rtkit *rtkit, int64_t thread, uint32_t priority, char *why, size_t capacity) {
    return change(rtkit, "MakeThreadRealtime", thread, TYPE_UINT32, &priority, why, capacity);
}

int32_t aup_rtkit_make_nice(aup_rtkit *rtkit, int64_t thread, int32_t level, char *why, size_t capacity) {
    return change(rtkit, "MakeThreadHighPriority", thread, TYPE_INT32, &level, why, capacity);
}
