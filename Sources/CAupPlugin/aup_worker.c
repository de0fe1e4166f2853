#include "CAupPlugin.h"
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LAST_WORDS = 512, LOG_BYTES = 2048 };

// At the beginning of the file, in both processes.
typedef struct {
    _Atomic uint32_t request, reply; // futexes
    _Atomic uint32_t is_gone;
    uint32_t wish, copy;
    int32_t status;
    uint64_t text_bytes;
    uint32_t frames, event_count;
    uint64_t position;
    char last_words[LAST_WORDS];
    _Atomic uint32_t log_bytes; // 0: the worker may write, else the host may read
    char log[LOG_BYTES];
} page;
_Static_assert(sizeof(page) <= AUP_WORKER_TEXT_AT, "the head and the text overlap");

struct aup_worker {
    page *page;
    int32_t process;
    uint32_t limit_milliseconds;
    int32_t is_late; // it was ended because of that limit
    aup_worker_plan plan;
    char *sound; // mapped behind the text
    size_t sound_bytes;
    double *value, *value_end, *out_value;
    aup_event *events;
    float **in, **out, **side; // each to `frames` samples in `sound`
};

aup_worker *aup_worker_open(int32_t file, int32_t process) {
    aup_worker *worker = calloc(1, sizeof *worker);
    if (!worker) return NULL;
    worker->process = process;
    worker->limit_milliseconds = 10000;
    void *map = mmap(NULL, AUP_WORKER_TEXT_AT, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) {
        free(worker);
        return NULL;
    }
    worker->page = map;
    return worker;
}

void aup_worker_close(aup_worker *worker) {
    if (!worker) return;
    if (worker->sound) munmap(worker->sound, worker->sound_bytes);
    munmap(worker->page, AUP_WORKER_TEXT_AT);
    free(worker->in);
    free(worker);
}

// Each array begins on a cache line of its own.
static size_t lines(size_t bytes) { return (bytes + 63) & ~(size_t)63; }

int32_t aup_worker_map(aup_worker *worker, int32_t file, const aup_worker_plan *plan) {
    const size_t values = lines((plan->parameters + 1) * sizeof(double));
    const size_t events = lines((plan->events + 1) * sizeof(aup_event));
    const size_t channel = lines(plan->frames * sizeof(float));
    const size_t channels = plan->inputs + plan->outputs + plan->sides;
    worker->sound_bytes = 3 * values + events + channels * channel;
    if (ftruncate(file, (off_t)(AUP_WORKER_TEXT_AT + AUP_WORKER_TEXT_BYTES + worker->sound_bytes))) return errno;
    char *map = mmap(NULL, worker->sound_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file,
                     AUP_WORKER_TEXT_AT + AUP_WORKER_TEXT_BYTES);
    if (map == MAP_FAILED) return errno;
    worker->in = calloc(channels + 1, sizeof *worker->in);
    if (!worker->in) {
        munmap(map, worker->sound_bytes);
        return ENOMEM;
    }
    worker->sound = map;
    worker->plan = *plan;
    worker->value = (double *)map;
    worker->value_end = (double *)(map + values);
    worker->out_value = (double *)(map + 2 * values);
    worker->events = (aup_event *)(map + 3 * values);
    for (size_t i = 0; i < channels; i++) worker->in[i] = (float *)(map + 3 * values + events + i * channel);
    worker->out = worker->in + plan->inputs;
    worker->side = worker->out + plan->outputs;
    return 0;
}

void aup_worker_set_text_bytes(aup_worker *worker, uint64_t bytes) { worker->page->text_bytes = bytes; }
uint64_t aup_worker_text_bytes(const aup_worker *worker) { return worker->page->text_bytes; }

// ---- Waiting. Written for a thread that may be an audio thread: no allocation and no lock; the system calls are those of the
// wait itself, and clang cannot know that the other process is all that is waited for, so the warning is off here.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"

static void wake(_Atomic uint32_t *number) AUP_GUEST_CALL {
    syscall(SYS_futex, number, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void sleep_at(_Atomic uint32_t *number, uint32_t seen, long nanoseconds) AUP_GUEST_CALL {
    const struct timespec at_most = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    syscall(SYS_futex, number, FUTEX_WAIT, seen, &at_most, NULL, 0);
}

static void rest(void) AUP_GUEST_CALL {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Looks before a sleep: some forty microseconds, which is what a sleep and its end cost; fewer made files slower, and with
// blocks of five milliseconds it is a hundredth of a processor at most.
enum { LOOKS = 3000 };

static int64_t now_milliseconds(void) AUP_GUEST_CALL {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int has_ended(const aup_worker *worker) AUP_GUEST_CALL {
    siginfo_t info = {.si_pid = 0};
    // WNOWAIT: whoever started it is to have the status. Somebody who ignores SIGCHLD has it reaped: ECHILD.
    return waitid(P_PID, (id_t)worker->process, &info, WEXITED | WNOHANG | WNOWAIT) ? 1 : info.si_pid != 0;
}

int32_t aup_worker_is_gone(const aup_worker *worker) AUP_GUEST_CALL {
    return atomic_load_explicit(&worker->page->is_gone, memory_order_acquire) != 0;
}

static void lose(aup_worker *worker) AUP_GUEST_CALL {
    atomic_store_explicit(&worker->page->is_gone, 1, memory_order_release);
    kill(worker->process, SIGKILL);
}

static int32_t ask(aup_worker *worker, uint32_t wish, uint32_t limit_milliseconds) AUP_GUEST_CALL {
    page *shared = worker->page;
    if (aup_worker_is_gone(worker)) return AUP_WORKER_GONE;
    shared->wish = wish;
    // Releasing: whoever sees the new number sees all that was written before it. The same holds for the reply.
    const uint32_t number = atomic_fetch_add_explicit(&shared->request, 1, memory_order_release) + 1;
    wake(&shared->request);
    int64_t began = -1;
    for (uint32_t looks = 0;; looks++) {
        const uint32_t seen = atomic_load_explicit(&shared->reply, memory_order_acquire);
        if (seen == number) return shared->status;
        if (aup_worker_is_gone(worker)) return AUP_WORKER_GONE;
        if (looks < LOOKS) {
            rest();
            continue;
        }
        if (began < 0) began = now_milliseconds();
        sleep_at(&shared->reply, seen, 10000000);
        if (atomic_load_explicit(&shared->reply, memory_order_acquire) == number) return shared->status;
        const int is_late = now_milliseconds() - began >= limit_milliseconds;
        if (!is_late && !has_ended(worker)) continue;
        worker->is_late = is_late;
        lose(worker);
        return AUP_WORKER_GONE;
    }
}

static void copy_floats(float *to, const float *from, size_t count) AUP_GUEST_CALL {
    if (from) memcpy(to, from, count * sizeof *to);
    else memset(to, 0, count * sizeof *to);
}

int32_t aup_worker_process(void *instance, const aup_block *block) AUP_GUEST_CALL {
    const aup_worker_seat *seat = instance;
    aup_worker *worker = seat->worker;
    const aup_worker_plan *plan = &worker->plan;
    page *shared = worker->page;
    shared->copy = seat->copy;
    shared->frames = block->frames;
    shared->position = block->position;
    shared->event_count = block->event_count < plan->events ? block->event_count : plan->events;
    memcpy(worker->value, block->value, plan->parameters * sizeof(double));
    memcpy(worker->value_end, block->value_end, plan->parameters * sizeof(double));
    memcpy(worker->out_value, block->out_value, plan->parameters * sizeof(double));
    if (shared->event_count) memcpy(worker->events, block->events, shared->event_count * sizeof(aup_event));
    for (uint32_t c = 0; c < plan->inputs; c++) copy_floats(worker->in[c], block->in[c], block->frames);
    for (uint32_t c = 0; c < plan->sides; c++) copy_floats(worker->side[c], block->side ? block->side[c] : NULL, block->frames);
    const int32_t status = ask(worker, AUP_WORKER_PROCESS, worker->limit_milliseconds);
    if (status == AUP_WORKER_GONE) return status;
    for (uint32_t c = 0; c < plan->outputs; c++) copy_floats(block->out[c], worker->out[c], block->frames);
    memcpy(block->out_value, worker->out_value, plan->parameters * sizeof(double));
    return status;
}

void aup_worker_reset(void *instance) AUP_GUEST_CALL {
    const aup_worker_seat *seat = instance;
    seat->worker->page->copy = seat->copy;
    ask(seat->worker, AUP_WORKER_RESET, seat->worker->limit_milliseconds);
}
#pragma clang diagnostic pop

const aup_plugin *aup_worker_plugin(void) {
    static const aup_plugin plugin = {.size = sizeof plugin, .process = aup_worker_process, .reset = aup_worker_reset};
    return &plugin;
}

int32_t aup_worker_ask(aup_worker *worker, uint32_t wish, uint32_t limit_milliseconds) {
    return ask(worker, wish, limit_milliseconds);
}

void aup_worker_set_limit(aup_worker *worker, uint32_t milliseconds) { worker->limit_milliseconds = milliseconds; }

int32_t aup_worker_is_late(const aup_worker *worker) { return worker->is_late; }

uint64_t aup_worker_position(const aup_worker *worker) { return worker->page->position; }

const char *aup_worker_last_words(const aup_worker *worker) {
    worker->page->last_words[LAST_WORDS - 1] = 0;
    return worker->page->last_words;
}

size_t aup_worker_take_log(aup_worker *worker, char *text, size_t room) {
    page *shared = worker->page;
    const uint32_t bytes = atomic_load_explicit(&shared->log_bytes, memory_order_acquire);
    if (!bytes || bytes > LOG_BYTES) return 0;
    const size_t taken = bytes < room ? bytes : room;
    memcpy(text, shared->log, taken);
    atomic_store_explicit(&shared->log_bytes, 0, memory_order_release);
    return taken;
}

// ---- The worker's side

uint32_t aup_worker_wait(aup_worker *worker) {
    page *shared = worker->page;
    // Only this thread writes the reply.
    const uint32_t answered = atomic_load_explicit(&shared->reply, memory_order_relaxed);
    const pid_t host = getppid();
    for (uint32_t looks = 0;; looks++) {
        if (atomic_load_explicit(&shared->request, memory_order_acquire) != answered) return shared->wish;
        if (looks < LOOKS) {
            rest();
            continue;
        }
        // A second at most, because nobody says when the host is gone.
        sleep_at(&shared->request, answered, 1000000000);
        if (getppid() != host) return AUP_WORKER_LEAVE;
    }
}

void aup_worker_answer(aup_worker *worker, int32_t status) {
    page *shared = worker->page;
    shared->status = status == AUP_WORKER_GONE ? -1 : status;
    const uint32_t number = atomic_load_explicit(&shared->request, memory_order_relaxed);
    atomic_store_explicit(&shared->reply, number, memory_order_release);
    wake(&shared->reply);
}

uint32_t aup_worker_copy(const aup_worker *worker) { return worker->page->copy; }

int32_t aup_worker_run(aup_worker *worker, const aup_plugin *plugin, const char *name, void *instance, int32_t keeps_denormals) {
    const page *shared = worker->page;
    const aup_worker_plan *plan = &worker->plan;
    const aup_block block = {
        .size = sizeof block,
        .frames = shared->frames,
        .position = shared->position,
        .in = (const float *const *)worker->in,
        .out = worker->out,
        .side = plan->sides ? (const float *const *)worker->side : NULL,
        .in_channels = plan->inputs,
        .out_channels = plan->outputs,
        .side_channels = plan->sides,
        .event_count = shared->event_count,
        .value = worker->value,
        .value_end = worker->value_end,
        .out_value = worker->out_value,
        .events = worker->events,
        .event_stride = sizeof(aup_event),
    };
    return aup_guest_process(plugin, name, instance, &block, keeps_denormals);
}

static aup_worker *speaker;

// In a signal handler of the worker.
static void speak(const char *text, size_t length) {
    page *shared = speaker->page;
    if (length >= LAST_WORDS) length = LAST_WORDS - 1;
    memcpy(shared->last_words, text, length);
    shared->last_words[length] = 0;
    atomic_store_explicit(&shared->is_gone, 1, memory_order_release);
    wake(&shared->reply);
}

void aup_worker_speak_last(aup_worker *worker) {
    speaker = worker;
    aup_crash_report_by(speak);
}

int32_t aup_worker_put_log(aup_worker *worker, const char *text, size_t bytes) {
    page *shared = worker->page;
    if (atomic_load_explicit(&shared->log_bytes, memory_order_acquire)) return 0;
    if (bytes > LOG_BYTES) bytes = LOG_BYTES;
    memcpy(shared->log, text, bytes);
    atomic_store_explicit(&shared->log_bytes, (uint32_t)bytes, memory_order_release);
    return 1;
}
