#include "COgg.h"
#include "CLibrary.h"
#include <ogg/ogg.h>
#include <stdlib.h>

#define FUNCTIONS(X) \
    X(ogg_stream_init) X(ogg_stream_packetin) X(ogg_stream_pageout) X(ogg_stream_flush_fill) X(ogg_stream_clear)
AUP_LIBRARY(FUNCTIONS, "libogg.so.0")

const char *aup_ogg_missing(void) { return aup_library_missing(&door); }

struct aup_ogg_stream {
    ogg_stream_state state;
    int64_t packets;
};

aup_ogg_stream *aup_ogg_begin(int32_t serial) {
    aup_ogg_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    if (library.ogg_stream_init(&stream->state, serial) == 0) return stream;
    free(stream);
    return NULL;
}

int32_t aup_ogg_add(aup_ogg_stream *stream, const uint8_t *packet, int32_t bytes, int64_t granule, int32_t is_last) {
    ogg_packet one = {
        .packet = (unsigned char *)packet, // libogg copies it and writes nothing there
        .bytes = bytes,
        .b_o_s = stream->packets == 0,
        .e_o_s = is_last,
        .granulepos = granule,
        .packetno = stream->packets,
    };
    stream->packets++;
    return library.ogg_stream_packetin(&stream->state, &one);
}

int32_t aup_ogg_next(aup_ogg_stream *stream, int32_t flushes, aup_ogg_page *page) {
    ogg_page one;
    // As full as a page can be; left alone, libogg makes pages of 4 KiB of what is flushed.
    const int is_there = flushes ? library.ogg_stream_flush_fill(&stream->state, &one, 255 * 255)
                                 : library.ogg_stream_pageout(&stream->state, &one);
    if (!is_there) return 0;
    *page = (aup_ogg_page){one.header, one.body, one.header_len, one.body_len};
    return 1;
}

void aup_ogg_free(aup_ogg_stream *stream) {
    if (!stream) return;
    library.ogg_stream_clear(&stream->state);
    free(stream);
}
