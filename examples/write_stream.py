#!/usr/bin/env python3
"""Writes a sine as an aup stream. Written from docs/wire.md alone.

    examples/write_stream.py --seconds 2 --hertz 440 | aup play
"""
import argparse, binascii, math, struct, sys

FORMAT, AUDIO, SILENCE, GAP, EVENT, END = range(1, 7)
CRITICAL, CHECKED = 1, 2
TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ TABLE[(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF


class Writer:
    def __init__(self, out):
        self.out, self.sequence, self.position, self.lost = out, 0, 0, 0

    def packet(self, kind, payload, frames=0, time=0):
        flags = CHECKED | (0 if kind == EVENT else CRITICAL)
        body = payload + bytes(-(len(payload) + 4) % 8)
        body += struct.pack("<I", crc32c(body))
        head = struct.pack("<3sBBB", b"aup", 1, kind, flags)
        tail = struct.pack("<IIQq", len(payload), self.sequence, self.position, time)
        check = binascii.crc_hqx(head + b"\0\0" + tail, 0xFFFF)
        self.out.write(head + struct.pack("<H", check) + tail + body)
        self.sequence = (self.sequence + 1) & 0xFFFFFFFF
        self.position += frames

    def format(self, rate, channels, source):
        s16, not_live, no_clock, no_positions = 2, 0, 0, 0
        self.packet(FORMAT, struct.pack("<BBBBIBB22x", 0, s16, channels, not_live, rate, no_clock, no_positions)
                    + source.encode())

    def gap(self, frames, cause, seen_by):
        self.packet(GAP, struct.pack("<QB7x", frames, cause) + seen_by.encode(), frames)
        self.lost += frames

    def end(self, reason=0, code=0, message=""):
        self.packet(END, struct.pack("<QQB3xi", self.position, self.lost, reason, code) + message.encode())


options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--seconds", type=float, default=1)
options.add_argument("--hertz", type=float, default=440)
options.add_argument("--rate", type=int, default=48000)
options.add_argument("--channels", type=int, default=2)
options.add_argument("--demo", action="store_true", help="add silence, a gap and an event before the end")
options = options.parse_args()

writer = Writer(sys.stdout.buffer)
writer.format(options.rate, options.channels, "write_stream.py")
step = 2 * math.pi * options.hertz / options.rate
total = round(options.seconds * options.rate)
for first in range(0, total, 1024):
    frames = min(1024, total - first)
    samples = (round(16383 * math.sin(step * n)) for n in range(first, first + frames) for _ in range(options.channels))
    writer.packet(AUDIO, struct.pack(f"<{frames * options.channels}h", *samples), frames)
if options.demo:
    writer.packet(SILENCE, struct.pack("<Q", 480), 480)
    writer.gap(17, 1, "write_stream.py")
    writer.packet(EVENT, "title=A sine".encode())
writer.end()
