/* One stream of the virtual card, as the ALSA plugin, its options and its sound see it. */
#ifndef AUPSIM_STREAM_H
#define AUPSIM_STREAM_H

#include "card.h"

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>

/* Frames a loop remembers; a power of two. Half of it is the longest buffer of a looped stream. */
#define LOOP_FRAMES (1L << 18)

struct loop_header {
    _Atomic uint32_t magic;
    uint32_t frame_bytes, rate, format;
};

/* What the configuration says; options.c explains each. */
struct options {
    char *card, *dir, *pfile, *cfile, *log, *formats, *wake, *access, *chmap, *rates;
    long device, ppm, speed, granularity, latency, jitter;
    long xrun_at, stall_at, stall_ms, unplug_at, suspend_at, open_err;
    long rate_min, rate_max, channels_min, channels_max, period_min, period_max, periods_max, buffer_max;
    long await, settle_ms, patience_ms, look_ms;
    int loop, cloop, nopause, virtual, pattern;
};

struct stream {
    snd_pcm_ioplug_t io; /* first: alsa-lib's view of us */
    struct options options;
    bool is_capture;

    struct control *control;
    struct virtual_clock clock;
    int control_file, timer, bell, played_file, log_file;

    struct loop_header *loop;
    size_t loop_bytes;
    uint8_t *captured; /* the mapped cfile */
    size_t captured_bytes;
    uint8_t *shadow; /* what the application wrote, one buffer of it */
    size_t frame_bytes;
    int64_t played_to; /* frames of this run that the converter has taken */
    int64_t checked, differing, first_difference; /* of the pattern */

    /* The time line: `start` is the card's absolute frame at position 0, `first_start` that of the first run. */
    int64_t start, first_start;
    bool has_started;
    int64_t position; /* frames of the device's pointer since prepare */
    bool is_running, is_paused, is_dead;
    snd_pcm_uframes_t avail_min, stop_threshold, boundary;
    snd_pcm_uframes_t served_to; /* appl_ptr at the last look, to see service of mapped capture */

    uint32_t unplug_seen, xrun_seen, suspend_seen, random;
    bool xrun_done, stall_done, suspend_done;
    double stall_until;
    long xruns;
    int64_t longest_avail;
};

/* ---- options.c ---- */

/* Reads the PCM's definition. Returns 0, or a negative errno after saying why. */
int options_read(struct options *options, snd_config_t *definition);
void options_free(struct options *options);

/* ---- sound.c ---- */

int sound_open_files(struct stream *stream);
void sound_close(struct stream *stream);
/* After hw_params: makes room for one buffer, opens the loop. */
int sound_configure(struct stream *stream);
/* The application wrote `frames` frames, the first being number `first` since prepare. */
void sound_store(struct stream *stream, int64_t first, const uint8_t *source, size_t frames);
/* Fills `destination` with captured frames, the first being number `first` since prepare. */
void sound_capture(struct stream *stream, int64_t first, uint8_t *destination, size_t frames);
/* Playback starts or goes on: what waits in the buffer becomes audible in the loop. */
void sound_publish(struct stream *stream);
/* Playback stops: what waits in the buffer is never heard. */
void sound_withdraw(struct stream *stream);
/* The converter has taken everything up to here: it is appended to pfile. */
void sound_played(struct stream *stream, int64_t to);

/* ---- pattern.c ---- */

/* Writes frame `frame` of the pattern. */
void pattern_frame(struct stream *stream, int64_t frame, uint8_t *destination);
/* Compares played frames with the pattern's next ones. */
void pattern_check(struct stream *stream, const uint8_t *played, size_t frames);
/* Says in the log what the comparison found. */
void pattern_report(struct stream *stream);

/* ---- timeline.c ---- */

void stream_log(struct stream *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The card's absolute frame now, on this stream's own clock. */
int64_t frame_now(struct stream *s);
/* Card time at which the pointer reaches `position`. */
double card_time_of(struct stream *s, int64_t position);
/* Tells the virtual clock, if there is one. */
void set_state(struct stream *s, enum slot_state state);
/* Whether the card was pulled out since the stream was opened. */
bool is_gone(struct stream *s);
/* Whether a fault was ordered, or appointed for a frame of the time line up to `line`. */
bool wants_xrun(struct stream *s, int64_t line);
bool wants_suspend(struct stream *s, int64_t line);
/* Where the pointer is. */
int64_t current_position(struct stream *s);
/* Frames to read or to be written, for an application that has come to `application`. */
int64_t avail_at(struct stream *s, int64_t application);
/* The stream stops by itself; `what` is for the log. */
void stop_with(struct stream *s, const char *what, int64_t avail);
/* The timer fires at that time, and within `look_ms` anyway. */
void arm_at(struct stream *s, double real_time);
/* Card time at which a stream that was served, and could still be served, is due again. */
double next_period(struct stream *s, int64_t application);
/* Sets timer and virtual clock for the next wake-up of an application that has come to `application`. */
void arm(struct stream *s, int64_t application);
/* The application has moved frames and come to `application`. */
void served(struct stream *s, int64_t application);

/* ---- opening.c ---- */

/* Opens log, card, timer and files. Returns 0 or a negative errno; free_stream() undoes what was done. */
int open_stream(struct stream *s);
/* Tells alsa-lib what the card can do. */
int offer(struct stream *s);
void free_stream(struct stream *s);

#endif
