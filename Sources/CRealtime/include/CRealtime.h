// The door to the kernels that Swift cannot vectorise, and the real-time vocabulary.
#ifndef CREALTIME_H
#define CREALTIME_H
#include <stddef.h>
#include <stdint.h>
/// One promise for both compilers: clang's function effects and Swift's `@_noLocks`.
#define AUP_REALTIME __attribute__((swift_attr("@_noLocks"), nonblocking))
#endif
