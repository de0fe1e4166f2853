#!/bin/sh
# Every benchmark, as one Markdown table on stdout. docs/benchmarks.md tells what each line means.
#
#   Tests/Bench/run.sh [--quick]      --quick: fewer repetitions, shorter sounds
#   AUP=PATH                          another aup than .build/release/aup
set -u
cd "$(dirname "$0")/../.."
AUP=${AUP:-$PWD/.build/release/aup}
export AUP
[ -x "$AUP" ] || { echo "bench: there is no $AUP; run make build first" >&2; exit 1; }
make --no-print-directory -s -C plugins >&2 || exit 1

echo "$("$AUP" --version), $(date +%F), $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg)"
echo
echo "| what | aup | beside | it takes | ratio | wanted |"
echo "|---|---|---|---|---|---|"
failed=0
for claim in throughput pipeline_cpu startup memory latency xruns recording decoding encoding playing plugins plugin_startup isolation streaming rtp measures completing; do
    echo "bench: $claim" >&2
    python3 -B "Tests/Bench/$claim.py" "$@" || { failed=1; echo "bench: $claim FAILED" >&2; }
done
exit $failed
