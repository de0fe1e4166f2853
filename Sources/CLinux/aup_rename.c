#include "aup_rename.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int aup_rename_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    /* Because some file systems (NFS among them) know no flags: a hard link refuses a taken name just as well. */
    if (link(from, to) != 0) return errno;
    return unlink(from) == 0 ? 0 : errno;
}
