#!/usr/bin/env python3
"""How fast Opus is made of a file: beside opusenc, ffmpeg and the bare library; with several jobs; and how much memory
ten hours take."""

import array
import math
import struct

from bench import *

SECONDS = 60 if QUICK else 600
TIMES = 3 if QUICK else 7
BITS = 96000
need("sox", "ffmpeg", "opusenc", "cc")

# Music is neither silence nor noise: see decoding.py.
wav, cd = f"{SCRATCH}/sound.wav", f"{SCRATCH}/cd.wav"
for path, rate in ((wav, 48000), (cd, 44100)):
    subprocess.run(
        ["sox", "-n", "-R", "-r", str(rate), "-c", "2", "-b", "16", path, "synth", str(SECONDS), "pluck", "220",
         "pinknoise", "gain", "-6"], check=True)
bare = f"{SCRATCH}/bare_opus"
subprocess.run(["cc", "-O2", "-o", bare, str(ROOT / "Tests/Bench/bare_opus.c"), "-lopus"], check=True)
out = f"{SCRATCH}/out.opus"


def cpu(*command):
    def once():
        seconds, stages = Pipeline(list(command)).wait()
        return check(stages, command[0])[0].cpu, seconds
    return once


def aup(path, *more, target=out):
    control = [] if any(word in ("--cbr", "--cvbr", "--vbr") for word in more) else ["--vbr"]
    return [AUP, "encode", "-q", "--overwrite", "-b", str(BITS), *control, "--complexity", "10", path, "-o", target, *more]


def opusenc(path):
    return ["opusenc", "--quiet", "--bitrate", str(BITS // 1000), "--vbr", "--comp", "10", path, f"{SCRATCH}/enc.opus"]


def ffmpeg(path):
    return ["ffmpeg", "-v", "error", "-y", "-threads", "1", "-i", path, "-c:a", "libopus", "-b:a", str(BITS), "-vbr",
            "on", "-compression_level", "10", "-frame_duration", "20", f"{SCRATCH}/ff.opus"]


def speed(results):
    return f"{SECONDS / statistics.median(cpu for cpu, _ in results):.1f} s"


def ratio(ours, theirs):
    """Seconds of sound per processor second, ours by theirs."""
    return 1 / median_ratio([cpu for cpu, _ in ours], [cpu for cpu, _ in theirs])


seen = alternate(TIMES, aup=cpu(*aup(wav)), opusenc=cpu(*opusenc(wav)), ffmpeg=cpu(*ffmpeg(wav)),
                 bare=cpu(bare, wav, str(BITS), "10"))
for peer in ("opusenc", "ffmpeg"):
    row("encoding Opus from 48 kHz, sound in a processor second", speed(seen["aup"]), peer, speed(seen[peer]),
        f"{ratio(seen['aup'], seen[peer]):.3f}", "≥ 1")
row("the same, beside a bare loop over libopus", speed(seen["aup"]), "libopus", speed(seen["bare"]),
    f"{ratio(seen['aup'], seen['bare']):.3f}", "≥ 0.97")

seen = alternate(TIMES, aup=cpu(*aup(cd)), opusenc=cpu(*opusenc(cd)), ffmpeg=cpu(*ffmpeg(cd)))
for peer in ("opusenc", "ffmpeg"):
    row("encoding Opus from 44.1 kHz, sound in a processor second", speed(seen["aup"]), peer, speed(seen[peer]),
        f"{ratio(seen['aup'], seen[peer]):.3f}", "≥ 1")



def halves():
    """Two processes that know nothing of each other, each with half of the sound: all that two cores can give."""
    began = time.monotonic()
    both = [subprocess.Popen(aup(path, target=f"{SCRATCH}/{name}.opus"), stdin=subprocess.DEVNULL)
            for name, path in (("left", first), ("right", second))]
    if any([child.wait() for child in both]):
        sys.exit("encoding.py: half of a file could not be encoded")
    return 0.0, time.monotonic() - began


# Wall time, as a user has it.
first, second = f"{SCRATCH}/first.wav", f"{SCRATCH}/second.wav"
subprocess.run(["sox", wav, first, "trim", "0", str(SECONDS / 2)], check=True)
subprocess.run(["sox", wav, second, "trim", str(SECONDS / 2)], check=True)
seen = alternate(TIMES, one=cpu(*aup(wav)), two=cpu(*aup(wav, "--jobs", "2")), halves=halves)
wall = {name: [seconds for _, seconds in results] for name, results in seen.items()}
faster = 1 / median_ratio(wall["two"], wall["one"])
row("encoding with `--jobs 2`, wall time", f"{statistics.median(wall['two']):.2f} s", "one job",
    f"{statistics.median(wall['one']):.2f} s", f"{faster:.2f}", "≥ 1.8")
row("the same, beside what the machine can give", f"{statistics.median(wall['two']):.2f} s",
    "two processes, half each", f"{statistics.median(wall['halves']):.2f} s",
    f"{1 / median_ratio(wall['two'], wall['halves']):.2f}", "≥ 0.95")


def decoded(path):
    """Its samples as floats, left and right in turn."""
    raw = f"{path}.raw"
    with open(raw, "wb") as file:
        subprocess.run([AUP, "process", "-q", "-i", path, "--as", "raw", "-f", "f32"], stdout=file, check=True)
    samples = array.array("f")
    with open(raw, "rb") as file:
        samples.frombytes(file.read())
    os.remove(raw)
    return samples


def seams(control, length):
    """dBFS of what two jobs differ from one, in the second around each join; how many joins had both encoders agree; and
    what of the difference is no other encoding but an error."""
    one, two = f"{SCRATCH}/one.opus", f"{SCRATCH}/two.opus"
    subprocess.run(aup(length, control, target=one), check=True)
    said = subprocess.run(
        [word for word in aup(length, control, "--jobs", "2", "--json", target=two) if word != "-q"],
        capture_output=True, text=True, check=True).stderr
    joins = [event for event in map(json.loads, said.splitlines()) if event["event"] == "joined"]
    first, second = decoded(one), decoded(two)
    if len(first) != len(second):
        sys.exit(f"encoding.py: {len(second)} samples by two jobs and {len(first)} by one")
    levels = []
    for join in joins:
        around = range(int(join["frame"] - 24000) * 2, int(join["frame"] + 24000) * 2)
        power = sum((first[index] - second[index]) ** 2 for index in around) / len(around)
        levels.append(10 * math.log10(power + 1e-20))
    return levels, sum(join["agreed"] for join in joins), [join["error_dbfs"] for join in joins]


for path, name in ((wav, "48 kHz"), (cd, "44.1 kHz")):
    for control in ("--vbr", "--cvbr", "--cbr"):
        levels, agreed, errors = seams(control, path)
        row(f"{len(levels)} joins of `--jobs 2 {control}` from {name}, in {int(agreed)} of which both encoders agreed: what "
            "the decoder's memory makes wrong, at most", f"{max(errors):.0f} dBFS", "one job: the difference, at most",
            f"{max(levels):.0f} dBFS", "", "≤ -80 dBFS")

# Ten hours that lie nowhere: a file that is all hole, which is silence and reads as fast as any.
hours = 1 if QUICK else 10
hole = f"{SCRATCH}/hours.wav"
frames = hours * 3600 * 48000
with open(hole, "wb") as file:
    file.write(b"RF64" + struct.pack("<I", 0xFFFFFFFF) + b"WAVEds64" + struct.pack("<IQQQI", 28, frames * 4 + 72,
               frames * 4, frames, 0) + b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
               + b"data" + struct.pack("<I", 0xFFFFFFFF))
    file.truncate(file.tell() + frames * 4)


def memory(*command):
    """MiB in place at most, and after the first tenth of the run."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks = []
    while child.poll() is None:
        try:
            peaks.append(most_memory(child.pid))
        except (OSError, StopIteration):
            break
        time.sleep(0.05)
    if child.wait() != 0:
        sys.exit(f"encoding.py: {command[0]} ended with {child.returncode}")
    return peaks[len(peaks) // 10], max(peaks)


for words in ([], ["--jobs", "2"]):
    early, most = memory(*aup(hole, *words))
    row(f"memory in place, `encode{' ' if words else ''}{' '.join(words)}` of {hours} h of 48 kHz stereo",
        f"{most:.1f} MiB", "after a tenth of it", f"{early:.1f} MiB", f"{most / early:.2f}", "≤ 30 MiB")
