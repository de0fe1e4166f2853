/*
 * The virtual sound card's inner interface: what its parts share, and what aupsimctl writes to.
 *
 *   pcm_aupsim.c   the ALSA plugin: one stream's life, as alsa-lib calls it
 *   opening.c      a stream joins its card and says what it can do
 *   timeline.c     where its pointer is, what befalls it, when its application is woken
 *   options.c      reads the PCM's configuration
 *   control.c      the card's shared block: who has which stream open, faults on command, the card's clock
 *   virtual.c      the virtual clock: who may move time, and when
 *   sound.c        where captured frames come from and played frames go to
 *   aupsimctl.c    faults from the command line
 *
 * A card is a file, DIR/NAME.ctl, mapped by every process that has one of its streams open. No daemon, no thread.
 */
#ifndef AUPSIM_CARD_H
#define AUPSIM_CARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CARD_MAGIC 0x41555053u
#define CARD_VERSION 2u
#define CARD_BYTES 4096
#define CARD_SLOTS 16 /* 8 devices, playback and capture each */

/* Byte offsets of the locks in the control file. They are owned by open files, so the kernel releases them when a
 * process dies, however it dies. */
enum { LOCK_SETUP = 4096, LOCK_CLOCK = 4097, LOCK_SLOTS = 8192 };

/* What one stream of the card is doing, as far as the virtual clock cares. */
enum slot_state {
    SLOT_IDLE,     /* closed, set up or paused: no part in the clock */
    SLOT_PREPARED, /* hw_params and prepare done, not started */
    SLOT_RUNNING,
    SLOT_STOPPED   /* stopped by an xrun or suspended: its owner has to prepare it again */
};

struct slot {
    _Atomic uint32_t state;
    _Atomic uint32_t is_abandoned; /* held the clock for longer than the patience; holds it no more until served */
    _Atomic uint32_t is_waiting;   /* its owner sits in poll, and wants to know when time may move or has moved */
    _Atomic uint32_t is_blocking;  /* somebody could not move time because of it */
    _Atomic uint32_t pid;          /* for reports only; the lock says who lives */
    _Atomic double due_at;         /* card time at which its owner has something to do */
};

struct control {
    uint32_t magic, version;

    /* Written by aupsimctl, read by the streams. */
    _Atomic uint32_t is_unplugged;
    _Atomic uint32_t unplug_count; /* an open handle stays dead after a replug */
    _Atomic uint32_t xrun_count[2]; /* one more is one xrun: [0] playback, [1] capture */
    _Atomic uint32_t is_stalled;
    _Atomic uint32_t is_busy;
    _Atomic uint32_t is_suspended;
    _Atomic uint32_t suspend_count;

    /* Real-time clock: card time = card_start + (CLOCK_MONOTONIC - real_start) * factor. */
    _Atomic uint32_t change_count; /* odd while the three below are being changed */
    _Atomic double real_start, card_start, factor;

    /* Virtual clock, in seconds. Moved only under LOCK_CLOCK. */
    _Atomic double virtual_time;
    _Atomic uint32_t is_released; /* as many streams as option "await" wants have been prepared at once */
    _Atomic uint32_t forced_moves;
    _Atomic double progress_at; /* CLOCK_MONOTONIC of the last move, service or preparation */

    struct slot slots[CARD_SLOTS]; /* [device * 2 + is_capture] */
};
_Static_assert(sizeof(struct control) <= CARD_BYTES, "the control block fits its page");

/* ---- control.c ---- */

double monotonic_seconds(void);

/* Maps DIR/CARD.ctl, creating it when needed. Returns the descriptor, or a negative errno. */
int control_open(const char *dir, const char *card, struct control **control);

/* Locks one byte of the control file for this open file. Waiting or not; returns 0 or a negative errno. */
int control_lock(int descriptor, off_t byte, bool wait);
void control_unlock(int descriptor, off_t byte);
/* Whether somebody else, alive, holds that byte. */
bool control_is_locked(int descriptor, off_t byte);

/* Card time on the real-time clock. */
double control_card_time(struct control *control);
/* CLOCK_MONOTONIC at which the real-time clock will show `card_time`. */
double control_real_time(struct control *control, double card_time);
/* Lets the real-time clock go on at another speed without a jump. */
void control_set_factor(struct control *control, double factor);

/* ---- virtual.c ---- */

struct virtual_clock {
    struct control *control;
    int descriptor;
    const char *dir, *card;
    int bells[CARD_SLOTS];  /* a named pipe for each stream: who waits listens at its own; -1 where not yet opened */
    unsigned slot;          /* the stream that looks at the clock */
    long await;             /* streams that must be prepared before time moves */
    double settle_seconds;  /* how long a prepared stream is given to start before each move */
    double patience_seconds; /* how long a stream that is due may hold the clock */
};

/* Opens this stream's bell. Returns its descriptor, to be polled for reading, or a negative errno. */
int virtual_open(struct virtual_clock *clock);
void virtual_close(struct virtual_clock *clock);
void virtual_set_state(struct virtual_clock *clock, enum slot_state state);
void virtual_set_due(struct virtual_clock *clock, double due_at);
/* The application has moved frames: the clock's patience starts anew. */
void virtual_served(struct virtual_clock *clock);
/* The stream is about to wait in poll, or has returned from it. */
void virtual_set_waiting(struct virtual_clock *clock, bool is_waiting);
/* Moves the clock to the next moment at which some stream has something to do, if nobody holds it. */
void virtual_advance(struct virtual_clock *clock);
/* Whether nothing has moved for longer than the patience. */
bool virtual_is_out_of_patience(struct virtual_clock *clock);
/* Seconds of real time after which a waiting stream should look at the clock again. */
double virtual_tick(struct virtual_clock *clock);

#endif
