// rtkit, the service that gives ordinary users real-time threads, through libdbus opened only when it is asked for.
#ifndef AUP_DBUS_H
#define AUP_DBUS_H
#include <stddef.h>
#include <stdint.h>

typedef struct aup_rtkit aup_rtkit;

/// Connects to the system bus (DBUS_SYSTEM_BUS_ADDRESS if set). No later call takes longer than `milliseconds`. NULL with a
/// reason in `why`, one line.
aup_rtkit *aup_rtkit_open(int32_t milliseconds, char *why, size_t capacity);
void aup_rtkit_close(aup_rtkit *rtkit);

/// A number that rtkit publishes: MaxRealtimePriority, MinNiceLevel, RTTimeUSecMax. 0, or -1 with a reason.
int32_t aup_rtkit_number(aup_rtkit *rtkit, const char *name, int64_t *value, char *why, size_t capacity);

/// SCHED_RR at this priority for a thread of this process. 0, or -1 with a reason.
int32_t aup_rtkit_make_realtime(aup_rtkit *rtkit, int64_t thread, uint32_t priority, char *why, size_t capacity);

/// A nice level for a thread of this process. 0, or -1 with a reason.
int32_t aup_rtkit_make_nice(aup_rtkit *rtkit, int64_t thread, int32_t level, char *why, size_t capacity);
#endif
