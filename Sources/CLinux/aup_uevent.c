#include "aup_uevent.h"
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int aup_uevent_socket(unsigned groups) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (fd < 0) return -1;
    const int on = 1;
    struct sockaddr_nl address;
    memset(&address, 0, sizeof address);
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        int kept = errno;
        close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

long aup_uevent_receive(int fd, void *space, unsigned long size) {
    struct sockaddr_nl from;
    struct iovec piece = {space, size};
    char control[CMSG_SPACE(sizeof(struct ucred))] __attribute__((aligned(_Alignof(struct cmsghdr))));
    struct msghdr message = {&from, sizeof from, &piece, 1, control, sizeof control, 0};
    memset(&from, 0, sizeof from);
    ssize_t count;
    do count = recvmsg(fd, &message, MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count < 0) return errno == ENOBUFS ? -2 : -1;
    if (message.msg_flags & MSG_TRUNC) return 0;
    /* because any process may own a netlink address and write to another's: what neither the kernel nor root sent is not heard */
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_CREDENTIALS) return 0;
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(header), sizeof sender);
    if (sender.uid != 0 || (from.nl_groups == AUP_UEVENTS_KERNEL && from.nl_pid != 0)) return 0;
    return count;
}
