#!/bin/sh
# Fuzzes the decoder of the stream for SECONDS (default 600), beginning with the vectors of docs/wire.md, and after it what is
# read of RTP, RTCP, SDP and greetings, and what a receiver makes of packets, each for as long.
# usage: Tests/Fuzzing/run.sh [SECONDS]
set -eu
seconds=${1:-600}
cd "$(dirname "$0")/../.."
out=.build-fuzz
corpus=$out/corpus
network=$out/network-corpus
mkdir -p "$out" "$corpus" "$out/found"
for kind in packets reports descriptions reception greetings; do mkdir -p "$network/$kind"; done

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

# shellcheck disable=SC2086
swiftc $flags $features -module-name AupNetwork -emit-module -emit-module-path "$out/AupNetwork.swiftmodule" \
    -c -o "$out/AupNetwork.o" Sources/AupNetwork/*.swift Sources/AupNetwork/RTP/*.swift
# shellcheck disable=SC2086
swiftc $flags -use-ld=lld -module-name NetworkFuzz -o "$out/network-fuzz" Tests/Fuzzing/NetworkFuzz.swift \
    "$out/AupSound.o" "$out/AupNetwork.o"

# Every vector once as it is and once with its checks mended.
python3 - "$corpus" <<'PYTHON'
import re, sys
page = open("docs/wire.md", encoding="utf-8").read()
for number, block in enumerate(re.findall(r"^```hex [^\n]*\n(.*?)^```$", page, re.M | re.S)):
    data = bytes.fromhex("".join(line.partition("#")[0] for line in block.splitlines()))
    for mode in (0, 1, 64):
        with open(f"{sys.argv[1]}/vector-{number:02d}-{mode}", "wb") as seed:
            seed.write(bytes([mode]) + data)

# Packets that the rules allow and nobody makes: as many frames as there are positions, times at the ends of 64 bits.
import struct
def packet(kind, flags, payload, sequence, position, time):
    size = (len(payload) + (4 if flags & 2 else 0) + 7) // 8 * 8
    return struct.pack("<4sBBHIIQq", b"aup\x01", kind, flags, 0, len(payload), sequence, position, time) + payload + bytes(size - len(payload))
form = next(bytes.fromhex("".join(line.partition("#")[0] for line in block.splitlines())) for block in
            re.findall(r"^```hex good [^\n]*\n(.*?)^```$", page, re.M | re.S))
first = form[:32 + (struct.unpack_from("<I", form, 8)[0] + 4 + 7) // 8 * 8]
most = 1 << 53
for number, (frames, time) in enumerate([(most, 0), (most, 2**63 - 1), (most - 1, -2**63), (1, 2**63 - 1), (1, -2**63)]):
    for kind, payload in ((3, struct.pack("<q", frames)), (4, struct.pack("<qB7x", frames, 1))):
        begin = struct.unpack_from("<I", first, 12)[0], struct.unpack_from("<Q", first, 16)[0]
        data = first + packet(kind, 3, payload, begin[0] + 1, begin[1], time)
        data += packet(6, 3, struct.pack("<qqB3xi", frames, frames if kind == 4 else 0, 0, 0), begin[0] + 2, begin[1] + frames, 0)
        with open(f"{sys.argv[1]}/most-{number}-{kind}", "wb") as seed:
            seed.write(b"\x01" + data)
PYTHON

python3 - "$network" <<'PYTHON'
import struct, sys
def seed(kind, data):
    with open(f"{sys.argv[1]}/{kind}/seed", "wb") as file:
        file.write(data)
seed("packets", bytes.fromhex("b20a000100000002000000030000000400000005bede000110ff0000aabb0002"))
block = struct.pack(">IIIIII", 9, 0x0C000003, 65541, 77, 1, 65536)
name = b"\x01\x04name\0\0"
seed("reports", b"\x81\xc8\0\x0c" + struct.pack(">IQIII", 1, 2 << 32, 960, 5, 6000) + block
     + b"\x81\xca\0\x03" + struct.pack(">I", 1) + name + b"\x81\xcb\0\x01" + struct.pack(">I", 1))
text = ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=x\r\nc=IN IP4 239.1.2.3/4\r\nt=0 0\r\nm=audio 5004 RTP/AVP 96 97\r\n"
        "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 L24/96000/8\r\na=fmtp:96 sprop-stereo=1;useinbandfec=1\r\n"
        "a=ptime:20\r\na=rtcp:5005\r\n")
seed("descriptions", text.encode())
packets = b"".join(struct.pack(">BHIB", 1, number & 0xFFFF, number * 960, 4) for number in (1, 2, 4, 3, 3, 9, 65535, 0))
seed("reception", packets)
def greeting(kind, text):
    return b"aupG" + struct.pack("<BBH", 1, kind, len(text)) + text + bytes(4)
for number, messages in enumerate([
        greeting(1, b"role=subscribe\ncodec=any\n"), greeting(1, b"role=send\nstream=x\nnonce=" + b"ab" * 32 + b"\n"),
        greeting(2, b"nonce=" + b"07" * 32 + b"\n"), greeting(3, b"mac=" + b"61" * 32 + b"\n"), greeting(4, b"stream=x\n"),
        greeting(5, b"again=later\nreason=full\n"),
        greeting(1, b"role=subscribe\nnonce=" + b"ab" * 32 + b"\n") + greeting(3, b"mac=" + b"61" * 32 + b"\n")]):
    with open(f"{sys.argv[1]}/greetings/seed-{number}", "wb") as file:
        file.write(bytes([1 | (number & 3) << 1 | 31 << 3]) + messages)
words = ["role=", "subscribe", "send", "nonce=", "mac=", "stream=", "again=later", "reason=", "aupG", "v=0\\x0a", "m=audio ", " RTP/AVP ", "c=IN IP4 ", "c=IN IP6 ", "a=rtpmap:", "opus/48000/2", "L16/", "L24/", "a=fmtp:",
         "sprop-stereo=", "useinbandfec=1", "usedtx=1", "a=ptime:", "a=rtcp:", "a=rtcp-mux"]
with open(f"{sys.argv[1]}/words", "w") as file:
    file.write("".join(f'"{word}"\n' for word in words))
PYTHON

# The Swift backtracer and libFuzzer both want the crash; the fuzzer must have it, since it keeps the input.
# Leaks are left out: the two tables of checks live as long as the process, by design.
echo "fuzzing the decoder for $seconds s"
SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$out/decoder-fuzz" -max_total_time="$seconds" -max_len=4096 \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 -artifact_prefix="$out/found/" "$corpus"
for kind in packets reports descriptions reception greetings; do
    echo "fuzzing $kind for $seconds s"
    AUP_FUZZ=$kind SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$out/network-fuzz" -max_total_time="$seconds" \
        -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 -dict="$network/words" \
        -artifact_prefix="$out/found/$kind-" "$network/$kind"
done
echo "fuzzing: clean after $seconds s each"
