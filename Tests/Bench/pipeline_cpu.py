#!/usr/bin/env python3
"""Processor seconds of four stages of PCM, all stages together: a file, -6 dB, -6 dB, +6 dB, raw s16 at the end."""

from bench import *

SECONDS = 60 if QUICK else 600
TIMES = 3 if QUICK else 7
need("sox")

sound = f"{SCRATCH}/noise.wav"
samples = SECONDS * RATE * 4
with open(sound, "wb") as file:
    file.write(b"RIFF" + (36 + samples).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\1\0\2\0"
               + RATE.to_bytes(4, "little") + (RATE * 4).to_bytes(4, "little") + b"\4\0\x10\0"
               + b"data" + samples.to_bytes(4, "little"))
    for _ in range(SECONDS):
        file.write(os.urandom(RATE * 4))

plugins = {"AUP_PLUGIN_PATH": os.environ.get("AUP_PLUGIN_PATH", str(ROOT / "plugins/gain"))}


def aup(*period):
    def run():
        gain = [AUP, "process", "gain"]
        source = [AUP, "capture", "-D", f"sim:{sound}?pace=fast", "-d", f"{SECONDS}s", *period]
        seconds, stages = Pipeline(
            source, [*gain, "gain=-6"], [*gain, "gain=-6"], [*gain, "gain=6", "--as", "raw", "-f", "s16"],
            environment=plugins).wait()
        return sum(stage.cpu for stage in check(stages, "aup")) / SECONDS * 1e3
    return run


def sox():
    last = ["-t", "raw", "-e", "signed", "-b", "16", "-"]
    seconds, stages = Pipeline(
        ["sox", sound, "-p"], ["sox", "-p", "-p", "vol", "-6dB"], ["sox", "-p", "-p", "vol", "-6dB"],
        ["sox", "-D", "-p", *last, "vol", "6dB"]).wait()
    return sum(stage.cpu for stage in check(stages, "sox")) / SECONDS * 1e3


seen = alternate(TIMES, aup=aup(), wide=aup("--period", "4096f"), sox=sox)
for name, what in (("aup", "four stages of PCM, processor time a second of sound"),
                   ("wide", "the same, packets of 4096 frames")):
    row(what, f"{statistics.median(seen[name]):.3f} ms", "sox", f"{statistics.median(seen['sox']):.3f} ms",
        f"{median_ratio(seen[name], seen['sox']):.2f}", "≤ 1")
