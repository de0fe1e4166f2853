#include "CSoxr.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static struct {
    __typeof__(&soxr_io_spec) io;
    __typeof__(&soxr_quality_spec) quality;
    __typeof__(&soxr_runtime_spec) runtime;
    __typeof__(&soxr_create) create;
    __typeof__(&soxr_process) process;
    __typeof__(&soxr_delay) delay;
    __typeof__(&soxr_delete) delete;
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char reason[256];
static int is_missing;

static void *find(void *handle, const char *name) {
    void *found = dlsym(handle, name);
    if (!found) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "libsoxr.so.0 lacks %s", name);
    }
    return found;
}

static void load(void) {
    void *handle = dlopen("libsoxr.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "%s", dlerror());
        return;
    }
    library.io = find(handle, "soxr_io_spec");
    library.quality = find(handle, "soxr_quality_spec");
    library.runtime = find(handle, "soxr_runtime_spec");
    library.create = find(handle, "soxr_create");
    library.process = find(handle, "soxr_process");
    library.delay = find(handle, "soxr_delay");
    library.delete = find(handle, "soxr_delete");
}

const char *aup_soxr_missing(void) {
    pthread_once(&once, load);
    return is_missing ? reason : NULL;
}

void *aup_soxr_create(double from, double to, unsigned channels, unsigned long recipe, int type, const char **why) {
    soxr_io_spec_t io = library.io((soxr_datatype_t)type, (soxr_datatype_t)type);
    soxr_quality_spec_t quality = library.quality(recipe, 0);
    // One thread, its caller: more would be threads that nobody here owns.
    soxr_runtime_spec_t runtime = library.runtime(1);
    soxr_error_t error = NULL;
    soxr_t resampler = library.create(from, to, channels, &error, &io, &quality, &runtime);
    if (error) {
        *why = error;
        if (resampler) library.delete(resampler);
        return NULL;
    }
    return resampler;
}

const char *aup_soxr_process(void *resampler, const void *source, size_t sourceFrames, size_t *taken, void *target,
                             size_t targetFrames, size_t *made) {
    return library.process(resampler, source, sourceFrames, taken, target, targetFrames, made);
}

double aup_soxr_delay(void *resampler) { return library.delay(resampler); }

void aup_soxr_delete(void *resampler) { library.delete(resampler); }
