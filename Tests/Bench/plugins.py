#!/usr/bin/env python3
"""Processor seconds of one plugin over a file of stereo floats, blocks of 1024: LADSPA beside sox, ffmpeg and ecasound, LV2
beside lv2file and ffmpeg."""

import re

from bench import *

os.environ.setdefault("LADSPA_PATH", "/usr/lib/ladspa")

SECONDS = 60 if QUICK else 600
TIMES = 3 if QUICK else 5
BLOCK = 1024
need("sox", "ffmpeg", "ecasound", "lv2file")

sound = f"{SCRATCH}/noise.wav"
subprocess.run(["sox", "-n", "-R", "-r", str(RATE), "-c", "2", "-b", "32", "-e", "float", sound, "synth", str(SECONDS),
                "pinknoise", "gain", "-6"], check=True)
raw = f"{SCRATCH}/noise.raw"
subprocess.run(["sox", sound, "-t", "raw", "-e", "float", "-b", "32", raw], check=True)

# File, label, control inputs, all of them and in the plugin's order; control outputs, for which sox wants values too.
PLUGINS = {
    "gain": ("amp", "amp_stereo", [0.5], 0),
    "compressor": ("sc4_1882", "sc4", [0, 20, 200, -20, 4, 3, 6], 2),
    "equalizer": ("caps", "Eq10X2", [-6, 0, 3, 0, 0, -3, 0, 6, 0, -6], 0),
    "reverb": ("zita-reverbs", "zita-reverb", [0.04, 200, 3, 2, 6000, 160, 0, 2500, 0, 0.5], 0),
}


# URI, bundle, control inputs; all others keep their defaults.
BUNDLES = {
    "compressor": ("http://plugin.org.uk/swh-plugins/sc4", "sc4-swh.lv2", {
        "attack": 20, "release": 200, "threshold": -20, "ratio": 4, "knee": 3, "makeup_gain": 6}),
    "equalizer": ("http://calf.sourceforge.net/plugins/Equalizer8Band", "calf.lv2", {
        **{f"{band}_active": 1 for band in ("hp", "lp", "ls", "hs", "p1", "p2", "p3", "p4")},
        "ls_level": 0.5, "hs_level": 2, "p1_level": 2, "p2_level": 0.5, "p3_level": 2, "p4_level": 0.5}),
    "reverb": ("urn:ardour:a-reverb", "a-reverb.lv2", {"blend": 0.5, "roomsz": 0.7}),
}


def run(*command):
    def once():
        seconds, stages = Pipeline(list(command)).wait(limit=300)
        return check(stages, command[0])[0].cpu
    return once


def works(command):
    """Some hosts do not load some plugins; those are left out of their line."""
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return False
    if done.returncode:
        note(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-200:]}")
    return done.returncode == 0


def compare(what, commands):
    """A line for each host; the first is ours."""
    if not works(commands["aup"]):
        sys.exit(f"plugins.py: aup does not run {what}")
    peers = {name: run(*command) for name, command in commands.items() if name == "aup" or works(command)}
    seen = alternate(TIMES, **peers)
    for name in list(seen)[1:]:
        row(f"{what}, processor time of {SECONDS // 60} min of stereo", f"{statistics.median(seen['aup']):.2f} s", name,
            f"{statistics.median(seen[name]):.2f} s", f"{median_ratio(seen['aup'], seen[name]):.2f}", "≤ 1")


def ours(plugin, values):
    return [AUP, "process", "-q", "-i", sound, "--as", "raw", "-f", "f32", plugin,
            *[f"{key}={value}" for key, value in values.items()]]


def ffmpeg(filter):
    return ["ffmpeg", "-v", "error", "-i", sound, "-af", f"asetnsamples={BLOCK},{filter}", "-f", "f32le", "-y", "/dev/null"]


for what, (file, label, values, outputs) in PLUGINS.items():
    words = [str(value) for value in values]
    keyed = {f"c{index}": value for index, value in enumerate(words)}
    compare(f"LADSPA {what} ({label})", {
        "aup": ours(f"ladspa:{file}:{label}", keyed),
        "sox": ["sox", "-D", "--buffer", str(BLOCK * 8), sound, "-t", "raw", "-e", "float", "-b", "32", "/dev/null",
                "ladspa", file, label, *words, *["0"] * outputs],
        "ffmpeg": ffmpeg(f"ladspa=f={file}:p={label}:c=" + "|".join(f"{key}={value}" for key, value in keyed.items())),
        "ecasound": ["ecasound", "-q", f"-b:{BLOCK}", "-f:f32_le,2,48000", "-i", sound, "-o", "null",
                     f"-el:{label}," + ",".join(words)],
    })

# A folder of these bundles alone, for all: lilv, which all three use, reads every bundle it finds, and some of Debian's end
# the process that lists them.
world = pathlib.Path(SCRATCH) / "lv2"
world.mkdir()
for _, bundle, _ in BUNDLES.values():
    (world / bundle).symlink_to(lv2_bundle(bundle))
os.environ["LV2_PATH"] = str(world)

for what, (uri, _, values) in BUNDLES.items():
    escaped = uri.replace(":", "\\\\:")
    compare(f"LV2 {what} ({re.split('[/:]', uri)[-1]})", {
        "aup": ours(uri, values),
        # Raw in and out; without clipping's warnings it is faster.
        "lv2file": ["lv2file", "-i", raw, "-o", "-", f"----rate={RATE}", "----channels=2", "-b", str(BLOCK),
                    "--ignore-clipping", *[word for key, value in values.items() for word in ("-p", f"{key}:{value}")], uri],
        "ffmpeg": ffmpeg(f"lv2=p={escaped}:c=" + "|".join(f"{key}={value}" for key, value in values.items())),
    })
