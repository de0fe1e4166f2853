#!/bin/sh
# Runs tests under RealtimeSanitizer: between RealtimeSection.enter() and exit() an allocation, a lock or a blocking
# call ends the process with a report. That covers the audio loops, chains of native plugins and, with guests of
# Tests/Guests, what makes LADSPA, LV2 and CLAP look like them. Ends with a positive control, which must be caught.
#
#   Tests/Sanitizers/rtsan.sh [test filter…]      more filters than the real-time wing's own
set -eu
cd "$(dirname "$0")/../.."

# Only the linker learns of the sanitizer: the runtime intercepts malloc and its kin, and the bracket is ours.
run() {
    swift test --scratch-path .build-rtsan -Xswiftc -Xclang-linker -Xswiftc -fsanitize=realtime "$@"
}

report=$(mktemp)
trap 'rm -f "$report"' EXIT

set -- RealtimeBracketTests "$@"
for filter in "$@"; do
    echo "rtsan: $filter"
    run --filter "$filter" >"$report" 2>&1 || {
        cat "$report"
        echo "rtsan: FAILED: $filter" >&2
        exit 1
    }
    grep 'Test run with [1-9]' "$report" || {
        echo "rtsan: FAILED: no test is called '$filter'" >&2
        exit 1
    }
done

echo "rtsan: the positive control, which must be caught"
if AUP_RTSAN_CONTROL=1 run --skip-build --filter 'an allocation in the bracket is caught' >"$report" 2>&1; then
    cat "$report"
    echo "rtsan: FAILED: an allocation inside the bracket went unseen, so the runs above prove nothing" >&2
    exit 1
fi
if ! grep -q 'ERROR: RealtimeSanitizer: unsafe-library-call' "$report" || ! grep -q 'malloc' "$report"; then
    cat "$report"
    echo "rtsan: FAILED: the control ended without RealtimeSanitizer's report" >&2
    exit 1
fi
grep -m 1 'ERROR: RealtimeSanitizer' "$report"
echo "rtsan: clean, and the control was caught"
