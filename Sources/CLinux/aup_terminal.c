#include "aup_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* One terminal a process; main alone takes and gives it back, and exit(3) runs on whichever thread ends the process, so a
   lock keeps both from giving it back at once. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct termios before;
static int taken = -1;
static int is_registered;

int aup_terminal_open(int mayUseInput) {
  if (mayUseInput && isatty(0))
    return 0;
  return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/* From the background these calls would stop us with SIGTTOU. */
static int is_foreground(int fd) { return tcgetpgrp(fd) == getpgrp(); }

int aup_terminal_take_keys(int fd) {
  struct termios keys;
  int done = 0;
  pthread_mutex_lock(&lock);
  if (taken < 0 && is_foreground(fd) && tcgetattr(fd, &before) == 0) {
    keys = before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    keys.c_cc[VMIN] = 0; /* because read(2) must not wait: poll(2) does */
    keys.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSANOW, &keys) == 0) {
      taken = fd;
      done = 1;
      if (!is_registered)
        is_registered = atexit(aup_terminal_restore) == 0;
    }
  }
  pthread_mutex_unlock(&lock);
  return done;
}

void aup_terminal_restore(void) {
  pthread_mutex_lock(&lock);
  if (taken >= 0 && is_foreground(taken))
    tcsetattr(taken, TCSANOW, &before);
  taken = -1;
  pthread_mutex_unlock(&lock);
}

int aup_terminal_read(int fd, void *bytes, int count) {
  ssize_t got = read(fd, bytes, (size_t)count);
  if (got < 0)
    return errno == EINTR || errno == EAGAIN ? 0 : -1;
  return (int)got;
}

void aup_stop_self(void) { kill(getpid(), SIGSTOP); }
