#!/usr/bin/env python3
"""How fast files are decoded, one process from file to raw samples: beside sox and beside each codec's own tool."""

from bench import *

SECONDS = 120 if QUICK else 1200
TIMES = 3 if QUICK else 7
need("sox", "flac", "mpg123", "opusdec", "opusenc")

# Music is neither silence nor noise: a falling comb of tones over a quiet hiss keeps codecs busy as music does.
wav = f"{SCRATCH}/sound.wav"
subprocess.run(
    ["sox", "-n", "-R", "-r", str(RATE), "-c", "2", "-b", "16", wav, "synth", str(SECONDS), "pluck", "220",
     "pinknoise", "gain", "-6"], check=True)
subprocess.run(["flac", "-s", "-o", f"{SCRATCH}/sound.flac", wav], check=True)
subprocess.run(["sox", wav, "-C", "192", f"{SCRATCH}/sound.mp3"], check=True)
subprocess.run(["opusenc", "--quiet", wav, f"{SCRATCH}/sound.opus"], check=True)


def run(*command):
    def once():
        seconds, stages = Pipeline(list(command)).wait()
        return check(stages, command[0])[0].cpu / SECONDS * 1e3
    return once


raw = ["-t", "raw", "-b", "16", "-e", "signed", "-"]
for ending, tool in (("flac", ["flac", "-s", "-d", "-c", "--force-raw-format", "--endian=little", "--sign=signed"]),
                     ("mp3", ["mpg123", "-q", "-s"]),
                     ("opus", ["opusdec", "--quiet", "--rate", "48000"])):
    path = f"{SCRATCH}/sound.{ending}"
    peers = {"own": run(*tool, path, *(["-"] if ending == "opus" else []))}
    if ending != "opus":
        peers["sox"] = run("sox", path, *raw)
    # Opus and MP3 decode to floating point; the tools' 16 bits are asked for.
    seen = alternate(TIMES, aup=run(AUP, "process", "-q", "-i", path, "--as", "raw", "-f", "s16"), **peers)
    for name in peers:
        row(f"decoding {ending.upper()}, processor time a second of sound", f"{statistics.median(seen['aup']):.3f} ms",
            "sox" if name == "sox" else tool[0], f"{statistics.median(seen[name]):.3f} ms",
            f"{median_ratio(seen['aup'], seen[name]):.2f}", "≤ 1" if name == "sox" else "≤ 1.1")
