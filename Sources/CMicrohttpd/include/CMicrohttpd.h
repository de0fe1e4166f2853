// The door to libmicrohttpd, which is opened when a page is first to be served and never linked. The library runs no thread
// here: whoever owns the server waits for aup_http_waits_on() and calls aup_http_run(), and every function but
// aup_http_missing() is for that thread alone.
#ifndef CMICROHTTPD_H
#define CMICROHTTPD_H
#include <stddef.h>
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_http_missing(void);

/// Every function below wants aup_http_missing() to have returned NULL once.
typedef struct aup_http aup_http;
typedef struct aup_http_request aup_http_request;
typedef struct aup_http_reply aup_http_reply;
/// A reply without an end.
typedef struct aup_http_stream aup_http_stream;

typedef struct {
    /// Bytes of memory for one connection: the line, the headers and what is written next.
    size_t connection_bytes;
    /// Bytes of a body that are read and thrown away; more is refused.
    size_t body_bytes;
    unsigned connections;
    unsigned idle_seconds;
} aup_http_limits;

typedef struct {
    void *owner;
    /// A request is there, body and all; it is answered before this returns, with aup_http_send().
    void (*answer)(void *owner, aup_http_request *request);
    /// Writes what a stream has to say next. 0: nothing now, and it is asked again after aup_http_wake(); -1: the end.
    long (*more)(void *owner, uint64_t stream, char *into, size_t room);
    /// The stream is gone, and its handle with it.
    void (*over)(void *owner, uint64_t stream);
} aup_http_calls;

/// `NULL` when the library does not start.
aup_http *aup_http_start(aup_http_calls calls, aup_http_limits limits);
/// Closes all connections.
void aup_http_stop(aup_http *server);

/// A descriptor that can be read when there is something to run.
int aup_http_waits_on(const aup_http *server);
/// Milliseconds after which it has to run without news; -1 for never.
int aup_http_patience(const aup_http *server);
/// Does what can be done without waiting.
void aup_http_run(aup_http *server);

/// Serves a connection that was accepted; the descriptor stays the caller's. 0 when it was not taken.
int aup_http_adopt(aup_http *server, int fd);
unsigned aup_http_connections(const aup_http *server);
/// Hangs up on connections that have waited for so long without a whole request.
void aup_http_hurry(aup_http *server, int64_t now_milliseconds, int64_t patience_milliseconds);

const char *aup_http_method(const aup_http_request *request);
/// Decoded, without the query.
const char *aup_http_path(const aup_http_request *request);
/// Bytes of the target as it came.
size_t aup_http_target_bytes(const aup_http_request *request);

enum aup_http_kind { AUP_HTTP_HEADER, AUP_HTTP_QUERY, AUP_HTTP_COOKIE };
/// `NULL` where there is none. How many there are of that name is written to *count.
const char *aup_http_value(const aup_http_request *request, int kind, const char *name, int *count);

/// Replies; the bytes are copied. `NULL` without memory.
aup_http_reply *aup_http_bytes(const void *bytes, size_t count);
/// Begins a stream, whose handle is written to *stream.
aup_http_reply *aup_http_endless(aup_http_request *request, uint64_t number, aup_http_stream **stream);
void aup_http_header(aup_http_reply *reply, const char *name, const char *value);
/// Sends and forgets the reply.
void aup_http_send(aup_http_request *request, aup_http_reply *reply, unsigned status);

/// There is more to say.
void aup_http_wake(aup_http_stream *stream);
/// The descriptor of the connection that a stream goes to, to look whether the other end is there.
int aup_http_descriptor(const aup_http_stream *stream);
#endif
