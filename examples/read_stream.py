#!/usr/bin/env python3
"""Reads an aup stream and prints each packet as a line of JSON. Written from docs/wire.md alone.

    aup capture -d 1s | examples/read_stream.py            # packets
    aup capture -d 1s | examples/read_stream.py --pcm | aplay -t raw -f S16_LE -r 48000 -c 2
"""
import binascii, json, struct, sys

TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)
FORMATS = [None, "u8", "s16", "s24", "s24_3", "s32", "f32", "f64", "alaw", "mulaw"]
BYTES = [0, 1, 2, 4, 3, 4, 4, 8, 1, 1]
CAUSES = {1: "xrun", 2: "overflow", 3: "network", 4: "device", 5: "skip", 6: "suspend"}


def check(rule, is_kept):
    if not is_kept:
        sys.exit(f"W-{rule:02d} is broken in the packet at byte {offset}")


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ TABLE[(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF


def text(data):
    line = data.decode("utf-8", "replace")
    check(12, len(data) <= 4096 and "\ufffd" not in line and not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line))
    return line


def format_packet(data):
    codec, code, channels, live, rate, clock, positions = struct.unpack_from("<BBBBIBB", data)
    check(22, codec <= 1 and code < len(FORMATS))
    check(23, 1 <= channels <= 64)
    frame = BYTES[code] * channels if codec == 0 else 0
    said = dict(coding=["pcm", "opus"][codec], format=FORMATS[code], rate=rate, channels=channels, live=bool(live & 1),
                clock=["none", "monotonic", "utc"][clock])
    if clock == 1:
        said["boot"] = data[16:32].hex()
    rest = 32
    if codec == 1:
        skip, size, original, streams, coupled = struct.unpack_from("<HHIBB", data, 32)
        rest = 48 + channels
        said.update(pre_skip=skip, frame_size=size, original_rate=original or None, streams=streams, coupled=coupled,
                    mapping=list(data[48:rest]))
    layout = list(data[rest:rest + positions]) or None
    return frame, dict(said, layout=layout, source=text(data[rest + positions:]))


stream, dump = sys.stdin.buffer, "--pcm" in sys.argv
offset, next_number, position, start, lost, frame_bytes = 0, None, 0, 0, 0, None
while header := stream.read(32):
    check(1, header[:3] == b"aup"[:len(header)])
    check(18, len(header) == 32)
    _, version, kind, flags, crc, length, number, here, time = struct.unpack("<3sBBBHIIQq", header)
    check(2, version == 1)
    check(3, crc == binascii.crc_hqx(header[:6] + b"\0\0" + header[8:], 0xFFFF))
    check(5, 1 <= kind <= 6 or not flags & 1)
    check(8, length <= 1 << 20)
    size = (length + (4 if flags & 2 else 0) + 7) // 8 * 8
    body = stream.read(size)
    check(18, len(body) == size)
    if flags & 2:
        check(10, crc32c(body[:-4]) == struct.unpack("<I", body[-4:])[0])
    data, frames, said = body[:length], 0, {}
    if next_number is None:
        check(13, kind == 1)
        position, start, lost = here, here, 0
    else:
        check(14, number == next_number)
    check(15, here == position)
    name = {1: "format", 2: "audio", 3: "silence", 4: "gap", 5: "event", 6: "end"}.get(kind)
    if kind == 1:
        frame_bytes, said = format_packet(data)
    elif kind == 2:
        check(27, not frame_bytes or length % frame_bytes == 0)
        frames = length // frame_bytes if frame_bytes else struct.unpack_from("<I", data)[0]
        data = data if frame_bytes else data[4:]
        said = dict(time=time or None, frames=frames, checked=bool(flags & 2), payload=data.hex())
        if dump:
            sys.stdout.buffer.write(data)
    elif kind in (3, 4):
        frames = struct.unpack_from("<Q", data)[0]
        said = dict(time=time or None, frames=frames)
        if kind == 4:
            lost += frames
            said.update(cause=CAUSES.get(data[8], "unknown"), seen_by=text(data[16:]))
    elif kind == 5:
        key, _, value = text(data).partition("=")
        said = dict(time=time or None, key=key, value=value)
    elif kind == 6:
        total, missing, reason, code = struct.unpack_from("<QQB3xi", data)
        check(33, (total, missing) == (position - start, lost))
        said = dict(frames=total, lost=lost, reason=["normal", "stopped", "error"][reason], code=code, message=text(data[24:]))
    if name and not dump:
        print(json.dumps(dict(packet=name, sequence=number, position=here, **said)))
    position += frames
    offset += 32 + size
    next_number = None if kind == 6 else (number + 1) & 0xFFFFFFFF
check(20, offset > 0)
check(19, next_number is None)
