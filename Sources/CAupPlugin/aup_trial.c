#include "CAupPlugin.h"
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int32_t aup_guest_shows_unwritten = 0;
void aup_guest_show_unwritten(void) { aup_guest_shows_unwritten = 1; }

// Enough for what two guests share to meet, few enough for a busy machine, where each takes as long as a turn of others.
// A stop in which the other did not come to its turn shows nothing: it is not counted, and there are not many of them.
enum { MOST_STOPS = 50, MOST_MISSES = 25, PATIENCE_NANOSECONDS = 100000000 };

struct aup_meeting {
    sem_t go, done; // posted for each block of the one that runs meanwhile, and after it
    atomic_int stops, misses, skips, is_over;
};

// The one that is stopped, for the signal's handler.
static aup_meeting *_Atomic stopped_meeting;

aup_meeting *aup_meeting_make(void) {
    aup_meeting *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    sem_init(&self->go, 0, 0);
    sem_init(&self->done, 0, 0);
    return self;
}

void aup_meeting_free(aup_meeting *self) { free(self); }

int32_t aup_meeting_count(const aup_meeting *self) { return atomic_load(&self->stops); }

// In the midst of a guest's block the other runs one of its own. Not for ever: it may wait for a lock that this one holds.
static void stop_here(int number) {
    (void)number;
    int error = errno;
    aup_meeting *self = atomic_load(&stopped_meeting);
    if (self && aup_breadcrumb_phase() == AUP_PHASE_PROCESS && atomic_load(&self->stops) < MOST_STOPS &&
        atomic_load(&self->misses) < MOST_MISSES && atomic_fetch_sub(&self->skips, 1) <= 0) {
        // What came too late for the stop before.
        while (sem_trywait(&self->done) == 0) {}
        sem_post(&self->go);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PATIENCE_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        const int is_met = sem_timedwait(&self->done, &until) == 0;
        atomic_fetch_add(is_met ? &self->stops : &self->misses, 1);
        // The timer went on meanwhile: the next signal comes before the guest has taken a step, and another stop at this very
        // place would show nothing.
        atomic_store(&self->skips, 1 + atomic_load(&self->stops) % 3);
    }
    errno = error;
}

// Stops this thread every 20 microseconds from now on.
static timer_t begin_to_stop(aup_meeting *self) {
    atomic_store(&stopped_meeting, self);
    struct sigaction action = {.sa_handler = stop_here, .sa_flags = SA_RESTART};
    sigaction(SIGRTMIN + 3, &action, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 3};
    event._sigev_un._tid = gettid();
    timer_t timer = 0;
    const struct itimerspec often = {{0, 20000}, {0, 20000}};
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) timer_settime(timer, 0, &often, NULL);
    return timer;
}

static void end_to_stop(aup_meeting *self, timer_t timer) {
    timer_delete(timer);
    atomic_store(&stopped_meeting, NULL);
    atomic_store(&self->is_over, 1);
    sem_post(&self->go);
}

struct aup_trial {
    aup_trial_plan plan;
    aup_guard **in, **side, **out;
    aup_guard *values, *values_end, *readings;
    const float **ins, **sides;
    float **outs;
    aup_event *events;
    double *last; // the values of the run before
    uint64_t position;
    int32_t changed_floats;
    aup_meeting *meeting;
    int32_t is_stopped;
};

static int make(aup_guard **list, uint32_t count, uint32_t frames, const char *what) {
    for (uint32_t c = 0; c < count; c++) {
        char name[24];
        snprintf(name, sizeof name, "%s %u", what, c + 1);
        if (!(list[c] = aup_guard_make(sizeof(float) * frames, name))) return 0;
    }
    return 1;
}

aup_trial *aup_trial_make(const aup_trial_plan *plan) {
    aup_trial *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->plan = *plan;
    size_t values = sizeof(double) * (plan->parameters ? plan->parameters : 1);
    self->in = calloc(plan->inputs + 1, sizeof *self->in);
    self->side = calloc(plan->sides + 1, sizeof *self->side);
    self->out = calloc(plan->outputs + 1, sizeof *self->out);
    self->ins = calloc(plan->inputs + 1, sizeof *self->ins);
    self->sides = calloc(plan->sides + 1, sizeof *self->sides);
    self->outs = calloc(plan->outputs + 1, sizeof *self->outs);
    self->events = calloc(plan->parameters + 1, sizeof *self->events);
    self->last = calloc(1, values);
    self->values = aup_guard_make(values, "the values");
    self->values_end = aup_guard_make(values, "the end values");
    self->readings = aup_guard_make(values, "the readings");
    if (self->in && self->side && self->out && self->ins && self->sides && self->outs && self->events && self->last &&
        self->values && self->values_end && self->readings && make(self->side, plan->sides, plan->longest, "side input") &&
        (plan->is_in_place || make(self->in, plan->inputs, plan->longest, "input")) &&
        make(self->out, plan->outputs, plan->longest, "output"))
        return self;
    aup_trial_free(self);
    return NULL;
}

void aup_trial_free(aup_trial *self) {
    if (!self) return;
    for (uint32_t c = 0; self->in && c < self->plan.inputs; c++) aup_guard_free(self->in[c]);
    for (uint32_t c = 0; self->side && c < self->plan.sides; c++) aup_guard_free(self->side[c]);
    for (uint32_t c = 0; self->out && c < self->plan.outputs; c++) aup_guard_free(self->out[c]);
    aup_guard_free(self->values);
    aup_guard_free(self->values_end);
    aup_guard_free(self->readings);
    free(self->in);
    free(self->side);
    free(self->out);
    free(self->ins);
    free(self->sides);
    free(self->outs);
    free(self->events);
    free(self->last);
    free(self);
}

static const double *place_values(aup_guard *guard, const double *values, uint32_t count, int32_t place) {
    aup_guard_allow(guard, 1);
    double *at = aup_guard_place(guard, sizeof(double) * count, place);
    if (count) memcpy(at, values, sizeof(double) * count);
    aup_guard_allow(guard, 0);
    return at;
}

// Controls of a call: rounding, masks, denormals. The flags of what happened (bits 0 to 5) are nobody's business.
static int differs(aup_float_state before, aup_float_state after) {
#if defined(__x86_64__)
    return ((before ^ after) & ~(uint64_t)0x3F) != 0;
#else
    return before != after;
#endif
}

static int32_t call(aup_trial *self, const aup_block *block) {
    const aup_plugin *plugin = self->plan.plugin;
    aup_float_state before = aup_float_state_get();
    aup_breadcrumb_set(self->plan.name, AUP_PHASE_PROCESS);
    aup_breadcrumb_position(block->position);
    aup_float_state_set(aup_float_state_guest());
    int32_t status = plugin->process(self->plan.instance, block);
    aup_float_state after = aup_float_state_get();
    aup_float_state_set(before);
    aup_breadcrumb_set(0, AUP_PHASE_NONE);
    if (differs(aup_float_state_guest(), after)) self->changed_floats = 1;
    return status;
}

static uint32_t changes(aup_trial *self, const double *values) {
    uint32_t count = 0;
    for (uint32_t p = 0; p < self->plan.parameters; p++) {
        if (self->plan.wants_events && self->position && values[p] != self->last[p])
            self->events[count++] = (aup_event){.frame = 0, .param = p, .value = values[p]};
        self->last[p] = values[p];
    }
    return count;
}

void aup_trial_meet(aup_trial *self, aup_meeting *meeting, int32_t is_stopped) {
    self->meeting = meeting;
    self->is_stopped = is_stopped;
}

int32_t aup_trial_run(aup_trial *self, const float *in, float *out, uint32_t frames, const uint32_t *blocks,
                      uint32_t block_count, const double *values) {
    const aup_trial_plan *plan = &self->plan;
    const uint32_t unwritten = AUP_TRIAL_UNWRITTEN_BITS;
    int32_t worst = 1;
    aup_meeting *meanwhile = self->is_stopped ? NULL : self->meeting;
    timer_t timer = self->meeting && self->is_stopped ? begin_to_stop(self->meeting) : 0;
    for (uint32_t at = 0, next = 0, count; at < frames && worst >= 0; at += count) {
        count = blocks[next++ % block_count];
        if (count > frames - at) count = frames - at;
        for (uint32_t c = 0; c < plan->outputs; c++) {
            self->outs[c] = aup_guard_place(self->out[c], sizeof(float) * count, plan->place);
            for (uint32_t i = 0; i < count; i++) memcpy(&self->outs[c][i], &unwritten, sizeof unwritten);
        }
        for (uint32_t c = 0; c < plan->inputs; c++) {
            aup_guard *guard = plan->is_in_place ? self->out[c] : self->in[c];
            if (!plan->is_in_place) aup_guard_allow(guard, 1);
            float *to = aup_guard_place(guard, sizeof(float) * count, plan->place);
            memcpy(to, in + (size_t)c * frames + at, sizeof(float) * count);
            if (!plan->is_in_place) aup_guard_allow(guard, 0);
            self->ins[c] = to;
        }
        for (uint32_t c = 0; c < plan->sides; c++) {
            aup_guard_allow(self->side[c], 1);
            float *to = aup_guard_place(self->side[c], sizeof(float) * count, plan->place);
            memcpy(to, in + (size_t)(plan->inputs + c) * frames + at, sizeof(float) * count);
            aup_guard_allow(self->side[c], 0);
            self->sides[c] = to;
        }
        const aup_block block = {
            .size = sizeof block, .frames = count, .position = self->position, .in = self->ins, .out = self->outs,
            .side = plan->sides ? self->sides : NULL, .side_channels = plan->sides,
            .in_channels = plan->inputs, .out_channels = plan->outputs,
            .value = place_values(self->values, values, plan->parameters, plan->place),
            .value_end = place_values(self->values_end, values, plan->parameters, plan->place),
            .out_value = aup_guard_place(self->readings, sizeof(double) * plan->parameters, plan->place),
            .events = self->events, .event_count = at ? 0 : changes(self, values),
            .event_stride = sizeof(aup_event)};
        // When the other has ended nobody posts any more.
        if (meanwhile && !atomic_load(&meanwhile->is_over)) sem_wait(&meanwhile->go);
        int32_t status = call(self, &block);
        if (meanwhile) sem_post(&meanwhile->done);
        if (status < worst) worst = status;
        self->position += count;
        for (uint32_t c = 0; c < plan->outputs; c++)
            memcpy(out + (size_t)c * frames + at, self->outs[c], sizeof(float) * count);
    }
    if (self->meeting && self->is_stopped) end_to_stop(self->meeting, timer);
    return worst;
}

void aup_trial_reset(aup_trial *self) {
    self->position = 0;
    aup_guest_reset(self->plan.plugin, self->plan.name, self->plan.instance);
}

int32_t aup_trial_changed_floats(const aup_trial *self) { return self->changed_floats; }
