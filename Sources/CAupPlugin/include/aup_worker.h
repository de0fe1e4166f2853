// A plugin in a process of its own: what both processes share, and one call through it.
//
//   the host's audio thread                     the worker
//     parameters and input ─▶ shared memory
//     request + 1          ─▶ ........................ process
//     output               ◀─ shared memory ◀─ reply = request
//
// Both sides look for the other's number a few times before they go to sleep at it, because a sleep and its end cost more
// than most plugins do. A worker that is gone is noticed at once if it could say a last word, and within ten milliseconds
// otherwise.
#ifndef AUP_WORKER_H
#define AUP_WORKER_H
#include "../../../plugins/aup_plugin.h"
#include "aup_breadcrumb.h"
#include <stddef.h>
#include <stdint.h>

/// Where the shared file has what; texts of this length at most go from one side to the other.
enum { AUP_WORKER_TEXT_AT = 8192, AUP_WORKER_TEXT_BYTES = 4 << 20 };

/// What a worker is asked for.
enum aup_worker_wish {
    AUP_WORKER_DESCRIBE = 1, ///< text in, text out
    AUP_WORKER_CREATE,       ///< text in, text out
    AUP_WORKER_PROCESS,
    AUP_WORKER_RESET,
    AUP_WORKER_LEAVE ///< destroy everything and end
};

/// What a call returns when the worker is gone: no plugin can return it, as all that is negative is made -1 there.
#define AUP_WORKER_GONE (-1000)

/// How the memory for sound is cut.
typedef struct {
    uint32_t inputs, outputs, sides; ///< of one instance
    uint32_t frames;                 ///< of the longest block
    uint32_t parameters, events;
} aup_worker_plan;

typedef struct aup_worker aup_worker;

/// Maps the head of the file that both share; NULL when memory is out. `process` is the worker's number, 0 inside it.
aup_worker *aup_worker_open(int32_t file, int32_t process);
/// Lets go of it.
void aup_worker_close(aup_worker *worker);

/// Maps the memory for sound, in both processes with the same plan, and makes the file as long. 0 or an errno.
int32_t aup_worker_map(aup_worker *worker, int32_t file, const aup_worker_plan *plan);

/// Bytes of the text that goes with the wish or its answer.
void aup_worker_set_text_bytes(aup_worker *worker, uint64_t bytes);
uint64_t aup_worker_text_bytes(const aup_worker *worker);

// ---- The host's side

/// Asks and waits for the answer. A call that takes longer than `limit_milliseconds` ends the worker. Returns what the worker
/// returned, or AUP_WORKER_GONE.
int32_t aup_worker_ask(aup_worker *worker, uint32_t wish, uint32_t limit_milliseconds);

/// Ends the worker when a block takes longer.
void aup_worker_set_limit(aup_worker *worker, uint32_t milliseconds);

/// Whether the worker has gone, and what it said last: empty when it said nothing.
int32_t aup_worker_is_gone(const aup_worker *worker) AUP_GUEST_CALL;
/// Whether that was because a call took too long.
int32_t aup_worker_is_late(const aup_worker *worker);
/// The first frame of the last block it was given.
uint64_t aup_worker_position(const aup_worker *worker);
const char *aup_worker_last_words(const aup_worker *worker);

/// One instance in the worker, as an `aup_plugin` is created and run: `instance` below.
typedef struct {
    aup_worker *worker;
    uint32_t copy, reserved;
} aup_worker_seat;

/// As in aup_plugin. They wait for the other process, and for nothing else: that wait takes the place of the work.
int32_t aup_worker_process(void *seat, const aup_block *block) AUP_GUEST_CALL;
void aup_worker_reset(void *seat) AUP_GUEST_CALL;

/// A table with those two, for instances that are seats.
const aup_plugin *aup_worker_plugin(void);

/// Takes what guests said, a line with its end each, up to `room` bytes. Returns their number.
size_t aup_worker_take_log(aup_worker *worker, char *text, size_t room);

// ---- The worker's side

/// Waits for a wish; gives it, or AUP_WORKER_LEAVE when the host is gone.
uint32_t aup_worker_wait(aup_worker *worker);
/// Answers it.
void aup_worker_answer(aup_worker *worker, int32_t status);

/// Which instance a wish is for.
uint32_t aup_worker_copy(const aup_worker *worker);
/// Runs an instance over the block that the host left.
int32_t aup_worker_run(aup_worker *worker, const aup_plugin *plugin, const char *name, void *instance, int32_t keeps_denormals);

/// Crashes are told to the host instead of to standard error.
void aup_worker_speak_last(aup_worker *worker);
/// Lays lines out for the host, up to 2048 bytes; 0 while it has not taken those before.
int32_t aup_worker_put_log(aup_worker *worker, const char *text, size_t bytes);
#endif
