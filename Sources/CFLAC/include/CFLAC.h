// The door to libFLAC, opened when sound first becomes FLAC without a file and never linked: samples into frames, one by one.
#ifndef CFLAC_H
#define CFLAC_H
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_flac_missing(void);

typedef struct aup_flac aup_flac;

/// What STREAMINFO holds (RFC 9639, section 8.2).
enum { AUP_FLAC_INFO_BYTES = 34 };

/// Begins a stream of a length that nobody knows; `level` is 0 to 8. `NULL` when the codec does not take such sound, and then
/// *why says it.
aup_flac *aup_flac_begin(int32_t channels, int32_t bits, int32_t rate, int32_t level, const char **why);
const uint8_t *aup_flac_info(const aup_flac *flac);
/// The name and version of the library.
const char *aup_flac_vendor(void);
/// Takes interleaved samples, which lie within their bits. 0, or -1 when the codec fails.
int32_t aup_flac_take(aup_flac *flac, const int32_t *samples, int32_t frames);
/// No more samples come: what is left becomes the last frame.
int32_t aup_flac_finish(aup_flac *flac);

typedef struct {
    const uint8_t *bytes;
    int64_t count;
    int32_t samples; // of one channel
} aup_flac_frame;

/// The next frame that is made; 0 when there is none. Its bytes stay valid until samples are taken again.
int32_t aup_flac_next(aup_flac *flac, aup_flac_frame *frame);
void aup_flac_free(aup_flac *flac);
#endif
