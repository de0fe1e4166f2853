#include "CSndfile.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static struct {
    __typeof__(&sf_format_check) format_check;
    __typeof__(&sf_open_fd) open_fd;
    __typeof__(&sf_strerror) text;
    __typeof__(&sf_command) command;
    __typeof__(&sf_writef_short) write_s16;
    __typeof__(&sf_writef_int) write_s32;
    __typeof__(&sf_writef_float) write_f32;
    __typeof__(&sf_writef_double) write_f64;
    __typeof__(&sf_write_raw) write_raw;
    __typeof__(&sf_open_virtual) open_virtual;
    __typeof__(&sf_readf_short) read_s16;
    __typeof__(&sf_readf_int) read_s32;
    __typeof__(&sf_readf_float) read_f32;
    __typeof__(&sf_readf_double) read_f64;
    __typeof__(&sf_seek) seek;
    __typeof__(&sf_error) error;
    __typeof__(&sf_get_string) string;
    __typeof__(&sf_close) close;
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char reason[256];
static int is_missing;

static void *find(void *handle, const char *name) {
    void *found = dlsym(handle, name);
    if (!found) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "libsndfile.so.1 lacks %s", name);
    }
    return found;
}

static void load(void) {
    // Never closed: codecs behind it keep state of their own.
    void *handle = dlopen("libsndfile.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "%s", dlerror());
        return;
    }
    library.format_check = find(handle, "sf_format_check");
    library.open_fd = find(handle, "sf_open_fd");
    library.text = find(handle, "sf_strerror");
    library.command = find(handle, "sf_command");
    library.write_s16 = find(handle, "sf_writef_short");
    library.write_s32 = find(handle, "sf_writef_int");
    library.write_f32 = find(handle, "sf_writef_float");
    library.write_f64 = find(handle, "sf_writef_double");
    library.write_raw = find(handle, "sf_write_raw");
    library.open_virtual = find(handle, "sf_open_virtual");
    library.read_s16 = find(handle, "sf_readf_short");
    library.read_s32 = find(handle, "sf_readf_int");
    library.read_f32 = find(handle, "sf_readf_float");
    library.read_f64 = find(handle, "sf_readf_double");
    library.seek = find(handle, "sf_seek");
    library.error = find(handle, "sf_error");
    library.string = find(handle, "sf_get_string");
    library.close = find(handle, "sf_close");
}

const char *aup_sndfile_missing(void) {
    pthread_once(&once, load);
    return is_missing ? reason : NULL;
}

static SF_INFO facts(int format, int rate, int channels) {
    SF_INFO info = {0};
    info.samplerate = rate;
    info.channels = channels;
    info.format = format;
    return info;
}

int aup_sndfile_holds(int format, int rate, int channels) {
    SF_INFO info = facts(format, rate, channels);
    return library.format_check(&info) != 0;
}

void *aup_sndfile_create(int fd, int format, int rate, int channels, const char **why) {
    SF_INFO info = facts(format, rate, channels);
    SNDFILE *file = library.open_fd(fd, SFM_WRITE, &info, SF_FALSE);
    if (!file) *why = library.text(NULL);
    return file;
}

int64_t aup_sndfile_write_s16(void *file, const int16_t *samples, int64_t frames) {
    return library.write_s16(file, samples, frames);
}

int64_t aup_sndfile_write_s32(void *file, const int32_t *samples, int64_t frames) {
    return library.write_s32(file, samples, frames);
}

int64_t aup_sndfile_write_f32(void *file, const float *samples, int64_t frames) {
    return library.write_f32(file, samples, frames);
}

int64_t aup_sndfile_write_f64(void *file, const double *samples, int64_t frames) {
    return library.write_f64(file, samples, frames);
}

int64_t aup_sndfile_write_bytes(void *file, const void *bytes, int64_t count) {
    return library.write_raw(file, bytes, count);
}

void aup_sndfile_update_header(void *file) { library.command(file, SFC_UPDATE_HEADER_NOW, NULL, 0); }

void aup_sndfile_limit_page(void *file, double milliseconds) {
    library.command(file, SFC_SET_OGG_PAGE_LATENCY_MS, &milliseconds, sizeof milliseconds);
}

int aup_sndfile_close(void *file) { return library.close(file); }

const char *aup_sndfile_text(void *file) { return library.text(file); }

// Reading.

/// All of the aup_byte_input stands behind libsndfile's user pointer.
static sf_count_t input_length(void *user) { return ((const aup_byte_input *)user)->bytes; }

static sf_count_t input_seek(sf_count_t offset, int whence, void *user) {
    aup_byte_input *input = user;
    int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? input->position : input->bytes;
    if (__builtin_add_overflow(base, offset, &base) || base < 0) return -1;
    return input->position = base;
}

static sf_count_t input_read(void *target, sf_count_t count, void *user) {
    aup_byte_input *input = user;
    int64_t taken = count > 0 ? input->read(input->context, input->position, target, count) : 0;
    if (taken > 0) input->position += taken;
    return taken > 0 ? taken : 0;
}

static sf_count_t input_write(const void *bytes, sf_count_t count, void *user) {
    (void)bytes, (void)count, (void)user;
    return 0;
}

static sf_count_t input_tell(void *user) { return ((const aup_byte_input *)user)->position; }

void *aup_sndfile_open(aup_byte_input *input, aup_sndfile_facts *facts, const char **why) {
    SF_VIRTUAL_IO verbs = {input_length, input_seek, input_read, input_write, input_tell};
    SF_INFO info = {0};
    SNDFILE *file = library.open_virtual(&verbs, SFM_READ, &info, input);
    if (!file) {
        *why = library.text(NULL);
        return NULL;
    }
    facts->frames = info.frames;
    facts->rate = info.samplerate;
    facts->channels = info.channels;
    facts->format = info.format;
    return file;
}

int64_t aup_sndfile_read_s16(void *file, int16_t *samples, int64_t frames) {
    return library.read_s16(file, samples, frames);
}

int64_t aup_sndfile_read_s32(void *file, int32_t *samples, int64_t frames) {
    return library.read_s32(file, samples, frames);
}

int64_t aup_sndfile_read_f32(void *file, float *samples, int64_t frames) {
    return library.read_f32(file, samples, frames);
}

int64_t aup_sndfile_read_f64(void *file, double *samples, int64_t frames) {
    return library.read_f64(file, samples, frames);
}

int64_t aup_sndfile_seek(void *file, int64_t frame) { return library.seek(file, frame, SEEK_SET); }

int aup_sndfile_failed(void *file) { return library.error(file) != 0; }

int aup_sndfile_channel_map(void *file, int *map, int channels) {
    return library.command(file, SFC_GET_CHANNEL_MAP_INFO, map, (int)sizeof(int) * channels) == SF_TRUE;
}

const char *aup_sndfile_string(void *file, int kind) { return library.string(file, kind); }
