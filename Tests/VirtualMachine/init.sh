#!/bin/sh
# The first process of the guest: file systems, then the story that the host put into /share, then off. The story is told in
# the guest's own memory, and comes to the host when it is over: to wait for a host has no place in it.
export PATH=/bin HOME=/root TERM=linux
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs tmp /tmp
for module in virtio_pci 9pnet_virtio 9p; do modprobe "$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /share || echo "GUEST: no /share"
cp /share/* /tmp
cd /tmp || echo "GUEST: no /tmp"
echo "GUEST: ready at $(cut -d' ' -f1 /proc/uptime) s"
sh story.sh
echo "GUEST: story ended with $? at $(cut -d' ' -f1 /proc/uptime) s"
cp /tmp/* /share && echo "GUEST: end"
sync
poweroff -f
