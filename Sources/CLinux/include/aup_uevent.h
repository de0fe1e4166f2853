// What the kernel and udev say of devices that come and go (netlink(7), NETLINK_KOBJECT_UEVENT), whose types Swift does
// not see.
#ifndef AUP_UEVENT_H
#define AUP_UEVENT_H

/// Groups of listeners: 1 hears the kernel, 2 hears udev, which speaks when a node has got its name and permissions.
enum { AUP_UEVENTS_KERNEL = 1, AUP_UEVENTS_UDEV = 2 };

/// A socket that hears the groups, non-blocking and closed on exec; -1 where this is not permitted or not there.
int aup_uevent_socket(unsigned groups);
/// Bytes of the next message of the kernel's or of root's; 0 for one of somebody else's or one that was cut, which is worth
/// nothing; -1 when there is none; -2 when the kernel had more than it kept.
long aup_uevent_receive(int fd, void *space, unsigned long size);

#endif
