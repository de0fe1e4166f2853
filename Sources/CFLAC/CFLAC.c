#include "CFLAC.h"
#include "CLibrary.h"
#include <FLAC/stream_encoder.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(X) \
    X(FLAC__stream_encoder_new) X(FLAC__stream_encoder_delete) X(FLAC__stream_encoder_set_channels) \
    X(FLAC__stream_encoder_set_bits_per_sample) X(FLAC__stream_encoder_set_sample_rate) \
    X(FLAC__stream_encoder_set_compression_level) X(FLAC__stream_encoder_set_streamable_subset) \
    X(FLAC__stream_encoder_init_stream) X(FLAC__stream_encoder_process_interleaved) X(FLAC__stream_encoder_finish)
#define STRINGS(X) X(FLAC__VENDOR_STRING) X(FLAC__StreamEncoderInitStatusString)

static struct {
    FUNCTIONS(AUP_LIBRARY_POINTER)
    const char *const *FLAC__VENDOR_STRING;
    const char *const *FLAC__StreamEncoderInitStatusString;
} library;
static const aup_library_function functions[] = {FUNCTIONS(AUP_LIBRARY_FUNCTION) STRINGS(AUP_LIBRARY_FUNCTION){0, 0}};
AUP_LIBRARY_DOOR("libFLAC.so.12", "libFLAC.so.14")

const char *aup_flac_missing(void) { return aup_library_missing(&door); }

const char *aup_flac_vendor(void) { return *library.FLAC__VENDOR_STRING; }

typedef struct {
    size_t start, count;
    uint32_t samples;
} piece;

struct aup_flac {
    FLAC__StreamEncoder *encoder;
    uint8_t info[AUP_FLAC_INFO_BYTES];
    uint8_t *bytes;
    size_t room, used;
    piece *pieces;
    size_t piece_room, piece_count, next;
};

static void *grown(void *old, size_t *room, size_t wanted, size_t size) {
    if (wanted <= *room) return old;
    void *more = realloc(old, wanted * 2 * size);
    if (more) *room = wanted * 2;
    return more;
}

static FLAC__StreamEncoderWriteStatus keep(const FLAC__StreamEncoder *encoder, const FLAC__byte bytes[], size_t count,
                                           uint32_t samples, uint32_t frame, void *user) {
    aup_flac *flac = user;
    (void)encoder, (void)frame;
    // Without samples it is the mark of a file, or a block of it: a head of four bytes, of kind 0 for STREAMINFO.
    if (samples == 0) {
        if (count == 4 + AUP_FLAC_INFO_BYTES && (bytes[0] & 0x7F) == 0) memcpy(flac->info, bytes + 4, AUP_FLAC_INFO_BYTES);
        return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
    }
    void *more = grown(flac->bytes, &flac->room, flac->used + count, 1);
    if (!more) return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
    flac->bytes = more;
    more = grown(flac->pieces, &flac->piece_room, flac->piece_count + 1, sizeof *flac->pieces);
    if (!more) return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
    flac->pieces = more;
    memcpy(flac->bytes + flac->used, bytes, count);
    flac->pieces[flac->piece_count++] = (piece){flac->used, count, samples};
    flac->used += count;
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

aup_flac *aup_flac_begin(int32_t channels, int32_t bits, int32_t rate, int32_t level, const char **why) {
    aup_flac *flac = calloc(1, sizeof *flac);
    if (flac) flac->encoder = library.FLAC__stream_encoder_new();
    if (!flac || !flac->encoder) {
        aup_flac_free(flac);
        *why = "out of memory";
        return NULL;
    }
    library.FLAC__stream_encoder_set_channels(flac->encoder, (uint32_t)channels);
    library.FLAC__stream_encoder_set_bits_per_sample(flac->encoder, (uint32_t)bits);
    library.FLAC__stream_encoder_set_sample_rate(flac->encoder, (uint32_t)rate);
    library.FLAC__stream_encoder_set_compression_level(flac->encoder, (uint32_t)level);
    // Each frame says all that it takes to decode it (RFC 9639, section 7), unless the rate does not fit into that.
    library.FLAC__stream_encoder_set_streamable_subset(flac->encoder, rate <= 65535 || rate % 10 == 0);
    // Nothing to seek with, so nothing is written twice.
    FLAC__StreamEncoderInitStatus status =
        library.FLAC__stream_encoder_init_stream(flac->encoder, keep, NULL, NULL, NULL, flac);
    if (status == FLAC__STREAM_ENCODER_INIT_STATUS_OK) return flac;
    *why = library.FLAC__StreamEncoderInitStatusString[status];
    aup_flac_free(flac);
    return NULL;
}

const uint8_t *aup_flac_info(const aup_flac *flac) { return flac->info; }

static void forget(aup_flac *flac) {
    if (flac->next < flac->piece_count) return;
    flac->next = flac->piece_count = flac->used = 0;
}

int32_t aup_flac_take(aup_flac *flac, const int32_t *samples, int32_t frames) {
    forget(flac);
    return library.FLAC__stream_encoder_process_interleaved(flac->encoder, samples, (uint32_t)frames) ? 0 : -1;
}

int32_t aup_flac_finish(aup_flac *flac) {
    forget(flac);
    return library.FLAC__stream_encoder_finish(flac->encoder) ? 0 : -1;
}

int32_t aup_flac_next(aup_flac *flac, aup_flac_frame *frame) {
    if (flac->next == flac->piece_count) return 0;
    const piece *one = &flac->pieces[flac->next++];
    *frame = (aup_flac_frame){flac->bytes + one->start, (int64_t)one->count, (int32_t)one->samples};
    return 1;
}

void aup_flac_free(aup_flac *flac) {
    if (!flac) return;
    if (flac->encoder) library.FLAC__stream_encoder_delete(flac->encoder);
    free(flac->bytes);
    free(flac->pieces);
    free(flac);
}
