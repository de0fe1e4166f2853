#include "aup_guard.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// 64 buffers of each direction, and those for values.
enum { GUARDS = 192 };
// On each side. Wide, because a guest that steps over by a whole block must not land in something else of ours.
static const size_t forbidden = 1 << 20;

struct aup_guard {
    char *map, *first, *past; // the mapping; what may be used of it
    char *begin, *end;        // what the guest was told of
    size_t mapped;
    char name[24];
};

static aup_guard guards[GUARDS];

aup_guard *aup_guard_make(size_t bytes, const char *name) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    // A page more, for lying in the midst of it.
    size_t room = (bytes + page - 1) / page * page + page;
    for (size_t i = 0; i < GUARDS; i++) {
        aup_guard *guard = &guards[i];
        if (guard->map) continue;
        size_t all = room + 2 * forbidden;
        char *map = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (map == MAP_FAILED) return NULL;
        *guard = (aup_guard){.first = map + forbidden, .past = map + forbidden + room, .mapped = all};
        strncpy(guard->name, name, sizeof guard->name - 1);
        guard->map = map;
        if (!aup_guard_allow(guard, 1)) return guard;
        aup_guard_free(guard);
        return NULL;
    }
    return NULL;
}

void aup_guard_free(aup_guard *guard) {
    if (!guard || !guard->map) return;
    munmap(guard->map, guard->mapped);
    guard->map = NULL;
}

void *aup_guard_place(aup_guard *guard, size_t bytes, int32_t place) {
    // 256 bytes: as aligned as any vector wants it.
    guard->begin = place == AUP_GUARD_BEHIND ? guard->past - bytes : guard->first + (place == AUP_GUARD_BEFORE ? 0 : 256);
    guard->end = guard->begin + bytes;
    return guard->begin;
}

int32_t aup_guard_allow(aup_guard *guard, int32_t is_writable) {
    int allowed = is_writable ? PROT_READ | PROT_WRITE : PROT_READ;
    return mprotect(guard->first, (size_t)(guard->past - guard->first), allowed) ? errno : 0;
}

typedef struct {
    char *text;
    size_t room, length;
} words;

static void add(words *to, const char *text) {
    while (*text && to->length < to->room) to->text[to->length++] = *text++;
}

static void add_bytes(words *to, size_t number) {
    if (!number) {
        add(to, "right ");
        return;
    }
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    size_t left = number;
    do digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    add(to, digits + at);
    add(to, number == 1 ? " byte " : " bytes ");
}

size_t aup_guard_describe(const void *address, char *text, size_t room) {
    const char *at = address;
    words out = {text, room, 0};
    for (size_t i = 0; i < GUARDS; i++) {
        const aup_guard *guard = &guards[i];
        if (!guard->map || at < guard->map || at >= guard->map + guard->mapped) continue;
        if (at >= guard->end) {
            add_bytes(&out, (size_t)(at - guard->end));
            add(&out, "behind the end of ");
        } else if (at < guard->begin) {
            add_bytes(&out, (size_t)(guard->begin - at));
            add(&out, "before the beginning of ");
        } else {
            add(&out, "into ");
        }
        add(&out, guard->name);
        break;
    }
    return out.length;
}
