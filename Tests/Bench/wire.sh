#!/bin/sh
# Builds and runs the benchmark of the framing: bytes per second through decoder and encoder, in memory.
set -eu
cd "$(dirname "$0")/../.."
out=.build-bench
mkdir -p "$out"
flags="-O -wmo -swift-version 6 -parse-as-library -static-stdlib -I $out"
features="-enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault"
for room in AupSound AupWire; do
    # shellcheck disable=SC2086
    swiftc $flags $features -module-name $room -emit-module -emit-module-path "$out/$room.swiftmodule" \
        -c -o "$out/$room.o" Sources/$room/*.swift
done
# shellcheck disable=SC2086
swiftc $flags -o "$out/wire" Tests/Bench/WireBench.swift "$out/AupSound.o" "$out/AupWire.o"
exec "$out/wire"
