// What of a process guests must leave as it was, and Swift does not see.
#ifndef AUP_PROCESS_STATE_H
#define AUP_PROCESS_STATE_H
#include <stdint.h>

enum { AUP_SIGNALS = 65 };

/// What happens at each signal, as a number to compare with, and at 0 which are blocked in this thread.
void aup_signal_state(uint64_t *state);

/// `SIGTERM`; "a signal" for one without a name.
const char *aup_signal_word(int32_t number);

/// A file that is only in memory; a descriptor, or -1.
int32_t aup_spare_file(void);
#endif
