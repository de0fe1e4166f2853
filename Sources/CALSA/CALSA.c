#include "CALSA.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// MARK: - Audio thread

/// Address of an interleaved frame in a mapped area: `first` and `step` count bits.
AUP_REALTIME static inline unsigned char *frame_address(
    const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset) {
    return (unsigned char *)areas[0].addr + (areas[0].first + offset * areas[0].step) / 8;
}

snd_pcm_sframes_t aup_alsa_mmap_read(
    snd_pcm_t *pcm, void *destination, snd_pcm_uframes_t frames, size_t frame_bytes,
    snd_pcm_uframes_t buffer_frames) AUP_REALTIME {
    snd_pcm_uframes_t done = 0;
    while (done < frames) {
        const snd_pcm_channel_area_t *areas;
        snd_pcm_uframes_t offset, piece = frames - done;
        int error = snd_pcm_mmap_begin(pcm, &areas, &offset, &piece);
        if (error < 0)
            return done > 0 ? (snd_pcm_sframes_t)done : error;
        if (piece == 0)
            break;
        __builtin_memcpy(
            (unsigned char *)destination + done * frame_bytes, frame_address(areas, offset), piece * frame_bytes);
        // Also fetches the second piece on plugins that copy into the mapped buffer when they are asked for avail.
        snd_pcm_sframes_t avail = snd_pcm_avail_update(pcm);
        if (avail < 0 || (snd_pcm_uframes_t)avail > buffer_frames)
            return done;
        snd_pcm_sframes_t committed = snd_pcm_mmap_commit(pcm, offset, piece);
        if (committed < 0)
            return done > 0 ? (snd_pcm_sframes_t)done : committed;
        done += committed;
        if ((snd_pcm_uframes_t)committed < piece)
            break;
    }
    return done;
}

snd_pcm_sframes_t aup_alsa_mmap_write(
    snd_pcm_t *pcm, const void *source, snd_pcm_uframes_t frames, size_t frame_bytes) AUP_REALTIME {
    snd_pcm_uframes_t done = 0;
    while (done < frames) {
        const snd_pcm_channel_area_t *areas;
        snd_pcm_uframes_t offset, piece = frames - done;
        int error = snd_pcm_mmap_begin(pcm, &areas, &offset, &piece);
        if (error < 0)
            return done > 0 ? (snd_pcm_sframes_t)done : error;
        if (piece == 0)
            break;
        __builtin_memcpy(
            frame_address(areas, offset), (const unsigned char *)source + done * frame_bytes, piece * frame_bytes);
        snd_pcm_sframes_t committed = snd_pcm_mmap_commit(pcm, offset, piece);
        if (committed < 0)
            return done > 0 ? (snd_pcm_sframes_t)done : committed;
        done += committed;
        if ((snd_pcm_uframes_t)committed < piece)
            break;
    }
    return done;
}

long aup_alsa_delay(snd_pcm_t *pcm) AUP_REALTIME {
    snd_pcm_sframes_t delay = 0;
    return snd_pcm_delay(pcm, &delay) < 0 ? LONG_MIN : delay;
}

int64_t aup_alsa_timestamp(snd_pcm_t *pcm) AUP_REALTIME {
    snd_pcm_uframes_t avail;
    snd_htimestamp_t time;
    if (snd_pcm_htimestamp(pcm, &avail, &time) < 0)
        return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t aup_alsa_timestamp_at(snd_pcm_t *pcm, snd_pcm_uframes_t avail) AUP_REALTIME {
    snd_pcm_uframes_t reached;
    snd_htimestamp_t time;
    if (snd_pcm_htimestamp(pcm, &reached, &time) < 0 || reached != avail)
        return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// MARK: - Control side

void aup_alsa_disable_locks(void) {
    setenv("LIBASOUND_THREAD_SAFE", "0", 0);
}

// A sound server's library that alsa-lib loads writes to stderr, unless it is to write to the system's log.
void aup_alsa_quiet_plugins(void) {
    setenv("PULSE_LOG_SYSLOG", "1", 0);
}

// Messages may come from any thread, an audio thread included (alsa-lib reports there too), and must neither block
// nor allocate. So: a fixed ring of lines behind one flag; who finds the flag taken throws its message away and
// counts it.

enum { LINES = 16, LINE_BYTES = 240 };

static char lines[LINES][LINE_BYTES];
static unsigned first_line, line_count;
static atomic_flag lines_taken = ATOMIC_FLAG_INIT;
static atomic_uint lost_messages;

static void store_message(
    const char *file, int line, const char *function, int error, const char *format, ...) {
    (void)file;
    (void)line;
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if ((size_t)length < sizeof text && error != 0)
        snprintf(text + length, sizeof text - length, ": %s", snd_strerror(error));

    if (atomic_flag_test_and_set_explicit(&lines_taken, memory_order_acquire)) {
        atomic_fetch_add_explicit(&lost_messages, 1, memory_order_relaxed);
        return;
    }
    if (line_count == LINES) {
        first_line = (first_line + 1) % LINES;
        line_count--;
        atomic_fetch_add_explicit(&lost_messages, 1, memory_order_relaxed);
    }
    // The function's name tells a plugin's message from the configuration parser's.
    snprintf(lines[(first_line + line_count) % LINES], LINE_BYTES, "%s: %.*s", function ? function : "alsa-lib",
             LINE_BYTES - 64, text);
    line_count++;
    atomic_flag_clear_explicit(&lines_taken, memory_order_release);
}

void aup_alsa_capture_messages(void) {
    snd_lib_error_set_handler(store_message);
}

int aup_alsa_take_message(char *text, size_t capacity) {
    int length = -1;
    while (atomic_flag_test_and_set_explicit(&lines_taken, memory_order_acquire)) {
    }
    if (line_count > 0) {
        length = snprintf(text, capacity, "%s", lines[first_line]);
        if ((size_t)length >= capacity)
            length = (int)capacity - 1;
        first_line = (first_line + 1) % LINES;
        line_count--;
    }
    atomic_flag_clear_explicit(&lines_taken, memory_order_release);
    return length;
}

unsigned aup_alsa_lost_messages(void) {
    return atomic_load_explicit(&lost_messages, memory_order_relaxed);
}
