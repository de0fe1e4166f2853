#include "aup_realtime_promotion.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK 0x40000000
#endif

int64_t aup_thread_number(void) { return (int64_t)syscall(SYS_gettid); }

int32_t aup_become_fifo(int32_t priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
}

int32_t aup_scheduling_policy(int32_t *priority) {
    // Asked of the kernel, because rtkit changes a thread without glibc's knowledge.
    struct sched_param parameters = {0};
    int policy = (int)syscall(SYS_sched_getscheduler, 0);
    if (policy < 0 || syscall(SYS_sched_getparam, 0, &parameters)) return -1;
    *priority = parameters.sched_priority;
    return policy & ~SCHED_RESET_ON_FORK;
}

int32_t aup_become_nice(int32_t level) {
    return setpriority(PRIO_PROCESS, (id_t)aup_thread_number(), level) ? errno : 0;
}

int32_t aup_nice_level(void) { return getpriority(PRIO_PROCESS, (id_t)aup_thread_number()); }

int32_t aup_limit_realtime(int64_t microseconds) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_RTTIME, &limit)) return errno;
    rlim_t wanted = (rlim_t)microseconds;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > wanted) limit.rlim_max = wanted;
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_RTTIME, &limit) ? errno : 0;
}

int32_t aup_timer_slack(uint64_t nanoseconds) { return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0) ? errno : 0; }

int32_t aup_lock_memory(const void *address, size_t bytes) { return mlock(address, bytes) ? errno : 0; }
int32_t aup_unlock_memory(const void *address, size_t bytes) { return munlock(address, bytes) ? errno : 0; }

// Not inlined, and the array is written through volatile, or the compiler would drop both. AddressSanitizer would make frames
// longer than their arrays.
__attribute__((noinline, no_sanitize("address"))) static void touch(size_t bytes) {
    volatile char here[16384];
    here[0] = 0;
    for (size_t at = 0; at < sizeof here; at += 1024) here[at] = 0;
    if (bytes > sizeof here) touch(bytes - sizeof here);
    here[1] = here[0]; // keeps the call above from becoming a jump, which would reuse this frame
}

size_t aup_prefault_stack(size_t bytes) {
    pthread_attr_t attributes;
    void *lowest = 0;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes)) return 0;
    int failed = pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    if (failed) return 0;
    // Not the address of a variable, which AddressSanitizer may keep elsewhere.
    size_t left = (size_t)((char *)__builtin_frame_address(0) - (char *)lowest);
    // 64 KiB for the frames of touch beyond its arrays and whoever is interrupted here.
    if (left < 65536) return 0;
    if (bytes > left - 65536) bytes = left - 65536;
    if (bytes) touch(bytes);
    return bytes;
}
