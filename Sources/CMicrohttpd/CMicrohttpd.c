#include "CMicrohttpd.h"
#include "CLibrary.h"
#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LIST(X) \
    X(start_daemon) X(stop_daemon) X(add_connection) X(run) X(get_timeout) X(get_daemon_info) X(get_connection_info) \
    X(get_connection_values) X(create_response_from_buffer) X(create_response_from_callback) X(add_response_header) \
    X(queue_response) X(destroy_response) X(suspend_connection) X(resume_connection)

#define FIELD(name) __typeof__(&MHD_##name) name;
static struct {
    LIST(FIELD)
} library;

#define FUNCTION(name) {"MHD_" #name, &library.name},
static const aup_library_function functions[] = {LIST(FUNCTION){0, 0}};
AUP_LIBRARY_DOOR("libmicrohttpd.so.12")

const char *aup_http_missing(void) { return aup_library_missing(&door); }

// A connection, from when it is accepted until it is closed.
typedef struct visitor {
    struct visitor *next, *previous;
    int fd;
    int64_t waits_since; // milliseconds; -1 while it is being answered
} visitor;

struct aup_http {
    struct MHD_Daemon *daemon;
    aup_http_calls calls;
    aup_http_limits limits;
    visitor *visitors;
    unsigned connections;
};

struct aup_http_request {
    aup_http *server;
    struct MHD_Connection *connection;
    const char *method, *path;
    size_t target_bytes, body_bytes;
    int is_begun;
    enum MHD_Result result;
};

struct aup_http_stream {
    aup_http *server;
    struct MHD_Connection *connection;
    uint64_t number;
    int is_suspended;
};

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static visitor *visitor_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = library.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void wait_from(struct MHD_Connection *connection, int64_t when) {
    visitor *one = visitor_of(connection);
    if (one) one->waits_since = when;
}

static void connection_came_or_went(void *cls, struct MHD_Connection *connection, void **mine,
                                    enum MHD_ConnectionNotificationCode code) {
    aup_http *server = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        visitor *one = calloc(1, sizeof *one);
        *mine = one;
        server->connections++;
        if (!one) return;
        const union MHD_ConnectionInfo *info = library.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        one->fd = info ? info->connect_fd : -1;
        one->waits_since = milliseconds();
        one->next = server->visitors;
        if (one->next) one->next->previous = one;
        server->visitors = one;
        return;
    }
    server->connections--;
    visitor *one = *mine;
    if (!one) return;
    if (one->next) one->next->previous = one->previous;
    if (one->previous) one->previous->next = one->next;
    else server->visitors = one->next;
    free(one);
}

static void *request_came(void *cls, const char *target, struct MHD_Connection *connection) {
    aup_http_request *request = calloc(1, sizeof *request);
    if (!request) return NULL;
    request->server = cls;
    request->connection = connection;
    request->target_bytes = strlen(target);
    return request;
}

static void request_went(void *cls, struct MHD_Connection *connection, void **mine, enum MHD_RequestTerminationCode code) {
    (void)cls, (void)code;
    wait_from(connection, milliseconds());
    free(*mine);
    *mine = NULL;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *body, size_t *body_bytes, void **mine) {
    (void)version, (void)body;
    aup_http *server = cls;
    aup_http_request *request = *mine;
    if (!request) return MHD_NO;
    request->path = path;
    request->method = method;
    if (!request->is_begun) {
        request->is_begun = 1;
        const char *length = aup_http_value(request, AUP_HTTP_HEADER, MHD_HTTP_HEADER_CONTENT_LENGTH, NULL);
        if (!length || strtoull(length, NULL, 10) <= server->limits.body_bytes) return MHD_YES;
        struct MHD_Response *refusal = library.create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
        if (!refusal) return MHD_NO;
        enum MHD_Result result = library.queue_response(connection, MHD_HTTP_CONTENT_TOO_LARGE, refusal);
        library.destroy_response(refusal);
        return result;
    }
    if (*body_bytes) {
        request->body_bytes += *body_bytes;
        *body_bytes = 0;
        return request->body_bytes <= server->limits.body_bytes ? MHD_YES : MHD_NO;
    }
    wait_from(connection, -1);
    request->result = MHD_NO;
    server->calls.answer(server->calls.owner, request);
    return request->result;
}

aup_http *aup_http_start(aup_http_calls calls, aup_http_limits limits) {
    aup_http *server = calloc(1, sizeof *server);
    if (!server) return NULL;
    server->calls = calls;
    server->limits = limits;
    // No thread and no listening socket of the library's own: it only serves what it is given, when it is told to.
    server->daemon = library.start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_SUSPEND_RESUME, 0, NULL, NULL, handle, server,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.connection_bytes, MHD_OPTION_CONNECTION_LIMIT, limits.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_seconds, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, request_came, server, MHD_OPTION_NOTIFY_COMPLETED, request_went, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, connection_came_or_went, server, MHD_OPTION_END);
    if (server->daemon) return server;
    free(server);
    return NULL;
}

void aup_http_stop(aup_http *server) {
    library.stop_daemon(server->daemon);
    free(server);
}

int aup_http_waits_on(const aup_http *server) {
    const union MHD_DaemonInfo *info = library.get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

int aup_http_patience(const aup_http *server) {
    MHD_UNSIGNED_LONG_LONG wait;
    if (library.get_timeout(server->daemon, &wait) != MHD_YES) return -1;
    return wait > 60000 ? 60000 : (int)wait;
}

void aup_http_run(aup_http *server) { library.run(server->daemon); }

int aup_http_adopt(aup_http *server, int fd) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getpeername(fd, (struct sockaddr *)&address, &size) != 0) return 0;
    // The library closes what it is given.
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) return 0;
    return library.add_connection(server->daemon, own, (struct sockaddr *)&address, size) == MHD_YES;
}

unsigned aup_http_connections(const aup_http *server) { return server->connections; }

void aup_http_hurry(aup_http *server, int64_t now_milliseconds, int64_t patience_milliseconds) {
    for (visitor *one = server->visitors; one; one = one->next) {
        if (one->waits_since < 0 || now_milliseconds - one->waits_since < patience_milliseconds) continue;
        // The library sees an end and closes.
        if (one->fd >= 0) shutdown(one->fd, SHUT_RDWR);
        one->waits_since = now_milliseconds;
    }
}

const char *aup_http_method(const aup_http_request *request) { return request->method; }

const char *aup_http_path(const aup_http_request *request) { return request->path; }

size_t aup_http_target_bytes(const aup_http_request *request) { return request->target_bytes; }

typedef struct {
    const char *name, *found;
    int count, folds;
} wanted;

static enum MHD_Result look(void *cls, enum MHD_ValueKind kind, const char *name, const char *value) {
    (void)kind;
    wanted *one = cls;
    if (!(one->folds ? strcasecmp(name, one->name) : strcmp(name, one->name))) {
        one->count++;
        if (!one->found) one->found = value ? value : "";
    }
    return MHD_YES;
}

const char *aup_http_value(const aup_http_request *request, int kind, const char *name, int *count) {
    wanted one = {name, NULL, 0, kind == AUP_HTTP_HEADER};
    enum MHD_ValueKind where = kind == AUP_HTTP_HEADER  ? MHD_HEADER_KIND
                               : kind == AUP_HTTP_QUERY ? MHD_GET_ARGUMENT_KIND
                                                        : MHD_COOKIE_KIND;
    library.get_connection_values(request->connection, where, look, &one);
    if (count) *count = one.count;
    return one.found;
}

aup_http_reply *aup_http_bytes(const void *bytes, size_t count) {
    return (aup_http_reply *)library.create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

static ssize_t more(void *cls, uint64_t position, char *into, size_t room) {
    (void)position;
    aup_http_stream *stream = cls;
    long count = stream->server->calls.more(stream->server->calls.owner, stream->number, into, room);
    if (count < 0) return MHD_CONTENT_READER_END_OF_STREAM;
    if (count == 0 && !stream->is_suspended) {
        stream->is_suspended = 1;
        library.suspend_connection(stream->connection);
    }
    return count;
}

static void over(void *cls) {
    aup_http_stream *stream = cls;
    stream->server->calls.over(stream->server->calls.owner, stream->number);
    free(stream);
}

aup_http_reply *aup_http_endless(aup_http_request *request, uint64_t number, aup_http_stream **stream) {
    aup_http_stream *one = calloc(1, sizeof *one);
    if (!one) return NULL;
    one->server = request->server;
    one->connection = request->connection;
    one->number = number;
    struct MHD_Response *reply = library.create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, more, one, over);
    if (!reply) free(one);
    else *stream = one;
    return (aup_http_reply *)reply;
}

void aup_http_header(aup_http_reply *reply, const char *name, const char *value) {
    library.add_response_header((struct MHD_Response *)reply, name, value);
}

void aup_http_send(aup_http_request *request, aup_http_reply *reply, unsigned status) {
    request->result = library.queue_response(request->connection, status, (struct MHD_Response *)reply);
    library.destroy_response((struct MHD_Response *)reply);
}

void aup_http_wake(aup_http_stream *stream) {
    if (!stream->is_suspended) return;
    stream->is_suspended = 0;
    library.resume_connection(stream->connection);
}

int aup_http_descriptor(const aup_http_stream *stream) {
    const union MHD_ConnectionInfo *info =
        library.get_connection_info(stream->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}
