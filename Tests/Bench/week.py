#!/usr/bin/env python3
"""A week of sound through `aup meter`, as fast as it goes: its memory stays what it was after the first hours, every frame
is counted, and an alarm that goes on is told once. Not part of `make bench`, since it takes a while: `make soak` runs it.

    Tests/Bench/week.py [--hours 168]
"""

import re

from bench import *

HOURS = int(sys.argv[sys.argv.index("--hours") + 1]) if "--hours" in sys.argv else 168
GROWN_KILOBYTES = 1024


def resident(process):
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


# The spectrum, alarms and lines: whatever remembers something from one moment to the next.
started = time.monotonic()
meter = subprocess.Popen(
    [AUP, "meter", "-i", f"sim:noise?pace=fast&rate={RATE}&channels=2", "-d", f"{HOURS}h", "--json", "--interval", "10m",
     "--spectrum", "--alarm", "short_term>-70"],
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
readings, end, alarms = [], {}, []
for text in meter.stderr:
    line = json.loads(text)
    if line["event"] == "levels":
        readings.append(resident(meter))
    elif line["event"] == "alarm":
        alarms.append(line)
    elif line["event"] == "end":
        end = line
_, status, usage = os.wait4(meter.pid, 0)
seconds = time.monotonic() - started
cpu = usage.ru_utime + usage.ru_stime

settled = readings[len(readings) // 10:]
grown = max(settled) - min(settled)
row(f"memory of `aup meter` over {HOURS} hours of sound, after a tenth and most since",
    f"{settled[0] / 1024:.1f}, {max(settled) / 1024:.1f} MiB", "", "", "", f"≤ {GROWN_KILOBYTES // 1024} MiB more")
row("the same, sound in a processor second", f"{HOURS * 3600 / cpu:.0f} s", "by the clock", f"{seconds / 60:.0f} min", "", "")

wrong = []
if os.waitstatus_to_exitcode(status) != 0:
    wrong.append(f"it ended with {os.waitstatus_to_exitcode(status)}")
if end.get("frames") != HOURS * 3600 * RATE:
    wrong.append(f"it counted {end.get('frames')} frames of {HOURS * 3600 * RATE}")
if len(readings) != HOURS * 6:
    wrong.append(f"it gave {len(readings)} readings, not one each ten minutes")
if len(alarms) != 1:
    wrong.append(f"it told of {len(alarms)} alarms, not of one that goes on")
if grown > GROWN_KILOBYTES:
    wrong.append(f"its memory grew by {grown} kB")
if wrong:
    sys.exit(f"{sys.argv[0]}: {'; '.join(wrong)}")
