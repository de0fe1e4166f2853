/*
 * A disk that takes its time, for LD_PRELOAD: some reads of one file sleep before they give what they read.
 *
 *   SLOW_FILE     what the file's path ends in
 *   SLOW_AT       bytes of it: "100000 900000"; a pread that holds one of them is late, once
 *   SLOW_MS       by so many milliseconds
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int is_slow_file(int descriptor) {
    char link[64], path[4096];
    const char *wanted = getenv("SLOW_FILE");
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!wanted || length < (ssize_t)strlen(wanted))
        return 0;
    path[length] = 0;
    return strcmp(path + length - strlen(wanted), wanted) == 0;
}

static void be_slow(int descriptor, off_t offset, ssize_t count) {
    static atomic_uint done;
    const char *rest = getenv("SLOW_AT");
    if (count <= 0 || !is_slow_file(descriptor))
        return;
    for (unsigned place = 0; rest && *rest && place < 32; place++) {
        char *end;
        long long at = strtoll(rest, &end, 10);
        if (end == rest)
            return;
        rest = end;
        if (at < offset || at >= offset + count || (atomic_fetch_or(&done, 1u << place) & 1u << place))
            continue;
        long milliseconds = getenv("SLOW_MS") ? atol(getenv("SLOW_MS")) : 1000;
        struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
        while (nanosleep(&pause, &pause) < 0)
            ;
    }
}

ssize_t pread(int descriptor, void *target, size_t count, off_t offset) {
    static ssize_t (*real)(int, void *, size_t, off_t);
    if (!real)
        real = (ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");
    ssize_t taken = real(descriptor, target, count, offset);
    be_slow(descriptor, offset, taken);
    return taken;
}

ssize_t pread64(int descriptor, void *target, size_t count, off_t offset) {
    return pread(descriptor, target, count, offset);
}
