#include "aup_build.h"

// `make build` writes this while it builds; a build that nobody told anything knows nothing.
#if __has_include("aup_build_facts.h")
#include "aup_build_facts.h"
#endif
#ifndef AUP_COMMIT
#define AUP_COMMIT ""
#endif
#ifndef AUP_SWIFT
#define AUP_SWIFT ""
#endif

const char *aup_build_commit(void) { return AUP_COMMIT; }

const char *aup_build_swift(void) { return AUP_SWIFT; }
