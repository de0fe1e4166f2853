// A program beside us: posix_spawn with what a child of a real-time process needs undone.
#ifndef AUP_PROCESS_H
#define AUP_PROCESS_H
#include <stdbool.h>
#include <stdint.h>

/// Starts a program, looked up on PATH, in a process group of its own: standard input from `input`, or /dev/null where that
/// is negative, standard output and error to `output`, signals as a shell's child has them, every other descriptor closed
/// on exec. `words` and `environment` end with NULL. 0 or an errno.
int aup_process_start(char *const *words, char *const *environment, int input, int output, int32_t *number);

/// Sends this process SIGTERM when the one that made it ends; false where that, which has this number, is gone already.
bool aup_end_with_parent(int32_t parent);

/// A descriptor that becomes readable when the process ends; -1 with errno (the kernel is older than 5.3).
int aup_process_watch(int32_t number);

/// Its exit status once it has ended, 128 + the signal if one ended it; -1 while it runs. Reaps it.
int32_t aup_process_status(int32_t number);

/// Both ends of a pipe, closed on exec, the reading end without blocking. 0 or an errno.
int aup_process_pipe(int *reading, int *writing);
#endif
