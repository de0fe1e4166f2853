// Memory with pages before and behind it that nobody may touch, and a name for each, so that a crash can be told from a
// buffer that was overrun.
#ifndef AUP_GUARD_H
#define AUP_GUARD_H
#include <stddef.h>
#include <stdint.h>

typedef struct aup_guard aup_guard;

/// Room for `bytes` at most, called `name` (cut to 23 bytes). NULL where there is no memory.
aup_guard *aup_guard_make(size_t bytes, const char *name);
void aup_guard_free(aup_guard *guard);

enum aup_guard_place {
    AUP_GUARD_NONE = 0, // with room on both sides
    AUP_GUARD_BEHIND,   // it ends where forbidden pages begin
    AUP_GUARD_BEFORE    // it begins where forbidden pages end
};

/// Where `bytes` of it lie.
void *aup_guard_place(aup_guard *guard, size_t bytes, int32_t place);

/// Lets a guest write to it, or only read. 0 or an errno.
int32_t aup_guard_allow(aup_guard *guard, int32_t is_writable);

/// Says where a forbidden address lies, in words, for a signal handler: `8 bytes behind the end of output 1`. Its length; 0
/// when it is near no guarded memory.
size_t aup_guard_describe(const void *address, char *text, size_t room);
#endif
