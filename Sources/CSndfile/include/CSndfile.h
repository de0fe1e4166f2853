// The door to libsndfile, which is opened when a container first needs it and never linked: whoever writes WAV files or
// streams neither waits for it at the start nor has to install it.
#ifndef CSNDFILE_H
#define CSNDFILE_H
#include <sndfile.h>
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_sndfile_missing(void);

/// Every function below wants aup_sndfile_missing() to have returned NULL once. Files are opaque.

/// Whether the library holds such sound in a format (SF_FORMAT_… of container and samples).
int aup_sndfile_holds(int format, int rate, int channels);
/// Begins a file on a descriptor, which stays the caller's and open; `NULL` on failure, and then *why says it.
void *aup_sndfile_create(int fd, int format, int rate, int channels, const char **why);
/// Frames written of interleaved samples in the machine's order; fewer than asked is a failure, and errno may say which.
int64_t aup_sndfile_write_s16(void *file, const int16_t *samples, int64_t frames);
int64_t aup_sndfile_write_s32(void *file, const int32_t *samples, int64_t frames);
int64_t aup_sndfile_write_f32(void *file, const float *samples, int64_t frames);
int64_t aup_sndfile_write_f64(void *file, const double *samples, int64_t frames);
/// Bytes written as they are.
int64_t aup_sndfile_write_bytes(void *file, const void *bytes, int64_t count);
/// Makes the header say what has been written so far.
void aup_sndfile_update_header(void *file);
/// How much sound an Ogg page may hold back.
void aup_sndfile_limit_page(void *file, double milliseconds);
/// Writes what is outstanding and frees the file; 0, or an error number for aup_sndfile_text.
int aup_sndfile_close(void *file);
/// What went wrong last in a file.
const char *aup_sndfile_text(void *file);

#endif
