// The door to libvorbisenc, libvorbis and libogg, opened when the first Ogg Vorbis file is begun and never linked.
// libsndfile writes Vorbis too, but only in pages of 4 KiB, which of silence are many seconds that a kill would cost.
#ifndef CVORBIS_H
#define CVORBIS_H
#include <stdint.h>

/// Opens the libraries. `NULL` when they are there, else one line of what dlopen said, which stays valid.
const char *aup_vorbis_missing(void);

/// Begins a stream of variable bit rate; `NULL` when the codec does not take such sound.
///
/// - quality: -0.1 to 1. serial: tells streams of one file apart.
/// - encoder: what the comment header says made it.
void *aup_vorbis_begin(int channels, int rate, float quality, int serial, const char *encoder);
/// Says something about the sound, and then, once, that all is said: the headers are packets from now on.
void aup_vorbis_comment(void *stream, const char *key, const char *value);
void aup_vorbis_headers(void *stream);
/// Takes interleaved samples of ±1. 0, or -1 when there is no memory.
int aup_vorbis_take(void *stream, const float *samples, int frames);
/// No more samples come: what is left becomes the last page, which knows the exact length.
void aup_vorbis_end(void *stream);
/// The next page that is full, or with `flushes` also one that is not; 0 when there is none. The bytes stay valid until
/// the next call.
int aup_vorbis_page(void *stream, int flushes, const unsigned char **head, long *head_bytes, const unsigned char **body,
                    long *body_bytes);
void aup_vorbis_free(void *stream);

#endif
