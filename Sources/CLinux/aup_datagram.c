#include "aup_datagram.h"
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

int aup_datagram_share(int fd) {
    const int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

void aup_datagram_room(int fd, int bytes) { setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

void aup_datagram_stamp(int fd) {
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

long aup_datagram_receive(int fd, void *space, unsigned long size, struct sockaddr *from, unsigned *from_size,
                          int64_t *stamp) {
    struct iovec piece = {.iov_base = space, .iov_len = size};
    // Room for one note, aligned as its head is.
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } notes;
    struct msghdr message = {.msg_name = from,
                             .msg_namelen = *from_size,
                             .msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = &notes,
                             .msg_controllen = sizeof notes};
    const ssize_t count = recvmsg(fd, &message, MSG_TRUNC);
    *stamp = 0;
    *from_size = count < 0 ? 0 : message.msg_namelen;
    if (count < 0) return -1;
    for (struct cmsghdr *note = CMSG_FIRSTHDR(&message); note; note = CMSG_NXTHDR(&message, note)) {
        if (note->cmsg_level != SOL_SOCKET || note->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec time;
        memcpy(&time, CMSG_DATA(note), sizeof time);
        *stamp = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    }
    return count;
}

unsigned aup_interface_number(const char *name) { return if_nametoindex(name); }

int aup_group_join(int fd, const struct sockaddr *address, unsigned interface_number) {
    struct group_req request = {.gr_interface = interface_number};
    const int is_version_6 = address->sa_family == AF_INET6;
    memcpy(&request.gr_group, address, is_version_6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    return setsockopt(fd, is_version_6 ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_JOIN_GROUP, &request, sizeof request);
}

int aup_group_sending(int fd, int is_version_6, unsigned interface_number, int hops, int loops) {
    if (is_version_6) {
        const int number = (int)interface_number;
        if (number && setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &number, sizeof number) != 0) return -1;
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &loops, sizeof loops) != 0) return -1;
        return setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
    }
    const struct ip_mreqn interface = {.imr_ifindex = (int)interface_number};
    if (interface_number && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) != 0) return -1;
    if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loops, sizeof loops) != 0) return -1;
    return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops);
}

int aup_is_group(const struct sockaddr *address) {
    if (address->sa_family == AF_INET6) {
        return IN6_IS_ADDR_MULTICAST(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr) ? 1 : 0;
    }
    return address->sa_family == AF_INET &&
           IN_MULTICAST(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
}

int aup_address_port(const struct sockaddr *address) {
    // The port lies at the same place in both kinds of address.
    return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
}

void aup_address_set_port(struct sockaddr *address, int port) {
    ((struct sockaddr_in *)(void *)address)->sin_port = htons((uint16_t)port);
}
