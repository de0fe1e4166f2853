#include "CMpg123.h"
#include "CLibrary.h"
#include <mpg123.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(off_t) == 8, "files longer than 2 GiB");

#define FUNCTIONS(X) \
    X(mpg123_init) X(mpg123_new) X(mpg123_delete) X(mpg123_param) X(mpg123_replace_reader_handle) \
    X(mpg123_open_handle) X(mpg123_getformat) X(mpg123_format_none) X(mpg123_format) X(mpg123_info) X(mpg123_scan) \
    X(mpg123_length) X(mpg123_seek) X(mpg123_read) X(mpg123_id3) X(mpg123_plain_strerror)
AUP_LIBRARY(FUNCTIONS, "libmpg123.so.0")

// Needed before version 1.27, harmless after.
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void begin_library(void) { library.mpg123_init(); }

const char *aup_mpg123_missing(void) {
    const char *missing = aup_library_missing(&door);
    if (!missing) pthread_once(&once, begin_library);
    return missing;
}

static ssize_t input_read(void *user, void *target, size_t count) {
    aup_mpg123_input *input = user;
    int64_t taken = count ? input->read(input->context, input->position, target, (int64_t)count) : 0;
    if (taken > 0) input->position += taken;
    return (ssize_t)taken;
}

static off_t input_seek(void *user, off_t offset, int whence) {
    aup_mpg123_input *input = user;
    // Not even telling the place: that is how the library learns that this is a pipe.
    if (input->bytes < 0) return -1;
    int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? input->position : input->bytes;
    if (__builtin_add_overflow(base, offset, &base) || base < 0) return -1;
    return input->position = base;
}

/// Garbage of so many bytes before the first frame is what follows a tag; more of it means that this is no MP3.
enum { leading_garbage_bytes = 16 << 10 };
/// Garbage of so many bytes between two frames is skipped: a cover picture that somebody appended, a lost block of disk.
enum { garbage_bytes = 4 << 20 };

static int begin(mpg123_handle *file, aup_mpg123_input *input, aup_mpg123_facts *facts) {
    int encoding;
    library.mpg123_param(file, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_FORCE_FLOAT, 0);
    library.mpg123_param(file, MPG123_RESYNC_LIMIT, leading_garbage_bytes, 0);
    int code = library.mpg123_replace_reader_handle(file, input_read, input_seek, NULL);
    if (code == MPG123_OK) code = library.mpg123_open_handle(file, input);
    if (code == MPG123_OK) code = library.mpg123_getformat(file, &facts->rate, &facts->channels, &encoding);
    // Nothing but this from here on: a damaged header must not turn stereo into mono.
    if (code == MPG123_OK) code = library.mpg123_format_none(file);
    if (code == MPG123_OK) code = library.mpg123_format(file, facts->rate, facts->channels, MPG123_ENC_FLOAT_32);
    library.mpg123_param(file, MPG123_RESYNC_LIMIT, garbage_bytes, 0);
    facts->frames = -1;
    if (code != MPG123_OK || input->bytes < 0) return code;
    struct mpg123_frameinfo info;
    // A constant bit rate is what the library assumes until a header says otherwise, and headers may be cut off or lie:
    // every frame's own is looked at. It reads the file once and leaves an index behind that makes seeking exact.
    if (library.mpg123_info(file, &info) == MPG123_OK) code = library.mpg123_scan(file);
    facts->frames = library.mpg123_length(file);
    return code;
}

void *aup_mpg123_open(aup_mpg123_input *input, aup_mpg123_facts *facts, const char **why) {
    int code;
    mpg123_handle *file = library.mpg123_new(NULL, &code);
    if (!file) {
        *why = library.mpg123_plain_strerror(code);
        return NULL;
    }
    code = begin(file, input, facts);
    if (code == MPG123_OK) return file;
    *why = library.mpg123_plain_strerror(code);
    library.mpg123_delete(file);
    return NULL;
}

int64_t aup_mpg123_read(void *file, float *samples, int64_t frames, int channels) {
    size_t done = 0;
    int code = library.mpg123_read(file, (void *)samples, (size_t)frames * (size_t)channels * sizeof(float), &done);
    if (done > 0) return (int64_t)(done / sizeof(float) / (size_t)channels);
    if (code == MPG123_DONE || code == MPG123_NEED_MORE) return 0;
    return code == MPG123_OK || code == MPG123_NEW_FORMAT ? -1 : -2;
}

int64_t aup_mpg123_seek(void *file, int64_t frame) { return library.mpg123_seek(file, frame, SEEK_SET); }

/// A field of ID3v1 is of fixed length, filled up with zeros or spaces.
static int old_text(const char *field, int length, char *text, int room) {
    length = (int)strnlen(field, (size_t)(length < room ? length : room));
    while (length > 0 && field[length - 1] == ' ') length--;
    memcpy(text, field, (size_t)length);
    return length;
}

int aup_mpg123_text(void *file, const char *id, char *text, int room) {
    mpg123_id3v1 *old = NULL;
    mpg123_id3v2 *tag = NULL;
    if (library.mpg123_id3(file, &old, &tag) != MPG123_OK) return 0;
    if (tag) {
        const mpg123_string *found = memcmp(id, "COMM", 4) == 0 ? tag->comment : NULL;
        for (size_t i = 0; i < tag->texts && !found; i++)
            if (memcmp(tag->text[i].id, id, 4) == 0) found = &tag->text[i].text;
        if (found && found->p && found->fill > 1) {
            const size_t length = strnlen(found->p, found->fill);
            const int count = length < (size_t)room ? (int)length : room;
            memcpy(text, found->p, (size_t)count);
            return count;
        }
    }
    if (!old) return 0;
    if (memcmp(id, "TIT2", 4) == 0) return old_text(old->title, sizeof old->title, text, room);
    if (memcmp(id, "TPE1", 4) == 0) return old_text(old->artist, sizeof old->artist, text, room);
    if (memcmp(id, "TALB", 4) == 0) return old_text(old->album, sizeof old->album, text, room);
    if (memcmp(id, "TYER", 4) == 0) return old_text(old->year, sizeof old->year, text, room);
    if (memcmp(id, "COMM", 4) == 0) {
        // ID3v1.1: a zero before the last byte makes that one a number.
        return old_text(old->comment, old->comment[28] ? 30 : 28, text, room);
    }
    return 0;
}

void aup_mpg123_close(void *file) { library.mpg123_delete(file); }
