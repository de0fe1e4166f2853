#!/usr/bin/env python3
"""Processor time and memory of recorders, side by side on the same virtual card at its own pace: WAV and FLAC.

What an hour costs is what a second costs, once a recorder has started: the first two seconds are left out.
"""

from bench import *

SECONDS = 10 if QUICK else 30
TIMES = 1 if QUICK else 3
START = 2
need("arecord", "sox")

sound = f"{SCRATCH}/in.raw"
with open(sound, "wb") as file:
    file.write(os.urandom(RATE * 4))
card = Card(sound, look=2000)
format = ["-r", str(RATE), "-c", "2"]


def recorder(command, path):
    """Processor milliseconds a second of sound, and the most memory in place, of one recorder until it is ended."""
    def run():
        child = subprocess.Popen(
            command, env={**os.environ, **card.environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(START)
        (begin, before) = (time.monotonic(), processor_seconds(child.pid))
        time.sleep(SECONDS)
        cost = (processor_seconds(child.pid) - before) / (time.monotonic() - begin)
        memory = most_memory(child.pid)
        child.send_signal(signal.SIGINT)
        said = child.stderr.read()
        child.wait()
        frames = int(subprocess.run(["soxi", "-s", path], capture_output=True).stdout or 0)
        os.unlink(path)
        if frames < (SECONDS - 1) * RATE:
            sys.exit(f"recording.py: {command[0]} recorded {frames} frames: {said.decode()[-300:]}")
        return cost * 1e3, memory
    return run


def recorders(ending):
    name = f"{SCRATCH}/{{}}.{ending}"
    runs = {"aup": recorder([AUP, "capture", "-q", "-D", "in", "-f", "s16", *format, "-o", name.format("a")],
                            name.format("a")),
            "sox": recorder(["sox", "-q", *format, "-t", "alsa", "in", "-b", "16", name.format("s")], name.format("s"))}
    if ending == "wav":
        runs["arecord"] = recorder(
            ["arecord", "-q", "-D", "in", "-f", "S16_LE", *format, name.format("r")], name.format("r"))
    return runs


for ending in ("wav", "flac"):
    seen = alternate(TIMES, **recorders(ending))
    cpu = {name: [run[0] for run in runs] for name, runs in seen.items()}
    for peer in list(seen)[1:]:
        row(f"recording to {ending.upper()}, processor time a second of sound", f"{statistics.median(cpu['aup']):.2f} ms",
            peer, f"{statistics.median(cpu[peer]):.2f} ms", f"{median_ratio(cpu['aup'], cpu[peer]):.2f}", "≤ 1")
    memory = {name: max(run[1] for run in runs) for name, runs in seen.items()}
    row(f"recording to {ending.upper()}, memory in place", f"{memory['aup']:.1f} MiB", "sox", f"{memory['sox']:.1f} MiB",
        f"{memory['aup'] / memory['sox']:.2f}", "≤ 20 MiB")
card.remove()
