#!/usr/bin/env python3
"""Latency of `capture | play`, exact to the frame: impulses stand in what the virtual card captures and are looked for
in what it played. Both are placed on the card's own frame counter, so no program's clock is believed.

On the virtual clock time moves only when both streams have been served, so the figure is the programs' own, however
busy the machine is. In real time the machine's wake-ups are in it. arecord and aplay are given the real-time priority
that aup's audio threads ask for themselves.
"""

import re
import struct

from bench import *

need("arecord", "aplay", "chrt")
SECONDS = 8
# An impulse every two seconds: longer than any latency that is looked for, so that none is taken for the next one's.
SPACING = 2 * RATE

recording = f"{SCRATCH}/impulses.raw"
samples = bytearray((SECONDS + 2) * RATE * 4)
for frame in range(RATE, (SECONDS + 2) * RATE, SPACING):
    struct.pack_into("<hh", samples, frame * 4, 30000, 30000)
with open(recording, "wb") as file:
    file.write(samples)


def starts(log, direction):
    """The frame of the card's clock at each start."""
    return [int(at) for at in re.findall(rf"\.{direction} start abs=(\d+)", log)]


def latencies(capture, play, virtual):
    """Frames from capture to playback of each impulse, and how often playback had to start again."""
    card = Card(recording, virtual)
    pipeline = Pipeline(capture, play, environment=card.environment)
    _, stages = pipeline.wait(limit=60)
    check(stages, " | ".join(command[0] for command in (capture, play)))
    captured, played = starts(card.log, "c")[0], starts(card.log, "p")
    # What was played lies at its place on the time line that began with the first start, silence of restarts included.
    left = struct.iter_unpack("<hh", card.played)
    heard = [played[0] + frame - captured for frame, sample in enumerate(left) if sample[0] > 15000]
    found = [(at - RATE) % SPACING for at in heard]
    card.remove()
    return found, len(played) - 1


common = ["-r", "48000", "-c", "2"]
arecord = [*realtime("arecord"), "-q", "-D", "in", "-t", "raw", "-f", "S16_LE", *common, "-d", str(SECONDS)]
aplay = [*realtime("aplay"), "-q", "-D", "out", "-t", "raw", "-f", "S16_LE", *common]
capture = [AUP, "capture", "-D", "in", "-f", "s16", *common, "-d", f"{SECONDS}s"]
play = [AUP, "play", "-D", "out"]
periods = ["--period-size=256", "--buffer-size=1024"]
aup_periods = ["--period", "256f", "--buffer", "1024f"]
pairs = [
    ("as they come", (capture, play), (arecord, aplay)),
    ("periods of 256, buffers of 1024", ([*capture, *aup_periods], [*play, *aup_periods]),
     ([*arecord, *periods], [*aplay, *periods])),
    ("`--latency 20ms`; arecord and aplay as above", ([*capture, "--latency", "20ms"], [*play, "--latency", "20ms"]),
     ([*arecord, *periods], [*aplay, *periods])),
]
clocks = [("virtual clock", True)] if QUICK else [("virtual clock", True), ("real time", False)]


def spread(frames, restarts):
    """Milliseconds from the least to the most."""
    if not frames:
        return "nothing heard"
    low, high = min(frames) * 1e3 / RATE, max(frames) * 1e3 / RATE
    text = f"{low:.1f} ms" if high - low < 0.05 else f"{low:.1f} to {high:.1f} ms"
    return text + (f", {restarts} restarts" if restarts else "")


for clock, virtual in clocks:
    for what, ours, theirs in pairs:
        mine, peers = latencies(*ours, virtual), latencies(*theirs, virtual)
        ratio = f"{statistics.median(mine[0]) / statistics.median(peers[0]):.2f}" if mine[0] and peers[0] else ""
        row(f"capture to playback, {what} ({clock})", spread(*mine), "arecord, aplay", spread(*peers), ratio, "≤ 1")
