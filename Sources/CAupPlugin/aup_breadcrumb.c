#include "CAupPlugin.h"
#include <errno.h>
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

static void report(const char *what, const char *signal_name) {
    line out = {.length = 0};
    add(&out, "aup: plugin '");
    add(&out, here.name ? here.name : "?");
    add(&out, "' ");
    add(&out, what);
    add(&out, " ");
    add(&out, phase_words[here.phase]);
    if (here.phase == AUP_PHASE_PROCESS) {
        add(&out, " at frame ");
        add_number(&out, here.frame);
    }
    if (signal_name) {
        add(&out, " (");
        add(&out, signal_name);
        add(&out, ")");
    }
    add(&out, "; run without it");
    if (out.length == sizeof out.text) out.length--;
    out.text[out.length++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, out.text, out.length);
    (void)ignored;
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

static void crashed(int number) {
    if (here.phase > AUP_PHASE_NONE && here.phase <= AUP_PHASE_QUERY) {
        // Two threads may crash together; the second waits for the first one's _exit.
        if (atomic_flag_test_and_set(&reported))
            for (;;) pause();
        report("crashed in", word(number));
        _exit(crash_exit_code);
    }
    // Not a guest's: back to who handled it before (the Swift runtime's backtrace, a core dump), who sees it on return.
    for (size_t i = 0; i < SIGNALS; i++)
        if (numbers[i] == number) sigaction(number, &before[i], NULL);
    raise(number);
}

// A guest that calls exit() would end the process with its own status and an output that looks complete.
static void left(void) {
    if (here.phase > AUP_PHASE_NONE && here.phase <= AUP_PHASE_QUERY) {
        report("called exit() in", NULL);
        _exit(crash_exit_code);
    }
}

int32_t aup_crash_handler_install(int32_t exit_code) {
    static atomic_flag installed = ATOMIC_FLAG_INIT;
    crash_exit_code = exit_code;
    if (atomic_flag_test_and_set(&installed)) return aup_crash_handler_prepare_thread();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = crashed;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++)
        if (sigaction(numbers[i], &action, &before[i])) return errno;
    if (atexit(left)) return ENOMEM;
    return aup_crash_handler_prepare_thread();
}

static pthread_key_t stack_key;
static pthread_once_t stack_key_once = PTHREAD_ONCE_INIT;
// 64 KiB: the handler needs two, but the signal frame alone takes eleven with AVX-512 and more with AMX.
enum { STACK_BYTES = 65536 };

static void drop_stack(void *stack) {
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
    return 0;
}
