// One instance of a guest, run outside any chain, over guarded memory, its output as it left it.
#ifndef AUP_TRIAL_H
#define AUP_TRIAL_H
#include "../../../plugins/aup_plugin.h"
#include <stdint.h>

typedef struct aup_trial aup_trial;

/// What a trial runs and how.
typedef struct {
    const aup_plugin *plugin;
    const char *name; // for breadcrumbs; it and the instance outlive the trial
    void *instance;
    uint32_t inputs, sides, outputs, parameters, longest; // sides: channels of the side chain
    int32_t place;       // of the buffers: AUP_GUARD_NONE, …
    int32_t is_in_place; // output and input are one
    int32_t wants_events;
} aup_trial_plan;

/// NULL where there is no memory for it.
aup_trial *aup_trial_make(const aup_trial_plan *plan);
void aup_trial_free(aup_trial *trial);

/// Runs `frames` of planar sound, channel after channel, the side chain's last, in blocks of these lengths, over and over. `out` gets what the
/// guest wrote; aup_trial_unwritten where it wrote nothing. Gives the guest's worst status.
int32_t aup_trial_run(aup_trial *trial, const float *in, float *out, uint32_t frames, const uint32_t *blocks,
                      uint32_t block_count, const double *values);
void aup_trial_reset(aup_trial *trial);

/// Two trials on two threads, of which one is stopped in the midst of its blocks for a whole block of the other: what can
/// happen to any two that run at the same time, but does so in one run of the machine and not in the next.
typedef struct aup_meeting aup_meeting;
aup_meeting *aup_meeting_make(void);
/// After both have ended.
void aup_meeting_free(aup_meeting *meeting);
/// For the next run of each: one trial is stopped, the other runs meanwhile, and to its end when the first has ended. One
/// meeting at a time.
void aup_trial_meet(aup_trial *trial, aup_meeting *meeting, int32_t is_stopped);
/// How often the one was stopped.
int32_t aup_meeting_count(const aup_meeting *meeting);

/// Whether any call so far came back with other floating-point settings than it was given.
int32_t aup_trial_changed_floats(const aup_trial *trial);

/// What output holds before the guest is called: a NaN that no arithmetic makes, so that it means: never written.
#define AUP_TRIAL_UNWRITTEN_BITS 0x7FA5A5A5u

/// Before trials: adapters of other interfaces then do not fill output with silence for guests that write none.
void aup_guest_show_unwritten(void);

#ifndef __swift__
extern int32_t aup_guest_shows_unwritten;
#endif
#endif
