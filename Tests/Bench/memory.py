#!/usr/bin/env python3
"""The most memory each stage of a running pipeline has had in place (VmHWM), beside sox on the same virtual card."""

from bench import *

need("sox")
SECONDS = 3


def peaks(commands, environment):
    """Kilobytes of each stage after some seconds of running; the pipeline is then ended from its head."""
    pipeline = Pipeline(*commands, environment=environment)
    time.sleep(SECONDS)
    found = []
    for child in pipeline.children:
        if child.poll() is not None:
            pipeline.kill()
            sys.exit(f"memory.py: {child.args} ended before it was looked at")
        with open(f"/proc/{child.pid}/status") as status:
            found.append(next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")))
    pipeline.children[0].send_signal(signal.SIGINT)
    pipeline.wait(limit=20)
    return found


sound = f"{SCRATCH}/in.raw"
with open(sound, "wb") as file:
    file.write(os.urandom(RATE * 4))
plugins = {"AUP_PLUGIN_PATH": os.environ.get("AUP_PLUGIN_PATH", str(ROOT / "plugins/gain"))}
format = ["-r", "48000", "-c", "2"]

card = Card(sound)
ours = peaks(
    [[AUP, "capture", "-D", "in", "-f", "s16", *format], [AUP, "process", "gain", "gain=-6"],
     [AUP, "play", "-D", "out"]], {**card.environment, **plugins})
card.remove()
card = Card(sound)
theirs = peaks(
    [["sox", "-q", *format, "-t", "alsa", "in", "-p"], ["sox", "-q", "-p", "-p", "vol", "-6dB"],
     ["sox", "-q", "-p", "-t", "alsa", "out"]], card.environment)
card.remove()
for name, mine, peer in zip(("capture", "process gain", "play"), ours, theirs):
    row(f"memory in place, `aup {name}`", f"{mine / 1024:.1f} MiB", "sox", f"{peer / 1024:.1f} MiB", f"{mine / peer:.2f}", "≤ 20 MiB")
