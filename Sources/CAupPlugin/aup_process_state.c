#include "aup_process_state.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

void aup_signal_state(uint64_t *state) {
    memset(state, 0, sizeof *state * AUP_SIGNALS);
    sigset_t blocked;
    if (!pthread_sigmask(SIG_SETMASK, NULL, &blocked)) memcpy(state, &blocked, sizeof *state);
    for (int number = 1; number < AUP_SIGNALS; number++) {
        struct sigaction action;
        if (!sigaction(number, NULL, &action)) state[number] = (uint64_t)(uintptr_t)action.sa_handler;
    }
}

const char *aup_signal_word(int32_t number) {
    static char word[16];
    const char *name = sigabbrev_np(number);
    if (!name) return "a signal";
    snprintf(word, sizeof word, "SIG%s", name);
    return word;
}

int32_t aup_spare_file(void) { return memfd_create("aup", MFD_CLOEXEC); }
