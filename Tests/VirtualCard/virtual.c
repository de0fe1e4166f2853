/*
 * The virtual clock of a card: time that stands still while anybody has something to do.
 *
 * No real time passes in it. Whoever waits for the card (in poll, or in a drain) tries to move it on to the next moment
 * at which some stream becomes due, and succeeds only when nobody holds it:
 *
 *   - Before as many streams as option `await` says have been prepared, nobody moves it: capture cannot run away
 *     before playback stands.
 *   - A running stream that is due (avail >= avail_min, or drained) holds it until its application moves frames.
 *   - A stream stopped by an xrun holds it until it is prepared again, so that what an xrun costs is always the same.
 *   - A stream that is prepared and not started is about to start, and holds it too, but gives way after `settle_ms` of
 *     real time without any service: playback cannot be filled without the capture that time brings.
 *   - Who holds it for longer than `patience_ms` of real time is passed over until served again.
 *   - A process that died holds nothing.
 *
 * Who waits is told through a named pipe of its own, its bell: by whoever moved time to its moment, or no longer holds
 * it.
 *
 * So the same frames pass at the same virtual times however slow or loaded the machine is.
 */
#define _GNU_SOURCE
#include "card.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum hold { HOLD_NONE, HOLD_SETTLE, HOLD_DUE };

static struct slot *own_slot(struct virtual_clock *clock) {
    return &clock->control->slots[clock->slot];
}

static int own_bell(struct virtual_clock *clock) {
    return clock->bells[clock->slot];
}

/* ---- bells ---- */

static int open_bell(struct virtual_clock *clock, unsigned index) {
    if (clock->bells[index] >= 0)
        return clock->bells[index];
    char path[512];
    snprintf(path, sizeof path, "%s/%s.bell%u", clock->dir, clock->card, index);
    if (mkfifo(path, 0666) < 0 && errno != EEXIST)
        return -errno;
    /* For reading and writing on both sides, so that nobody meets an end of file or a SIGPIPE when the other leaves. */
    clock->bells[index] = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return clock->bells[index] < 0 ? -errno : clock->bells[index];
}

static void ring(struct virtual_clock *clock, unsigned index) {
    if (index == clock->slot || !atomic_exchange(&clock->control->slots[index].is_waiting, 0))
        return;
    int bell = open_bell(clock, index);
    if (bell >= 0 && write(bell, "", 1) < 0)
        return; /* full: it rings already */
}

static void ring_everybody(struct virtual_clock *clock) {
    for (unsigned index = 0; index < CARD_SLOTS; index++)
        ring(clock, index);
}

int virtual_open(struct virtual_clock *clock) {
    for (unsigned index = 0; index < CARD_SLOTS; index++)
        clock->bells[index] = -1;
    return open_bell(clock, clock->slot);
}

void virtual_close(struct virtual_clock *clock) {
    for (unsigned index = 0; index < CARD_SLOTS; index++) {
        if (clock->bells[index] >= 0)
            close(clock->bells[index]);
        clock->bells[index] = -1;
    }
}

void virtual_set_waiting(struct virtual_clock *clock, bool is_waiting) {
    own_slot(clock)->is_waiting = is_waiting;
    char rung[64];
    if (!is_waiting && read(own_bell(clock), rung, sizeof rung) < 0)
        return; /* nobody rang */
}

/* ---- what the streams say of themselves ---- */

void virtual_set_state(struct virtual_clock *clock, enum slot_state state) {
    struct slot *slot = own_slot(clock);
    slot->pid = (uint32_t)getpid();
    slot->is_abandoned = 0;
    slot->state = state;
    clock->control->progress_at = monotonic_seconds();
    slot->is_blocking = 0;
    ring_everybody(clock);
}

void virtual_set_due(struct virtual_clock *clock, double due_at) {
    own_slot(clock)->due_at = due_at;
}

void virtual_served(struct virtual_clock *clock) {
    own_slot(clock)->is_abandoned = 0;
    clock->control->progress_at = monotonic_seconds();
    if (atomic_exchange(&own_slot(clock)->is_blocking, 0))
        ring_everybody(clock);
}

/* ---- moving on ---- */

static enum hold hold_of(const struct slot *slot, double now) {
    switch (slot->state) {
    case SLOT_PREPARED:
        return HOLD_SETTLE;
    case SLOT_RUNNING:
        return slot->due_at <= now && !slot->is_abandoned ? HOLD_DUE : HOLD_NONE;
    case SLOT_STOPPED:
        return slot->is_abandoned ? HOLD_NONE : HOLD_DUE;
    default:
        return HOLD_NONE;
    }
}

/* Whether the stream's process still has it open. A zombie still has a process id, but no locks. */
static bool is_alive(struct virtual_clock *clock, unsigned index) {
    return index == clock->slot || control_is_locked(clock->descriptor, LOCK_SLOTS + index);
}

static bool enough_are_prepared(struct virtual_clock *clock) {
    struct control *control = clock->control;
    if (control->is_released)
        return true;
    long prepared = 0;
    for (unsigned index = 0; index < CARD_SLOTS; index++)
        prepared += control->slots[index].state != SLOT_IDLE;
    control->is_released = prepared >= clock->await;
    return control->is_released;
}

static void advance_locked(struct virtual_clock *clock) {
    struct control *control = clock->control;
    double now = control->virtual_time, next = INFINITY;
    double waited = monotonic_seconds() - control->progress_at;
    bool is_forced = false;

    if (control->is_stalled || !enough_are_prepared(clock))
        return;
    for (unsigned index = 0; index < CARD_SLOTS; index++) {
        struct slot *slot = &control->slots[index];
        enum hold hold = hold_of(slot, now);
        if (hold != HOLD_NONE && !is_alive(clock, index)) {
            slot->state = SLOT_IDLE;
            continue;
        }
        if (hold == HOLD_SETTLE && waited < clock->settle_seconds)
            return;
        if (hold == HOLD_DUE && waited < clock->patience_seconds) {
            slot->is_blocking = 1;
            if (hold_of(slot, now) == HOLD_DUE)
                return;
            hold = HOLD_NONE; /* served just now, before it could see that it blocks */
        }
        if (hold == HOLD_DUE) {
            slot->is_abandoned = 1;
            is_forced = true;
        }
        if (slot->state == SLOT_RUNNING && slot->due_at > now && slot->due_at < next)
            next = slot->due_at;
    }
    if (!isfinite(next))
        return;
    if (is_forced)
        control->forced_moves++;
    control->progress_at = monotonic_seconds();
    control->virtual_time = next;
    for (unsigned index = 0; index < CARD_SLOTS; index++) {
        if (control->slots[index].state == SLOT_RUNNING && control->slots[index].due_at <= next)
            ring(clock, index);
    }
}

void virtual_advance(struct virtual_clock *clock) {
    if (control_lock(clock->descriptor, LOCK_CLOCK, true) < 0)
        return;
    advance_locked(clock);
    control_unlock(clock->descriptor, LOCK_CLOCK);
}

bool virtual_is_out_of_patience(struct virtual_clock *clock) {
    return monotonic_seconds() - clock->control->progress_at >= clock->patience_seconds;
}

double virtual_tick(struct virtual_clock *clock) {
    /* Bells ring for all that streams do; only patience, settling and commands from outside need another look. */
    double waited = monotonic_seconds() - clock->control->progress_at;
    return waited < 5e-2 ? 1e-3 : 5e-3;
}
