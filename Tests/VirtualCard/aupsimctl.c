/* aupsimctl: faults for a virtual card, from outside, at any moment. */
#include "card.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: aupsimctl CARD COMMAND      (control block: $AUPSIM_DIR/CARD.ctl, default /dev/shm)\n"
    "  xrun p|c           one xrun on the running playback or capture stream\n"
    "  unplug | plug      the card goes away (open handles stay dead) / comes back\n"
    "  suspend | wake     streams are suspended / may be prepared again\n"
    "  stall | go         the card's time stands still / goes on\n"
    "  busy | free        new opens are refused / succeed\n"
    "  ppm N              the card's clock is off by N parts per million from now on\n"
    "  show               print the block\n"
    "  rm                 remove the card's files\n";

static int show(const struct control *c) {
    printf("unplugged %u times %u stalled %u busy %u suspended %u xruns %u %u factor %.9f\n", c->is_unplugged,
           c->unplug_count, c->is_stalled, c->is_busy, c->is_suspended, c->xrun_count[0], c->xrun_count[1], c->factor);
    printf("virtual %.9f released %u forced %u\n", c->virtual_time, c->is_released, c->forced_moves);
    static const char *states[] = {"idle", "prepared", "running", "stopped"};
    for (unsigned i = 0; i < CARD_SLOTS; i++) {
        const struct slot *slot = &c->slots[i];
        if (slot->state != SLOT_IDLE)
            printf("device %u %s pid %u %s due %.9f%s\n", i / 2, i % 2 ? "capture" : "playback", slot->pid,
                   states[slot->state % 4], slot->due_at, slot->is_abandoned ? " abandoned" : "");
    }
    return 0;
}

static int remove_files(const char *dir, const char *card) {
    char pattern[600];
    snprintf(pattern, sizeof pattern, "%s/%s.*", dir, card);
    glob_t files;
    if (glob(pattern, 0, NULL, &files) != 0)
        return 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *end = strrchr(files.gl_pathv[i], '.');
        if (!strcmp(end, ".ctl") || !strcmp(end, ".ring") || !strncmp(end, ".bell", 5))
            unlink(files.gl_pathv[i]);
    }
    globfree(&files);
    return 0;
}

static int obey(struct control *c, const char *command, const char *argument) {
    if (!strcmp(command, "xrun") && argument)
        c->xrun_count[*argument == 'c']++;
    else if (!strcmp(command, "unplug")) {
        c->is_unplugged = 1;
        c->unplug_count++;
    } else if (!strcmp(command, "plug"))
        c->is_unplugged = 0;
    else if (!strcmp(command, "suspend")) {
        c->is_suspended = 1;
        c->suspend_count++;
    } else if (!strcmp(command, "wake"))
        c->is_suspended = 0;
    else if (!strcmp(command, "stall")) {
        control_set_factor(c, 1e-12);
        c->is_stalled = 1;
    } else if (!strcmp(command, "go")) {
        control_set_factor(c, 1);
        c->is_stalled = 0;
    } else if (!strcmp(command, "busy") || !strcmp(command, "free"))
        c->is_busy = *command == 'b';
    else if (!strcmp(command, "ppm") && argument)
        control_set_factor(c, 1 + atof(argument) * 1e-6);
    else if (!strcmp(command, "show"))
        return show(c);
    else {
        fputs(usage, stderr);
        return 64;
    }
    return 0;
}

int main(int count, char **words) {
    if (count < 3) {
        fputs(usage, stderr);
        return 64;
    }
    const char *dir = getenv("AUPSIM_DIR");
    if (!dir)
        dir = "/dev/shm";
    if (!strcmp(words[2], "rm"))
        return remove_files(dir, words[1]);
    struct control *control;
    if (control_open(dir, words[1], &control) < 0) {
        perror(words[1]);
        return 1;
    }
    return obey(control, words[2], count > 3 ? words[3] : NULL);
}
