#include "CLinux.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

int aup_open(const char *path, int flags, mode_t mode) { return open(path, flags | O_CLOEXEC, mode); }

void aup_occupy_standard_descriptors(void) {
  for (int fd = 0; fd < 3; fd++) {
    if (fcntl(fd, F_GETFD) >= 0)
      continue;
    /* The lowest free descriptor is the one that was found closed; opened the wrong way round on purpose. */
    if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
      return;
  }
}

int aup_pipe_capacity(int fd) { return fcntl(fd, F_GETPIPE_SZ); }

int aup_pipe_resize(int fd, int bytes) { return fcntl(fd, F_SETPIPE_SZ, bytes); }

int aup_terminal_columns(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int aup_wake_signal(void) { return SIGRTMIN; }

static void do_nothing(int number) { (void)number; }

void aup_install_wake_handler(void) {
  struct sigaction action = {.sa_handler = do_nothing};
  sigaction(aup_wake_signal(), &action, NULL);
}

int aup_doorbell(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int aup_signal_inbox(const int *numbers, int count) {
  sigset_t mask;
  sigemptyset(&mask);
  for (int i = 0; i < count; i++) {
    sigaddset(&mask, numbers[i]);
    signal(numbers[i], SIG_DFL);
  }
  signal(SIGPIPE, SIG_IGN);
  pthread_sigmask(SIG_BLOCK, &mask, NULL);
  return signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

int aup_next_signal(int fd) {
  struct signalfd_siginfo record;
  return read(fd, &record, sizeof record) == sizeof record ? (int)record.ssi_signo : 0;
}

void aup_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
