#!/usr/bin/env python3
"""Start-up: `aup --version` beside the programs it stands next to in a pipeline."""

import subprocess

from bench import *

need("hyperfine", "sox", "ffmpeg")
RUNS = 50 if QUICK else 300
commands = [f"{AUP} --version", "/bin/true", "sox --version", "ffmpeg -version"]

# Several short rounds of all of them, so that what else the machine does meets all of them.
best = {command: [] for command in commands}
for _ in range(3):
    report = f"{SCRATCH}/startup.json"
    subprocess.run(
        ["hyperfine", "-N", "--style", "none", "--warmup", "5", "--runs", str(RUNS // 3), "--export-json", report,
         *commands], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(report) as file:
        for result in json.load(file)["results"]:
            best[result["command"]].append(result["median"] * 1e3)

ours = statistics.median(best[commands[0]])
for command, wanted in zip(commands[1:], ("under 5 ms", "", "")):
    theirs = statistics.median(best[command])
    row("start-up, `aup --version`, median", f"{ours:.2f} ms", command, f"{theirs:.2f} ms",
        f"{median_ratio(best[commands[0]], best[command]):.2f}", wanted)
