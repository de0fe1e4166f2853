#include "CVorbis.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <vorbis/codec.h>
#include <vorbis/vorbisenc.h>

static struct {
    __typeof__(&vorbis_info_init) info_init;
    __typeof__(&vorbis_info_clear) info_clear;
    __typeof__(&vorbis_comment_init) comment_init;
    __typeof__(&vorbis_comment_add_tag) comment_add;
    __typeof__(&vorbis_comment_clear) comment_clear;
    __typeof__(&vorbis_analysis_init) analysis_init;
    __typeof__(&vorbis_block_init) block_init;
    __typeof__(&vorbis_block_clear) block_clear;
    __typeof__(&vorbis_dsp_clear) dsp_clear;
    __typeof__(&vorbis_analysis_headerout) headers;
    __typeof__(&vorbis_analysis_buffer) buffer;
    __typeof__(&vorbis_analysis_wrote) wrote;
    __typeof__(&vorbis_analysis_blockout) block_out;
    __typeof__(&vorbis_analysis) analysis;
    __typeof__(&vorbis_bitrate_addblock) add_block;
    __typeof__(&vorbis_bitrate_flushpacket) next_packet;
    __typeof__(&vorbis_encode_init_vbr) encode_init;
    __typeof__(&ogg_stream_init) stream_init;
    __typeof__(&ogg_stream_packetin) packet_in;
    __typeof__(&ogg_stream_pageout) page_out;
    __typeof__(&ogg_stream_flush) flush;
    __typeof__(&ogg_stream_clear) stream_clear;
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char reason[256];
static int is_missing;

static void *open_library(const char *name) {
    // Never closed: code of it may still run on another thread.
    void *handle = is_missing ? NULL : dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle && !is_missing) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "%s", dlerror());
    }
    return handle;
}

static void *find(void *handle, const char *name) {
    void *found = handle ? dlsym(handle, name) : NULL;
    if (!found && !is_missing) {
        is_missing = 1;
        snprintf(reason, sizeof reason, "a library of Vorbis lacks %s", name);
    }
    return found;
}

static void load(void) {
    void *ogg = open_library("libogg.so.0");
    void *vorbis = open_library("libvorbis.so.0");
    void *encoder = open_library("libvorbisenc.so.2");
    if (is_missing) return;
    library.info_init = find(vorbis, "vorbis_info_init");
    library.info_clear = find(vorbis, "vorbis_info_clear");
    library.comment_init = find(vorbis, "vorbis_comment_init");
    library.comment_add = find(vorbis, "vorbis_comment_add_tag");
    library.comment_clear = find(vorbis, "vorbis_comment_clear");
    library.analysis_init = find(vorbis, "vorbis_analysis_init");
    library.block_init = find(vorbis, "vorbis_block_init");
    library.block_clear = find(vorbis, "vorbis_block_clear");
    library.dsp_clear = find(vorbis, "vorbis_dsp_clear");
    library.headers = find(vorbis, "vorbis_analysis_headerout");
    library.buffer = find(vorbis, "vorbis_analysis_buffer");
    library.wrote = find(vorbis, "vorbis_analysis_wrote");
    library.block_out = find(vorbis, "vorbis_analysis_blockout");
    library.analysis = find(vorbis, "vorbis_analysis");
    library.add_block = find(vorbis, "vorbis_bitrate_addblock");
    library.next_packet = find(vorbis, "vorbis_bitrate_flushpacket");
    library.encode_init = find(encoder, "vorbis_encode_init_vbr");
    library.stream_init = find(ogg, "ogg_stream_init");
    library.packet_in = find(ogg, "ogg_stream_packetin");
    library.page_out = find(ogg, "ogg_stream_pageout");
    library.flush = find(ogg, "ogg_stream_flush");
    library.stream_clear = find(ogg, "ogg_stream_clear");
}

const char *aup_vorbis_missing(void) {
    pthread_once(&once, load);
    return is_missing ? reason : NULL;
}

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
    library.info_init(&stream->info);
    if (library.encode_init(&stream->info, channels, rate, quality) != 0) {
        library.info_clear(&stream->info);
        free(stream);
        return NULL;
    }
    library.comment_init(&stream->comment);
    library.comment_add(&stream->comment, "ENCODER", encoder);
    library.analysis_init(&stream->state, &stream->info);
    library.block_init(&stream->state, &stream->block);
    library.stream_init(&stream->pages, serial);
    ogg_packet identification, comment, setup;
    library.headers(&stream->state, &stream->comment, &identification, &comment, &setup);
    library.packet_in(&stream->pages, &identification);
    library.packet_in(&stream->pages, &comment);
    library.packet_in(&stream->pages, &setup);
    return stream;
}

static void encode(struct stream *stream) {
    while (library.block_out(&stream->state, &stream->block) == 1) {
        library.analysis(&stream->block, NULL);
        library.add_block(&stream->block);
        ogg_packet packet;
        while (library.next_packet(&stream->state, &packet) == 1) library.packet_in(&stream->pages, &packet);
    }
}

int aup_vorbis_take(void *handle, const float *samples, int frames) {
    struct stream *stream = handle;
    float **planes = library.buffer(&stream->state, frames);
    if (!planes) return -1;
    for (int channel = 0; channel < stream->channels; channel++)
        for (int frame = 0; frame < frames; frame++)
            planes[channel][frame] = samples[frame * stream->channels + channel];
    library.wrote(&stream->state, frames);
    encode(stream);
    return 0;
}

void aup_vorbis_end(void *handle) {
    struct stream *stream = handle;
    library.wrote(&stream->state, 0);
    encode(stream);
}

int aup_vorbis_page(void *handle, int flushes, const unsigned char **head, long *head_bytes, const unsigned char **body,
                    long *body_bytes) {
    struct stream *stream = handle;
    ogg_page page;
    if ((flushes ? library.flush(&stream->pages, &page) : library.page_out(&stream->pages, &page)) == 0) return 0;
    *head = page.header;
    *head_bytes = page.header_len;
    *body = page.body;
    *body_bytes = page.body_len;
    return 1;
}

void aup_vorbis_free(void *handle) {
    struct stream *stream = handle;
    library.stream_clear(&stream->pages);
    library.block_clear(&stream->block);
    library.dsp_clear(&stream->state);
    library.comment_clear(&stream->comment);
    library.info_clear(&stream->info);
    free(stream);
}
