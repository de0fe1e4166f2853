#include "CLibrary.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *open_file(aup_library *library) {
    for (size_t i = 0; i < sizeof library->files / sizeof library->files[0] && library->files[i]; i++) {
        void *handle = dlopen(library->files[i], RTLD_NOW | RTLD_LOCAL);
        if (handle) return handle;
        // The first name is the one to install.
        const char *why = dlerror();
        if (i == 0) snprintf(library->reason, sizeof library->reason, "%s", why ? why : library->files[0]);
    }
    return NULL;
}

static void look(aup_library *library) {
    void *handle = open_file(library);
    library->is_missing = !handle;
    for (const aup_library_function *wanted = library->functions; handle && wanted->name; wanted++) {
        void *found = dlsym(handle, wanted->name);
        // POSIX: pointers to data and to functions have one size; copied, since C has no cast between them.
        memcpy(wanted->pointer, &found, sizeof found);
        if (found || library->is_missing) continue;
        library->is_missing = 1;
        snprintf(library->reason, sizeof library->reason, "%s lacks %s", library->files[0], wanted->name);
    }
}

const char *aup_library_missing(aup_library *library) {
    pthread_mutex_lock(&library->gate);
    if (!library->is_tried) look(library);
    library->is_tried = 1;
    int is_missing = library->is_missing;
    pthread_mutex_unlock(&library->gate);
    return is_missing ? library->reason : NULL;
}
