#!/usr/bin/env python3
"""What it takes until a plugin runs: `aup process` over ten milliseconds of sound with a plugin of each kind, beside sox doing
nothing to them; and how much of Turtle is read for an LV2 plugin whose bundle is known, and for one that is not."""

import re

from bench import *

RUNS = 21
need("sox")

sound = f"{SCRATCH}/short.wav"
subprocess.run(
    ["sox", "-n", "-R", "-r", str(RATE), "-c", "2", "-b", "32", "-e", "float", sound, "synth", "0.01", "sine", "440"],
    check=True)
lv2_bundle("sc4-swh.lv2")
# Only what lies where the system has it is remembered.
os.environ.pop("LV2_PATH", None)
os.environ["XDG_CACHE_HOME"] = f"{SCRATCH}/cache"
URI = "http://plugin.org.uk/swh-plugins/sc4"


def process(*plugin):
    return [AUP, "process", "-q", "-i", sound, "--as", "raw", "-f", "f32", *plugin]


def forget():
    shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)


def wall(*command, before=None):
    """Milliseconds of one run, from before it is made until it has ended."""
    path, said = shutil.which(command[0]), f"{SCRATCH}/said"
    outputs = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
               (os.POSIX_SPAWN_OPEN, 2, said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]

    def once():
        if before:
            before()
        begin = time.monotonic()
        # Not subprocess, which takes as long as what is measured.
        _, status = os.waitpid(os.posix_spawn(path, command, os.environ, file_actions=outputs), 0)
        milliseconds = (time.monotonic() - begin) * 1e3
        if status:
            sys.exit(f"plugin_startup.py: {command[0]} ended with {status}: {pathlib.Path(said).read_text()[-300:]}")
        return milliseconds
    return once


def lines(what, peers, wanted):
    seen = alternate(RUNS, **peers)
    for name in list(seen)[1:]:
        row(what, f"{statistics.median(seen['aup']):.2f} ms", name, f"{statistics.median(seen[name]):.2f} ms",
            f"{median_ratio(seen['aup'], seen[name]):.2f}", wanted)


def turtle(*command):
    """Files of Turtle that one run opens, as strace sees it; None where there is none."""
    log = f"{SCRATCH}/opened"
    if not shutil.which("strace"):
        return None
    subprocess.run(["strace", "-f", "-qq", "-e", "trace=openat,open", "-o", log, *command], check=True, timeout=120,
                   stdout=subprocess.DEVNULL)
    with open(log, errors="replace") as opened:
        return len({name for line in opened for name in re.findall(r'"([^"]*\.ttl)"', line) if "ENOENT" not in line})


lines(f"`aup process gain` over 10 ms of sound, wall, median of {RUNS}", {
    "aup": wall(*process("gain", "gain=-6")),
    "sox": wall("sox", sound, "-t", "raw", "-e", "float", "-b", "32", "/dev/null"),
    "aup process": wall(*process()),
    "aup --version": wall(AUP, "--version"),
}, "≤ 6 ms")

forget()
known = wall(*process(URI))
known()
lines("the same, an LV2 plugin whose bundle is known", {
    "aup": known,
    "unknown": wall(*process(URI), before=forget),
}, "")
forget()
unknown = turtle(*process(URI))
if unknown is None:
    note("there is no strace here, so files are not counted")
else:
    row("files of Turtle that are opened for it", turtle(*process(URI)), "unknown", unknown, "", "its bundle's")
