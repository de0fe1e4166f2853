/*
 * A virtual sound card as an ALSA external I/O plugin: no driver, no daemon, no thread.
 *
 * Paced by CLOCK_MONOTONIC and a timerfd, or by a virtual clock (virtual.c). What it captured and played is exact and
 * can be looked at (sound.c); faults come at exact frames (options.c) or on command (aupsimctl).
 *
 *     pcm_type.aupsim { lib "/path/libasound_module_pcm_aupsim.so" }
 *     pcm.out { type aupsim card "A" loop true }
 *     pcm.in  { type aupsim card "A" loop true }
 *
 * Limits: no snd_pcm_link (true of every such plugin), no mixer, nothing in /dev/snd. On the virtual clock time moves
 * only while somebody polls: a program that sleeps by itself and looks at avail sees it stand still.
 */
#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- alsa-lib's callbacks ---- */

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    if (is_gone(s) || !s->is_running)
        return (snd_pcm_sframes_t)((snd_pcm_uframes_t)s->position % s->boundary);
    int64_t position = current_position(s);
    if (io->state == SND_PCM_STATE_DRAINING && !s->is_capture && position > (int64_t)io->appl_ptr)
        position = (int64_t)io->appl_ptr;
    if (!s->is_capture)
        sound_played(s, position);
    s->position = position;
    snd_pcm_sframes_t pointer = (snd_pcm_sframes_t)((snd_pcm_uframes_t)position % s->boundary);
    if (is_gone(s))
        return pointer;

    int64_t avail = avail_at(s, (int64_t)io->appl_ptr), line = s->start - s->first_start + position;
    if (avail > s->longest_avail)
        s->longest_avail = avail;
    bool is_injected = wants_xrun(s, line);
    if (wants_suspend(s, line)) {
        stop_with(s, "suspended", avail);
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_SUSPENDED);
        return pointer;
    }
    if (io->state == SND_PCM_STATE_RUNNING && (is_injected || avail >= (int64_t)s->stop_threshold)) {
        s->xruns++;
        stop_with(s, is_injected ? "xrun (injected)" : "xrun", avail);
        return -EPIPE;
    }
    return pointer;
}

static int card_poll_descriptors_count(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    return s->bell >= 0 ? 2 : 1;
}

static int card_poll_descriptors(snd_pcm_ioplug_t *io, struct pollfd *descriptors, unsigned space) {
    struct stream *s = io->private_data;
    int count = card_poll_descriptors_count(io);
    if (space < (unsigned)count)
        return -EINVAL;
    descriptors[0] = (struct pollfd){s->timer, POLLIN, 0};
    if (count > 1)
        descriptors[1] = (struct pollfd){s->bell, POLLIN, 0};
    return count;
}

static int card_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *descriptors, unsigned count, unsigned short *events) {
    struct stream *s = io->private_data;
    unsigned short ready = s->is_capture ? POLLIN : POLLOUT;
    bool has_rung = s->bell >= 0 && count > 1 && (descriptors[1].revents & POLLIN);
    *events = 0;
    if (count < 1 || (!(descriptors[0].revents & POLLIN) && !has_rung))
        return 0;
    if (s->bell >= 0)
        virtual_set_waiting(&s->clock, false);
    if (is_gone(s)) {
        *events = POLLERR | POLLNVAL | ready;
        return 0;
    }
    bool is_moving = io->state == SND_PCM_STATE_RUNNING || io->state == SND_PCM_STATE_DRAINING;
    if (is_moving && card_pointer(io) < 0)
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_XRUN);
    if (is_gone(s) || io->state == SND_PCM_STATE_XRUN || io->state == SND_PCM_STATE_SUSPENDED) {
        *events = POLLERR | ready;
        return 0;
    }
    if (io->state == SND_PCM_STATE_SETUP) {
        *events = ready;
        return 0;
    }
    if (s->served_to != io->appl_ptr)
        served(s, (int64_t)io->appl_ptr); /* mapped capture: nobody tells us of a commit */
    if (avail_at(s, (int64_t)io->appl_ptr) >= (int64_t)s->avail_min && io->state != SND_PCM_STATE_DRAINING) {
        if (s->options.virtual && s->is_running && virtual_is_out_of_patience(&s->clock)) {
            /* It is told and told, and does nothing: time goes on. */
            virtual_set_due(&s->clock, card_time_of(s, s->position + (int64_t)io->period_size));
            virtual_advance(&s->clock);
        }
        *events = ready;
        return 0;
    }
    uint64_t expirations;
    if (read(s->timer, &expirations, sizeof expirations) < 0)
        expirations = 0;
    double before = s->control->virtual_time;
    if (s->bell >= 0)
        virtual_set_waiting(&s->clock, true); /* before the try, so that no bell is missed between it and poll */
    if (s->options.virtual && s->is_running && !s->is_paused)
        virtual_advance(&s->clock);
    arm(s, (int64_t)io->appl_ptr);
    if (s->options.virtual && s->is_running && s->control->virtual_time == before)
        arm_at(s, monotonic_seconds() + virtual_tick(&s->clock));
    return 0;
}

static int card_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *parameters) {
    struct stream *s = io->private_data;
    snd_pcm_sw_params_get_avail_min(parameters, &s->avail_min);
    snd_pcm_sw_params_get_stop_threshold(parameters, &s->stop_threshold);
    snd_pcm_sw_params_get_boundary(parameters, &s->boundary);
    return 0;
}

static int card_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *parameters) {
    struct stream *s = io->private_data;
    (void)parameters;
    if (is_gone(s))
        return -ENODEV;
    int error = sound_configure(s);
    if (error < 0)
        return error;
    stream_log(s, "hw_params %s %u ch %u Hz period %lu buffer %lu access %s", snd_pcm_format_name(io->format),
               io->channels, io->rate, io->period_size, io->buffer_size, snd_pcm_access_name(io->access));
    return 0;
}

static int card_prepare(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    if (is_gone(s))
        return -ENODEV;
    if (s->control->is_suspended)
        return -ESTRPIPE;
    snd_pcm_sw_params_t *parameters;
    snd_pcm_sw_params_alloca(&parameters);
    if (snd_pcm_sw_params_current(io->pcm, parameters) == 0)
        card_sw_params(io, parameters);
    s->position = s->played_to = 0;
    s->served_to = 0;
    s->is_running = s->is_paused = false;
    s->xrun_seen = s->control->xrun_count[s->is_capture];
    s->suspend_seen = s->control->suspend_count;
    set_state(s, SLOT_PREPARED);
    arm(s, 0);
    return 0;
}

static int card_start(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    if (is_gone(s))
        return -ENODEV;
    s->start = frame_now(s) + 1;
    s->position = s->played_to = 0;
    s->is_running = true;
    if (!s->has_started) {
        s->has_started = true;
        s->first_start = s->start;
    }
    sound_publish(s);
    stream_log(s, "start abs=%lld appl=%lu avail_min=%lu stop=%lu", (long long)s->start, io->appl_ptr, s->avail_min,
               s->stop_threshold);
    arm(s, (int64_t)io->appl_ptr);
    set_state(s, SLOT_RUNNING);
    return 0;
}

static int card_stop(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    set_state(s, SLOT_IDLE);
    if (!s->is_running)
        return 0;
    int64_t position = s->is_dead ? s->position : current_position(s);
    if (!s->is_capture && position > (int64_t)io->appl_ptr)
        position = (int64_t)io->appl_ptr;
    if (!s->is_capture)
        sound_played(s, position);
    s->position = position;
    sound_withdraw(s);
    s->is_running = false;
    stream_log(s, "stop pos=%lld appl=%lu lost=%lld", (long long)position, io->appl_ptr,
               s->is_capture ? 0LL : (long long)io->appl_ptr - (long long)position);
    return 0;
}

static int card_pause(snd_pcm_ioplug_t *io, int enable) {
    struct stream *s = io->private_data;
    if (is_gone(s))
        return -ENODEV;
    if (enable) {
        s->position = current_position(s);
        if (!s->is_capture)
            sound_played(s, s->position);
        sound_withdraw(s);
        s->is_paused = true;
        set_state(s, SLOT_IDLE);
    } else {
        s->is_paused = false;
        s->start = frame_now(s) + 1 - s->position;
        sound_publish(s);
        set_state(s, SLOT_RUNNING);
    }
    stream_log(s, "%s pos=%lld", enable ? "pause" : "go on", (long long)s->position);
    arm(s, (int64_t)io->appl_ptr);
    return 0;
}

/* Called without alsa-lib's lock, in state DRAINING. */
static int card_drain(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    if (s->is_capture)
        return 0;
    if (is_gone(s))
        return -ENODEV;
    if (!s->is_running) {
        int error = card_start(io);
        if (error < 0)
            return error;
    }
    stream_log(s, "drain pos=%lld appl=%lu", (long long)s->position, io->appl_ptr);
    for (;;) {
        snd_pcm_sframes_t pointer = card_pointer(io);
        if (is_gone(s))
            return -ENODEV;
        if (pointer < 0 || s->position >= (int64_t)io->appl_ptr)
            return 0;
        arm(s, (int64_t)io->appl_ptr);
        if (io->nonblock)
            return -EAGAIN;
        double before = s->control->virtual_time;
        if (s->options.virtual)
            virtual_advance(&s->clock);
        if (s->control->virtual_time != before)
            continue;
        struct pollfd descriptor = {s->timer, POLLIN, 0}; /* its tick is soon enough here */
        if (poll(&descriptor, 1, 1000) < 0 && errno == EINTR)
            return -EINTR;
    }
}

static snd_pcm_sframes_t card_transfer(
    snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t frames) {
    struct stream *s = io->private_data;
    if (is_gone(s))
        return -ENODEV;
    uint8_t *bytes = (uint8_t *)areas->addr + (areas->first + areas->step * offset) / 8;
    int64_t application = (int64_t)io->appl_ptr;
    if (!s->is_capture) {
        sound_store(s, application, bytes, frames);
        served(s, application + (int64_t)frames);
        return (snd_pcm_sframes_t)frames;
    }
    if (io->access == SND_PCM_ACCESS_RW_INTERLEAVED) {
        sound_capture(s, application, bytes, frames);
        served(s, application + (int64_t)frames);
        return (snd_pcm_sframes_t)frames;
    }
    /* Mapped: alsa-lib has the buffer filled piece by piece, without moving appl_ptr between the pieces, and after an
     * overrun asks for more than the buffer holds. The place in the buffer says which frames are meant. */
    snd_pcm_uframes_t buffer = io->buffer_size, piece = frames < buffer - offset ? frames : buffer - offset;
    int64_t ahead = (int64_t)((offset + buffer - io->appl_ptr % buffer) % buffer);
    sound_capture(s, application + ahead, bytes, piece);
    return (snd_pcm_sframes_t)frames;
}

static int card_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay) {
    struct stream *s = io->private_data;
    if (is_gone(s))
        return -ENODEV;
    bool is_moving = io->state == SND_PCM_STATE_RUNNING || io->state == SND_PCM_STATE_DRAINING;
    if (is_moving && card_pointer(io) < 0)
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_XRUN);
    if (io->state == SND_PCM_STATE_XRUN)
        return -EPIPE;
    int64_t inside = s->is_capture ? s->position - (int64_t)io->appl_ptr : (int64_t)io->appl_ptr - s->position;
    *delay = (snd_pcm_sframes_t)(inside + s->options.latency);
    return is_gone(s) ? -ENODEV : 0;
}

static void card_dump(snd_pcm_ioplug_t *io, snd_output_t *output) {
    struct stream *s = io->private_data;
    snd_output_printf(output, "aupsim card %s device %ld\n", s->options.card, s->options.device);
    if (io->pcm)
        snd_pcm_dump_setup(io->pcm, output);
}

/* ---- channel map: one, fixed ---- */

static snd_pcm_chmap_t *card_get_chmap(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    return s->options.chmap ? snd_pcm_chmap_parse_string(s->options.chmap) : NULL;
}

static snd_pcm_chmap_query_t **card_query_chmaps(snd_pcm_ioplug_t *io) {
    snd_pcm_chmap_t *map = card_get_chmap(io);
    if (!map)
        return NULL;
    size_t words = 1 + map->channels;
    snd_pcm_chmap_query_t **list = calloc(2, sizeof *list);
    if (list)
        list[0] = malloc((1 + words) * sizeof(unsigned));
    if (list && list[0]) {
        list[0]->type = SND_CHMAP_TYPE_FIXED;
        memcpy(&list[0]->map, map, words * sizeof(unsigned));
    }
    free(map);
    return list;
}

static int card_set_chmap(snd_pcm_ioplug_t *io, const snd_pcm_chmap_t *wanted) {
    snd_pcm_chmap_t *map = card_get_chmap(io);
    if (!map)
        return -ENXIO;
    size_t words = 1 + map->channels;
    bool is_same = map->channels == wanted->channels && !memcmp(map, wanted, words * sizeof(unsigned));
    free(map);
    return is_same ? 0 : -EINVAL;
}

/* ---- opening and closing ---- */

static int card_close(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    set_state(s, SLOT_IDLE);
    stream_log(s, "close xruns=%ld maxavail=%lld forced=%u", s->xruns, (long long)s->longest_avail,
               s->control->forced_moves);
    free_stream(s);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = card_start,
    .stop = card_stop,
    .pointer = card_pointer,
    .transfer = card_transfer,
    .close = card_close,
    .hw_params = card_hw_params,
    .sw_params = card_sw_params,
    .prepare = card_prepare,
    .drain = card_drain,
    .pause = card_pause,
    .poll_descriptors_count = card_poll_descriptors_count,
    .poll_descriptors = card_poll_descriptors,
    .poll_revents = card_poll_revents,
    .dump = card_dump,
    .delay = card_delay,
    .query_chmaps = card_query_chmaps,
    .get_chmap = card_get_chmap,
    .set_chmap = card_set_chmap,
};

static const snd_pcm_ioplug_callback_t callbacks_without_pause = {
    .start = card_start,
    .stop = card_stop,
    .pointer = card_pointer,
    .transfer = card_transfer,
    .close = card_close,
    .hw_params = card_hw_params,
    .sw_params = card_sw_params,
    .prepare = card_prepare,
    .drain = card_drain,
    .poll_descriptors_count = card_poll_descriptors_count,
    .poll_descriptors = card_poll_descriptors,
    .poll_revents = card_poll_revents,
    .dump = card_dump,
    .delay = card_delay,
    .query_chmaps = card_query_chmaps,
    .get_chmap = card_get_chmap,
    .set_chmap = card_set_chmap,
};

/* All else stays inside the module: its short names must not meet those of the program that loads it. */
#pragma GCC visibility push(default)

SND_PCM_PLUGIN_DEFINE_FUNC(aupsim) {
    (void)root;
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->control_file = s->timer = s->bell = s->played_file = s->log_file = -1;
    s->random = 1;
    s->is_capture = stream == SND_PCM_STREAM_CAPTURE;
    s->io.stream = stream;
    s->avail_min = s->stop_threshold = 1;
    s->boundary = 1UL << 40;

    int error = options_read(&s->options, conf);
    if (error >= 0)
        error = open_stream(s);
    if (error < 0) {
        if (s->options.card)
            stream_log(s, "open refused %d", error);
        free_stream(s);
        return error;
    }

    s->io.version = SND_PCM_IOPLUG_VERSION;
    s->io.name = "aupsim virtual sound card";
    s->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    s->io.callback = s->options.nopause ? &callbacks_without_pause : &callbacks;
    s->io.private_data = s;
    error = snd_pcm_ioplug_create(&s->io, name, stream, mode);
    if (error < 0) {
        free_stream(s);
        return error;
    }
    error = offer(s);
    if (error < 0) {
        snd_pcm_ioplug_delete(&s->io); /* calls card_close */
        return error;
    }
    stream_log(s, "open");
    *pcmp = s->io.pcm;
    return 0;
}
SND_PCM_PLUGIN_SYMBOL(aupsim);

#pragma GCC visibility pop
