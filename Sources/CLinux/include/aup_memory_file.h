// Files that have no name.
#ifndef AUP_MEMORY_FILE_H
#define AUP_MEMORY_FILE_H

/// memfd_create(2), closed on exec: an empty file in memory, or -1.
int aup_memory_file(const char *name);

#endif
