#include "CAupPlugin.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    const char *volatile name;
    volatile int32_t phase;
    volatile uint64_t frame;
    volatile uint64_t calls; // into guests, so that one can be told from the next
} breadcrumb;

// One a thread, because the control side may create a guest while the audio thread runs another; a signal handler runs on
// the thread that crashed and so reads the right one. initial-exec: part of the thread's static block, never allocated when
// first touched, so a plain store for the audio thread and safe to read in a handler. clang cannot know that and refuses
// thread-locals in nonblocking functions, which is why the warning is off for the three functions below.
static _Thread_local breadcrumb here __attribute__((tls_model("initial-exec")));

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"
void aup_breadcrumb_set(const char *name, int32_t phase) AUP_GUEST_CALL {
    here.phase = AUP_PHASE_NONE;
    here.name = name;
    here.frame = 0;
    here.calls = here.calls + 1;
    here.phase = phase;
}

void aup_breadcrumb_position(uint64_t frame) AUP_GUEST_CALL { here.frame = frame; }

int32_t aup_breadcrumb_phase(void) AUP_GUEST_CALL { return here.phase; }
#pragma clang diagnostic pop

static const char *const phase_words[] = {"nothing", "loading", "create", "process", "reset", "destroy", "unloading", "a query"};
enum { SIGNALS = 5 };
static const int numbers[SIGNALS] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static struct sigaction before[SIGNALS];
static int32_t crash_exit_code = 1;
static atomic_flag reported = ATOMIC_FLAG_INIT;

// The line is put together by hand: printf is not async-signal-safe.
typedef struct {
    char text[400];
    size_t length;
} line;

static void add(line *to, const char *text) {
    while (*text && to->length < sizeof to->text) {
        char c = *text++;
        to->text[to->length++] = (c < ' ' || c == 127) ? '?' : c;
    }
}

static void add_number(line *to, uint64_t number) {
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    add(to, digits + at);
}

static char report_path[512];
static void (*report_by)(const char *, size_t);

static void put(const line *out) {
    if (report_by) return report_by(out->text, out->length);
    ssize_t ignored = write(STDERR_FILENO, out->text, out->length);
    // Opened now, because a guest may have closed what was open.
    int file = report_path[0] ? open(report_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (file >= 0) ignored = write(file, out->text, out->length);
    (void)ignored;
}

static void report(const breadcrumb *at, const char *what, const char *signal_name) {
    line out = {.length = 0};
    add(&out, "aup: plugin '");
    add(&out, at->name ? at->name : "?");
    add(&out, "' ");
    add(&out, what);
    add(&out, " ");
    add(&out, phase_words[at->phase]);
    if (at->phase == AUP_PHASE_PROCESS) {
        add(&out, " at frame ");
        add_number(&out, at->frame);
    }
    if (signal_name) {
        add(&out, " (");
        add(&out, signal_name);
        add(&out, ")");
    }
    add(&out, "; run without it");
    if (out.length == sizeof out.text) out.length--;
    out.text[out.length++] = '\n';
    put(&out);
}

static const char *word(int number) {
    switch (number) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    case SIGABRT: return "SIGABRT";
    default: return "signal";
    }
}

// Whether the address is one that a guest of a trial was kept from, and where.
static int trespass(const siginfo_t *info, const void *state, char *words, size_t room) {
    char place[80];
    size_t length = aup_guard_describe(info->si_addr, place, sizeof place - 1);
    place[length] = 0;
    const char *verb = "touched ";
#if defined(__x86_64__)
    // Bit 1 of the page fault's error code: a write (Intel SDM vol. 3, 4.7).
    verb = ((const ucontext_t *)state)->uc_mcontext.gregs[REG_ERR] & 2 ? "wrote " : "read ";
#else
    (void)state;
#endif
    line out = {.length = 0};
    add(&out, verb);
    add(&out, place);
    add(&out, " in");
    if (!length || out.length >= room) return 0;
    memcpy(words, out.text, out.length);
    words[out.length] = 0;
    return 1;
}

static void crashed(int number, siginfo_t *info, void *state) {
    if (here.phase > AUP_PHASE_NONE && here.phase <= AUP_PHASE_QUERY) {
        // Two threads may crash together; the second waits for the first one's _exit.
        if (atomic_flag_test_and_set(&reported))
            for (;;) pause();
        char words[120];
        int is_trespass = (number == SIGSEGV || number == SIGBUS) && trespass(info, state, words, sizeof words);
        report(&here, is_trespass ? words : "crashed in", word(number));
        _exit(crash_exit_code);
    }
    if (here.calls) {
        // Freed memory that is not what it was is found later, by others.
        line out = {.length = 0};
        add(&out, "aup: crashed outside any plugin, after plugins had run; one of them may have damaged memory: "
                  "try each with aup process --check PLUGIN");
        out.text[out.length++] = '\n';
        put(&out);
    }
    // Not a guest's: back to who handled it before (the Swift runtime's backtrace, a core dump), who sees it on return.
    for (size_t i = 0; i < SIGNALS; i++)
        if (numbers[i] == number) sigaction(number, &before[i], NULL);
    raise(number);
}

// A guest that calls exit() would end the process with its own status and an output that looks complete.
static void left(void) {
    if (here.phase > AUP_PHASE_NONE && here.phase <= AUP_PHASE_QUERY) {
        report(&here, "called exit() in", NULL);
        _exit(crash_exit_code);
    }
}

void aup_crash_left(const char *words) {
    if (here.phase > AUP_PHASE_NONE && here.phase <= AUP_PHASE_QUERY) {
        report(&here, words, NULL);
    } else {
        line out = {.length = 0};
        add(&out, "aup: a plugin ");
        add(&out, words);
        add(&out, " a thread of its own; run without it");
        out.text[out.length++] = '\n';
        put(&out);
    }
    _exit(crash_exit_code);
}

int32_t aup_crash_handler_install(int32_t exit_code) {
    static atomic_flag installed = ATOMIC_FLAG_INIT;
    crash_exit_code = exit_code;
    if (atomic_flag_test_and_set(&installed)) return aup_crash_handler_prepare_thread();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = crashed;
    action.sa_flags = SA_ONSTACK | SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++)
        if (sigaction(numbers[i], &action, &before[i])) return errno;
    if (atexit(left)) return ENOMEM;
    return aup_crash_handler_prepare_thread();
}

void aup_crash_report_to(const char *path) {
    report_path[0] = 0;
    if (path) strncpy(report_path, path, sizeof report_path - 1);
}

void aup_crash_report_by(void (*speak)(const char *text, size_t length)) { report_by = speak; }

static void give_up(const breadcrumb *at) {
    if (atomic_flag_test_and_set(&reported))
        for (;;) pause();
    report(at, "does not come back from", NULL);
    _exit(crash_exit_code);
}

static void late(int number) {
    (void)number;
    if (here.phase > AUP_PHASE_NONE && here.phase <= AUP_PHASE_QUERY) give_up(&here);
}

void aup_crash_alarm(uint32_t seconds) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = late;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}

// Threads that run guests: the transport's, the main one, and some to spare.
enum { WATCHED = 16 };
static _Atomic(const breadcrumb *) watched[WATCHED];

static void watch_thread(const breadcrumb *now, const breadcrumb *then) {
    for (size_t i = 0; i < WATCHED; i++) {
        const breadcrumb *expected = then;
        if (atomic_compare_exchange_strong(&watched[i], &expected, now)) return;
    }
}

void aup_crash_look(uint32_t process_looks) {
    // Files may take their time to be loaded.
    enum { OTHER_LOOKS = 60 };
    static struct {
        const breadcrumb *thread;
        uint64_t calls;
        uint32_t looks;
    } seen[WATCHED];
    for (size_t i = 0; i < WATCHED; i++) {
        const breadcrumb *thread = atomic_load(&watched[i]);
        if (!thread || thread == &here) continue;
        // Read while the other thread writes: aligned numbers, each whole, and a look that is wrong once does no harm.
        const uint64_t calls = thread->calls;
        const int32_t phase = thread->phase;
        const int is_same = seen[i].thread == thread && seen[i].calls == calls && phase != AUP_PHASE_NONE;
        seen[i].looks = is_same ? seen[i].looks + 1 : 0;
        seen[i].thread = thread;
        seen[i].calls = calls;
        const int is_sound = phase == AUP_PHASE_PROCESS || phase == AUP_PHASE_RESET;
        if (seen[i].looks >= (is_sound ? process_looks : OTHER_LOOKS)) give_up(thread);
    }
}

static pthread_key_t stack_key;
static pthread_once_t stack_key_once = PTHREAD_ONCE_INIT;
// 64 KiB: the handler needs two, but the signal frame alone takes eleven with AVX-512 and more with AMX.
enum { STACK_BYTES = 65536 };

static void drop_stack(void *stack) {
    watch_thread(NULL, &here);
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(stack, STACK_BYTES);
}

static void make_stack_key(void) { pthread_key_create(&stack_key, drop_stack); }

int32_t aup_crash_handler_prepare_thread(void) {
    pthread_once(&stack_key_once, make_stack_key);
    if (pthread_getspecific(stack_key)) return 0;
    void *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return errno;
    stack_t stack = {.ss_sp = memory, .ss_size = STACK_BYTES};
    if (sigaltstack(&stack, NULL)) {
        int error = errno;
        munmap(memory, STACK_BYTES);
        return error;
    }
    pthread_setspecific(stack_key, memory);
    watch_thread(&here, NULL);
    return 0;
}
