// What accept(2), unix(7) and tcp(7) offer only to GNU programs, or through options whose types Swift does not see.
#ifndef AUP_SOCKET_H
#define AUP_SOCKET_H

/// accept4(2): the next connection, non-blocking and closed on exec, or -1.
int aup_accept(int fd);
/// Who is at the other end of a socket of this machine; 0 where nobody knows.
int aup_peer_identity(int fd, int *process, unsigned *user, unsigned *group);
/// Small packets leave at once, and an end that does not answer for so long is gone.
void aup_tcp_tune(int fd, int dead_milliseconds);
/// A port may be listened at again at once.
void aup_socket_reuse(int fd, int only_version_6);
/// The error of a connection that was waited for: 0 when it stands.
int aup_socket_error(int fd);

#endif
