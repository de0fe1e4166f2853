#!/bin/sh
# Fuzzes the reading of Ogg Opus, and Opus packets, for SECONDS (default 600) under AddressSanitizer, beginning with
# small files of every kind.
# usage: Tests/Fuzzing/opus.sh [SECONDS]
set -eu
seconds=${1:-600}
cd "$(dirname "$0")/../.."
out=.build-fuzz
corpus=$out/opus-corpus
mkdir -p "$out" "$corpus" "$out/found"

includes="-I $out"
objects=""
for door in CLibrary CLinux CSndfile CVorbis CMpg123 COgg COpus; do
    printf 'module %s {\n    umbrella header "%s"\n    export *\n}\n' \
        "$door" "$PWD/Sources/$door/include/$door.h" > "$out/$door.modulemap"
    includes="$includes -I Sources/$door/include -Xcc -fmodule-map-file=$out/$door.modulemap"
    for source in Sources/"$door"/*.c; do
        object=$out/$door-$(basename "$source" .c).o
        clang -O1 -g -D_GNU_SOURCE -fsanitize=address -I Sources/"$door"/include -I Sources/CLibrary/include \
            -c -o "$object" "$source"
        objects="$objects $object"
    done
done
# One module a room, as in the package: with the sanitizer's coverage, and with bounds checks.
flags="-O -wmo -swift-version 6 -parse-as-library -sanitize=fuzzer,address $includes"
features="-enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature ExistentialAny"
for room in AupSound AupSystem AupOpus AupFiles; do
    # shellcheck disable=SC2046,SC2086
    swiftc $flags $features -module-name "$room" -emit-module -emit-module-path "$out/$room.swiftmodule" \
        -c -o "$out/$room.o" $(find "Sources/$room" -name '*.swift')
    objects="$objects $out/$room.o"
done
# shellcheck disable=SC2086
swiftc $flags -use-ld=lld -module-name OggOpusFuzz -o "$out/opus-fuzz" Tests/Fuzzing/OggOpusFuzz.swift $objects -ldl -lm

# Small files: both families, chained, in short and long packets, with lies in them, and packets by themselves.
python3 Tests/Fuzzing/opus_seeds.py "$corpus"

echo "fuzzing the reading of Ogg Opus for $seconds s"
SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$out/opus-fuzz" -max_total_time="$seconds" -max_len=16384 \
    -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -artifact_prefix="$out/found/" "$corpus"
echo "fuzzing: clean after $seconds s"
