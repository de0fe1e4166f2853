#!/usr/bin/env python3
"""Every LADSPA, LV2 and CLAP plugin of Debian 12 through aup: installs them, runs each in a process of its own over five
seconds of sweep, noise, impulses and silence in blocks of 1024 frames, and writes docs/plugin-compatibility.md.

    make compatibility
    Tests/Compatibility/run.py [--no-install] [--only TEXT] [--output FILE]
"""

import argparse
import array
import collections
import concurrent.futures
import datetime
import glob
import json
import math
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
AUP = os.environ.get("AUP", str(ROOT / ".build/release/aup"))
RATE = 48000
FRAMES = 5 * RATE
BLOCK = 1024
# Five seconds of sound take milliseconds; only a plugin that never ends, or first computes for long, gets here.
LIMIT_SECONDS = 60

PACKAGES = """
ambdec amb-plugins autotalent blepvco blop bs2b-ladspa caps cmt csladspa dpf-plugins-ladspa fil-plugins guitarix-ladspa
invada-studio-plugins-ladspa ladspa-sdk lsp-plugins-ladspa mcp-plugins omins rev-plugins rubberband-ladspa ste-plugins
swh-plugins tap-plugins vco-plugins vlevel wah-plugins
abgate amsynth ardour-lv2-plugins avldrums.lv2 blop-lv2 calf-plugins dpf-plugins-lv2 dragonfly-reverb-lv2 drumgizmo
drumkv1-lv2 eq10q fomp foo-yc20 guitarix-lv2 invada-studio-plugins-lv2 ir.lv2 lsp-plugins-lv2 lv2-examples lv2vocoder
mda-lv2 naspro-bridges padthv1-lv2 rubberband-lv2 samplv1-lv2 setbfree so-synth-lv2 swh-lv2 synthv1-lv2
tuxguitar-synth-lv2 vocproc x42-plugins zam-plugins zynaddsubfx-lv2
""".split()

FORMATS = {"ladspa": "LADSPA", "lv2": "LV2", "clap": "CLAP"}
VERDICTS = ["runs", "output has NaN", "refused", "crashed, aup says so", "host crashed", "timed out"]
PEER_VERDICTS = ["equal", "equal but for latency", "differs", "peer refuses or fails"]


def install():
    wanted = PACKAGES + ["ffmpeg"]
    state = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted], capture_output=True, text=True).stdout
    there = {line.split()[0] for line in state.splitlines() if line.endswith(" installed")}
    missing = [package for package in wanted if package not in there]
    if not missing:
        return
    print(f"installing {' '.join(missing)}", file=sys.stderr)
    root = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run(
        [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends", *missing],
        check=True, stdout=subprocess.DEVNULL)


class Owners:
    """Which package a plugin came from."""

    def __init__(self):
        self.files, self.words = {}, []
        for package in PACKAGES:
            listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True).stdout.splitlines()
            for path in listed:
                if os.path.isfile(path):
                    self.files[os.path.realpath(path)] = package
                if path.endswith("/manifest.ttl") and os.path.isfile(path):
                    self.words.append((package, pathlib.Path(path).read_text(errors="replace")))

    def of(self, path, reference):
        owner = self.files.get(os.path.realpath(path)) if path else None
        if owner:
            return owner
        # A refused LV2 plugin has no path, but its bundle's manifest says its URI: whole, or behind a prefix.
        for package, words in self.words:
            if f"<{reference}>" in words:
                return package
        cut = max(reference.rfind("#"), reference.rfind("/")) + 1
        for package, words in self.words:
            if reference[:cut] in words and re.search(rf":{re.escape(reference[cut:])}\b", words):
                return package
        return "another"


def signal_samples():
    """Sweep 1.5 s (20 Hz to 20 kHz, exponential), noise 1.5 s, impulses 1 s, silence 1 s, at half scale."""
    noise = random.Random(20230610)
    sweep = 3 * RATE // 2
    ratio = math.log(1000)
    sound = [
        0.5 * math.sin(2 * math.pi * 20 * 1.5 / ratio * (math.exp(i / sweep * ratio) - 1)) for i in range(sweep)]
    sound += [noise.uniform(-0.5, 0.5) for _ in range(sweep)]
    sound += [0.5 if i % 4800 == 0 else 0.0 for i in range(RATE)]
    sound += [0.0] * RATE
    return sound


def wave(channels, mono):
    """A WAV file of floats; each channel hears the signal a little later than the one before, so that none is taken for
    another."""
    sound = array.array("f", bytes(4 * FRAMES * channels))
    for channel in range(channels):
        late = 37 * channel
        sound[channel::channels] = array.array("f", [0.0] * late + mono[:FRAMES - late])
    data = sound.tobytes()
    header = struct.pack("<HHIIHH", 3, channels, RATE, RATE * channels * 4, channels * 4, 32)
    return (b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + header + b"data"
            + struct.pack("<I", len(data)) + data)


def listed(environment):
    """The plugins that can be found, and the refusals: (plugins, [(name, reason)])."""
    done = subprocess.run(
        [AUP, "process", "--list", "--json"], capture_output=True, text=True, timeout=600, env=environment)
    if done.returncode:
        sys.exit(f"aup process --list ended with {done.returncode}: {done.stderr.strip()}")
    plugins = [json.loads(line) for line in done.stdout.splitlines()]
    refusals = []
    for line in done.stderr.splitlines():
        found = re.match(r"aup process: plugin '(.*?)':? (.*)", line)
        refusals.append((found[1], found[2]) if found else ("", line))
    return [plugin for plugin in plugins if plugin["interface"] in FORMATS], refusals


def has_nan(data):
    # A sum of products with 0 is 0 unless something is not finite.
    values = array.array("f", data[:len(data) // 4 * 4])
    return any(not math.isfinite(value) for value in values) if math.isnan(sum(values) * 0.0) else False


def run_one(plugin, waves, environment, folder):
    """(verdict, reason, peer verdict or "")"""
    inputs = [int(text) for text in re.findall(r"(\d+) to", plugin["channels"])]
    outputs = [int(text) for text in re.findall(r"to (\d+)", plugin["channels"])]
    channels = max(1, inputs[0] if inputs else 2)
    command = [AUP, "process", "-i", "-", "--as", "raw", "--exact-denormals", plugin["reference"]]
    with tempfile.TemporaryDirectory(dir=folder) as here:
        try:
            done = subprocess.run(
                command, input=waves[channels], capture_output=True, timeout=LIMIT_SECONDS, env=environment, cwd=here)
        except subprocess.TimeoutExpired:
            return "timed out", f"not done after {LIMIT_SECONDS} s", ""
        said = [line for line in done.stderr.decode(errors="replace").splitlines() if line.startswith("aup")]
        errors = [line for line in said if "crashed in" in line or "called exit() in" in line] or said[-1:]
        reason = re.sub(r"^aup( process)?: ", "", errors[0]) if errors else ""
        if done.returncode < 0:
            return "host crashed", f"signal {-done.returncode} {reason}", ""
        if "crashed in" in reason or "called exit() in" in reason:
            return "crashed, aup says so", reason, ""
        if done.returncode:
            return "refused", reason or f"exit status {done.returncode}", ""
        verdict = "output has NaN" if has_nan(done.stdout) else "runs"
        reason = "not finite in the output" if verdict != "runs" else ""
        wanted = outputs[0] if outputs else 1
        if len(done.stdout) < FRAMES * 4:
            return "refused", f"no more than {len(done.stdout)} bytes came out: {reason}", ""
        peer = ""
        if inputs and inputs[0] == wanted and plugin["interface"] != "clap" and shutil.which("ffmpeg"):
            peer = compared(plugin, waves[channels], done.stdout, channels, environment, here)
    return verdict, reason, peer


def compared(plugin, sound, ours, channels, environment, here):
    """What ffmpeg makes of the same sound, in blocks of the same length."""
    if plugin["interface"] == "ladspa":
        effect = f"ladspa=file={plugin['path']}:plugin={plugin['id']}"
    else:
        # Quoted twice: once for the filter's options, once for the graph.
        effect = "lv2=plugin=" + plugin["id"].replace(":", "\\\\:")
        environment = {**environment, "LV2_PATH": environment["HOME"] + "/lv2"}
    command = [
        "ffmpeg", "-v", "error", "-nostdin", "-f", "f32le", "-ar", str(RATE), "-ac", str(channels), "-i", "in.raw",
        "-af", f"asetnsamples=n={BLOCK}:p=0,{effect}", "-f", "f32le", "-c:a", "pcm_f32le", "-y", "out.raw"]
    (pathlib.Path(here) / "in.raw").write_bytes(sound[44:])
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_SECONDS, env=environment, cwd=here)
    except subprocess.TimeoutExpired:
        return "peer refuses or fails"
    result = pathlib.Path(here) / "out.raw"
    theirs = result.read_bytes() if result.exists() else b""
    if done.returncode or len(theirs) < FRAMES * channels * 4:
        return "peer refuses or fails"
    size = FRAMES * channels * 4
    if same(ours[:size], theirs[:size]):
        return "equal"
    # aup takes the latency out, ffmpeg does not: theirs begins that many frames later.
    head = ours[:65536 * channels * 4]
    first = next((i for i in range(0, len(head), 4) if head[i:i + 4] not in (b"\0\0\0\0", b"\0\0\0\x80")), None)
    if first is None:
        return "differs"
    piece = ours[first:first + 256]
    at = theirs.find(piece)
    while at >= 0:
        late = at - first
        if late > 0 and late % (4 * channels) == 0 and same(ours[:size - late], theirs[late:size]):
            return "equal but for latency"
        at = theirs.find(piece, at + 4)
    return "differs"


def same(ours, theirs):
    """Bit for bit, but that -0 is 0."""
    return ours == theirs or array.array("f", ours) == array.array("f", theirs)


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join(["---"] + ["--:"] * (len(heads) - 1)) + "|"]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def counted(key, results, first):
    kinds = [verdict for verdict in VERDICTS if any(result["verdict"] == verdict for result in results)]
    groups = collections.defaultdict(list)
    for result in results:
        groups[result[key]].append(result["verdict"])
    rows = [[name, len(groups[name])] + [groups[name].count(kind) for kind in kinds] for name in sorted(groups)]
    if len(rows) > 1:
        everything = [result["verdict"] for result in results]
        rows.append(["all", len(results)] + [everything.count(kind) for kind in kinds])
    return table([first, "plugins"] + kinds, rows)


def page(results, command):
    system = pathlib.Path("/etc/debian_version").read_text().strip()
    version = subprocess.run([AUP, "--version"], capture_output=True, text=True).stdout.strip()
    lines = [
        "# Plugin compatibility", "",
        "<!-- Written by Tests/Compatibility/run.py; change it there. -->", "",
        f"    {command}", "",
        f"Run on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} with {version}, Debian {system}, {len(PACKAGES)} "
        "packages.", "",
        "Every plugin that `aup process --list` finds, and every one it refuses, once: default settings, 48 kHz, as many",
        "channels as it has inputs, 5 s (sweep 1.5 s, noise 1.5 s, impulses 1 s, silence 1 s) through a pipe, which makes",
        f"blocks of {BLOCK} frames, in a process of its own, {LIMIT_SECONDS} s at most. *Crashed, aup says so*: the plugin "
        "ended its",
        "process, with a line that names plugin, phase and signal. *Host crashed*: without one. aup makes samples that are",
        "not finite 0, so *output has NaN* would be a fault of aup; which plugins make them is not seen here.", "",
        "## By format", ""]
    lines += counted("format", results, "format")
    lines += ["", "## By package", ""] + counted("package", results, "package")
    peers = [result for result in results if result["peer"]]
    if peers:
        lines += [
            "", "## Beside ffmpeg", "",
            "Of those that run and have as many inputs as outputs: its `ladspa` and `lv2` filters on the same floats, in",
            f"blocks of {BLOCK} frames, with the defaults each host takes. Equal is to the bit, −0 being 0. aup takes "
            "latency out,",
            "ffmpeg does not; it does not call LV2's `activate` either. Plugins that draw random numbers never repeat.",
            ""]
        rows = []
        for name in sorted({result["format"] for result in peers}):
            group = [result["peer"] for result in peers if result["format"] == name]
            rows.append([name, len(group)] + [group.count(kind) for kind in PEER_VERDICTS])
        lines += table(["format", "compared"] + PEER_VERDICTS, rows)
        different = sorted(result["name"] for result in peers if result["peer"] == "differs")
        if different:
            lines += ["", "Different:", ""] + [f"- `{name}`" for name in different]
    lines += ["", "## Refused or failing", ""]
    for name in FORMATS.values():
        for verdict in VERDICTS[1:]:
            group = collections.defaultdict(list)
            for result in results:
                if result["format"] == name and result["verdict"] == verdict:
                    group[result["reason"]].append(result["name"])
            if group:
                lines += [f"### {name}: {verdict}", ""]
            for reason in sorted(group):
                names = ", ".join(f"`{plugin}`" for plugin in sorted(group[reason]))
                lines.append(f"- {reason}: {names}")
            if group:
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-install", action="store_true", help="take what is installed")
    parser.add_argument("--only", default="", help="only plugins with this in their reference; prints, writes nothing")
    parser.add_argument("--output", default=str(ROOT / "docs/plugin-compatibility.md"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if not options.no_install:
        install()
    with tempfile.TemporaryDirectory(prefix="aup-compatibility-", dir="/dev/shm") as folder:
        # Settings of nobody: plugins read and write below HOME, and scans are made anew.
        environment = {**os.environ, "HOME": folder, "XDG_CACHE_HOME": folder + "/cache", "LC_ALL": "C.UTF-8"}
        for name in ("LADSPA_PATH", "LV2_PATH", "CLAP_PATH", "DISPLAY", "WAYLAND_DISPLAY"):
            environment.pop(name, None)
        # The bridges of naspro load every plugin of other interfaces into ffmpeg, where one of them aborts.
        os.mkdir(folder + "/lv2")
        for bundle in glob.glob("/usr/lib/lv2/*") + glob.glob("/usr/lib/*/lv2/*"):
            beside = f"{folder}/lv2/{os.path.basename(bundle)}"
            if "naspro" not in bundle and not os.path.lexists(beside):
                os.symlink(bundle, beside)
        # ffmpeg looks into fewer folders than there are.
        environment["LADSPA_PATH"] = ":".join(["/usr/lib/ladspa", *glob.glob("/usr/lib/*/ladspa")])
        plugins, refusals = listed(environment)
        plugins = [plugin for plugin in plugins if options.only in plugin["reference"]]
        owners = Owners()
        mono = signal_samples()
        needed = {max(1, int(text)) for plugin in plugins for text in re.findall(r"(\d+) to", plugin["channels"])}
        waves = {channels: wave(channels, mono) for channels in needed | {2}}
        results = []
        with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
            jobs = {pool.submit(run_one, plugin, waves, environment, folder): plugin for plugin in plugins}
            for job in concurrent.futures.as_completed(jobs):
                plugin = jobs[job]
                verdict, reason, peer = job.result()
                reason = re.sub(r"^plugin '[^']*':? ", "", reason).replace(folder, "~")
                results.append({
                    "format": FORMATS[plugin["interface"]], "package": owners.of(plugin["path"], plugin["id"]),
                    "name": plugin["reference"], "verdict": verdict, "reason": reason, "peer": peer})
                if verdict != "runs" or options.only:
                    print(f"{verdict}: {plugin['reference']}: {reason} {peer}", flush=True)
        for name, reason in refusals if not options.only else []:
            kind = "LADSPA" if "/ladspa/" in name else "CLAP" if "/clap/" in name else "LV2"
            results.append({
                "format": kind, "package": owners.of(name if name.startswith("/") else "", name), "name": name,
                "verdict": "refused", "reason": reason, "peer": ""})
    if options.only:
        return
    pathlib.Path(options.output).write_text(page(results, " ".join(["Tests/Compatibility/run.py", *sys.argv[1:]])))
    counts = collections.Counter(result["verdict"] for result in results)
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict]))
    sys.exit(1 if counts["host crashed"] else 0)


if __name__ == "__main__":
    main()
