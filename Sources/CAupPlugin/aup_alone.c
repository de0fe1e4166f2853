#include "aup_alone.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

int aup_alone_begin(void) { return pthread_mutex_lock(&lock); }

void aup_alone_end(int *begun) {
    (void)begun;
    pthread_mutex_unlock(&lock);
}
