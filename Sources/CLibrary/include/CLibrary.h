// How doors open libraries that are needed only now and then: looked for when they are first asked for, never linked, and
// never closed, because they may keep state for the process or be somebody else's too.
#ifndef CLIBRARY_H
#define CLIBRARY_H
#include <pthread.h>

/// A function that is wanted, and the pointer that gets its address.
typedef struct {
    const char *name;
    void *pointer;
} aup_library_function;

typedef struct {
    const char *files[2]; // the first that is there is taken
    const aup_library_function *functions; // up to one without a name
    pthread_mutex_t gate;
    int is_tried, is_missing;
    char reason[256];
} aup_library;

/// `NULL` when the library is there with all its functions, else one line that says why not, which stays valid. It is opened
/// by the first call; any thread.
const char *aup_library_missing(aup_library *library);

// A door lists the functions it calls, which the library's headers declare or the door itself, in a macro:
//
//     #define FUNCTIONS(X) X(soxr_create) X(soxr_delete)
//     AUP_LIBRARY(FUNCTIONS, "libsoxr.so.0")
//
// and calls library.soxr_create(…) once aup_library_missing(&door) was NULL. Functions of libraries that the file was linked
// with are found too: dlsym goes on to look there.

#define AUP_LIBRARY_POINTER(function) __typeof__(&function) function;
#define AUP_LIBRARY_FUNCTION(function) {#function, &library.function},

#define AUP_LIBRARY(list, ...) \
    static struct { \
        list(AUP_LIBRARY_POINTER) \
    } library; \
    static const aup_library_function functions[] = {list(AUP_LIBRARY_FUNCTION){0, 0}}; \
    AUP_LIBRARY_DOOR(__VA_ARGS__)

/// For a door that spells its list and its pointers otherwise.
#define AUP_LIBRARY_DOOR(...) \
    static aup_library door = {.files = {__VA_ARGS__}, .functions = functions, .gate = PTHREAD_MUTEX_INITIALIZER};
#endif
