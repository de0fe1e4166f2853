#include "CSoxr.h"
#include "CLibrary.h"

#define FUNCTIONS(X) \
    X(soxr_io_spec) X(soxr_quality_spec) X(soxr_runtime_spec) X(soxr_create) X(soxr_process) X(soxr_delay) \
    X(soxr_delete)
AUP_LIBRARY(FUNCTIONS, "libsoxr.so.0")

const char *aup_soxr_missing(void) { return aup_library_missing(&door); }

void *aup_soxr_create(double from, double to, unsigned channels, unsigned long recipe, int type, const char **why) {
    soxr_io_spec_t io = library.soxr_io_spec((soxr_datatype_t)type, (soxr_datatype_t)type);
    soxr_quality_spec_t quality = library.soxr_quality_spec(recipe, 0);
    // One thread, its caller: more would be threads that nobody here owns.
    soxr_runtime_spec_t runtime = library.soxr_runtime_spec(1);
    soxr_error_t error = NULL;
    soxr_t resampler = library.soxr_create(from, to, channels, &error, &io, &quality, &runtime);
    if (error) {
        *why = error;
        if (resampler) library.soxr_delete(resampler);
        return NULL;
    }
    return resampler;
}

const char *aup_soxr_process(void *resampler, const void *source, size_t sourceFrames, size_t *taken, void *target,
                             size_t targetFrames, size_t *made) {
    return library.soxr_process(resampler, source, sourceFrames, taken, target, targetFrames, made);
}

double aup_soxr_delay(void *resampler) { return library.soxr_delay(resampler); }

void aup_soxr_delete(void *resampler) { library.soxr_delete(resampler); }
