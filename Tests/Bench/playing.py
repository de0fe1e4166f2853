#!/usr/bin/env python3
"""Processor time and memory of players of a file, side by side on the same virtual card at its own pace."""

from bench import *

SECONDS = 8 if QUICK else 20
TIMES = 1 if QUICK else 3
START = 2
HOURS = 10
need("aplay", "sox", "mpv", "flac")

card = Card()
short = f"{SCRATCH}/sound.wav"
subprocess.run(["sox", "-n", "-R", "-r", str(RATE), "-c", "2", "-b", "16", short, "synth", "120", "pinknoise", "gain",
                "-6"], check=True)
subprocess.run(["flac", "-s", "-o", f"{SCRATCH}/sound.flac", short], check=True)

# Ten hours of silence: in a sparse WAV file they take no room, in FLAC little.
long = f"{SCRATCH}/long.wav"
frames = HOURS * 3600 * 8000
with open(long, "wb") as file:
    file.write(b"RIFF" + (36 + frames * 4).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\1\0\2\0"
               + (8000).to_bytes(4, "little") + (32000).to_bytes(4, "little") + b"\4\0\x10\0"
               + b"data" + (frames * 4).to_bytes(4, "little"))
    file.truncate(44 + frames * 4)
subprocess.run(["flac", "-s", "-o", f"{SCRATCH}/long.flac", long], check=True)


def player(command):
    """Processor milliseconds a second of sound, and the most memory in place, of one player in its stride."""
    def run():
        child = subprocess.Popen(
            command, env={**os.environ, **card.environment}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        time.sleep(START)
        if child.poll() is not None:
            sys.exit(f"playing.py: {command} ended: {child.stderr.read().decode()[-300:]}")
        (begin, before) = (time.monotonic(), processor_seconds(child.pid))
        time.sleep(SECONDS)
        cost = (processor_seconds(child.pid) - before) / (time.monotonic() - begin)
        if child.poll() is not None:
            sys.exit(f"playing.py: {command} ended: {child.stderr.read().decode()[-300:]}")
        memory = most_memory(child.pid)
        child.terminate()
        child.wait()
        return cost * 1e3, memory
    return run


def players(path, *names):
    commands = {
        "aup": [AUP, "play", "-q", "-D", "out", path],
        "aplay": ["aplay", "-q", "-D", "out", path],
        "sox": ["sox", "-q", path, "-t", "alsa", "out"],
        "mpv": ["mpv", "--no-config", "--really-quiet", "--no-video", "--ao=alsa", "--audio-device=alsa/out", path],
    }
    return {name: player(commands[name]) for name in ("aup", *names)}


for ending, names in (("wav", ("aplay", "sox", "mpv")), ("flac", ("sox", "mpv"))):
    seen = alternate(TIMES, **players(f"{SCRATCH}/sound.{ending}", *names))
    for name in names:
        row(f"playing {ending.upper()}, processor time a second of sound",
            f"{statistics.median(run[0] for run in seen['aup']):.2f} ms", name,
            f"{statistics.median(run[0] for run in seen[name]):.2f} ms",
            f"{median_ratio([run[0] for run in seen['aup']], [run[0] for run in seen[name]]):.2f}", "")
for ending in ("wav", "flac"):
    seen = {name: run()[1] for name, run in players(f"{SCRATCH}/long.{ending}", "mpv").items()}
    row(f"playing {HOURS} hours of {ending.upper()}, memory in place", f"{seen['aup']:.1f} MiB", "mpv",
        f"{seen['mpv']:.1f} MiB", f"{seen['aup'] / seen['mpv']:.2f}", "≤ 30 MiB")
card.remove()
