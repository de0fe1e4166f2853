/* A stream's beginning and end: it joins its card, says what it can do, and lets go of everything. */
#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Joins the card. A virtual clock begins anew, awaiting its streams, when nobody else is there. */
static int join_card(struct stream *s) {
    s->control_file = control_open(s->options.dir, s->options.card, &s->control);
    if (s->control_file < 0)
        return s->control_file;
    unsigned slot = (unsigned)s->options.device * 2 + s->is_capture;
    int error = control_lock(s->control_file, LOCK_SLOTS + slot, false);
    if (error < 0)
        return -EBUSY;
    if (s->control->is_busy)
        return -EBUSY;
    if (s->control->is_unplugged)
        return -ENODEV;
    s->unplug_seen = s->control->unplug_count;
    s->clock = (struct virtual_clock){
        .control = s->control,
        .descriptor = s->control_file,
        .dir = s->options.dir,
        .card = s->options.card,
        .slot = slot,
        .await = s->options.await,
        .settle_seconds = s->options.settle_ms * 1e-3,
        .patience_seconds = s->options.patience_ms * 1e-3,
    };
    control_lock(s->control_file, LOCK_CLOCK, true);
    bool is_first = true;
    for (unsigned other = 0; other < CARD_SLOTS; other++)
        is_first &= other == slot || !control_is_locked(s->control_file, LOCK_SLOTS + other);
    if (is_first) {
        memset(s->control->slots, 0, sizeof s->control->slots);
        s->control->is_released = 0;
    }
    control_unlock(s->control_file, LOCK_CLOCK);
    if (s->options.virtual)
        s->bell = virtual_open(&s->clock);
    return s->options.virtual && s->bell < 0 ? s->bell : 0;
}

int open_stream(struct stream *s) {
    s->log_file = s->options.log ? open(s->options.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (s->options.open_err)
        return -(int)s->options.open_err;
    int error = join_card(s);
    if (error < 0)
        return error;
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return s->timer < 0 ? -errno : sound_open_files(s);
}

static int offer_formats(struct stream *s) {
    unsigned formats[32], count = 0;
    char *rest, *list = strdup(s->options.formats ? s->options.formats : "S16_LE S24_LE S24_3LE S32_LE FLOAT_LE");
    if (!list)
        return -ENOMEM;
    for (char *name = strtok_r(list, " ,", &rest); name && count < 32; name = strtok_r(NULL, " ,", &rest)) {
        snd_pcm_format_t format = snd_pcm_format_value(name);
        if (format != SND_PCM_FORMAT_UNKNOWN)
            formats[count++] = (unsigned)format;
    }
    free(list);
    return snd_pcm_ioplug_set_param_list(&s->io, SND_PCM_IOPLUG_HW_FORMAT, count, formats);
}

static int offer_access(struct stream *s) {
    static const unsigned accesses[2] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
    const char *access = s->options.access ? s->options.access : "both";
    bool only_mapped = !strcmp(access, "mmap"), both = !strcmp(access, "both");
    return snd_pcm_ioplug_set_param_list(&s->io, SND_PCM_IOPLUG_HW_ACCESS, both ? 2 : 1, accesses + only_mapped);
}

/* The rates of a list, where there is one. */
static int offer_rates(struct stream *s) {
    unsigned rates[32], count = 0;
    for (char *rest = s->options.rates; rest && *rest && count < 32;) {
        unsigned long rate = strtoul(rest, &rest, 10);
        if (rate == 0)
            return -EINVAL;
        rates[count++] = (unsigned)rate;
        rest += strspn(rest, " ,");
    }
    return count ? snd_pcm_ioplug_set_param_list(&s->io, SND_PCM_IOPLUG_HW_RATE, count, rates) : 0;
}

int offer(struct stream *s) {
    const struct options *o = &s->options;
    /* alsa-lib knows only bytes here; a looped buffer has to fit the loop whatever its frames are. */
    long buffer_max = o->loop && o->buffer_max > LOOP_FRAMES * 4 ? LOOP_FRAMES * 4 : o->buffer_max;
    struct range {
        int what;
        long low, high;
    } ranges[] = {
        {SND_PCM_IOPLUG_HW_CHANNELS, o->channels_min, o->channels_max},
        {SND_PCM_IOPLUG_HW_RATE, o->rate_min, o->rate_max},
        {SND_PCM_IOPLUG_HW_PERIOD_BYTES, o->period_min, o->period_max},
        {SND_PCM_IOPLUG_HW_BUFFER_BYTES, o->period_min * 2, buffer_max},
        {SND_PCM_IOPLUG_HW_PERIODS, 2, o->periods_max},
    };
    int error = offer_access(s);
    if (error >= 0)
        error = offer_formats(s);
    for (size_t i = 0; error >= 0 && i < sizeof ranges / sizeof *ranges; i++)
        error = snd_pcm_ioplug_set_param_minmax(
            &s->io, ranges[i].what, (unsigned)ranges[i].low, (unsigned)ranges[i].high);
    return error < 0 ? error : offer_rates(s);
}

void free_stream(struct stream *s) {
    sound_close(s);
    if (s->bell >= 0)
        virtual_close(&s->clock);
    if (s->control)
        munmap(s->control, CARD_BYTES);
    if (s->control_file >= 0)
        close(s->control_file);
    if (s->timer >= 0)
        close(s->timer);
    if (s->log_file >= 0)
        close(s->log_file);
    options_free(&s->options);
    free(s);
}
