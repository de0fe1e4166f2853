#include "aup_socket.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int aup_accept(int fd) { return accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int aup_peer_identity(int fd, int *process, unsigned *user, unsigned *group) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return 0;
    *process = peer.pid;
    *user = peer.uid;
    *group = peer.gid;
    return 1;
}

void aup_tcp_tune(int fd, int dead_milliseconds) {
    const int on = 1, idle = dead_milliseconds / 2000 + 1, interval = dead_milliseconds / 4000 + 1, probes = 2;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_milliseconds, sizeof dead_milliseconds);
}

void aup_socket_reuse(int fd, int only_version_6) {
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (only_version_6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
}

int aup_socket_error(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : -1;
}
