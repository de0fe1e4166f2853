#include "aup_socket.h"
#include <sys/socket.h>

int aup_accept(int fd) { return accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }
