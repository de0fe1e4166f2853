/// The door to alsa-lib: its header, the words of it that an audio thread may say, and what Swift cannot import.
///
/// No policy lives here. Owner of every handle is the room AupALSA.
#ifndef CALSA_H
#define CALSA_H

#include <alsa/asoundlib.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/// One promise for both compilers: clang's function effects and Swift's `@_noLocks`.
#define AUP_REALTIME __attribute__((swift_attr("@_noLocks"), nonblocking))

// MARK: - The audio thread's whole vocabulary
//
// A library cannot promise what it does not know about; we vouch for these few. Because: on `hw` each is an ioctl or
// a read of mapped memory. The per-PCM mutex they take is switched off by aup_alsa_disable_locks() before the first
// open, and would never be contended anyway: one thread serves one PCM.

AUP_REALTIME snd_pcm_state_t snd_pcm_state(snd_pcm_t *pcm);
AUP_REALTIME snd_pcm_sframes_t snd_pcm_avail(snd_pcm_t *pcm);
AUP_REALTIME snd_pcm_sframes_t snd_pcm_avail_update(snd_pcm_t *pcm);
AUP_REALTIME int snd_pcm_delay(snd_pcm_t *pcm, snd_pcm_sframes_t *delay);
AUP_REALTIME snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size);
AUP_REALTIME snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t *pcm, const void *buffer, snd_pcm_uframes_t size);
AUP_REALTIME int snd_pcm_mmap_begin(
    snd_pcm_t *pcm, const snd_pcm_channel_area_t **areas, snd_pcm_uframes_t *offset, snd_pcm_uframes_t *frames);
AUP_REALTIME snd_pcm_sframes_t snd_pcm_mmap_commit(
    snd_pcm_t *pcm, snd_pcm_uframes_t offset, snd_pcm_uframes_t frames);
AUP_REALTIME int snd_pcm_start(snd_pcm_t *pcm);
AUP_REALTIME int snd_pcm_prepare(snd_pcm_t *pcm);
AUP_REALTIME int snd_pcm_resume(snd_pcm_t *pcm);
AUP_REALTIME snd_pcm_sframes_t snd_pcm_forward(snd_pcm_t *pcm, snd_pcm_uframes_t frames);
AUP_REALTIME int snd_pcm_htimestamp(snd_pcm_t *pcm, snd_pcm_uframes_t *avail, snd_htimestamp_t *tstamp);
AUP_REALTIME int snd_pcm_poll_descriptors_revents(
    snd_pcm_t *pcm, struct pollfd *pfds, unsigned int nfds, unsigned short *revents);

/// Copies up to `frames` interleaved frames from the device's memory to `destination`, in at most two pieces.
/// Returns frames copied or a negative errno. Nothing is given back to the device when the device has meanwhile
/// written over what was copied: then 0 comes back and `snd_pcm_avail_update` says by how much.
AUP_REALTIME snd_pcm_sframes_t aup_alsa_mmap_read(
    snd_pcm_t *pcm, void *destination, snd_pcm_uframes_t frames, size_t frame_bytes, snd_pcm_uframes_t buffer_frames);

/// Copies up to `frames` interleaved frames from `source` to the device's memory, in at most two pieces.
/// Returns frames copied or a negative errno.
AUP_REALTIME snd_pcm_sframes_t aup_alsa_mmap_write(
    snd_pcm_t *pcm, const void *source, snd_pcm_uframes_t frames, size_t frame_bytes);

/// Delay in frames, or `LONG_MIN` when the device does not say.
AUP_REALTIME long aup_alsa_delay(snd_pcm_t *pcm);

/// Time of the last pointer update on the clock of the software parameters, in nanoseconds; 0 when unknown.
AUP_REALTIME int64_t aup_alsa_timestamp(snd_pcm_t *pcm);

/// The same, but 0 too where the pointer is no longer at the position that `avail` told.
AUP_REALTIME int64_t aup_alsa_timestamp_at(snd_pcm_t *pcm, snd_pcm_uframes_t avail);

// MARK: - Control side

/// Switches off the mutex around each PCM call. Must run before the first snd_pcm_open of the process, because
/// alsa-lib looks once. Never overwrites what the user has set.
void aup_alsa_disable_locks(void);

/// Has libpulse, which alsa-lib's plugin for it brings along, write to syslog(3) instead of stderr.
void aup_alsa_quiet_plugins(void);

/// Sends alsa-lib's own messages to a bounded store of ours instead of stderr.
void aup_alsa_capture_messages(void);

/// Takes the oldest stored message out of the store: copies it, terminated, into `text` and returns its length, or
/// returns -1 when there is none.
int aup_alsa_take_message(char *text, size_t capacity);

/// Messages that were thrown away because nobody took the older ones.
unsigned aup_alsa_lost_messages(void);

#endif
