// What ip(7), ipv6(7) and udp(7) offer through options whose types Swift does not see.
#ifndef AUP_DATAGRAM_H
#define AUP_DATAGRAM_H
#include <stdint.h>

struct sockaddr;

/// Several may listen at one port, as receivers of a group do.
int aup_datagram_share(int fd);
/// Asks for so many bytes of room for what has arrived; the kernel gives less where it has a bound.
void aup_datagram_room(int fd, int bytes);
/// From now on the kernel notes when a datagram arrived (socket(7), SO_TIMESTAMPNS); where it cannot nothing is said.
void aup_datagram_stamp(int fd);
/// recvmsg(2): bytes of the next datagram, more than `size` where it was cut, or -1; from whom, where there is room for
/// `from_size` bytes of it, and when it arrived by `CLOCK_REALTIME` in nanoseconds, 0 where nobody noted it.
long aup_datagram_receive(int fd, void *space, unsigned long size, struct sockaddr *from, unsigned *from_size,
                          int64_t *stamp);
/// The number of a network interface by its name, 0 where there is none.
unsigned aup_interface_number(const char *name);
/// Receives what is sent to the group of `address` on an interface, 0 for the one that leads there: 0, or -1.
int aup_group_join(int fd, const struct sockaddr *address, unsigned interface_number);
/// What is sent to groups: through which interface (0 leaves it), across how many routers, and whether this machine hears it.
int aup_group_sending(int fd, int is_version_6, unsigned interface_number, int hops, int loops);
/// Whether an address is a group's.
int aup_is_group(const struct sockaddr *address);
/// The port of an address, and the address with another one.
int aup_address_port(const struct sockaddr *address);
void aup_address_set_port(struct sockaddr *address, int port);

#endif
