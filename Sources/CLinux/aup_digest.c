#include "aup_digest.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

/* Redeclared because the headers need not be there to build: EVP has had these names since OpenSSL 1.1. */
static struct {
    void *(*context_new)(void);
    void (*context_free)(void *);
    const void *(*sha256)(void);
    int (*begin)(void *, const void *, void *);
    int (*update)(void *, const void *, size_t);
    int (*finish)(void *, unsigned char *, unsigned int *);
} crypto;

static int is_there;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_crypto(void) {
    const char *names[] = {"libcrypto.so.3", "libcrypto.so.1.1"};
    void *library = NULL;
    for (size_t i = 0; i < 2 && library == NULL; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return;
    *(void **)&crypto.context_new = dlsym(library, "EVP_MD_CTX_new");
    *(void **)&crypto.context_free = dlsym(library, "EVP_MD_CTX_free");
    *(void **)&crypto.sha256 = dlsym(library, "EVP_sha256");
    *(void **)&crypto.begin = dlsym(library, "EVP_DigestInit_ex");
    *(void **)&crypto.update = dlsym(library, "EVP_DigestUpdate");
    *(void **)&crypto.finish = dlsym(library, "EVP_DigestFinal_ex");
    is_there = crypto.context_new && crypto.context_free && crypto.sha256 && crypto.begin && crypto.update &&
               crypto.finish;
}

aup_digest *aup_digest_open(void) {
    pthread_once(&once, find_crypto);
    if (!is_there) return NULL;
    void *context = crypto.context_new();
    if (context != NULL && crypto.begin(context, crypto.sha256(), NULL) != 1) {
        crypto.context_free(context);
        return NULL;
    }
    return context;
}

int aup_digest_add(aup_digest *digest, const void *bytes, size_t count) {
    return crypto.update(digest, bytes, count) == 1;
}

int aup_digest_close(aup_digest *digest, unsigned char *result) {
    unsigned int count = 0;
    int is_done = result == NULL || (crypto.finish(digest, result, &count) == 1 && count == 32);
    crypto.context_free(digest);
    return is_done;
}
