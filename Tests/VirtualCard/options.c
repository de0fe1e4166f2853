/*
 * The options of a PCM of type aupsim. All but `card` may be left out.
 *
 *   card S, dir S, device N      which card: its files lie in dir (else $AUPSIM_DIR, else /dev/shm). One playback and
 *                                one capture stream for each card and device; a second open gets EBUSY
 *   loop B                       capture of a device hears its playback (same rate, format, channels), exactly
 *   pfile S                      raw file of what was played
 *   cfile S, cloop B             raw file that is captured; silence after its end, or again from its start
 *   pattern B                    capture a sound in which every sample has its own number; playback checks it and
 *                                logs what it found when it closes (pattern.c)
 *   ppm N, speed N               clock error in parts per million; the clock runs this many times as fast
 *   granularity N                the pointer moves in steps of N frames
 *   latency N                    frames of delay behind the buffer, as of a converter
 *   wake S                       "exact": poll answers when avail >= avail_min; "period": on period boundaries only
 *   jitter N                     each wake-up late by up to N microseconds, the same in every run
 *   formats S, access S          "S16_LE S32_LE"; "rw", "mmap" or "both"
 *   rates S                      "44100 96000": these and no others, in place of rate_min and rate_max
 *   rate_min, rate_max, channels_min, channels_max, period_min, period_max (bytes), periods_max, buffer_max (bytes)
 *   chmap S                      fixed channel map, "FL FR LFE"
 *   nopause B                    no pause
 *   xrun_at N, stall_at N + stall_ms N, suspend_at N, unplug_at N
 *                                one fault at frame N of the stream's time line
 *   open_err N                   open fails with errno N
 *   log S                        text log of what the stream went through
 *   virtual B                    the card's clock is virtual (virtual.c); set it on all PCMs of a card
 *   await N                      virtual: time moves when N streams have been prepared (default 1)
 *   settle_ms N, patience_ms N   virtual: see virtual.c (default 20 and 5000)
 *   look_ms N                    how often a stream that waits looks for commands (default 100): each look wakes its
 *                                application, which a real card does not do between two periods
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, NUMBER, FLAG };

struct option {
    const char *name;
    enum kind kind;
    size_t offset;
};

#define OPTION(kind, field) {#field, kind, offsetof(struct options, field)}

static const struct option known[] = {
    OPTION(TEXT, card), OPTION(TEXT, dir), OPTION(TEXT, pfile), OPTION(TEXT, cfile), OPTION(TEXT, log),
    OPTION(TEXT, formats), OPTION(TEXT, wake), OPTION(TEXT, access), OPTION(TEXT, chmap),
    OPTION(TEXT, rates),
    OPTION(NUMBER, device), OPTION(NUMBER, ppm), OPTION(NUMBER, speed), OPTION(NUMBER, granularity),
    OPTION(NUMBER, latency), OPTION(NUMBER, jitter), OPTION(NUMBER, xrun_at), OPTION(NUMBER, stall_at),
    OPTION(NUMBER, stall_ms), OPTION(NUMBER, unplug_at), OPTION(NUMBER, suspend_at), OPTION(NUMBER, open_err),
    OPTION(NUMBER, rate_min), OPTION(NUMBER, rate_max), OPTION(NUMBER, channels_min), OPTION(NUMBER, channels_max),
    OPTION(NUMBER, period_min), OPTION(NUMBER, period_max), OPTION(NUMBER, periods_max), OPTION(NUMBER, buffer_max),
    OPTION(NUMBER, await), OPTION(NUMBER, settle_ms), OPTION(NUMBER, patience_ms),
    OPTION(NUMBER, look_ms),
    OPTION(FLAG, loop), OPTION(FLAG, cloop), OPTION(FLAG, nopause), OPTION(FLAG, virtual),
    OPTION(FLAG, pattern),
};

static const struct options defaults = {
    .speed = 1,
    .rate_min = 8000,
    .rate_max = 384000,
    .channels_min = 1,
    .channels_max = 32,
    .period_min = 32,
    .period_max = 1 << 20,
    .periods_max = 1024,
    .buffer_max = 1 << 23,
    .await = 1,
    .settle_ms = 20,
    .patience_ms = 5000,
    .look_ms = 100,
};

static int read_text(char **field, snd_config_t *entry) {
    const char *text;
    if (snd_config_get_string(entry, &text) < 0)
        return -EINVAL;
    free(*field);
    *field = strdup(text);
    return *field ? 0 : -ENOMEM;
}

/* Numbers that come in through arguments of a PCM's name are strings. */
static int read_number(long *field, snd_config_t *entry) {
    const char *text;
    if (snd_config_get_integer(entry, field) == 0)
        return 0;
    if (snd_config_get_string(entry, &text) < 0 || !*text)
        return -EINVAL;
    char *end;
    *field = strtol(text, &end, 10);
    return *end ? -EINVAL : 0;
}

static int read_flag(int *field, snd_config_t *entry) {
    int value = snd_config_get_bool(entry);
    if (value < 0)
        return -EINVAL;
    *field = value;
    return 0;
}

static int read_entry(struct options *options, const char *name, snd_config_t *entry) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i].name) != 0)
            continue;
        void *field = (char *)options + known[i].offset;
        int error = known[i].kind == TEXT     ? read_text(field, entry)
                    : known[i].kind == NUMBER ? read_number(field, entry)
                                              : read_flag(field, entry);
        if (error < 0)
            SNDERR("aupsim: option %s has an unusable value", name);
        return error;
    }
    SNDERR("aupsim: unknown option %s", name);
    return -EINVAL;
}

int options_read(struct options *options, snd_config_t *definition) {
    snd_config_iterator_t each, next;
    *options = defaults;
    snd_config_for_each(each, next, definition) {
        snd_config_t *entry = snd_config_iterator_entry(each);
        const char *name;
        if (snd_config_get_id(entry, &name) < 0)
            continue;
        if (!strcmp(name, "comment") || !strcmp(name, "type") || !strcmp(name, "hint"))
            continue;
        int error = read_entry(options, name, entry);
        if (error < 0)
            return error;
    }
    if (!options->card || options->device < 0 || options->device >= CARD_SLOTS / 2) {
        SNDERR("aupsim: option card is missing, or device is not 0 to %d", CARD_SLOTS / 2 - 1);
        return -EINVAL;
    }
    if (!options->dir) {
        const char *dir = getenv("AUPSIM_DIR");
        options->dir = strdup(dir ? dir : "/dev/shm");
    }
    return options->dir ? 0 : -ENOMEM;
}

void options_free(struct options *options) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].kind == TEXT)
            free(*(char **)((char *)options + known[i].offset));
    }
}
