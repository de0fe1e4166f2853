#!/usr/bin/env python3
"""Processor seconds of one LADSPA plugin over a file of stereo floats, blocks of 1024: beside sox, ffmpeg and ecasound."""

from bench import *

os.environ.setdefault("LADSPA_PATH", "/usr/lib/ladspa")

SECONDS = 60 if QUICK else 600
TIMES = 3 if QUICK else 5
BLOCK = 1024
need("sox", "ffmpeg", "ecasound")

sound = f"{SCRATCH}/noise.wav"
subprocess.run(["sox", "-n", "-R", "-r", str(RATE), "-c", "2", "-b", "32", "-e", "float", sound, "synth", str(SECONDS),
                "pinknoise", "gain", "-6"], check=True)

# File, label, control inputs, all of them and in the plugin's order; control outputs, for which sox wants values too.
PLUGINS = {
    "gain": ("amp", "amp_stereo", [0.5], 0),
    "compressor": ("sc4_1882", "sc4", [0, 20, 200, -20, 4, 3, 6], 2),
    "equalizer": ("caps", "Eq10X2", [-6, 0, 3, 0, 0, -3, 0, 6, 0, -6], 0),
    "reverb": ("zita-reverbs", "zita-reverb", [0.04, 200, 3, 2, 6000, 160, 0, 2500, 0, 0.5], 0),
}


def run(*command):
    def once():
        seconds, stages = Pipeline(list(command)).wait(limit=300)
        return check(stages, command[0])[0].cpu
    return once


def works(command):
    """Some hosts do not load some plugins; those are left out of their line."""
    try:
        return subprocess.run(command, capture_output=True, timeout=300).returncode == 0
    except subprocess.TimeoutExpired:
        return False


for what, (file, label, values, outputs) in PLUGINS.items():
    words = [str(value) for value in values]
    commands = {
        "aup": [AUP, "process", "-q", "-i", sound, "--as", "raw", "-f", "f32", f"ladspa:{file}:{label}",
                *[f"c{index}={value}" for index, value in enumerate(words)]],
        "sox": ["sox", "-D", "--buffer", str(BLOCK * 8), sound, "-t", "raw", "-e", "float", "-b", "32", "/dev/null",
                "ladspa", file, label, *words, *["0"] * outputs],
        "ffmpeg": ["ffmpeg", "-v", "error", "-i", sound, "-af",
                   f"asetnsamples={BLOCK},ladspa=f={file}:p={label}:c=" + "|".join(
                       f"c{index}={value}" for index, value in enumerate(words)), "-f", "f32le", "-y", "/dev/null"],
        "ecasound": ["ecasound", "-q", f"-b:{BLOCK}", "-f:f32_le,2,48000", "-i", sound, "-o", "null",
                     f"-el:{label}," + ",".join(words)],
    }
    if not works(commands["aup"]):
        sys.exit(f"plugins.py: aup does not run {label}")
    peers = {name: run(*command) for name, command in commands.items() if name == "aup" or works(command)}
    seen = alternate(TIMES, **peers)
    for name in list(seen)[1:]:
        row(f"LADSPA {what} ({label}), processor time of {SECONDS // 60} min of stereo",
            f"{statistics.median(seen['aup']):.2f} s", name, f"{statistics.median(seen[name]):.2f} s",
            f"{median_ratio(seen['aup'], seen[name]):.2f}", "≤ 1")
