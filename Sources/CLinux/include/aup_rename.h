// The rename that never replaces: renameat2 is hidden from Swift behind _GNU_SOURCE.
#ifndef AUP_RENAME_H
#define AUP_RENAME_H
#include <errno.h>

/// Gives a file a name that nobody has: 0, or the errno (EEXIST when somebody has it).
int aup_rename_new(const char *from, const char *to);
#endif
