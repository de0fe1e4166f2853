#!/usr/bin/env python3
"""What it costs to keep a plugin in a process of its own: `aup process gain` with `--isolate` beside the same without, in
processor time of both processes, in time until the first sound is through, and in time a block takes at both ends."""

from bench import *

SECONDS = 60 if QUICK else 600
TIMES = 3 if QUICK else 5
need("sox")

sound, short = f"{SCRATCH}/noise.wav", f"{SCRATCH}/short.wav"
for path, length in ((sound, SECONDS), (short, 0.01)):
    subprocess.run(["sox", "-n", "-R", "-r", str(RATE), "-c", "2", "-b", "32", "-e", "float", path, "synth", str(length),
                    "pinknoise", "gain", "-6"], check=True)


def process(*words, path=sound):
    return [AUP, "process", "-q", "-i", path, "--as", "raw", "-f", "f32", *words]


def both(*command):
    """Processor seconds of the command and of its workers, which it waits for."""
    def once():
        before = os.times()
        status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
        after = os.times()
        if status:
            sys.exit(f"isolation.py: {command[0]} ended with {status}")
        return after.children_user + after.children_system - before.children_user - before.children_system
    return once


def wall(*command):
    def once():
        begin = time.monotonic()
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
            sys.exit("isolation.py: aup failed")
        return time.monotonic() - begin
    return once


def line(what, unit, factor, runs, times):
    seen = alternate(times, **runs)
    row(what, f"{statistics.median(seen['apart']) * factor:.2f} {unit}", "in one process",
        f"{statistics.median(seen['together']) * factor:.2f} {unit}", f"{median_ratio(seen['apart'], seen['together']):.2f}",
        "written down")
    return statistics.median(seen["apart"]), statistics.median(seen["together"])


plugin = ("gain", "gain=-6")
line(f"`process --isolate gain`, processor time of {SECONDS // 60} min of stereo", "s", 1,
     {"apart": both(*process("--isolate", *plugin)), "together": both(*process(*plugin))}, TIMES)
apart, together = line(f"`process --isolate gain`, time that {SECONDS // 60} min of stereo take", "s", 1,
                       {"apart": wall(*process("--isolate", *plugin)), "together": wall(*process(*plugin))}, TIMES)
# Blocks of at most 4096 frames, which is what a file is cut into.
blocks = SECONDS * RATE / 4096
note(f"a block of 4096 frames through the worker and back: {(apart - together) / blocks * 1e6:.1f} µs more")
line("`process --isolate gain`, start and end", "ms", 1e3,
     {"apart": wall(*process("--isolate", *plugin, path=short)), "together": wall(*process(*plugin, path=short))}, 21)
