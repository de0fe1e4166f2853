// The door to libogg, opened when the first Ogg file of packets is begun and never linked: packets into pages.
#ifndef COGG_H
#define COGG_H
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_ogg_missing(void);

typedef struct aup_ogg_stream aup_ogg_stream;

/// Begins a logical stream; `serial` tells it from others in one file. `NULL` when there is no memory.
aup_ogg_stream *aup_ogg_begin(int32_t serial);
/// Adds a packet; `granule` is the position behind it, and nothing follows the last one. 0, or -1 when there is no memory.
int32_t aup_ogg_add(aup_ogg_stream *stream, const uint8_t *packet, int32_t bytes, int64_t granule, int32_t is_last);

typedef struct {
    const uint8_t *head, *body;
    int64_t head_bytes, body_bytes;
} aup_ogg_page;

/// The next page that is full, or with `flushes` also one that is not; 0 when there is none. Its bytes stay valid until the
/// stream is next used.
int32_t aup_ogg_next(aup_ogg_stream *stream, int32_t flushes, aup_ogg_page *page);
void aup_ogg_free(aup_ogg_stream *stream);
#endif
