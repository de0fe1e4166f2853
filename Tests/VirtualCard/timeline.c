/* A stream in time: where its pointer is, what befalls it there, and when its application is woken. */
#define _GNU_SOURCE
#include "stream.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

void stream_log(struct stream *s, const char *format, ...) {
    if (s->log_file < 0)
        return;
    char line[512];
    int length = snprintf(line, sizeof line, "%.6f %d %s.%ld.%c ", monotonic_seconds(), (int)getpid(), s->options.card,
                          s->options.device, s->is_capture ? 'c' : 'p');
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    va_end(arguments);
    line[length++] = '\n';
    if (write(s->log_file, line, (size_t)length) < 0)
        return;
}

/* ---- time ---- */

static double clock_factor(struct stream *s) {
    return (s->options.speed > 0 ? s->options.speed : 1) * (1 + s->options.ppm * 1e-6);
}

/* The card's absolute frame now, on this stream's own clock. */
int64_t frame_now(struct stream *s) {
    double card_time = s->options.virtual ? s->control->virtual_time : control_card_time(s->control);
    return (int64_t)floor(card_time * clock_factor(s) * s->io.rate);
}

/* Card time at which the pointer reaches `position`. The nanosecond makes sure that it has, whatever was rounded. */
double card_time_of(struct stream *s, int64_t position) {
    return ((double)(s->start + position) / s->io.rate + 1e-9) / clock_factor(s);
}

void set_state(struct stream *s, enum slot_state state) {
    if (s->options.virtual)
        virtual_set_state(&s->clock, state);
}

/* ---- faults ---- */

bool is_gone(struct stream *s) {
    if (!s->is_dead && (s->control->is_unplugged || s->control->unplug_count != s->unplug_seen)) {
        s->is_dead = true;
        set_state(s, SLOT_IDLE);
        stream_log(s, "unplugged pos=%lld appl=%lu", (long long)s->position, s->io.appl_ptr);
    }
    if (s->is_dead && s->io.state != SND_PCM_STATE_DISCONNECTED)
        snd_pcm_ioplug_set_state(&s->io, SND_PCM_STATE_DISCONNECTED);
    return s->is_dead;
}

bool wants_xrun(struct stream *s, int64_t line) {
    uint32_t count = s->control->xrun_count[s->is_capture];
    bool is_due = count != s->xrun_seen;
    s->xrun_seen = count;
    if (s->options.xrun_at > 0 && !s->xrun_done && line >= s->options.xrun_at)
        is_due = s->xrun_done = true;
    return is_due;
}

bool wants_suspend(struct stream *s, int64_t line) {
    uint32_t count = s->control->suspend_count;
    bool is_due = count != s->suspend_seen;
    s->suspend_seen = count;
    if (s->options.suspend_at > 0 && !s->suspend_done && line >= s->options.suspend_at)
        is_due = s->suspend_done = true;
    return is_due;
}

/* Where the pointer is. A fault at an appointed frame stops it there, however late somebody looks. */
int64_t current_position(struct stream *s) {
    if (!s->is_running || s->is_paused || s->control->is_stalled)
        return s->position;
    struct options *o = &s->options;
    int64_t line = s->start - s->first_start;
    if (o->stall_at > 0 && !s->stall_done && line + s->position >= o->stall_at) {
        s->stall_done = true;
        s->stall_until = monotonic_seconds() + o->stall_ms * 1e-3;
        stream_log(s, "stall pos=%lld", (long long)s->position);
    }
    if (s->stall_until > 0) {
        if (monotonic_seconds() < s->stall_until)
            return s->position;
        s->stall_until = 0;
        s->start = frame_now(s) - s->position;
        line = s->start - s->first_start;
        stream_log(s, "stall over");
    }
    int64_t position = frame_now(s) - s->start;
    if (o->granularity > 1)
        position -= position % o->granularity;
    if (position < s->position)
        position = s->position;
    if (o->stall_at > 0 && !s->stall_done && line + position > o->stall_at)
        position = o->stall_at - line;
    if (o->unplug_at > 0 && line + position >= o->unplug_at && line + s->position < o->unplug_at) {
        position = o->unplug_at - line;
        s->control->is_unplugged = 1;
        s->control->unplug_count++;
    }
    return position;
}

int64_t avail_at(struct stream *s, int64_t application) {
    return s->is_capture ? s->position - application : s->position + (int64_t)s->io.buffer_size - application;
}

void stop_with(struct stream *s, const char *what, int64_t avail) {
    s->is_running = false;
    set_state(s, SLOT_STOPPED);
    stream_log(s, "%s pos=%lld appl=%lu avail=%lld", what, (long long)s->position, s->io.appl_ptr, (long long)avail);
    sound_withdraw(s);
}

/* ---- wake-ups ---- */

void arm_at(struct stream *s, double real_time) {
    double now = monotonic_seconds();
    struct itimerspec timer = {.it_value = {0, 1}};
    /* The control block has no descriptor of its own to poll: look at it now and then at least. */
    double look = s->options.look_ms * 1e-3;
    if (real_time > now + look)
        real_time = now + look;
    if (real_time > now) {
        timer.it_value.tv_sec = (time_t)real_time;
        timer.it_value.tv_nsec = (long)((real_time - (double)(time_t)real_time) * 1e9) | 1;
    }
    timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &timer, NULL);
}

static void arm_never(struct stream *s) {
    struct itimerspec never = {.it_value = {0, 0}};
    timerfd_settime(s->timer, 0, &never, NULL);
}

/* The position at which the application has to be woken, given how far it has come. */
static int64_t wake_position(struct stream *s, int64_t application) {
    snd_pcm_ioplug_t *io = &s->io;
    bool is_draining = io->state == SND_PCM_STATE_DRAINING;
    int64_t target = s->is_capture ? application + (int64_t)s->avail_min
                     : is_draining ? application
                                   : application - (int64_t)io->buffer_size + (int64_t)s->avail_min;
    if (target <= s->position)
        target = s->position + 1;
    int64_t step = 1;
    if (s->options.wake && strcmp(s->options.wake, "period") == 0 && !is_draining)
        step = (int64_t)io->period_size;
    if (s->options.granularity > step)
        step = s->options.granularity;
    return (target + step - 1) / step * step;
}

/* Card time of the next period boundary. A player that has less than that left is due with its last frame still in the
 * buffer: time does not run it dry, only its patience does. */
double next_period(struct stream *s, int64_t application) {
    int64_t period = (int64_t)s->io.period_size, target = (s->position / period + 1) * period;
    if (!s->is_capture && target >= application)
        target = application - 1;
    return card_time_of(s, target);
}

void arm(struct stream *s, int64_t application) {
    snd_pcm_ioplug_t *io = &s->io;
    bool is_virtual = s->options.virtual;
    bool has_room = io->state != SND_PCM_STATE_DRAINING && avail_at(s, application) >= (int64_t)s->avail_min;
    if (s->is_dead || io->state == SND_PCM_STATE_XRUN || io->state == SND_PCM_STATE_SUSPENDED)
        return arm_at(s, 0);
    if (!s->is_running)
        return !s->is_capture && has_room ? arm_at(s, 0) : arm_never(s);
    if (s->stall_until > 0)
        return arm_at(s, s->stall_until);
    if (s->is_paused || s->control->is_stalled)
        return arm_at(s, INFINITY);
    if (has_room) {
        /* A player that keeps its buffer partly filled was served, though there is still room: it is due again one
         * period on. A reader is due until it has read. */
        if (is_virtual && !s->is_capture)
            virtual_set_due(&s->clock, next_period(s, application));
        return arm_at(s, 0);
    }
    double due = card_time_of(s, wake_position(s, application));
    if (is_virtual) {
        virtual_set_due(&s->clock, due);
        return arm_at(s, 0); /* who waits tries to move time on before it sleeps: see card_poll_revents */
    }
    double real = control_real_time(s->control, due) + 2e-6;
    if (s->options.jitter > 0) {
        s->random = s->random * 1664525 + 1013904223;
        real += (s->random >> 8) % ((uint32_t)s->options.jitter + 1) * 1e-6;
    }
    arm_at(s, real);
}

/* The application has come to `application`: wake it again from there. */
void served(struct stream *s, int64_t application) {
    s->served_to = (snd_pcm_uframes_t)application;
    if (s->is_running)
        arm(s, application);
    if (s->options.virtual)
        virtual_served(&s->clock); /* after it is known when the stream is due again */
}
