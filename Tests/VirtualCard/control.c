/* The card's shared block: locks, the real-time clock. */
#define _GNU_SOURCE
#include "card.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

double monotonic_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

int control_lock(int descriptor, off_t byte, bool wait) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    while (fcntl(descriptor, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

void control_unlock(int descriptor, off_t byte) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    fcntl(descriptor, F_OFD_SETLK, &lock);
}

bool control_is_locked(int descriptor, off_t byte) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static void initialise(struct control *control) {
    control->version = CARD_VERSION;
    control->real_start = monotonic_seconds();
    control->card_start = 0;
    control->factor = 1;
    control->magic = CARD_MAGIC;
}

int control_open(const char *dir, const char *card, struct control **control) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.ctl", dir, card);
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return -errno;
    control_lock(descriptor, LOCK_SETUP, true);

    struct stat status;
    void *block = MAP_FAILED;
    if (fstat(descriptor, &status) == 0 && (status.st_size >= CARD_BYTES || ftruncate(descriptor, CARD_BYTES) == 0))
        block = mmap(NULL, CARD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (block == MAP_FAILED) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    *control = block;
    if ((*control)->magic != CARD_MAGIC)
        initialise(*control);
    control_unlock(descriptor, LOCK_SETUP);
    return descriptor;
}

double control_card_time(struct control *control) {
    for (;;) {
        uint32_t before = control->change_count;
        double real_start = control->real_start, card_start = control->card_start, factor = control->factor;
        if (!(before & 1) && before == control->change_count)
            return card_start + (monotonic_seconds() - real_start) * factor;
    }
}

double control_real_time(struct control *control, double card_time) {
    double factor = control->factor > 1e-9 ? control->factor : 1e-9;
    return control->real_start + (card_time - control->card_start) / factor;
}

void control_set_factor(struct control *control, double factor) {
    double now = monotonic_seconds();
    double card_time = control->card_start + (now - control->real_start) * control->factor;
    control->change_count++;
    control->real_start = now;
    control->card_start = card_time;
    control->factor = factor;
    control->change_count++;
}
