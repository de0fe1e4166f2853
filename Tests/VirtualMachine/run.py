#!/usr/bin/env python3
"""aup under Debian's own kernel, in a virtual machine: cards that are really there, and really pulled out.

machine.py makes and runs the guest; the story is told in story.sh; what it saw is judged here, and written into
docs/devices.md when all of it is as promised. Where not, the exit status is 1, and the page stays as it is.

    make vm-test
    Tests/VirtualMachine/run.py [--emulated] [--no-page] [--judge]
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import sys
import wave

import machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
WORK = ROOT / ".build/vm"
AUP = os.environ.get("AUP", str(ROOT / ".build/release/aup"))
PAGE = ROOT / "docs/devices.md"
PROMISE_MILLISECONDS = 500
USB = "usb:46f4:0002:AUP0001"
PROCESSOR = {
    "KVM": "on the host's processor (KVM), times by the guest's clock",
    "emulated": "on an emulated processor of 10⁹ instructions a second, which are also what its clock counts",
}


def sound():
    """Noise, so that no frame is like another and every place in it is found, and half a second of silence behind it: what of
    a player's last moments snd-aloop still copies when the player stops is not asked here."""
    turn = random.Random(6)
    frames = 4 * 48_000
    data = struct.pack(f"<{2 * frames}h", *(turn.randint(-20_000, 20_000) for _ in range(2 * frames)))
    with wave.open(str(WORK / "share/sound.wav"), "wb") as file:
        file.setparams((2, 2, 48_000, frames, "NONE", ""))
        file.writeframes(data + bytes(24_000 * 4))
    return data


# MARK: what was seen

class Seen:
    def __init__(self):
        self.share = WORK / "share"
        self.rows = []
        self.isWhole = True
        self.times = {}
        for line in self.text("times").splitlines():
            words = line.split()
            if len(words) == 2:
                self.times[words[0]] = float(words[1])

    def text(self, name):
        path = self.share / name
        return path.read_text(errors="replace") if path.exists() else ""

    def objects(self, name):
        found = []
        for line in self.text(name).splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def answer(self, name):
        return next(iter(self.objects(name + ".out")), {})

    def status(self, name):
        return self.text(name + ".status").strip()

    def sound(self, name):
        """A file's frames as bytes, and how many there are; nothing if it is no WAV file that is whole."""
        try:
            with wave.open(str(self.share / name)) as file:
                data = file.readframes(file.getnframes())
                return (data, file.getnframes()) if len(data) == 4 * file.getnframes() else (b"", 0)
        except (OSError, EOFError, wave.Error):
            return b"", 0

    def row(self, what, saw, holds):
        self.rows.append((what, saw, "yes" if holds else "**no**"))
        if not holds:
            self.isWhole = False

    def milliseconds(self, event, stamp):
        """From what the guest's kernel did to the line that told it; `nan` where either is missing."""
        if event is None or stamp not in self.times:
            return float("nan")
        return (event["time"] - self.times[stamp]) * 1000

    def between(self, stamp, later):
        return (self.times.get(later, float("nan")) - self.times.get(stamp, float("nan"))) * 1000

    def delays(self, what, pairs, promise=PROMISE_MILLISECONDS):
        """A row for so many events, each within the promise. A node's stamp may be a tick of the kernel's early."""
        numbers = [self.milliseconds(event, stamp) for event, stamp in pairs]
        holds = bool(numbers) and all(-10 <= number <= promise for number in numbers)
        self.row(what, f"{', '.join(milliseconds(number) for number in numbers)} of {promise} ms", holds)


def milliseconds(number):
    return "not told" if number != number else f"{number:.0f} ms"


def first(events, kind, word=""):
    return next((event for event in events if event.get("event") == kind and word in json.dumps(event)), None)


def changed(events, what, after=""):
    return next((event for event in events if event.get("event") == "changed"
                 and any(change["what"] == what and after in (change["after"] or "") for change in event["changes"])), None)


# MARK: the judgement

def judge(seen, data):
    judge_list(seen)
    judge_questions(seen)
    judge_tests(seen)
    judge_watch(seen)
    judge_sound(seen, data)
    judge_waiting(seen)


def judge_list(seen):
    seen.row("`aup devices` without a card", f"exit {seen.status('empty')}, "
             f"{sum(not device['simulated'] for device in seen.objects('empty.out'))} devices but `sim:`",
             seen.status("empty") == "0" and "no sound card" in seen.text("empty-text.out"))
    devices = {device["id"]: device for device in seen.objects("list.out") if device["id"]}
    names = sorted(devices)
    seen.row("with snd-dummy, snd-aloop, a PCI and a USB card", ", ".join(f"`{name}`" for name in names),
             {"platform:snd_dummy.0", "platform:snd_aloop.0", "platform:snd_aloop.0/1"} <= set(names)
             and any(re.fullmatch(r"pci:0000:00:\w\w\.0", name) for name in names)
             and USB in names)
    stranger = [device for device in seen.objects("stranger.out") if device["kind"] == "hardware"]
    seen.row("the same for a user who may not open them",
             f"{len(stranger)} devices, {', '.join(sorted({device['output']['obstacle'] or 'open' for device in stranger}))}",
             seen.status("stranger") == "0" and {device["id"] for device in stranger} == set(names)
             and all(device["output"]["obstacle"] == "permission denied" for device in stranger))
    twins = sorted(device["id"] for device in seen.objects("twins.out") if (device["id"] or "").startswith("usb:"))
    seen.row("another USB card with the same serial number", ", ".join(f"`{name}`" for name in twins),
             len(set(twins)) == 2 and all(re.fullmatch(re.escape(USB) + "@[0-9.-]+", name) for name in twins))
    dummy = (devices.get("platform:snd_dummy.0", {}).get("output") or {}).get("volume") or {}
    seen.row("volume of snd-dummy after `amixer sset Master 60%`", f"{dummy.get('control')} {dummy.get('percent')} %",
             dummy.get("control") == "Master" and abs((dummy.get("percent") or 0) - 60) <= 1)
    usb = devices.get(USB, {}).get("output") or {}
    volume = usb.get("volume") or {}
    seen.row("volume and mute of the USB card after `amixer sset … 50% mute`",
             f"{volume.get('percent')} %, {'muted' if volume.get('muted') else 'not muted'}",
             abs((volume.get("percent") or 0) - 50) <= 1 and volume.get("muted") is True)


def judge_questions(seen):
    yes, no = seen.answer("supports"), seen.answer("refuses")
    seen.row("`--supports s16/48000/2` of snd-dummy", f"{word(yes.get('supported'))}, exit {seen.status('supports')}",
             yes.get("supported") is True and seen.status("supports") == "0")
    reason = (no.get("playback") or {}).get("reason")
    seen.row("`--supports s16/48000/7`", f"{word(no.get('supported'))}: {reason}, exit {seen.status('refuses')}",
             no.get("supported") is False and bool(reason) and seen.status("refuses") == "1")
    for name, title in (("dummy", "snd-dummy"), ("loop", "snd-aloop"), ("usb", "USB"), ("pci", "PCI")):
        answer = seen.answer("probe-" + name)
        side = answer.get("playback") or {}
        default = side.get("default") or {}
        seen.row(f"`--probe` of {title}",
                 f"{' '.join(side.get('formats') or [])}; {ranges(side.get('rates'))} Hz; "
                 f"{ranges(side.get('channels'))} channels; "
                 f"{default.get('format')}/{default.get('rate')}/{default.get('channels')} if nothing is said",
                 seen.status("probe-" + name) == "0" and bool(default))
    held = next((device for device in seen.objects("held-list.out") if (device["id"] or "").startswith("pci:")), {})
    side = held.get("input") or {}
    pid = seen.text("held.pid").strip()
    holders = [(stream.get("command"), stream.get("pid")) for stream in side.get("streams") or []]
    seen.row("a card that arecord holds", f"{'busy' if side.get('busy') else 'free'}, "
             + (", ".join(f"{command}, {process}" for command, process in holders) or "nobody") + f"; its process is {pid}",
             side.get("busy") is True and ("arecord", int(pid or 0)) in holders)
    probed = seen.answer("held-probe").get("capture") or {}
    holder = probed.get("holder") or {}
    seen.row("`--probe` of it", f"busy: {word(probed.get('busy'))}, {holder.get('command')}, {holder.get('pid')}, "
             f"{holder.get('alsa_format')} {holder.get('rate')} Hz {holder.get('channels')} ch",
             probed.get("busy") is True and str(holder.get("pid")) == pid)
    said = seen.text("held-capture.err").strip()
    seen.row("`capture` of it", f"exit {seen.status('held-capture')}: {said}",
             seen.status("held-capture") == "2" and "arecord" in said and len(said.splitlines()) == 1)
    seen.row("arecord meanwhile", f"exit {seen.status('held-arecord')}, "
             f"{seen.text('held-arecord.err').strip() or 'no overrun'}",
             seen.status("held-arecord") == "0" and not seen.text("held-arecord.err").strip())


def word(answer):
    return {True: "yes", False: "no"}.get(answer, "no answer")


def ranges(pairs):
    return ", ".join(f"{low}" if low == high else f"{low} to {high}" for low, high in pairs or [])


def judge_tests(seen):
    # snd-aloop runs at 100000/100050 of its rate with a shift of 100050: 499.75 ppm slow.
    for name, title, expected in (("dummy", "snd-dummy", 0), ("loop", "snd-aloop", 0),
                                  ("shifted", "snd-aloop, set 499.75 ppm slower", -499.75),
                                  ("usb", "USB, whose rate is qemu's", None), ("pci", "PCI, whose rate is qemu's", None)):
        answer = seen.answer("test-" + name)
        saw, holds = [], seen.status("test-" + name) == "0"
        for direction in ("capture", "playback"):
            side = answer.get(direction)
            if not side:
                continue
            ppm, doubt = side["ppm"], side["ppm_uncertainty"]
            jitter = side["jitter_ms"]
            # Adding nothing takes the sign from a zero.
            saw.append(f"{direction} {round(ppm, 1) + 0:+.1f} ± {doubt:.1f} ppm, periods {jitter['mean']:.2f} ms off in the mean and "
                       f"{jitter['max']:.2f} at most, {side['xruns']} xruns")
            if expected is not None:
                holds = holds and abs(ppm - expected) <= max(3 * doubt, 5)
            holds = holds and side["xruns"] == 0 and side["lost_frames"] == 0
        seen.row(f"`--test` of {title}", "; ".join(saw) or seen.text(f"test-{name}.err").strip(), holds and bool(saw))


def judge_watch(seen):
    events = seen.objects("first.out")
    seen.delays("`--watch` before there is a /dev/snd: the first card is told after",
                [(first(events, "added", "Dummy"), "first-added")])
    events = seen.objects("usb.out")
    added = [event for event in events if event["event"] == "added" and "usb:" in (event.get("id") or "")]
    removed = [event for event in events if event["event"] == "removed" and "usb:" in (event.get("id") or "")]
    seen.row("USB card plugged in and pulled out three times", f"{len(added)} added, {len(removed)} removed, each as "
             + ", ".join(sorted({f"`{event['id']}`" for event in added + removed})),
             len(added) == 3 and len(removed) == 3 and {event["id"] for event in added + removed} == {USB})
    seen.delays("added, after its `controlC` appeared",
                [(event, f"usb{index + 1}-added") for index, event in enumerate(added)])
    seen.delays("removed, after its last node went",
                [(event, f"usb{index + 1}-removed") for index, event in enumerate(removed)])
    seen.row("a watch ends by SIGINT with", f"exit {seen.status('usb')}", seen.status("usb") == "0")
    events = seen.objects("changes.out")
    seen.delays("a volume that is moved (`amixer`)", [(changed(events, "output_volume", "30%"), "volume")])
    seen.delays("a mute that is taken away", [(changed(events, "output_muted", "no"), "muted")])
    seen.delays("somebody begins to record (`arecord`)", [(changed(events, "input_holder", "arecord"), "use")])
    seen.delays("and ends", [(changed(events, "input_holder", "nobody"), "free")])
    seen.delays("`~/.asoundrc` makes another card the default",
                [(first(events, "default", "snd_aloop"), "configuration")])


def judge_sound(seen, data):
    body, _ = seen.sound("loop.wav")
    seen.row("4 s of noise: play to snd-aloop, capture from it", "every bit of each frame" if data in body else "damaged",
             data in body and seen.status("loop") == "0" and seen.status("loop-play") == "0")
    body, _ = seen.sound("pipe.wav")
    end = first(seen.objects("pipe-out.err"), "end") or {}
    seen.row("the same through `capture \\| play` from one pair of snd-aloop to another",
             f"{'every bit of each frame' if data in body else 'damaged'}, {end.get('lost_frames')} lost, "
             f"{end.get('xruns')} xruns",
             data in body and end.get("lost_frames") == 0
             and [seen.status(name) for name in ("pipe", "pipe-in", "pipe-out", "pipe-play")] == ["0"] * 4)


    judge_shared(seen, data)
    judge_stopped(seen, data)
    answer = seen.answer("latency")
    heard = answer.get("heard") or []
    seen.row("`--latency` from one end of snd-aloop to the other",
             f"{answer.get('round_trip_ms')} ms, {len(heard)} of {answer.get('clicks')} clicks heard, within "
             f"{max(heard, default=0) - min(heard, default=0)} frames",
             seen.status("latency") == "0" and len(heard) == answer.get("clicks"))


def judge_shared(seen, data):
    """What dmix adds nothing but silence to is what was played, in the 32 bits that it mixes in."""
    wide = b"".join(b"\0\0" + data[at:at + 2] for at in range(0, len(data), 2))
    exact = 0
    for name in ("shared1.wav", "shared2.wav"):
        path = seen.share / name
        exact += path.exists() and wide in path.read_bytes()
    statuses = [seen.status(name) for name in ("shared1", "shared2", "shared-silence", "shared-play")]
    seen.row("the same through dmix beside another player, and dsnoop by two recorders",
             f"{exact} of 2 recordings have every bit, exit {' '.join(statuses)}", exact == 2 and statuses == ["0"] * 4)


def judge_stopped(seen, data):
    """What was lost is silence of the same length, and what came after it stands where it would have."""
    body, _ = seen.sound("stopped.wav")
    gaps = [event for event in seen.objects("stopped.err") if event.get("event") == "gap"]
    end = first(seen.objects("stopped.err"), "end") or {}
    start = body.find(data[:4000])
    kept = body[start:start + len(data)]
    expected = data
    for gap in gaps:
        low = max(4 * gap["position"] - start, 0)
        expected = expected[:low] + bytes(4 * gap["frames"]) + expected[low + 4 * gap["frames"]:]
    lost = sum(gap["frames"] for gap in gaps)
    seen.row("the recorder is stopped (SIGSTOP) for 1.5 s with 0.8 s of buffer",
             f"{len(gaps)} gap of {lost} frames, all others {'in their places' if kept == expected else 'elsewhere'}",
             len(gaps) == 1 and lost == end.get("lost_frames") and 0 < lost < 96_000 and start > 0
             and kept == expected and seen.status("stopped") == "0")


def judge_waiting(seen):
    opened = first(seen.objects("waited.err"), "device")
    late = seen.between("waited-added", "waited-open")
    _, frames = seen.sound("waited.wav")
    seen.row("`capture --wait-device`: runs after its card appeared",
             f"{milliseconds(late)} of {PROMISE_MILLISECONDS} ms, {frames} frames, exit {seen.status('waited')}",
             opened is not None and late <= PROMISE_MILLISECONDS and frames == 96_000 and seen.status("waited") == "0")
    events = seen.objects("pulled.err")
    end = first(events, "end") or {}
    gaps = [event for event in events if event.get("event") == "gap"]
    _, frames = seen.sound("pulled.wav")
    away = seen.between("pulled-lost", "pulled-back") / 1000
    lost = end.get("lost_frames") or 0
    # What is lost is the time without the card: what the device had not handed over when it went, and its first period.
    seen.row("`capture --reconnect=forever`: a PCI card pulled out and plugged in again",
             f"{end.get('reconnects')} reconnection, {len(gaps)} gap of {lost} frames for {away:.1f} s, "
             f"a whole file of {frames} frames, exit {seen.status('pulled')}",
             end.get("reconnects") == 1 and len(gaps) == 1 and gaps[0]["frames"] == lost
             and abs(lost / 48_000 - away) < 1 and lost + end.get("frames", 0) == frames == 576_000
             and seen.status("pulled") == "0")
    events = seen.objects("held.out")
    seen.delays("a watch told of that card, which was running", [
        (first(events, "removed", "pci:"), "held-removed"), (first(events, "added", "pci:"), "pulled-added")])
    said = first(seen.objects("torn.err"), "end") or {}
    seen.row("`play` to a USB card that is pulled out", f"exit {seen.status('torn')}: {said.get('message')}",
             seen.status("torn") == "2" and bool(said.get("message")))
    late = seen.between("pulled-added", "pulled-back")
    seen.row("and sound again after the card appeared", f"{milliseconds(late)} of 1000 ms", late <= 1000)


def page(seen, processor):
    qemu = machine.run("qemu-system-x86_64", "--version").split("(")[0].strip()
    lines = ["<!-- vm-test -->", "", f"Seen by `make vm-test` under {seen.text('kernel').strip()} of Debian in {qemu}, "
             f"{PROCESSOR[processor]}, with {seen.text('version').splitlines()[0]}.", "",
             "| | what was seen | as promised |", "|---|---|---|"]
    lines += [f"| {what} | {saw} | {holds} |" for what, saw, holds in seen.rows]
    lines += ["", "<!-- /vm-test -->"]
    new, count = re.subn(r"<!-- vm-test -->.*<!-- /vm-test -->", lambda _: "\n".join(lines), PAGE.read_text(), flags=re.S)
    if count != 1:
        raise machine.Trouble(f"{PAGE}: no place between <!-- vm-test --> and <!-- /vm-test -->")
    PAGE.write_text(new)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--emulated", action="store_true", help="leave KVM alone")
    parser.add_argument("--no-page", action="store_true", help="leave docs/devices.md as it is")
    parser.add_argument("--judge", action="store_true", help="judge what the last run left, without a new one")
    options = parser.parse_args()
    # So that what is begun is also ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    WORK.mkdir(parents=True, exist_ok=True)
    share = WORK / "share"
    if options.judge:
        processor = (WORK / "processor").read_text()
        hasEnded = True
    else:
        tree, version = machine.kernel(WORK)
        packed = machine.initramfs(WORK, tree, version, AUP, HERE / "init.sh")
        shutil.rmtree(share, ignore_errors=True)
        share.mkdir()
        shutil.copy2(HERE / "story.sh", share)
    data = sound()
    if not options.judge:
        processor, hasEnded = machine.boot(WORK, tree, version, packed, options.emulated)
        (WORK / "processor").write_text(processor)
    if not hasEnded:
        sys.exit("FAILED: the guest did not come to the end of its story")
    seen = Seen()
    judge(seen, data)
    print()
    for row in seen.rows:
        print(" | ".join(row))
    print()
    for what, saw, holds in seen.rows:
        if holds != "yes":
            print(f"FAILED: {what}: {saw}")
    if seen.isWhole and not options.no_page:
        page(seen, processor)
    print(f"vm-test: {'all' if seen.isWhole else 'not'} as promised; {len(seen.rows)} rows, {PROCESSOR[processor]}")
    sys.exit(0 if seen.isWhole else 1)


try:
    main()
except machine.Trouble as trouble:
    sys.exit(f"vm-test: {trouble}")
