#!/bin/sh
# Builds the benchmark of the measures and says where it lies: MeterBench.swift over the same kernels as aup.
#
#   Tests/Bench/meter.sh
set -eu
cd "$(dirname "$0")/../.."
out=.build-bench
mkdir -p "$out"
flags="-O -wmo -swift-version 6 -parse-as-library -static-stdlib -I $out -I Sources/CRealtime/include"
features="-enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault"
# Swift has its own clang beside it.
clang=$(dirname "$(command -v swiftc)")/clang
[ -x "$clang" ] || clang=clang
cat >"$out/module.modulemap" <<'MAP'
module CRealtime {
    umbrella header "../Sources/CRealtime/include/CRealtime.h"
    export *
}
MAP
objects=
for source in Sources/CRealtime/*.c; do
    object=$out/$(basename "$source" .c).o
    "$clang" -O3 -std=gnu11 -D_GNU_SOURCE -I Sources/CRealtime/include -c -o "$object" "$source"
    objects="$objects $object"
done
for room in AupSound AupRealtime; do
    # shellcheck disable=SC2086
    swiftc $flags $features -Xcc -fmodule-map-file="$out/module.modulemap" -module-name $room -emit-module \
        -emit-module-path "$out/$room.swiftmodule" -c -o "$out/$room.o" Sources/$room/*.swift
done
# shellcheck disable=SC2086
swiftc $flags -Xcc -fmodule-map-file="$out/module.modulemap" -o "$out/meter" Tests/Bench/MeterBench.swift \
    "$out/AupSound.o" "$out/AupRealtime.o" $objects -lm
echo "$out/meter"
