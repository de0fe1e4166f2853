#!/bin/sh
# Fuzzes the decoder of the stream for SECONDS (default 600), beginning with the vectors of docs/wire.md.
# usage: Tests/Fuzzing/run.sh [SECONDS]
set -eu
seconds=${1:-600}
cd "$(dirname "$0")/../.."
out=.build-fuzz
corpus=$out/corpus
mkdir -p "$out" "$corpus" "$out/found"

# One module a room, as in the package: with the sanitizer's coverage, and with bounds checks.
flags="-O -wmo -swift-version 6 -parse-as-library -sanitize=fuzzer,address -I $out"
features="-enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault"
for room in AupSound AupWire; do
    # shellcheck disable=SC2086
    swiftc $flags $features -module-name "$room" -emit-module -emit-module-path "$out/$room.swiftmodule" \
        -c -o "$out/$room.o" Sources/$room/*.swift
done
# shellcheck disable=SC2086
swiftc $flags -use-ld=lld -module-name DecoderFuzz -o "$out/decoder-fuzz" Tests/Fuzzing/DecoderFuzz.swift \
    "$out/AupSound.o" "$out/AupWire.o"

# Every vector once as it is and once with its checks mended.
python3 - "$corpus" <<'PYTHON'
import re, sys
page = open("docs/wire.md", encoding="utf-8").read()
for number, block in enumerate(re.findall(r"^```hex [^\n]*\n(.*?)^```$", page, re.M | re.S)):
    data = bytes.fromhex("".join(line.partition("#")[0] for line in block.splitlines()))
    for mode in (0, 1, 64):
        with open(f"{sys.argv[1]}/vector-{number:02d}-{mode}", "wb") as seed:
            seed.write(bytes([mode]) + data)
PYTHON

# The Swift backtracer and libFuzzer both want the crash; the fuzzer must have it, since it keeps the input.
# Leaks are left out: the two tables of checks live as long as the process, by design.
echo "fuzzing the decoder for $seconds s"
SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$out/decoder-fuzz" -max_total_time="$seconds" -max_len=4096 \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 -artifact_prefix="$out/found/" "$corpus"
echo "fuzzing: clean after $seconds s"
