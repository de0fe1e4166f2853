#include "CCurl.h"
#include "CLibrary.h"
// As functions and not as macros, since they are called through pointers.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FUNCTIONS(X) \
    X(curl_global_init) X(curl_multi_init) X(curl_multi_cleanup) X(curl_multi_add_handle) X(curl_multi_remove_handle) \
    X(curl_multi_perform) X(curl_multi_poll) X(curl_multi_wakeup) X(curl_multi_info_read) X(curl_easy_init) \
    X(curl_easy_cleanup) X(curl_easy_setopt) X(curl_easy_getinfo) X(curl_easy_pause) X(curl_easy_strerror) \
    X(curl_slist_append) X(curl_slist_free_all)
AUP_LIBRARY(FUNCTIONS, "libcurl.so.4", "libcurl-gnutls.so.4")

// Not safe beside itself in older versions.
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void begin_library(void) { library.curl_global_init(CURL_GLOBAL_DEFAULT); }

const char *aup_curl_missing(void) {
    const char *missing = aup_library_missing(&door);
    if (!missing) pthread_once(&once, begin_library);
    return missing;
}

// What a server may say at most: heads of all its answers together, and what follows the last.
enum { HEAD_LIMIT = 16384, ANSWER_LIMIT = 65536 };
// Connections that are tried at once, one an address of the server.
enum { SOCKET_LIMIT = 16 };

struct aup_curl {
    CURLM *multi;
    CURL *easy; // NULL between two transfers
    struct curl_slist *lines;
    uint8_t *body;
    size_t body_room, body_bytes, body_taken;
    size_t head_bytes, answer_bytes;
    int is_paused;
    int dead_milliseconds;
    // Those that are open. libcurl tells of the active one only when the transfer is over (CURLINFO_ACTIVESOCKET of 7.88).
    int sockets[SOCKET_LIMIT];
    int socket_count;
    aup_curl_state state;
    char error[CURL_ERROR_SIZE];
};

aup_curl *aup_curl_new(void) {
    aup_curl *curl = calloc(1, sizeof *curl);
    if (curl) curl->multi = library.curl_multi_init();
    if (curl && curl->multi) return curl;
    free(curl);
    return NULL;
}

// What the library asks.

static size_t give(char *target, size_t size, size_t count, void *user) {
    aup_curl *curl = user;
    size_t rest = curl->body_bytes - curl->body_taken;
    // Before the server asked for it, or before there is more.
    if (!curl->state.is_welcome || rest == 0) {
        curl->is_paused = 1;
        return CURL_READFUNC_PAUSE;
    }
    if (rest > size * count) rest = size * count;
    memcpy(target, curl->body + curl->body_taken, rest);
    curl->body_taken += rest;
    return rest;
}

static size_t hear_head(char *bytes, size_t size, size_t count, void *user) {
    aup_curl *curl = user;
    const size_t length = size * count;
    curl->head_bytes += length;
    if (curl->head_bytes > HEAD_LIMIT) return 0;
    // Lines are not ended by a zero.
    char line[16] = {0};
    memcpy(line, bytes, length < sizeof line - 1 ? length : sizeof line - 1);
    int status = 0;
    if (sscanf(line, "HTTP/%*1[0-9]%*[.0-9] %3d", &status) == 1 || sscanf(line, "HTTP/%*1[0-9] %3d", &status) == 1) {
        curl->state.status = status;
        curl->state.answer[0] = 0;
        curl->answer_bytes = 0;
    } else if (length <= 2) {
        // The empty line: the head is whole.
        status = curl->state.status;
        if (status == 100 || (status >= 200 && status < 300)) curl->state.is_welcome = 1;
    }
    return length;
}

static size_t hear_answer(char *bytes, size_t size, size_t count, void *user) {
    aup_curl *curl = user;
    const size_t length = size * count, room = sizeof curl->state.answer - 1;
    if (curl->answer_bytes < room) {
        size_t kept = length < room - curl->answer_bytes ? length : room - curl->answer_bytes;
        for (size_t i = 0; i < kept; i++) curl->state.answer[curl->answer_bytes + i] = bytes[i] ? bytes[i] : ' ';
        curl->state.answer[curl->answer_bytes + kept] = 0;
    }
    curl->answer_bytes += length;
    return curl->answer_bytes > ANSWER_LIMIT ? 0 : length;
}

static int tune(void *user, curl_socket_t fd, curlsocktype purpose) {
    aup_curl *curl = user;
    (void)purpose;
    if (curl->socket_count < SOCKET_LIMIT) curl->sockets[curl->socket_count++] = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &curl->dead_milliseconds, sizeof curl->dead_milliseconds);
    return CURL_SOCKOPT_OK;
}

static int64_t unacknowledged(int fd) {
    int bytes = 0;
    return ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

static int note_closing(void *user, curl_socket_t fd) {
    aup_curl *curl = user;
    for (int i = 0; i < curl->socket_count; i++)
        if (curl->sockets[i] == fd) curl->sockets[i--] = curl->sockets[--curl->socket_count];
    // The last one that is closed is the one that was sent over; the kernel keeps the count when the connection broke.
    curl->state.unacknowledged_bytes = unacknowledged(fd);
    // What is outstanding will be sent once more, over another connection: this one must not bring it too.
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (curl->state.unacknowledged_bytes > 0) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return close(fd);
}

// One transfer.

static void set_text(CURL *easy, CURLoption option, const char *text) {
    if (text) library.curl_easy_setopt(easy, option, text);
}

static void set_number(CURL *easy, CURLoption option, long number) { library.curl_easy_setopt(easy, option, number); }

int32_t aup_curl_begin(aup_curl *curl, const aup_curl_request *request) {
    aup_curl_state ended;
    aup_curl_end(curl, &ended);
    memset(&curl->state, 0, sizeof curl->state);
    curl->body_bytes = curl->body_taken = curl->head_bytes = curl->answer_bytes = 0;
    curl->is_paused = 0;
    curl->socket_count = 0;
    curl->error[0] = 0;
    curl->dead_milliseconds = request->dead_milliseconds;
    // Of a length that nobody knows, sent as it is: servers of sound take no chunks.
    const char *fixed[] = {"Transfer-Encoding:", "Expect: 100-continue"};
    for (int i = 0; i < request->line_count + 2; i++) {
        struct curl_slist *more =
            library.curl_slist_append(curl->lines, i < 2 ? fixed[i] : request->lines[i - 2]);
        if (!more) return -1;
        curl->lines = more;
    }
    CURL *easy = curl->easy = library.curl_easy_init();
    if (!easy) return -1;
    set_text(easy, CURLOPT_URL, request->url);
    set_text(easy, CURLOPT_USERAGENT, request->agent);
    if (request->password) {
        set_number(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        set_text(easy, CURLOPT_USERNAME, request->user);
        set_text(easy, CURLOPT_PASSWORD, request->password);
    }
    set_text(easy, CURLOPT_CAINFO, request->certificates);
    // A PUT of HTTP/1.1, over a connection of its own, without what the environment says of proxies.
    set_number(easy, CURLOPT_UPLOAD, 1);
    set_number(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    set_number(easy, CURLOPT_FRESH_CONNECT, 1);
    set_number(easy, CURLOPT_FORBID_REUSE, 1);
    set_text(easy, CURLOPT_PROXY, "");
    set_number(easy, CURLOPT_NOSIGNAL, 1);
    set_number(easy, CURLOPT_TCP_NODELAY, 1);
    set_number(easy, CURLOPT_TCP_KEEPALIVE, 1);
    set_number(easy, CURLOPT_CONNECTTIMEOUT_MS, request->connect_milliseconds);
    // The body waits for the server's word, however long that takes; whoever drives this gives up in time.
    set_number(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 3600000);
    // A name that nobody answers for is not waited for when the transfer is dropped. Older versions have no such option.
#if LIBCURL_VERSION_NUM >= 0x075700
    set_number(easy, CURLOPT_QUICK_EXIT, 1);
#endif
    library.curl_easy_setopt(easy, CURLOPT_HTTPHEADER, curl->lines);
    library.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl->error);
    library.curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
    library.curl_easy_setopt(easy, CURLOPT_READDATA, curl);
    library.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear_head);
    library.curl_easy_setopt(easy, CURLOPT_HEADERDATA, curl);
    library.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, hear_answer);
    library.curl_easy_setopt(easy, CURLOPT_WRITEDATA, curl);
    library.curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, tune);
    library.curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, curl);
    library.curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, note_closing);
    library.curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, curl);
    return library.curl_multi_add_handle(curl->multi, easy) == CURLM_OK ? 0 : -1;
}

int32_t aup_curl_offer(aup_curl *curl, const uint8_t *bytes, int64_t count) {
    const size_t rest = curl->body_bytes - curl->body_taken, wanted = rest + (size_t)count;
    if (rest) memmove(curl->body, curl->body + curl->body_taken, rest);
    if (wanted > curl->body_room) {
        uint8_t *more = realloc(curl->body, wanted);
        if (!more) return -1;
        curl->body = more;
        curl->body_room = wanted;
    }
    memcpy(curl->body + rest, bytes, (size_t)count);
    curl->body_bytes = wanted;
    curl->body_taken = 0;
    if (curl->easy && curl->is_paused && curl->state.is_welcome) {
        curl->is_paused = 0;
        library.curl_easy_pause(curl->easy, CURLPAUSE_CONT);
    }
    return 0;
}

static void look(aup_curl *curl) {
    curl_off_t sent = 0;
    if (library.curl_easy_getinfo(curl->easy, CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK) curl->state.sent_bytes = sent;
    if (!curl->state.is_over && curl->socket_count > 0) {
        // Nothing lies in those that are not connected.
        int64_t bytes = 0;
        for (int i = 0; i < curl->socket_count; i++) bytes += unacknowledged(curl->sockets[i]);
        curl->state.unacknowledged_bytes = bytes;
    }
    curl->state.wants_bytes = !curl->state.is_over && curl->state.is_welcome && curl->body_taken == curl->body_bytes;
}

static void conclude(aup_curl *curl, CURLcode code) {
    long number = 0;
    curl->state.is_over = 1;
    curl->state.code = (int32_t)code;
    if (library.curl_easy_getinfo(curl->easy, CURLINFO_OS_ERRNO, &number) == CURLE_OK)
        curl->state.system_error = (int32_t)number;
    snprintf(curl->state.reason, sizeof curl->state.reason, "%s",
             curl->error[0] ? curl->error : library.curl_easy_strerror(code));
}

void aup_curl_step(aup_curl *curl, int32_t milliseconds, aup_curl_state *state) {
    if (curl->easy && curl->state.is_over) milliseconds = 0;
    library.curl_multi_poll(curl->multi, NULL, 0, milliseconds, NULL);
    int count = 0;
    library.curl_multi_perform(curl->multi, &count);
    const CURLMsg *message;
    while (curl->easy && (message = library.curl_multi_info_read(curl->multi, &count)))
        if (message->msg == CURLMSG_DONE && message->easy_handle == curl->easy) conclude(curl, message->data.result);
    if (curl->easy) look(curl);
    *state = curl->state;
}

void aup_curl_end(aup_curl *curl, aup_curl_state *state) {
    if (curl->easy) {
        look(curl);
        library.curl_multi_remove_handle(curl->multi, curl->easy);
        library.curl_easy_cleanup(curl->easy);
        curl->easy = NULL;
        curl->state.is_over = 1;
        curl->state.wants_bytes = 0;
    }
    library.curl_slist_free_all(curl->lines);
    curl->lines = NULL;
    *state = curl->state;
}

void aup_curl_wake(aup_curl *curl) { library.curl_multi_wakeup(curl->multi); }

void aup_curl_free(aup_curl *curl) {
    if (!curl) return;
    aup_curl_state ended;
    aup_curl_end(curl, &ended);
    library.curl_multi_cleanup(curl->multi);
    free(curl->body);
    free(curl);
}
