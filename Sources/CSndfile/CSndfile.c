#include "CSndfile.h"
#include "CLibrary.h"

#define FUNCTIONS(X) \
    X(sf_format_check) X(sf_open_fd) X(sf_strerror) X(sf_command) X(sf_writef_short) X(sf_writef_int) \
    X(sf_writef_float) X(sf_writef_double) X(sf_write_raw) X(sf_open_virtual) X(sf_readf_short) X(sf_readf_int) \
    X(sf_readf_float) X(sf_readf_double) X(sf_seek) X(sf_error) X(sf_get_string) X(sf_set_string) X(sf_close)
AUP_LIBRARY(FUNCTIONS, "libsndfile.so.1")

const char *aup_sndfile_missing(void) { return aup_library_missing(&door); }

static SF_INFO facts(int format, int rate, int channels) {
    SF_INFO info = {0};
    info.samplerate = rate;
    info.channels = channels;
    info.format = format;
    return info;
}

int aup_sndfile_holds(int format, int rate, int channels) {
    SF_INFO info = facts(format, rate, channels);
    return library.sf_format_check(&info) != 0;
}

void *aup_sndfile_create(int fd, int format, int rate, int channels, const char **why) {
    SF_INFO info = facts(format, rate, channels);
    SNDFILE *file = library.sf_open_fd(fd, SFM_WRITE, &info, SF_FALSE);
    if (!file) *why = library.sf_strerror(NULL);
    return file;
}

int64_t aup_sndfile_write_s16(void *file, const int16_t *samples, int64_t frames) {
    return library.sf_writef_short(file, samples, frames);
}

int64_t aup_sndfile_write_s32(void *file, const int32_t *samples, int64_t frames) {
    return library.sf_writef_int(file, samples, frames);
}

int64_t aup_sndfile_write_f32(void *file, const float *samples, int64_t frames) {
    return library.sf_writef_float(file, samples, frames);
}

int64_t aup_sndfile_write_f64(void *file, const double *samples, int64_t frames) {
    return library.sf_writef_double(file, samples, frames);
}

int64_t aup_sndfile_write_bytes(void *file, const void *bytes, int64_t count) {
    return library.sf_write_raw(file, bytes, count);
}

void aup_sndfile_update_header(void *file) { library.sf_command(file, SFC_UPDATE_HEADER_NOW, NULL, 0); }

void aup_sndfile_set_string(void *file, int kind, const char *text) { library.sf_set_string(file, kind, text); }

int aup_sndfile_set_channel_map(void *file, int *map, int channels) {
    return library.sf_command(file, SFC_SET_CHANNEL_MAP_INFO, map, (int)sizeof(int) * channels) == SF_TRUE;
}

int aup_sndfile_close(void *file) { return library.sf_close(file); }

const char *aup_sndfile_text(void *file) { return library.sf_strerror(file); }

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
    SNDFILE *file = library.sf_open_virtual(&verbs, SFM_READ, &info, input);
    if (!file) {
        *why = library.sf_strerror(NULL);
        return NULL;
    }
    facts->frames = info.frames;
    facts->rate = info.samplerate;
    facts->channels = info.channels;
    facts->format = info.format;
    return file;
}

int64_t aup_sndfile_read_s16(void *file, int16_t *samples, int64_t frames) {
    return library.sf_readf_short(file, samples, frames);
}

int64_t aup_sndfile_read_s32(void *file, int32_t *samples, int64_t frames) {
    return library.sf_readf_int(file, samples, frames);
}

int64_t aup_sndfile_read_f32(void *file, float *samples, int64_t frames) {
    return library.sf_readf_float(file, samples, frames);
}

int64_t aup_sndfile_read_f64(void *file, double *samples, int64_t frames) {
    return library.sf_readf_double(file, samples, frames);
}

int64_t aup_sndfile_seek(void *file, int64_t frame) { return library.sf_seek(file, frame, SEEK_SET); }

int aup_sndfile_failed(void *file) { return library.sf_error(file) != 0; }

int aup_sndfile_channel_map(void *file, int *map, int channels) {
    return library.sf_command(file, SFC_GET_CHANNEL_MAP_INFO, map, (int)sizeof(int) * channels) == SF_TRUE;
}

const char *aup_sndfile_string(void *file, int kind) { return library.sf_get_string(file, kind); }
