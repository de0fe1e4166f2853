#!/bin/sh
# Runs tests under ThreadSanitizer, then a positive control: a deliberate race, which must be caught.
#
#   Tests/Sanitizers/tsan.sh [test filter…]       more filters than the rings' own
set -eu
cd "$(dirname "$0")/../.."

run() {
    swift test --sanitize=thread --scratch-path .build-tsan "$@"
}

report=$(mktemp)
trap 'rm -f "$report"' EXIT

set -- RingThreadTests ReadAheadThreadTests "$@"
for filter in "$@"; do
    echo "tsan: $filter"
    run --filter "$filter" >"$report" 2>&1 || {
        cat "$report"
        echo "tsan: FAILED: $filter" >&2
        exit 1
    }
    # The exit status alone would do, unless somebody's TSAN_OPTIONS say otherwise.
    if grep -q 'WARNING: ThreadSanitizer' "$report"; then
        cat "$report"
        echo "tsan: FAILED: a race in $filter" >&2
        exit 1
    fi
    grep 'Test run with [1-9]' "$report" || {
        echo "tsan: FAILED: no test is called '$filter'" >&2
        exit 1
    }
done

echo "tsan: the positive control, which must be caught"
AUP_TSAN_CONTROL=1 run --skip-build --filter RaceControlTests >"$report" 2>&1 || true
if ! grep -q 'WARNING: ThreadSanitizer: data race' "$report"; then
    cat "$report"
    echo "tsan: FAILED: a deliberate race went unseen, so the runs above prove nothing" >&2
    exit 1
fi
grep -m 1 'WARNING: ThreadSanitizer: data race' "$report"
echo "tsan: clean, and the control was caught"
