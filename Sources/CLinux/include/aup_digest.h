// SHA-256 by libcrypto, opened only when a digest is asked for.
#ifndef AUP_DIGEST_H
#define AUP_DIGEST_H
#include <stddef.h>

typedef struct aup_digest aup_digest;

/// Begins a digest; NULL where this machine has no libcrypto.
aup_digest *aup_digest_open(void);
/// 1, or 0 when it failed.
int aup_digest_add(aup_digest *digest, const void *bytes, size_t count);
/// Ends and frees it, with its 32 bytes in `result` when that is not NULL. 1, or 0 when it failed.
int aup_digest_close(aup_digest *digest, unsigned char *result);
/// HMAC-SHA-256 of a text under a key, 32 bytes. 1, or 0 when it failed or this machine has no libcrypto.
int aup_keyed_digest(const unsigned char *key, size_t key_bytes, const unsigned char *text, size_t text_bytes,
                     unsigned char *result);
#endif
