#!/usr/bin/env python3
"""Small Ogg Opus files to begin fuzzing with, made by opusenc and changed in ways that a fuzzer would take long to find.
usage: opus_seeds.py FOLDER"""

import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import wave

folder = pathlib.Path(sys.argv[1])


def encoded(name, channels, frames, *options):
    with tempfile.TemporaryDirectory() as scratch:
        source = pathlib.Path(scratch) / "a.wav"
        with wave.open(str(source), "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(48000)
            samples = (int(9000 * math.sin(index // channels * (0.05 + 0.02 * (index % channels))))
                       for index in range(frames * channels))
            out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
        target = source.with_suffix(".opus")
        subprocess.run(["opusenc", "--quiet", "--padding", "0", *options, source, target], check=True)
        data = target.read_bytes()
    for mode in (0, 1, 101):
        (folder / f"{name}-{mode}").write_bytes(bytes([mode]) + data)
    return data


def pages(data):
    place = 0
    while place < len(data):
        segments = data[place + 26]
        length = 27 + segments + sum(data[place + 27:place + 27 + segments])
        yield data[place:place + length]
        place += length


mono = encoded("mono", 1, 5000, "--bitrate", "12", "--framesize", "60")
stereo = encoded("stereo", 2, 4000, "--bitrate", "32")
short = encoded("short", 1, 1200, "--framesize", "2.5", "--bitrate", "16")
many = encoded("pages", 1, 9600, "--bitrate", "16", "--max-delay", "20")
surround = encoded("surround", 6, 1000, "--bitrate", "96")
empty = encoded("empty", 2, 0)
changed = {
    "chain": stereo + mono, "same": short + short, "junk": mono[:200] + b"OggS" * 20 + mono[200:],
    "hole": b"".join(page for number, page in enumerate(pages(many)) if number not in (4, 5)),
    "swapped": b"".join([*list(pages(many))[:3], *reversed(list(pages(many))[3:])]), "cut": many[:-50],
    "trails": surround + empty,
}
for name, data in changed.items():
    (folder / f"{name}-1").write_bytes(bytes([1]) + data)
for number, page in enumerate(pages(mono + stereo + short)):
    if page[28 + page[26]:29 + page[26]] and number % 3 == 2:
        first = page[27]
        body = 27 + page[26]
        (folder / f"packet-{number}").write_bytes(b"\0" + page[body:body + first])
