// The door to what Linux offers only as macros, variadics or GNU extensions.
// Bodies are in CLinux.c, since the Swift importer does not define _GNU_SOURCE.
#ifndef CLINUX_H
#define CLINUX_H
#include <stdint.h>
#include <sys/types.h>

#include "aup_attributes.h"
#include "aup_build.h"
#include "aup_clock.h"
#include "aup_datagram.h"
#include "aup_dbus.h"
#include "aup_digest.h"
#include "aup_memory_file.h"
#include "aup_process.h"
#include "aup_realtime_promotion.h"
#include "aup_rename.h"
#include "aup_socket.h"
#include "aup_terminal.h"
#include "aup_uevent.h"

/// open(2) without the variadic mode, always with O_CLOEXEC.
int aup_open(const char *path, int flags, mode_t mode);

/// Makes sure that descriptors 0, 1 and 2 are taken, so that nothing opened later is mistaken for one of them. Those that
/// were closed refuse to be used: 0 cannot be read, 1 and 2 cannot be written (EBADF).
void aup_occupy_standard_descriptors(void);

/// The capacity of a pipe in bytes, or -1; `aup_pipe_resize` returns what the kernel made of the wish, or -1.
int aup_pipe_capacity(int fd);
int aup_pipe_resize(int fd, int bytes);

/// Columns of a terminal, or 0 where the descriptor is none.
int aup_terminal_columns(int fd);

/// The signal that takes a thread out of a blocking call, and its handler that does nothing: without SA_RESTART the
/// only effect is EINTR.
int aup_wake_signal(void);
void aup_install_wake_handler(void);

/// An eventfd: non-blocking, closed on exec; -1 when no descriptor is left.
int aup_doorbell(void);

/// Blocks the `count` signals for this thread and the ones it starts, gives them back their default disposition, and
/// returns a non-blocking signalfd for them; -1 when no descriptor is left.
int aup_signal_inbox(const int *numbers, int count);
/// The number of the next signal waiting there, or 0.
int aup_next_signal(int fd);

/// Gives the calling thread a name of at most 15 bytes, which `top -H` and gdb show.
void aup_name_thread(const char *name);

#endif
