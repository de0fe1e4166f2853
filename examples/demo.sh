#!/usr/bin/env bash
# The main pipeline: capture, six decibels softer, play. On the default sound device if there is one, else on simulated
# ones. Says what it did and what came through.
#
#   examples/demo.sh [SECONDS]        AUP=PATH for another aup than the one that was built here
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5}
aup=${AUP:-.build/release/aup}
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# A number or a word out of the last report of a stage.
fact() { sed -n "s/.*\"event\":\"end\".*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$reports/$1"; }
rounded() { LC_ALL=C printf '%.1f' "$1"; }

if "$aup" capture -d 50ms -q > /dev/null 2>&1 && "$aup" capture -D sim:silence -d 50ms -q | "$aup" play -q 2> /dev/null; then
    source=default sink=default
else
    echo "There is no sound device here: a simulated one sings, another one listens, both at real pace."
    source='sim:sine?level=-12' sink=sim:null
fi

echo "\$ aup capture -D '$source' -d ${seconds}s | aup process --levels gain gain=-6dB | aup play -D $sink"
"$aup" capture -D "$source" -d "${seconds}s" --json 2> "$reports/capture" |
    "$aup" process --levels gain gain=-6dB --json 2> "$reports/process" |
    "$aup" play -D "$sink" --json 2> "$reports/play"

frames=$(fact capture frames) rate=$(fact capture rate)
echo "captured   $frames frames of $(fact capture format), $rate Hz, $(fact capture channels) channels:" \
    "$(fact capture lost_frames) lost, $(fact capture xruns) xruns"
echo "processed  $(fact process frames) frames: peak $(rounded "$(fact process input_peak_dbfs)") dBFS before," \
    "$(rounded "$(fact process output_peak_dbfs)") dBFS after"
echo "played     $(fact play played_frames) frames: $(fact play skipped_frames) skipped, $(fact play xruns) xruns," \
    "$(rounded "$(fact play latency_ms)") ms from the microphone to the loudspeaker"
echo "threads    $(fact play scheduling)"
