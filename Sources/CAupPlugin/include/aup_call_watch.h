// What guests call of the C library while they process, and must not.
#ifndef AUP_CALL_WATCH_H
#define AUP_CALL_WATCH_H
#include "aup_breadcrumb.h"
#include <stdint.h>

enum aup_call_kind {
    AUP_CALL_ALLOCATES = 0,
    AUP_CALL_LOCKS,
    AUP_CALL_SYSTEM, // waits, files, text, threads
    AUP_CALL_KINDS
};

/// Puts itself between every shared object that is loaded now, this program and the C library excepted, and what it calls
/// that allocates, locks or enters the system. For a process that looks at one guest; there is no way back.
///
/// Returns how many calls of theirs it stands between.
int32_t aup_call_watch_begin(void);

/// Makes exit() and its kin, called by this file that dlopen gave, end the process as a crash does: exit(0) of a guest, on
/// whatever thread, would otherwise be a success with half the sound.
void aup_exit_watch(void *file);

/// Leaves out what this thread calls from 1 to -1.
void aup_call_watch_pause(int32_t by) AUP_GUEST_CALL;

/// How often such a function was called while its thread was in AUP_PHASE_PROCESS.
uint64_t aup_call_watch_count(int32_t kind);

/// The first of them; NULL for none.
const char *aup_call_watch_first(int32_t kind);
#endif
