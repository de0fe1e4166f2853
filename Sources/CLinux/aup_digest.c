#include "aup_digest.h"
#include "CLibrary.h"

// Declared here because the headers need not be there to build: EVP has had these names since OpenSSL 1.1.
void *EVP_MD_CTX_new(void);
void EVP_MD_CTX_free(void *);
const void *EVP_sha256(void);
int EVP_DigestInit_ex(void *, const void *, void *);
int EVP_DigestUpdate(void *, const void *, size_t);
int EVP_DigestFinal_ex(void *, unsigned char *, unsigned int *);
unsigned char *HMAC(const void *, const void *, int, const unsigned char *, size_t, unsigned char *, unsigned int *);

#define FUNCTIONS(X) \
    X(EVP_MD_CTX_new) X(EVP_MD_CTX_free) X(EVP_sha256) X(EVP_DigestInit_ex) X(EVP_DigestUpdate) X(EVP_DigestFinal_ex) \
    X(HMAC)
AUP_LIBRARY(FUNCTIONS, "libcrypto.so.3", "libcrypto.so.1.1")

aup_digest *aup_digest_open(void) {
    if (aup_library_missing(&door)) return NULL;
    void *context = library.EVP_MD_CTX_new();
    if (context != NULL && library.EVP_DigestInit_ex(context, library.EVP_sha256(), NULL) != 1) {
        library.EVP_MD_CTX_free(context);
        return NULL;
    }
    return context;
}

int aup_digest_add(aup_digest *digest, const void *bytes, size_t count) {
    return library.EVP_DigestUpdate(digest, bytes, count) == 1;
}

int aup_digest_close(aup_digest *digest, unsigned char *result) {
    unsigned int count = 0;
    int is_done = result == NULL || (library.EVP_DigestFinal_ex(digest, result, &count) == 1 && count == 32);
    library.EVP_MD_CTX_free(digest);
    return is_done;
}

int aup_keyed_digest(const unsigned char *key, size_t key_bytes, const unsigned char *text, size_t text_bytes,
                     unsigned char *result) {
    unsigned int count = 0;
    if (aup_library_missing(&door)) return 0;
    return library.HMAC(library.EVP_sha256(), key, (int)key_bytes, text, text_bytes, result, &count) && count == 32;
}
