// What libFuzzer calls with bytes of its own making for the answers of an HTTP server to a source; Tests/Fuzzing/http.sh builds
// and runs it.
//
// For every input: a server on loopback says its bytes, in the pieces that the first two bytes tell, before it reads, while it
// reads or after a pause, and hangs up, orderly or not. The transfer comes to its end or is dropped; the counts stay in bounds;
// nothing is offered that the server did not ask for.

#include "CCurl.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static const uint8_t *words;
static size_t word_count;
static int is_wanted, place;
static struct sockaddr_in address;

static void answer(int connection, const uint8_t *bytes, size_t count) {
    if (count < 2) return;
    const size_t piece = bytes[0] ? bytes[0] : 65536;
    const int habits = bytes[1];
    char heard[4096];
    const struct timeval patience = {.tv_usec = 20000};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (habits & 1) (void)!recv(connection, heard, sizeof heard, 0);
    for (size_t i = 2; i < count; i += piece) {
        if (send(connection, bytes + i, count - i < piece ? count - i : piece, MSG_NOSIGNAL) < 0) return;
        if (habits & 2) (void)!recv(connection, heard, sizeof heard, MSG_DONTWAIT);
        if ((habits & 4) && i < 64) usleep(500);
    }
    if (habits & 8) (void)!recv(connection, heard, sizeof heard, 0);
    if (habits & 16) {
        const struct linger at_once = {.l_onoff = 1};
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
}

static void *serve(void *unused) {
    (void)unused;
    while (1) {
        int connection = accept(place, NULL, NULL);
        if (connection < 0) continue;
        pthread_mutex_lock(&gate);
        // A second connection of one transfer is answered by nobody.
        if (is_wanted) answer(connection, words, word_count);
        is_wanted = 0;
        pthread_cond_broadcast(&turn);
        pthread_mutex_unlock(&gate);
        close(connection);
    }
    return NULL;
}

static void begin(void) {
    const char *missing = aup_curl_missing();
    if (missing) {
        fprintf(stderr, "%s\n", missing);
        exit(1);
    }
    place = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(place, (struct sockaddr *)&address, length) || listen(place, 16)
        || getsockname(place, (struct sockaddr *)&address, &length)) {
        perror("listen");
        exit(1);
    }
    pthread_t thread;
    pthread_create(&thread, NULL, serve, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static aup_curl *curl;
    if (!curl) {
        begin();
        curl = aup_curl_new();
    }
    pthread_mutex_lock(&gate);
    words = data;
    word_count = size;
    is_wanted = 1;
    pthread_mutex_unlock(&gate);

    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x.opus", ntohs(address.sin_port));
    const char *lines[] = {"Content-Type: audio/ogg"};
    const aup_curl_request request = {.url = url, .user = "source", .password = "x", .agent = "fuzz", .lines = lines,
                                      .line_count = 1, .connect_milliseconds = 1000, .dead_milliseconds = 1000};
    static const uint8_t page[3000];
    aup_curl_state state;
    int64_t offered = 0;
    if (aup_curl_begin(curl, &request)) abort();
    // Bounded: a server that says nothing is left after a while.
    for (int i = 0; i < 60; i++) {
        aup_curl_step(curl, 2, &state);
        if (state.is_over) break;
        if (!state.wants_bytes) continue;
        if (!state.is_welcome) abort();
        if (offered < 60000) aup_curl_offer(curl, page, sizeof page);
        offered += sizeof page;
    }
    aup_curl_end(curl, &state);
    if (!state.is_over || state.wants_bytes || state.sent_bytes < 0 || state.sent_bytes > offered) abort();
    if (state.status < 0 || state.status > 999 || state.unacknowledged_bytes < 0) abort();
    if (memchr(state.answer, 0, sizeof state.answer) == NULL || memchr(state.reason, 0, sizeof state.reason) == NULL) abort();

    pthread_mutex_lock(&gate);
    while (is_wanted) pthread_cond_wait(&turn, &gate);
    pthread_mutex_unlock(&gate);
    return 0;
}
