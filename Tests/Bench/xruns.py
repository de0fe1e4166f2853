#!/usr/bin/env python3
"""Xruns of `capture | play` at periods of 256 frames while every processor is busy, beside arecord and aplay, and
beside cyclictest, which tells how late this machine wakes a real-time thread anyway.

Everything that makes sound runs at real-time priority 60 where that is allowed, cyclictest above it at 80.
"""

import re
import subprocess

from bench import *

need("arecord", "aplay", "stress-ng", "cyclictest", "chrt")
SECONDS = 10 if QUICK else 60

recording = f"{SCRATCH}/in.raw"
with open(recording, "wb") as file:
    file.write(os.urandom(RATE * 4))


def under_load(run):
    """Runs something with every processor busy; returns its result and the latest wake-up, in microseconds."""
    load = subprocess.Popen(
        ["stress-ng", "--quiet", "--cpu", str(os.cpu_count()), "--timeout", f"{SECONDS + 15}s"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    latest = subprocess.Popen(
        ["cyclictest", "-q", "-p", "80", "-i", "1000", "-D", f"{SECONDS}s"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        result = run()
        text = latest.communicate(timeout=30)[0]
    finally:
        for child in (load, latest):
            child.terminate()
            child.wait()
    found = [int(value) for value in re.findall(r"Max:\s*(\d+)", text)]
    return result, f"{max(found)} µs" if found else "not measured"


def of_card(card):
    """Xruns that the card itself has counted, capture and playback."""
    counts = re.findall(r"\.[cp] close xruns=(\d+)", card.log)
    return sum(int(count) for count in counts)


def aup():
    card = Card(recording)
    periods = ["--period", "256f", "--buffer", "1024f", "--json"]
    _, stages = Pipeline(
        [AUP, "capture", "-D", "in", "-f", "s16", "-r", "48000", "-c", "2", "-d", f"{SECONDS}s", *periods],
        [AUP, "play", "-D", "out", *periods], environment=card.environment).wait(SECONDS + 30)
    ends = [stage.end for stage in check(stages, "aup")]
    counted = of_card(card)
    card.remove()
    return {
        "xruns": max(sum(end["xruns"] for end in ends), counted),
        "lost": sum(end["lost_frames"] for end in ends[:1]), "silence": ends[1]["underrun_frames"]}


def alsa_utils():
    card = Card(recording)
    common = ["-q", "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "2", "--period-size=256", "--buffer-size=1024"]
    _, stages = Pipeline(
        realtime("arecord", "-D", "in", *common, "-d", str(SECONDS)), realtime("aplay", "-D", "out", *common),
        environment=card.environment).wait(SECONDS + 30)
    check(stages, "arecord | aplay")
    counted = of_card(card)
    card.remove()
    return {"xruns": counted}


ours, ours_latest = under_load(aup)
theirs, theirs_latest = under_load(alsa_utils)
row(f"xruns in {SECONDS} s under load, periods of 256, buffers of 1024",
    f"{ours['xruns']} ({ours['lost']} frames lost, {ours['silence']} of silence)", "arecord, aplay",
    f"{theirs['xruns']}", "", "0")
row("the latest wake-up of cyclictest meanwhile", ours_latest, "", theirs_latest, "", "")
