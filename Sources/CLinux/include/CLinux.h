// The door to what Linux offers only as macros, variadics or raw system calls.
#ifndef CLINUX_H
#define CLINUX_H
#include <stdint.h>
#endif
