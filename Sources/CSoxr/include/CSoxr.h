// The door to libsoxr, which is opened when a rate first has to be changed and never linked: a device that takes the
// sound as it is neither waits for it at the start nor needs it installed.
#ifndef CSOXR_H
#define CSOXR_H
#include <soxr.h>
#include <stddef.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_soxr_missing(void);

/// Every function below wants aup_soxr_missing() to have returned NULL once. Resamplers are opaque.

/// Plans a resampler of a fixed ratio. `recipe` is SOXR_QQ … SOXR_VHQ, `type` SOXR_FLOAT32_I … SOXR_FLOAT64_S, in and
/// out alike. `NULL` on failure, and then *why says it.
void *aup_soxr_create(double from, double to, unsigned channels, unsigned long recipe, int type, const char **why);
/// Takes frames and gives frames; a source of `NULL` says that no more will come. Planar sound is a table of pointers.
/// `NULL`, or what went wrong.
const char *aup_soxr_process(void *resampler, const void *source, size_t sourceFrames, size_t *taken, void *target,
                             size_t targetFrames, size_t *made);
/// Frames of the target's rate that went in and have not come out.
double aup_soxr_delay(void *resampler);
void aup_soxr_delete(void *resampler);

#endif
