// What accept(2) offers only to GNU programs.
#ifndef AUP_SOCKET_H
#define AUP_SOCKET_H

/// accept4(2): the next connection, non-blocking and closed on exec, or -1.
int aup_accept(int fd);

#endif
