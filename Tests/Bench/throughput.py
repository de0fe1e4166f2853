#!/usr/bin/env python3
"""Bytes per second through `aup process` without plugins, beside `cat` in its place, at packets of 4096 frames.

    cat STREAM | aup process | cat >/dev/null        cat STREAM | cat | cat >/dev/null

The stream is recorded once, through a pipe: what is written to a file has a check of its payload in every packet,
which no pipe has.
"""

import subprocess

from bench import *

FRAMES = 30_000_000 if QUICK else 60_000_000
TIMES = 5 if QUICK else 15

stream = f"{SCRATCH}/stream.aup"
capture = [AUP, "capture", "-D", "sim:silence?pace=fast", "--period", "4096f", "-f", "s16", "-c", "2", "-d", f"{FRAMES}f"]
with open(stream, "wb") as file:
    maker = subprocess.Popen(capture, stdout=subprocess.PIPE)
    subprocess.run(["cat"], stdin=maker.stdout, stdout=file, check=True)
    if maker.wait() != 0:
        sys.exit("throughput.py: the stream could not be made")
size = os.path.getsize(stream)


def through(*middle):
    def run():
        seconds, stages = Pipeline(["cat", stream], list(middle), ["cat"]).wait()
        check(stages, middle[0])
        return size / seconds / 1e9, stages[1].cpu / size * 1e9
    return run


seen = alternate(TIMES, aup=through(AUP, "process"), cat=through("cat"))
speed = {name: [result[0] for result in results] for name, results in seen.items()}
cpu = {name: [result[1] for result in results] for name, results in seen.items()}
row("4096-frame packets through `aup process`, best of " + str(TIMES), f"{max(speed['aup']):.2f} GB/s", "cat",
    f"{max(speed['cat']):.2f} GB/s", f"{max(speed['aup']) / max(speed['cat']):.2f}", "≥ 1")
row("the same, median", f"{statistics.median(speed['aup']):.2f} GB/s", "cat",
    f"{statistics.median(speed['cat']):.2f} GB/s", f"{median_ratio(speed['aup'], speed['cat']):.2f}", "≥ 1")
row("the same, processor time of the middle stage, least", f"{min(cpu['aup']):.3f} s/GB", "cat",
    f"{min(cpu['cat']):.3f} s/GB", f"{min(cpu['aup']) / min(cpu['cat']):.2f}", "")
