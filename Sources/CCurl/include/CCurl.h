// The door to libcurl, opened when something is first sent over HTTP and never linked: one PUT without an end at a time.
#ifndef CCURL_H
#define CCURL_H
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_curl_missing(void);

/// Every function below wants aup_curl_missing() to have returned NULL once. One thread at a time, but for aup_curl_wake.
typedef struct aup_curl aup_curl;

/// `NULL` when there is no memory.
aup_curl *aup_curl_new(void);
void aup_curl_free(aup_curl *curl);

typedef struct {
    const char *url, *user, *password, *agent;
    /// A file of certificates that TLS trusts instead of the system's; NULL for those.
    const char *certificates;
    /// Whole lines of the head beside those that HTTP itself wants.
    const char *const *lines;
    int32_t line_count;
    /// How long a connection may take, and for how long an end may acknowledge nothing.
    int32_t connect_milliseconds, dead_milliseconds;
} aup_curl_request;

/// Begins to connect; what was before is dropped. 0, or -1 when there is no memory.
int32_t aup_curl_begin(aup_curl *curl, const aup_curl_request *request);

typedef struct {
    /// 1 once the transfer ended, for which reason ever.
    int32_t is_over;
    /// The server asked for the body, and all that was offered of it is with the library.
    int32_t is_welcome, wants_bytes;
    /// The last status that was heard, 0 before.
    int32_t status;
    /// Why it ended: libcurl's CURLcode, and errno where a system call failed.
    int32_t code, system_error;
    /// Bytes of the body that the socket took, and bytes that it took and that the other end has not acknowledged: of the
    /// connection, so with those of the head. At the end of a connection they are what they were when it was closed.
    int64_t sent_bytes, unacknowledged_bytes;
    /// libcurl's words for the code, and the beginning of what the server said in its answer.
    char reason[256], answer[512];
} aup_curl_state;

/// The next bytes of the body, which are copied. 0, or -1 when there is no memory.
int32_t aup_curl_offer(aup_curl *curl, const uint8_t *bytes, int64_t count);
/// Waits so long for news, or until it is woken, and moves what can be moved.
void aup_curl_step(aup_curl *curl, int32_t milliseconds, aup_curl_state *state);
/// Ends the transfer and closes its connection; what is not acknowledged by then is dropped.
void aup_curl_end(aup_curl *curl, aup_curl_state *state);
/// Ends a wait; any thread.
void aup_curl_wake(aup_curl *curl);

// Codes that are told apart.
enum {
    AUP_CURL_OK = 0,
    AUP_CURL_UNKNOWN_HOST = 6,
    AUP_CURL_UNREACHABLE = 7,
    AUP_CURL_TIMEOUT = 28,
    AUP_CURL_TLS = 35,
    AUP_CURL_NOTHING = 52,
    AUP_CURL_SEND = 55,
    AUP_CURL_RECEIVE = 56,
    AUP_CURL_CERTIFICATE = 60,
};
#endif
