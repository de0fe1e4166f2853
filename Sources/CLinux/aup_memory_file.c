#include "aup_memory_file.h"
#include <sys/mman.h>

int aup_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
