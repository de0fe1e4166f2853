// Scheduling and memory of the calling thread: what needs GNU extensions or raw system calls.
#ifndef AUP_REALTIME_PROMOTION_H
#define AUP_REALTIME_PROMOTION_H
#include <stddef.h>
#include <stdint.h>

/// The kernel's number of the calling thread.
int64_t aup_thread_number(void);

/// Makes the calling thread SCHED_FIFO, with threads and processes it starts back at the ordinary policy. 0 or an errno.
int32_t aup_become_fifo(int32_t priority);

/// The calling thread's policy (0 ordinary, 1 FIFO, 2 round robin) and priority; -1 if unknown.
int32_t aup_scheduling_policy(int32_t *priority);

/// Gives the calling thread a nice level. 0 or an errno.
int32_t aup_become_nice(int32_t level);

/// The calling thread's nice level.
int32_t aup_nice_level(void);

/// Lowers RLIMIT_RTTIME, microseconds of real-time running without a wait, to `microseconds` where it is higher or
/// without limit. 0 or an errno.
int32_t aup_limit_realtime(int64_t microseconds);

/// How late the kernel may make timers of the calling thread. 0 or an errno.
int32_t aup_timer_slack(uint64_t nanoseconds);

/// Keeps memory out of swap. 0 or an errno.
int32_t aup_lock_memory(const void *address, size_t bytes);
int32_t aup_unlock_memory(const void *address, size_t bytes);

/// Touches the next `bytes` of the calling thread's stack, at most what is left of it less 64 KiB; gives the bytes
/// touched.
size_t aup_prefault_stack(size_t bytes);
#endif
