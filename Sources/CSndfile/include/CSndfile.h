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
/// Says something about the sound, SF_STR_…; before the first sample.
void aup_sndfile_set_string(void *file, int kind, const char *text);
/// Says where the channels sound, SF_CHANNEL_MAP_… for each; before the first sample. 0 where the container has no words
/// for it.
int aup_sndfile_set_channel_map(void *file, int *map, int channels);
/// Writes what is outstanding and frees the file; 0, or an error number for aup_sndfile_text.
int aup_sndfile_close(void *file);
/// What went wrong last in a file.
const char *aup_sndfile_text(void *file);

/// Bytes that somebody else reads: what an input is to libsndfile.
typedef struct {
    void *context;
    /// Bytes read from a place; fewer than asked only at the end, negative on failure.
    int64_t (*read)(void *context, int64_t position, void *target, int64_t count);
    /// How many there are; where nobody knows, more than there can be.
    int64_t bytes;
    /// Where the library reads next.
    int64_t position;
} aup_byte_input;

typedef struct {
    int64_t frames;
    int rate;
    int channels;
    int format;
} aup_sndfile_facts;

/// Begins to read. The input must stay where it is until the file is closed. `NULL` on failure, and then *why says it.
void *aup_sndfile_open(aup_byte_input *input, aup_sndfile_facts *facts, const char **why);
/// Frames read, interleaved, in the machine's order; fewer than asked at the end, or where aup_sndfile_failed says so.
int64_t aup_sndfile_read_s16(void *file, int16_t *samples, int64_t frames);
int64_t aup_sndfile_read_s32(void *file, int32_t *samples, int64_t frames);
int64_t aup_sndfile_read_f32(void *file, float *samples, int64_t frames);
int64_t aup_sndfile_read_f64(void *file, double *samples, int64_t frames);
/// Where it stands then, negative on failure.
int64_t aup_sndfile_seek(void *file, int64_t frame);
/// Whether the last verb met an error.
int aup_sndfile_failed(void *file);
/// Whether the file says where its channels sound: SF_CHANNEL_MAP_… for each.
int aup_sndfile_channel_map(void *file, int *map, int channels);
/// A text of the file, SF_STR_…; `NULL` where it has none.
const char *aup_sndfile_string(void *file, int kind);

#endif
