/*
 * Where captured frames come from and played frames go to.
 *
 * All of it hangs on the card's absolute frame count, so what is heard and when is exact whoever asks late:
 *
 *   loop    a ring shared by playback and capture of one device; each frame is stored with its number, so that a reader
 *           knows a frame that was never played (silence) from one that was
 *   cfile   raw frames, captured on the stream's own time line: an overrun skips what passed meanwhile
 *   pfile   raw frames, written at their place on the time line: a gap in playback is a hole of zeros
 */
#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- loop: an entry is a 4-byte tag (the low bits of the absolute frame, plus one) and the frame ---- */

static uint8_t *loop_entry(struct stream *s, int64_t absolute) {
    return (uint8_t *)(s->loop + 1) + (size_t)(absolute & (LOOP_FRAMES - 1)) * (s->frame_bytes + 4);
}

static void set_tag(uint8_t *entry, uint32_t tag) {
    /* Entries are as long as a frame, so tags lie anywhere: a plain copy, ordered by the fence of the caller. */
    memcpy(entry, &tag, sizeof tag);
}

static uint32_t tag_of(const uint8_t *entry) {
    uint32_t tag;
    memcpy(&tag, entry, sizeof tag);
    return tag;
}

static void loop_put(struct stream *s, int64_t first, size_t frames) {
    for (size_t i = 0; i < frames; i++) {
        int64_t absolute = s->start + s->options.latency + first + (int64_t)i;
        uint8_t *entry = loop_entry(s, absolute);
        memcpy(entry + 4, s->shadow + ((first + i) % s->io.buffer_size) * s->frame_bytes, s->frame_bytes);
        atomic_thread_fence(memory_order_release);
        set_tag(entry, (uint32_t)(absolute + 1));
    }
}

static const uint8_t *loop_get(struct stream *s, int64_t absolute) {
    if (s->loop->magic != CARD_MAGIC || s->loop->frame_bytes != s->frame_bytes)
        return NULL;
    const uint8_t *entry = loop_entry(s, absolute);
    if (tag_of(entry) != (uint32_t)(absolute + 1))
        return NULL;
    atomic_thread_fence(memory_order_acquire);
    return entry + 4;
}

static int loop_open(struct stream *s) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.dev%ld.ring", s->options.dir, s->options.card, s->options.device);
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return -errno;
    s->loop_bytes = sizeof(struct loop_header) + (size_t)LOOP_FRAMES * (s->frame_bytes + 4);
    struct stat status;
    void *block = MAP_FAILED;
    if (fstat(descriptor, &status) == 0 &&
        ((size_t)status.st_size >= s->loop_bytes || ftruncate(descriptor, (off_t)s->loop_bytes) == 0))
        block = mmap(NULL, s->loop_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    int error = errno;
    close(descriptor);
    if (block == MAP_FAILED)
        return -error;
    s->loop = block;

    /* The player decides the format; a listener with another one hears silence. */
    bool is_other = s->loop->frame_bytes != s->frame_bytes || s->loop->rate != s->io.rate ||
                    s->loop->format != (uint32_t)s->io.format;
    if (!s->is_capture && is_other) {
        s->loop->magic = 0;
        memset(s->loop + 1, 0, s->loop_bytes - sizeof *s->loop);
        s->loop->frame_bytes = (uint32_t)s->frame_bytes;
        s->loop->rate = s->io.rate;
        s->loop->format = (uint32_t)s->io.format;
        s->loop->magic = CARD_MAGIC;
    }
    return 0;
}

/* ---- opening and closing ---- */

static int map_captured(struct stream *s) {
    int descriptor = open(s->options.cfile, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0)
        return -errno;
    if (fstat(descriptor, &status) < 0 || status.st_size == 0) {
        close(descriptor);
        return 0;
    }
    void *block = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    if (block == MAP_FAILED)
        return -errno;
    s->captured = block;
    s->captured_bytes = (size_t)status.st_size;
    return 0;
}

int sound_open_files(struct stream *s) {
    if (s->options.pfile && !s->is_capture) {
        s->played_file = open(s->options.pfile, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (s->played_file < 0)
            return -errno;
    }
    return s->options.cfile && s->is_capture ? map_captured(s) : 0;
}

void sound_close(struct stream *s) {
    pattern_report(s);
    if (s->loop)
        munmap(s->loop, s->loop_bytes);
    if (s->captured)
        munmap(s->captured, s->captured_bytes);
    if (s->played_file >= 0)
        close(s->played_file);
    free(s->shadow);
}

int sound_configure(struct stream *s) {
    s->frame_bytes = (size_t)snd_pcm_format_physical_width(s->io.format) / 8 * s->io.channels;
    free(s->shadow);
    s->shadow = calloc(s->io.buffer_size, s->frame_bytes);
    if (!s->shadow)
        return -ENOMEM;
    if (s->loop)
        munmap(s->loop, s->loop_bytes);
    s->loop = NULL;
    if (!s->options.loop)
        return 0;
    return s->io.buffer_size <= (snd_pcm_uframes_t)LOOP_FRAMES / 2 ? loop_open(s) : -EINVAL;
}

/* ---- frames ---- */

void sound_store(struct stream *s, int64_t first, const uint8_t *source, size_t frames) {
    for (size_t i = 0; i < frames; i++)
        memcpy(s->shadow + ((first + i) % s->io.buffer_size) * s->frame_bytes, source + i * s->frame_bytes,
               s->frame_bytes);
    if (s->loop && s->is_running && !s->is_paused)
        loop_put(s, first, frames);
}

static const uint8_t *captured_frame(struct stream *s, int64_t number) {
    int64_t absolute = s->start + number;
    if (s->loop)
        return loop_get(s, absolute);
    int64_t line = absolute - s->first_start, length = (int64_t)(s->captured_bytes / s->frame_bytes);
    if (s->options.cloop && length > 0)
        line %= length;
    return line < length ? s->captured + line * (int64_t)s->frame_bytes : NULL;
}

void sound_capture(struct stream *s, int64_t first, uint8_t *destination, size_t frames) {
    int64_t buffer = (int64_t)s->io.buffer_size;
    for (size_t i = 0; i < frames; i++) {
        int64_t number = first + (int64_t)i;
        /* As in hardware, a place in the buffer holds the newest frame that was written there: who reads frames that
         * were overrun gets others than those asked for. */
        if (number < s->position - buffer)
            number += (s->position - 1 - number) / buffer * buffer;
        if (s->options.pattern) {
            pattern_frame(s, s->start + number - s->first_start, destination + i * s->frame_bytes);
            continue;
        }
        const uint8_t *frame = captured_frame(s, number);
        if (frame)
            memcpy(destination + i * s->frame_bytes, frame, s->frame_bytes);
        else
            snd_pcm_format_set_silence(s->io.format, destination + i * s->frame_bytes, s->io.channels);
    }
}

void sound_publish(struct stream *s) {
    int64_t waiting = (int64_t)s->io.appl_ptr - s->position;
    if (!s->is_capture && s->loop && waiting > 0)
        loop_put(s, s->position, (size_t)waiting);
}

void sound_withdraw(struct stream *s) {
    if (s->is_capture || !s->loop)
        return;
    for (int64_t number = s->position; number < (int64_t)s->io.appl_ptr; number++)
        set_tag(loop_entry(s, s->start + s->options.latency + number), 0);
}

void sound_played(struct stream *s, int64_t to) {
    if (to > (int64_t)s->io.appl_ptr)
        to = (int64_t)s->io.appl_ptr;
    while ((s->played_file >= 0 || s->options.pattern) && s->played_to < to) {
        int64_t buffer = (int64_t)s->io.buffer_size, offset = s->played_to % buffer, piece = buffer - offset;
        if (piece > to - s->played_to)
            piece = to - s->played_to;
        if (s->options.pattern)
            pattern_check(s, s->shadow + (size_t)offset * s->frame_bytes, (size_t)piece);
        off_t place = (s->start - s->first_start + s->played_to) * (off_t)s->frame_bytes;
        if (s->played_file >= 0 &&
            pwrite(s->played_file, s->shadow + (size_t)offset * s->frame_bytes, (size_t)piece * s->frame_bytes, place) <
            0)
            break;
        s->played_to += piece;
    }
    if (to > s->played_to)
        s->played_to = to;
}
