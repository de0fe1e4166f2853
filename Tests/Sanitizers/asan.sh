#!/bin/sh
# Runs tests under AddressSanitizer and LeakSanitizer: a use of memory that is not ours, or memory that nobody frees,
# ends the run with a report. Ends with positive controls, which must be caught.
#
#   Tests/Sanitizers/asan.sh [test filter…]       only these instead of all tests
set -eu
cd "$(dirname "$0")/../.."

# Our own program, which tests start, is under the sanitizer too and inherits these.
export ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:handle_segv=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export LSAN_OPTIONS="suppressions=$PWD/Tests/Sanitizers/lsan.supp:print_suppressions=0"
# Swift's own crash reports would come before the sanitizer's, and cost minutes.
export SWIFT_BACKTRACE=enable=no

run() {
    swift test --disable-xctest --sanitize=address --scratch-path .build-asan "$@"
}

report=$(mktemp)
trap 'rm -f "$report"' EXIT

examine() {
    status=0
    run "$@" >"$report" 2>&1 || status=$?
    if grep -q 'ERROR: \(Address\|Leak\)Sanitizer' "$report" || [ "$status" -ne 0 ]; then
        cat "$report"
        echo "asan: FAILED${2:+: $2}" >&2
        exit 1
    fi
    grep 'Test run with [1-9]' "$report" || {
        echo "asan: FAILED: no test is called '${2:-}'" >&2
        exit 1
    }
}

if [ $# -eq 0 ]; then
    echo "asan: all tests"
    examine
fi
for filter in "$@"; do
    echo "asan: $filter"
    examine --filter "$filter"
done

# A run with one of the controls on must end with the report it provokes.
control() {
    echo "asan: the positive control of $2, which must be caught"
    env "$1=1" swift test --disable-xctest --sanitize=address --scratch-path .build-asan --skip-build \
        --filter AddressControlTests >"$report" 2>&1 || true
    if ! grep -m 1 "ERROR: $2: $3" "$report"; then
        cat "$report"
        echo "asan: FAILED: $3 went unseen, so the runs above prove nothing" >&2
        exit 1
    fi
}
control AUP_ASAN_CONTROL AddressSanitizer heap-buffer-overflow
control AUP_LSAN_CONTROL LeakSanitizer 'detected memory leaks'
echo "asan: clean, and the controls were caught"
