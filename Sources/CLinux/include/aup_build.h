/// What this binary was built from. Neither says anything where it was not built by `make build`.
#ifndef AUP_BUILD_H
#define AUP_BUILD_H

/// The commit, with `-dirty` where files differed from it; "" when unknown.
const char *aup_build_commit(void);

/// The version of the Swift compiler; "" when unknown.
const char *aup_build_swift(void);

#endif
