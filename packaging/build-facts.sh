#!/usr/bin/env bash
# Runs a command that builds aup, and tells the binary what `aup --version` shall say it was built from:
# `packaging/build-facts.sh swift build …`. What is built otherwise says nothing of it, rather than something old.
set -euo pipefail
cd "$(dirname "$0")/.."
facts=Sources/CLinux/aup_build_facts.h
# The compiler looks whether the header is there, which the build system cannot know.
renew() { touch Sources/CLinux/aup_build.c; }
forget() { rm -f "$facts"; renew; }
trap forget EXIT

# A package's version control is not ours, hence the look at the top folder.
commit=
if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$PWD" ]; then
    commit=$(git describe --always --dirty --exclude '*' 2>/dev/null || true)
fi
swift=$("${SWIFT:-swift}" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
printf '#define AUP_COMMIT "%s"\n#define AUP_SWIFT "%s"\n' "$commit" "$swift" >"$facts"
renew
"$@"
