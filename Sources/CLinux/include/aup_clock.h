// The clock and the timer of the simulated devices: what an audio thread may ask Linux about time.
#ifndef AUP_CLOCK_H
#define AUP_CLOCK_H
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

#define AUP_CLOCK_REALTIME_SAFE __attribute__((swift_attr("@_noLocks"), nonblocking))

/// Redeclared with the promise that glibc's header does not make: clock_gettime answers from the vDSO without
/// entering the kernel, timerfd_settime is one short system call that takes no lock a lesser thread can hold.
int clock_gettime(clockid_t clock, struct timespec *now) AUP_CLOCK_REALTIME_SAFE;
int timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *old)
    AUP_CLOCK_REALTIME_SAFE;

/// CLOCK_MONOTONIC in nanoseconds.
AUP_CLOCK_REALTIME_SAFE
static inline int64_t aup_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Makes the descriptor readable from a moment of CLOCK_MONOTONIC on; at once when it has passed, never for INT64_MAX.
AUP_CLOCK_REALTIME_SAFE
static inline int aup_timer_arm(int fd, int64_t nanoseconds) {
    struct itimerspec wanted = {{0, 0}, {0, 0}};
    if (nanoseconds != INT64_MAX) {
        if (nanoseconds < 1) nanoseconds = 1; /* because zero would disarm */
        wanted.it_value.tv_sec = (time_t)(nanoseconds / 1000000000);
        wanted.it_value.tv_nsec = (long)(nanoseconds % 1000000000);
    }
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &wanted, 0);
}
#endif
