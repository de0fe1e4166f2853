#!/usr/bin/env python3
"""Ogg Opus files of aup's in the hands of others: every combination of channels, rates, packet lengths and sound lengths
is encoded by aup, looked at by opusinfo, and decoded by opusdec, ffmpeg, libsndfile, GStreamer and aup itself. Each must
give exactly as many frames as went in. Then aup's packets are compared with opusenc's, and aup's decoder with opusdec's.
Writes docs/opus-compatibility.md.

    make opusmatrix
    Tests/Compatibility/opus_matrix.py [--short] [--no-hour] [--jobs N] [--output FILE]
"""

import argparse
import array
import collections
import concurrent.futures
import math
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import wave

ROOT = pathlib.Path(__file__).resolve().parents[2]
AUP = os.environ.get("AUP", str(ROOT / ".build/release/aup"))
CHANNELS = (1, 2, 6, 8)
RATES = (8000, 16000, 24000, 44100, 48000, 96000)
FRAMES = ("2.5ms", "5ms", "10ms", "20ms", "40ms", "60ms")
LENGTHS = (0, 1, 959, 960, 961)
# Frames at 48 kHz of a decoder that keeps the rate the header names, where Opus knows that rate.
OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
LIMIT_SECONDS = 60


def run(*words, **options):
    return subprocess.run(
        [str(word) for word in words], capture_output=True, timeout=options.pop("timeout", LIMIT_SECONDS), **options)


def write_wav(path, channels, rate, frames):
    """Sound that is nowhere like elsewhere, in 16 bits."""
    step = 4096
    turn = random.Random(channels * rate)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        for start in range(0, frames, step):
            samples = array.array("h")
            for frame in range(start, min(start + step, frames)):
                for channel in range(channels):
                    sweep = math.sin(frame / rate * (500 + 90 * channel + 40 * (frame / rate)) * 2)
                    samples.append(int(9000 * sweep + turn.uniform(-600, 600)))
            out.writeframes(samples.tobytes())


def expected(frames, rate):
    """At 48 kHz, as aup's resampler has it: to the nearest frame."""
    return (frames * 48000 * 2 + rate) // (2 * rate)


# --- the decoders: each gives (frames, rate) or a text


def wav_frames(path):
    data = pathlib.Path(path).read_bytes()
    place, width, rate = 12, 0, 0
    while place + 8 <= len(data):
        name, size = data[place:place + 4], struct.unpack("<I", data[place + 4:place + 8])[0]
        if name == b"fmt ":
            _, _, rate, _, width, _ = struct.unpack("<HHIIHH", data[place + 8:place + 24])
        if name == b"data":
            return min(size, len(data) - place - 8) // width, rate
        place += 8 + size + size % 2
    return "no sound"


def opusdec(path, scratch, rate=48000):
    target = scratch / "opusdec.wav"
    target.unlink(missing_ok=True)
    words = ["opusdec", "--quiet", "--float", "--no-dither"] + (["--rate", rate] if rate else []) + [path, target]
    done = run(*words)
    return wav_frames(target) if done.returncode == 0 else done.stderr.decode().strip()


def ffmpeg(path, scratch, channels, codec):
    done = run("ffmpeg", "-v", "error", "-c:a", codec, "-i", path, "-f", "f32le", "-")
    text = done.stderr.decode().strip()
    return text if done.returncode or text else (len(done.stdout) // 4 // channels, 48000)


def ffprobe(path):
    """Codec, rate, channels and frames; ffprobe counts the pre-skip, which is taken off here."""
    done = run(
        "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,channels,sample_rate,duration_ts", "-of", "csv=p=0", path)
    words, text = done.stdout.decode().strip().split(","), done.stderr.decode().strip()
    if text or len(words) != 4 or not words[3].isdigit():
        return text or ",".join(words)
    return ",".join([*words[:3], str(int(words[3]) - pre_skip(path))])


def pre_skip(path):
    head = pathlib.Path(path).read_bytes()[:64]
    return struct.unpack_from("<H", head, head.index(b"OpusHead") + 10)[0]


def sox(path, channels):
    done = run("sox", path, "-t", "f32", "-")
    return len(done.stdout) // 4 // channels if done.returncode == 0 else done.stderr.decode().strip()


def sox_reads_opus():
    """Debian's does not: it has no such format, and refuses what its libsndfile could read."""
    if not shutil.which("sox"):
        return False
    return " opus " in run("sox", "--help").stdout.decode().replace("\n", " ") + " "


def sndfile(path, scratch):
    target = scratch / "sndfile.wav"
    target.unlink(missing_ok=True)
    done = run("sndfile-convert", "-override-sample-rate=48000", "-float32", path, target)
    if done.returncode:
        done = run("sndfile-convert", "-float32", path, target)
    return wav_frames(target) if done.returncode == 0 else "does not open it"


def sndfile_rate(path):
    for line in run("sndfile-info", path).stdout.decode().splitlines():
        if line.startswith("Sample Rate"):
            return int(line.split(":")[1])
    return 48000


def gstreamer(path, scratch, channels, seconds=20):
    target = scratch / "gstreamer.raw"
    target.unlink(missing_ok=True)
    try:
        done = run(
            "gst-launch-1.0", "-q", "filesrc", f"location={path}", "!", "decodebin", "!", "audioconvert", "!",
            "audio/x-raw,format=F32LE", "!", "filesink", f"location={target}", timeout=seconds)
    except subprocess.TimeoutExpired:
        return "hangs"
    if done.returncode:
        return "an error"
    return target.stat().st_size // 4 // channels


def aup(path, scratch):
    target = scratch / "aup.wav"
    target.unlink(missing_ok=True)
    done = run(AUP, "process", "-q", "-i", path, "-o", target, "-f", "f32")
    return wav_frames(target) if done.returncode == 0 else done.stderr.decode().strip()


def peers(path, scratch, channels, rate, has):
    """What the decoders that are not opusdec make of a file: {name: frames or text}, at 48 kHz."""
    found = {}
    if has["ffmpeg"]:
        for name, codec in (("ffmpeg", "opus"), ("ffmpeg with libopus", "libopus")):
            answer = ffmpeg(path, scratch, channels, codec)
            found[name] = answer[0] if isinstance(answer, tuple) else answer
    if has["sndfile-convert"]:
        answer = sndfile(path, scratch)
        found["libsndfile"] = answer[0] * 48000 // sndfile_rate(path) if isinstance(answer, tuple) else answer
    if has["sox"]:
        found["sox"] = sox(path, channels)
    if has["gst-launch-1.0"]:
        answer = gstreamer(path, scratch, channels)
        scale = 48000 // rate if rate in OPUS_RATES else 1
        found["GStreamer"] = answer * scale if isinstance(answer, int) else answer
    return found


def cell(channels, rate, frame, length, has):
    """What was wrong with one combination: {decoder: (text, whether it does the same to opusenc's file)}."""
    wrong = {}
    with tempfile.TemporaryDirectory(prefix="aup-opus-") as folder:
        scratch = pathlib.Path(folder)
        source, path, theirs = scratch / "a.wav", scratch / "a.opus", scratch / "b.opus"
        write_wav(source, channels, rate, length)
        done = run(AUP, "encode", "-q", "--frame", frame, source, "-o", path)
        if done.returncode:
            return {"aup encode": (done.stderr.decode().strip(), False)}
        want = expected(length, rate)

        def check(name, found, wanted):
            if found != wanted:
                wrong[name] = (f"{found} for {wanted}", False)

        check("aup", aup(path, scratch), (want, 48000))
        if has["opusinfo"]:
            told = run("opusinfo", path)
            lines = [line for line in told.stdout.decode().splitlines() if "WARNING" in line or "ERROR" in line]
            if lines or told.returncode:
                wrong["opusinfo"] = (lines[0] if lines else f"status {told.returncode}", False)
        if has["opusdec"]:
            check("opusdec", opusdec(path, scratch), (want, 48000))
            if rate in OPUS_RATES:
                check("opusdec at the rate before", opusdec(path, scratch, None), (length, rate))
        if has["ffmpeg"]:
            check("ffprobe", ffprobe(path), f"opus,48000,{channels},{want}")
        found = peers(path, scratch, channels, rate, has)
        odd = {name for name, frames in found.items() if frames != want}
        if odd and has["opusenc"] and has["opusdec"]:
            run("opusenc", "--quiet", "--framesize", frame[:-2], source, theirs)
            right = opusdec(theirs, scratch)[0]
            others = peers(theirs, scratch, channels, rate, has)
        else:
            right, others = 0, {}

        def beyond(answer, frames):
            return answer - frames if isinstance(answer, int) else answer

        for name in sorted(odd):
            is_theirs = beyond(found[name], want) == beyond(others.get(name, 0), right)
            wrong[name] = (f"{found[name]} for {want}", is_theirs)
    return wrong


# --- packets beside opusenc's


def packets(path):
    """The sound's packets of an Ogg Opus file, and its last position."""
    data = pathlib.Path(path).read_bytes()
    place, found, partial, granule = 0, [], b"", 0
    while place + 27 <= len(data):
        segments = data[place + 26]
        laces = data[place + 27:place + 27 + segments]
        body = place + 27 + segments
        for lace in laces:
            partial += data[body:body + lace]
            body += lace
            if lace < 255:
                found.append(partial)
                partial = b""
        granule = struct.unpack("<q", data[place + 6:place + 14])[0]
        place = body
    return found[2:], granule


SETTINGS = [
    ("default, stereo", 2, [], []),
    ("default, mono", 1, [], []),
    ("default, 5.1", 6, [], []),
    ("default, 7.1", 8, [], []),
    ("128 kbit/s, 10 ms", 2, ["-b", "128k", "--frame", "10ms"], ["--bitrate", "128", "--framesize", "10"]),
    ("32 kbit/s, CVBR, 40 ms", 1, ["-b", "32k", "--cvbr", "--frame", "40ms"],
     ["--bitrate", "32", "--cvbr", "--framesize", "40"]),
    ("16 kbit/s, CBR, 60 ms", 1, ["-b", "16k", "--cbr", "--frame", "60ms"],
     ["--bitrate", "16", "--hard-cbr", "--framesize", "60"]),
    ("64 kbit/s, voice", 1, ["-b", "64k", "--signal", "voice"], ["--bitrate", "64", "--speech"]),
    ("256 kbit/s, 2.5 ms", 2, ["-b", "256k", "--frame", "2.5ms"], ["--bitrate", "256", "--framesize", "2.5"]),
    ("complexity 6, stereo", 2, ["--complexity", "6"], ["--comp", "6"]),
    ("complexity 6, mono, 2.5 ms", 1, ["--complexity", "6", "--frame", "2.5ms"], ["--comp", "6", "--framesize", "2.5"]),
    ("complexity 6, 5.1", 6, ["--complexity", "6"], ["--comp", "6"]),
    ("complexity 0, CBR, 60 ms", 1, ["-b", "32k", "--complexity", "0", "--cbr", "--frame", "60ms"],
     ["--bitrate", "32", "--comp", "0", "--hard-cbr", "--framesize", "60"]),
]


def floats(path, scratch):
    target = scratch / "floats.wav"
    run("opusdec", "--quiet", "--float", "--no-dither", "--rate", "48000", path, target)
    data = target.read_bytes()
    return array.array("f", data[data.index(b"data") + 8:])


def segmental_snr(source, path, scratch, channels):
    """Mean over pieces of 20 ms of the distance between sound and what is left of it, each 0 to 60 dB."""
    with wave.open(str(source)) as given:
        sound = array.array("h", given.readframes(given.getnframes()))
    heard, ratios, size = floats(path, scratch), [], 960 * channels
    for start in range(0, min(len(sound), len(heard)) - size, size):
        power = error = 1e-12
        for index in range(start, start + size):
            sample = sound[index] / 32768
            power += sample * sample
            error += (sample - heard[index]) ** 2
        ratios.append(min(max(10 * math.log10(power / error), 0), 60))
    return f"{sum(ratios) / len(ratios):.2f}"


def beside_opusenc(seconds):
    rows = []
    with tempfile.TemporaryDirectory(prefix="aup-opus-") as folder:
        scratch = pathlib.Path(folder)
        for name, channels, own, others in SETTINGS:
            source = scratch / f"{channels}.wav"
            if not source.exists():
                write_wav(source, channels, 48000, 48000 * seconds)
            mine, theirs = scratch / "mine.opus", scratch / "theirs.opus"
            subprocess.run([AUP, "encode", "-q", "--overwrite", *own, str(source), "-o", str(mine)], check=True)
            subprocess.run(["opusenc", "--quiet", *others, str(source), str(theirs)], check=True)
            (first, first_end), (second, second_end) = packets(mine), packets(theirs)
            same = [one == other for one, other in zip(first, second)]
            wrong = [number for number, is_same in enumerate(same) if not is_same]
            sizes = [sum(map(len, one)) for one in (first, second)]
            levels = ["", ""]
            if len(wrong) > 5 and channels <= 2:
                levels = [segmental_snr(source, one, scratch, channels) for one in (mine, theirs)]
            rows.append((name, len(first), len(second), len(wrong), *sizes, *levels, first_end == second_end))
    return rows


# --- the page


def words(table):
    return "".join("| " + " | ".join(str(word) for word in row) + " |\n" for row in table)


def page(cells, wrong, versions, hour, beside):
    text = f"""# Ogg Opus of aup's in other hands

Made by `Tests/Compatibility/opus_matrix.py`; the same runs short in `make test`.

{versions}

## Lengths

{cells} files: {", ".join(map(str, CHANNELS))} channels × {", ".join(map(str, RATES))} Hz × packets of {", ".join(FRAMES)} ×
{", ".join(map(str, LENGTHS))} frames. Each decoder must give as many frames as went in: at 48 kHz, where sound of 44.1 and
96 kHz has the nearest number of frames, or at the rate before, where Opus knows it. opusinfo must not warn.

What a decoder other than opusdec gets wrong is tried on opusenc's file of the same sound and settings: where it is as
wrong there, it is its own fault. GStreamer clips by nanoseconds and is now and then a frame off: of a few of aup's files
and not of opusenc's, whose header, number of packets and last position are the same. ffmpeg forgets the pre-skip where the
sound ends in the packet that it ends in; libsndfile opens no file without sound. ffprobe is asked for codec, rate, channels
and length, from which the pre-skip comes off. sox as Debian has it (14.4.2) reads no Opus: it has no such format, and refuses
what libsndfile would read for it.

| decoder | right | wrong, as with opusenc's file | wrong with aup's only | such as |
|---|---|---|---|---|
"""
    for name in DECODERS:
        if name == "sox" and not sox_reads_opus():
            continue
        found = wrong.get(name, [])
        same = [one for one in found if one[1][1]]
        examples = "; ".join(f"{c} × {r} Hz, {f}, {n}: {what}" for (c, r, f, n), (what, _) in found[:2])
        text += f"| {name} | {cells - len(found)} | {len(same)} | {len(found) - len(same)} | {examples} |\n"
    if hour:
        text += "\n## An hour\n\n| decoder | frames of " + f"{hour[0]} |\n|---|---|\n" + words(hour[1])
    return text + packets_section(beside)


def packets_section(beside):
    if not beside:
        return ""
    return """
## Packets beside opusenc's

The same sound at 48 kHz by the same settings: every packet but the last few, five at most, is opusenc's, byte by byte. Behind the
end opusenc goes on with a prediction of the sound, aup with silence, which nobody hears. That is so for a file of up to
eight channels; what comes from a device or through a pipe is encoded as it comes, and the two seconds that are still to come,
which opusenc waits for, have no say in it. Where more than five packets differ the segmental signal-to-noise ratios stand
beside them (pieces of 20 ms, 0 to 60 dB each).

| settings | packets | of opusenc | differ | bytes | of opusenc | dB | of opusenc | same length |
|---|---|---|---|---|---|---|---|---|
""" + words((*row[:-1], "yes" if row[-1] else "no") for row in beside)


def tell_packets(beside):
    """How many settings make other packets than opusenc's, but for the last five."""
    other = [row for row in beside if row[3] > 5]
    for row in other:
        print(f"{row[0]}: {row[3]} of {row[1]} packets are not opusenc's")
    print(f"{len(beside)} settings, {len(other)} with other packets than opusenc's")
    return len(other)


DECODERS = ["aup encode", "aup", "opusinfo", "opusdec", "opusdec at the rate before", "ffmpeg", "ffmpeg with libopus",
            "ffprobe", "libsndfile", "sox", "GStreamer"]


def hour_row(has):
    global LIMIT_SECONDS
    LIMIT_SECONDS = 600
    with tempfile.TemporaryDirectory(prefix="aup-opus-") as folder:
        scratch = pathlib.Path(folder)
        path = scratch / "a.opus"
        frames = 3600 * 48000
        subprocess.run(
            [AUP, "encode", "-q", "-i", "sim:noise?pace=fast&level=-30", "-d", "1h", "-o", str(path)], check=True)
        rows = [("aup", aup(path, scratch)[0])]
        if has["opusdec"]:
            rows.append(("opusdec", opusdec(path, scratch)[0]))
        if has["ffmpeg"]:
            raw = subprocess.Popen(
                ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-"], stdout=subprocess.PIPE)
            count = 0
            while block := raw.stdout.read(1 << 20):
                count += len(block)
            raw.wait()
            rows.append(("ffmpeg", count // 4))
        if has["sndfile-convert"]:
            rows.append(("libsndfile", sndfile(path, scratch)[0]))
        if has["gst-launch-1.0"]:
            rows.append(("GStreamer", gstreamer(path, scratch, 2, 600)))
        return frames, rows


def version(tool, *options):
    if not shutil.which(tool):
        return f"{tool}: not installed"
    lines = (run(tool, *options).stdout or run(tool, *options).stderr).decode().splitlines()
    return lines[0] if lines else tool


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true", help="a dozen cells, no page")
    parser.add_argument("--no-hour", action="store_true")
    parser.add_argument("--packets", action="store_true", help="only the packets, and their part of the page")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--output", default=str(ROOT / "docs/opus-compatibility.md"))
    wanted = parser.parse_args()
    has = {tool: bool(shutil.which(tool)) for tool in
           ("opusinfo", "opusdec", "ffmpeg", "sndfile-convert", "gst-launch-1.0", "opusenc")}
    has["sox"] = sox_reads_opus()
    if wanted.packets:
        beside = beside_opusenc(20)
        path = pathlib.Path(wanted.output)
        path.write_text(path.read_text().split("\n## Packets beside")[0] + packets_section(beside))
        return tell_packets(beside) > 0
    cells = [(c, r, f, n) for c in CHANNELS for r in RATES for f in FRAMES for n in LENGTHS]
    if wanted.short:
        # Every value of every axis at least once.
        cells = [(CHANNELS[i % 4], RATES[(i * 5 + i // 6) % 6], FRAMES[i % 6], LENGTHS[(i * 2 + i // 5) % 5]) for i in range(12)]
    wrong = collections.defaultdict(list)
    with concurrent.futures.ThreadPoolExecutor(wanted.jobs) as pool:
        for where, found in zip(cells, pool.map(lambda one: cell(*one, has), cells)):
            for name, what in found.items():
                wrong[name].append((where, what))
                print(f"{where}: {name}: {what[0]}{', as of opusenc' if what[1] else ''}", flush=True)
    own = sum(not what[1] for found in wrong.values() for _, what in found)
    print(f"{len(cells)} files, {own} not right")
    if wanted.short:
        others = tell_packets(beside_opusenc(3)) if has["opusenc"] else 0
        return 1 if own or others else 0
    hour = None if wanted.no_hour else hour_row(has)
    beside = beside_opusenc(20) if has["opusenc"] else None
    versions = "; ".join([
        version("opusdec", "--version"), version("ffmpeg", "-version").split(" Copyright")[0],
        version("gst-launch-1.0", "--version")]) + "."
    pathlib.Path(wanted.output).write_text(page(len(cells), wrong, versions, hour, beside))
    return 1 if own else 0


if __name__ == "__main__":
    sys.exit(main())
