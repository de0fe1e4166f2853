// The door to libmpg123, which is opened when an MP3 file first needs it and never linked. libsndfile reads MP3 with it
// too, but ends files of variable bit rate where their length was guessed to be, and does not read them from a pipe.
#ifndef CMPG123_H
#define CMPG123_H
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_mpg123_missing(void);

/// Every function below wants aup_mpg123_missing() to have returned NULL once. Files are opaque.

/// Bytes that somebody else reads.
typedef struct {
    void *context;
    /// Bytes read from a place; fewer than asked only at the end, negative on failure.
    int64_t (*read)(void *context, int64_t position, void *target, int64_t count);
    /// How many there are; negative where nobody knows, and then nothing is ever read twice.
    int64_t bytes;
    /// Where the library reads next.
    int64_t position;
} aup_mpg123_input;

typedef struct {
    /// Negative where nobody knows.
    int64_t frames;
    long rate;
    int channels;
} aup_mpg123_facts;

/// Begins to read; samples are floats. The input must stay where it is until the file is closed. `NULL` on failure, and
/// then *why says it.
void *aup_mpg123_open(aup_mpg123_input *input, aup_mpg123_facts *facts, const char **why);
/// Frames read: 0 at the end, -1 where the stream is damaged and reading on may help, -2 where it does not.
int64_t aup_mpg123_read(void *file, float *samples, int64_t frames, int channels);
/// Where it stands then, negative on failure.
int64_t aup_mpg123_seek(void *file, int64_t frame);
/// What the tags say in a frame of ID3v2 (TIT2, TPE1, TALB, TDRC, TYER, TCON, TRCK, TCOP, COMM), or in what ID3v1 has of it:
/// bytes of UTF-8, or of Latin-1 in the latter, without an end; 0 where there is nothing.
int aup_mpg123_text(void *file, const char *id, char *text, int room);
void aup_mpg123_close(void *file);

#endif
