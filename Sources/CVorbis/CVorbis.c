#include "CVorbis.h"
#include "CLibrary.h"
#include <stdlib.h>
#include <vorbis/codec.h>
#include <vorbis/vorbisenc.h>

#define FUNCTIONS(X) \
    X(vorbis_info_init) X(vorbis_info_clear) X(vorbis_comment_init) X(vorbis_comment_add_tag) X(vorbis_comment_clear) \
    X(vorbis_analysis_init) X(vorbis_block_init) X(vorbis_block_clear) X(vorbis_dsp_clear) \
    X(vorbis_analysis_headerout) X(vorbis_analysis_buffer) X(vorbis_analysis_wrote) X(vorbis_analysis_blockout) \
    X(vorbis_analysis) X(vorbis_bitrate_addblock) X(vorbis_bitrate_flushpacket) X(vorbis_encode_init_vbr) \
    X(ogg_stream_init) X(ogg_stream_packetin) X(ogg_stream_pageout) X(ogg_stream_flush) X(ogg_stream_clear)
// With which libvorbis and libogg come.
AUP_LIBRARY(FUNCTIONS, "libvorbisenc.so.2")

const char *aup_vorbis_missing(void) { return aup_library_missing(&door); }

struct stream {
    vorbis_info info;
    vorbis_comment comment;
    vorbis_dsp_state state;
    vorbis_block block;
    ogg_stream_state pages;
    int channels;
};

void *aup_vorbis_begin(int channels, int rate, float quality, int serial, const char *encoder) {
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->channels = channels;
    library.vorbis_info_init(&stream->info);
    if (library.vorbis_encode_init_vbr(&stream->info, channels, rate, quality) != 0) {
        library.vorbis_info_clear(&stream->info);
        free(stream);
        return NULL;
    }
    library.vorbis_comment_init(&stream->comment);
    library.vorbis_comment_add_tag(&stream->comment, "ENCODER", encoder);
    library.vorbis_analysis_init(&stream->state, &stream->info);
    library.vorbis_block_init(&stream->state, &stream->block);
    library.ogg_stream_init(&stream->pages, serial);
    return stream;
}

void aup_vorbis_comment(void *handle, const char *key, const char *value) {
    struct stream *stream = handle;
    library.vorbis_comment_add_tag(&stream->comment, key, value);
}

void aup_vorbis_headers(void *handle) {
    struct stream *stream = handle;
    ogg_packet identification, comment, setup;
    library.vorbis_analysis_headerout(&stream->state, &stream->comment, &identification, &comment, &setup);
    library.ogg_stream_packetin(&stream->pages, &identification);
    library.ogg_stream_packetin(&stream->pages, &comment);
    library.ogg_stream_packetin(&stream->pages, &setup);
}

static void encode(struct stream *stream) {
    while (library.vorbis_analysis_blockout(&stream->state, &stream->block) == 1) {
        library.vorbis_analysis(&stream->block, NULL);
        library.vorbis_bitrate_addblock(&stream->block);
        ogg_packet packet;
        while (library.vorbis_bitrate_flushpacket(&stream->state, &packet) == 1)
            library.ogg_stream_packetin(&stream->pages, &packet);
    }
}

int aup_vorbis_take(void *handle, const float *samples, int frames) {
    struct stream *stream = handle;
    float **planes = library.vorbis_analysis_buffer(&stream->state, frames);
    if (!planes) return -1;
    for (int channel = 0; channel < stream->channels; channel++)
        for (int frame = 0; frame < frames; frame++)
            planes[channel][frame] = samples[frame * stream->channels + channel];
    library.vorbis_analysis_wrote(&stream->state, frames);
    encode(stream);
    return 0;
}

void aup_vorbis_end(void *handle) {
    struct stream *stream = handle;
    library.vorbis_analysis_wrote(&stream->state, 0);
    encode(stream);
}

int aup_vorbis_page(void *handle, int flushes, const unsigned char **head, long *head_bytes, const unsigned char **body,
                    long *body_bytes) {
    struct stream *stream = handle;
    ogg_page page;
    int is_there = flushes ? library.ogg_stream_flush(&stream->pages, &page)
                           : library.ogg_stream_pageout(&stream->pages, &page);
    if (!is_there) return 0;
    *head = page.header;
    *head_bytes = page.header_len;
    *body = page.body;
    *body_bytes = page.body_len;
    return 1;
}

void aup_vorbis_free(void *handle) {
    struct stream *stream = handle;
    library.ogg_stream_clear(&stream->pages);
    library.vorbis_block_clear(&stream->block);
    library.vorbis_dsp_clear(&stream->state);
    library.vorbis_comment_clear(&stream->comment);
    library.vorbis_info_clear(&stream->info);
    free(stream);
}
