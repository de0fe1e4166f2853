// Where a thread is inside a guest, kept so that a signal handler can say whose fault a crash was.
#ifndef AUP_BREADCRUMB_H
#define AUP_BREADCRUMB_H
#include <stddef.h>
#include <stdint.h>

#define AUP_GUEST_CALL __attribute__((swift_attr("@_noLocks"), nonblocking))

/// What a guest was asked to do. The values index the words in aup_breadcrumb.c.
enum aup_phase {
    AUP_PHASE_NONE = 0,
    AUP_PHASE_LOAD,
    AUP_PHASE_CREATE,
    AUP_PHASE_PROCESS,
    AUP_PHASE_RESET,
    AUP_PHASE_DESTROY,
    AUP_PHASE_UNLOAD,
    AUP_PHASE_QUERY
};

/// Notes that this thread now runs `phase` of the plugin `name`, which must outlive the phase; (NULL, NONE) after it.
void aup_breadcrumb_set(const char *name, int32_t phase) AUP_GUEST_CALL;

/// Notes the frame that this thread's process call begins at.
void aup_breadcrumb_position(uint64_t frame) AUP_GUEST_CALL;

/// The phase this thread is in.
int32_t aup_breadcrumb_phase(void) AUP_GUEST_CALL;

/// Makes a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) or an exit() inside a guest end the process with one line on
/// stderr and `exit_code`. A crash outside any guest is left to its default. Call it once; gives 0 or an errno.
int32_t aup_crash_handler_install(int32_t exit_code);

/// Ends the process with that line: a guest `called exit() in` what this thread is doing.
void aup_crash_left(const char *words) __attribute__((noreturn));

/// The same line goes to the end of this file too, which is made; NULL for none. The path is copied, up to 511 bytes.
void aup_crash_report_to(const char *path);

/// The line is given to this instead of written anywhere; it is called in a signal handler.
void aup_crash_report_by(void (*speak)(const char *text, size_t length));

/// Ends the process in the same way when the calling thread, which is the main one, is inside a guest in `seconds` from now;
/// 0 for never.
void aup_crash_alarm(uint32_t seconds);

/// To be called about once a second while other threads run guests: ends the process in the same way when one of them has
/// been in one and the same call for so many looks that it will not come back: `process_looks` in process, sixty elsewhere.
/// Looks, not seconds, so that a process that was stopped is not blamed. Only threads that were prepared are looked at; one
/// caller at a time.
void aup_crash_look(uint32_t process_looks);

/// Gives the calling thread a stack of its own for that handler, without which a stack overflow says nothing. Each thread
/// that runs guests calls it once; 0 or an errno.
int32_t aup_crash_handler_prepare_thread(void);
#endif
