#!/usr/bin/env python3
"""Start-up: `aup --version` and `--help` beside the programs it stands next to in a pipeline, and `aup devices` beside alsa-lib
alone."""

import subprocess

from bench import *

need("hyperfine", "sox", "ffmpeg", "arecord")
RUNS = 50 if QUICK else 300
bare = f"{SCRATCH}/bare_hints"
subprocess.run(["cc", "-O2", "-o", bare, str(ROOT / "Tests/Bench/bare_hints.c"), "-lasound"], check=True)
commands = [f"{AUP} --version", "/bin/true", "sox --version", "ffmpeg -version", f"{AUP} devices", bare]
helps = {f"{AUP} --help": "sox --help", f"{AUP} capture --help": "arecord --help"}
commands += [command for pair in helps.items() for command in pair]

# Several short rounds of all of them, so that what else the machine does meets all of them.
best = {command: [] for command in commands}
for _ in range(3):
    report = f"{SCRATCH}/startup.json"
    subprocess.run(
        ["hyperfine", "-N", "--style", "none", "--warmup", "5", "--runs", str(RUNS // 3), "--ignore-failure",
         "--export-json", report, *commands], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(report) as file:
        for result in json.load(file)["results"]:
            best[result["command"]].append(result["median"] * 1e3)

ours = statistics.median(best[commands[0]])
for command, wanted in zip(commands[1:4], ("under 5 ms", "", "")):
    theirs = statistics.median(best[command])
    row("start-up, `aup --version`, median", f"{ours:.2f} ms", command, f"{theirs:.2f} ms",
        f"{median_ratio(best[commands[0]], best[command]):.2f}", wanted)

for command, peer in helps.items():
    row(f"`{command.replace(AUP, 'aup')}`, median", f"{statistics.median(best[command]):.2f} ms", peer,
        f"{statistics.median(best[peer]):.2f} ms", f"{median_ratio(best[command], best[peer]):.2f}", "under 5 ms")

listing, library = (statistics.median(best[command]) for command in commands[4:6])
row("`aup devices`, median", f"{listing:.2f} ms", "alsa-lib's hints alone", f"{library:.2f} ms",
    f"{listing - library:.2f} ms more", "under 15 ms more")
