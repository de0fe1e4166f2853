#!/usr/bin/env python3
"""How fast loudness, range and true peak are measured: the measures by themselves beside libebur128, samples in memory;
`aup meter` beside ffmpeg's filter, both with a file to read, and one file with two threads; and what the bars at a terminal
cost. Ten minutes of 16-bit stereo at 48 kHz."""

import fcntl
import pty
import struct
import termios
import threading

from bench import *

SECONDS = 60 if QUICK else 600
TIMES = 3 if QUICK else 7
need("sox", "ffmpeg", "cc")

# Music is neither silence nor noise: see decoding.py.
raw = f"{SCRATCH}/sound.raw"
subprocess.run(
    ["sox", "-n", "-R", "-r", "48000", "-c", "2", "-b", "16", "-t", "raw", raw, "synth", str(SECONDS), "pluck", "220",
     "pinknoise", "gain", "-6"], check=True)
bare = f"{SCRATCH}/bare_ebur128"
subprocess.run(["cc", "-O2", "-o", bare, str(ROOT / "Tests/Bench/bare_ebur128.c"), "-lebur128"], check=True)
built = subprocess.run([str(ROOT / "Tests/Bench/meter.sh")], check=True, capture_output=True, text=True)
ours = str(ROOT / built.stdout.split()[-1])


def measured(program):
    """The processor seconds the program itself took, without reading the file."""
    def once():
        said = subprocess.run([program, raw, "48000", "2"], check=True, capture_output=True, text=True).stdout
        return float(said.split()[-1]), said
    return once


def ffmpeg():
    seconds, stages = Pipeline(
        ["ffmpeg", "-nostats", "-v", "error", "-nostdin", "-f", "s16le", "-ar", "48000", "-ac", "2", "-i", raw,
         "-filter_complex", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]).wait()
    return check(stages, "ffmpeg")[0].cpu, seconds


def speed(results):
    return f"{SECONDS / statistics.median(cpu for cpu, _ in results):.0f} s"


seen = alternate(TIMES, ours=measured(ours), library=measured(bare), ffmpeg=ffmpeg)
for name, peer, wanted in (("library", "libebur128", "> 1"), ("ffmpeg", "ffmpeg `ebur128=peak=true`", "≥ 4")):
    row("loudness and true peak, sound in a processor second", speed(seen["ours"]), peer, speed(seen[name]),
        f"{1 / median_ratio([cpu for cpu, _ in seen['ours']], [cpu for cpu, _ in seen[name]]):.1f}", wanted)

# The whole command, beside the whole of another: processor seconds, the file read and decoded by each.
wav, flac = f"{SCRATCH}/sound.wav", f"{SCRATCH}/sound.flac"
subprocess.run(["sox", "-t", "raw", "-e", "signed", "-b", "16", "-r", "48000", "-c", "2", raw, wav], check=True)
subprocess.run(["sox", wav, flac], check=True)


def meter(path, jobs):
    def once():
        seconds, stages = Pipeline([AUP, "meter", "-q", "--jobs", str(jobs), path]).wait()
        return check(stages, "aup meter")[0].cpu, seconds
    return once


def reader(path):
    def once():
        seconds, stages = Pipeline(
            ["ffmpeg", "-nostats", "-v", "error", "-nostdin", "-i", path, "-filter_complex",
             "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]).wait()
        return check(stages, "ffmpeg")[0].cpu, seconds
    return once


for name, path, wanted in (("WAV", wav, "≥ 4"), ("FLAC", flac, "written down")):
    seen = alternate(TIMES, one=meter(path, 1), two=meter(path, 2), ffmpeg=reader(path))
    row(f"`aup meter` of a {name} file, sound in a processor second", speed(seen["one"]), "ffmpeg `ebur128=peak=true`",
        speed(seen["ffmpeg"]),
        f"{1 / median_ratio([cpu for cpu, _ in seen['one']], [cpu for cpu, _ in seen['ffmpeg']]):.1f}", wanted)
    wall = {key: [seconds for _, seconds in results] for key, results in seen.items()}
    row(f"`aup meter` of one {name} file with two threads, by the clock", f"{statistics.median(wall['two']):.2f} s",
        "with one", f"{statistics.median(wall['one']):.2f} s",
        f"{median_ratio(wall['two'], wall['one']):.2f}", "≤ 0.65 on two processors")

# What a person looks at: the same sound measured with bars on a terminal of 50 rows and without.
LOOKS = 5 if QUICK else 20


def looked(channels, is_seen):
    """The share of a processor that a meter takes, its bars at a pseudo-terminal that is read."""
    def once():
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 80, 160, 0, 0))
        drawn = [0]

        def drain():
            try:
                while piece := os.read(ours, 65536):
                    drawn[0] += len(piece)
            except OSError:
                pass
        thread = threading.Thread(target=drain, daemon=True)
        thread.start()
        # A level that moves: all bars are drawn anew all the time.
        words = [AUP, "meter", "-i", f"sim:noise?channels={channels}", "-d", f"{LOOKS}s"] + ([] if is_seen else ["-q"])
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
                                 env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
        os.close(theirs)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{sys.argv[0]}: aup meter ended with {child.returncode}")
        thread.join(5)
        os.close(ours)
        return (usage.ru_utime + usage.ru_stime) / LOOKS, drawn[0] / LOOKS
    return once


for channels in (2, 64):
    seen = alternate(1 if QUICK else 3, seen=looked(channels, True), blind=looked(channels, False))
    (share, _), (blind, _) = (tuple(statistics.median(values) for values in zip(*seen[name])) for name in ("seen", "blind"))
    row(f"bars of {channels} channels at a terminal, of a processor", f"{100 * (share - blind):.1f} %",
        "measures without them", f"{100 * blind:.1f} %", "", "< 2 %")
