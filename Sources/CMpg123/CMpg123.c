#include "CMpg123.h"
#include <dlfcn.h>
#include <mpg123.h>
#include <pthread.h>
#include <stdio.h>

_Static_assert(sizeof(off_t) == 8, "files longer than 2 GiB");

static struct {
    __typeof__(&mpg123_init) init;
    __typeof__(&mpg123_new) create;
    __typeof__(&mpg123_delete) delete;
    __typeof__(&mpg123_param) param;
    __typeof__(&mpg123_replace_reader_handle) replace_reader;
    __typeof__(&mpg123_open_handle) open;
    __typeof__(&mpg123_getformat) format;
    __typeof__(&mpg123_format_none) format_none;
    __typeof__(&mpg123_format) allow;
    __typeof__(&mpg123_info) info;
    __typeof__(&mpg123_scan) scan;
    __typeof__(&mpg123_length) length;
    __typeof__(&mpg123_seek) seek;
    __typeof__(&mpg123_read) read;
    __typeof__(&mpg123_id3) id3;
    __typeof__(&mpg123_strerror) text;
    __typeof__(&mpg123_plain_strerror) plain_text;
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char reason[256];
static int is_missing;

static void *find(void *handle, const char *name) {
    void *found = dlsym(handle, name);
    if (!found) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "libmpg123.so.0 lacks %s", name);
    }
    return found;
}

static void load(void) {
    // Never closed: it may be libsndfile's too.
    void *handle = dlopen("libmpg123.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "%s", dlerror());
        return;
    }
    library.init = find(handle, "mpg123_init");
    library.create = find(handle, "mpg123_new");
    library.delete = find(handle, "mpg123_delete");
    library.param = find(handle, "mpg123_param");
    library.replace_reader = find(handle, "mpg123_replace_reader_handle");
    library.open = find(handle, "mpg123_open_handle");
    library.format = find(handle, "mpg123_getformat");
    library.format_none = find(handle, "mpg123_format_none");
    library.allow = find(handle, "mpg123_format");
    library.info = find(handle, "mpg123_info");
    library.scan = find(handle, "mpg123_scan");
    library.length = find(handle, "mpg123_length");
    library.seek = find(handle, "mpg123_seek");
    library.read = find(handle, "mpg123_read");
    library.id3 = find(handle, "mpg123_id3");
    library.text = find(handle, "mpg123_strerror");
    library.plain_text = find(handle, "mpg123_plain_strerror");
    // Needed before version 1.27, harmless after.
    if (!is_missing) library.init();
}

const char *aup_mpg123_missing(void) {
    pthread_once(&once, load);
    return is_missing ? reason : NULL;
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
    library.param(file, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_FORCE_FLOAT | MPG123_PLAIN_ID3TEXT, 0);
    library.param(file, MPG123_RESYNC_LIMIT, leading_garbage_bytes, 0);
    int code = library.replace_reader(file, input_read, input_seek, NULL);
    if (code == MPG123_OK) code = library.open(file, input);
    if (code == MPG123_OK) code = library.format(file, &facts->rate, &facts->channels, &encoding);
    // Nothing but this from here on: a damaged header must not turn stereo into mono.
    if (code == MPG123_OK) code = library.format_none(file);
    if (code == MPG123_OK) code = library.allow(file, facts->rate, facts->channels, MPG123_ENC_FLOAT_32);
    library.param(file, MPG123_RESYNC_LIMIT, garbage_bytes, 0);
    facts->frames = -1;
    if (code != MPG123_OK || input->bytes < 0) return code;
    struct mpg123_frameinfo info;
    // A constant bit rate is what the library assumes until a header says otherwise, and headers may be cut off or lie:
    // every frame's own is looked at. It reads the file once and leaves an index behind that makes seeking exact.
    if (library.info(file, &info) == MPG123_OK) code = library.scan(file);
    facts->frames = library.length(file);
    return code;
}

void *aup_mpg123_open(aup_mpg123_input *input, aup_mpg123_facts *facts, const char **why) {
    int code;
    mpg123_handle *file = library.create(NULL, &code);
    if (!file) {
        *why = library.plain_text(code);
        return NULL;
    }
    code = begin(file, input, facts);
    if (code == MPG123_OK) return file;
    *why = library.plain_text(code);
    library.delete(file);
    return NULL;
}

int64_t aup_mpg123_read(void *file, float *samples, int64_t frames, int channels) {
    size_t done = 0;
    int code = library.read(file, (void *)samples, (size_t)frames * (size_t)channels * sizeof(float), &done);
    if (done > 0) return (int64_t)(done / sizeof(float) / (size_t)channels);
    if (code == MPG123_DONE || code == MPG123_NEED_MORE) return 0;
    return code == MPG123_OK || code == MPG123_NEW_FORMAT ? -1 : -2;
}

int64_t aup_mpg123_seek(void *file, int64_t frame) { return library.seek(file, frame, SEEK_SET); }

static const mpg123_id3v2 *tag(void *file) {
    mpg123_id3v1 *old = NULL;
    mpg123_id3v2 *tag = NULL;
    return library.id3(file, &old, &tag) == MPG123_OK ? tag : NULL;
}

const char *aup_mpg123_title(void *file) {
    const mpg123_id3v2 *found = tag(file);
    return found && found->title ? found->title->p : NULL;
}

const char *aup_mpg123_artist(void *file) {
    const mpg123_id3v2 *found = tag(file);
    return found && found->artist ? found->artist->p : NULL;
}

void aup_mpg123_close(void *file) { library.delete(file); }
