#!/usr/bin/env python3
"""Every LADSPA, LV2 and CLAP plugin of Debian 12 through aup: installs them, runs each in a process of its own over five
seconds of sweep, noise, impulses and silence in blocks of 1024 frames, and writes docs/plugin-compatibility.md.

    make compatibility
    Tests/Compatibility/run.py [--no-install] [--only EXPRESSION] [--output FILE] [--results FILE] [--jobs N]
"""

import argparse
import array
import collections
import concurrent.futures
import glob
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

import peers as hosts
import sound
from page import FORMATS, VERDICTS, exact_hosts, page
from peers import LIMIT_SECONDS, PEERS, in_place, lv2apply, reference
from reasons import TIMED

ROOT = pathlib.Path(__file__).resolve().parents[2]
AUP = os.environ.get("AUP", str(ROOT / ".build/release/aup"))
BLOCK = 1024
LONG_BLOCK = 4096

PACKAGES = """
ambdec amb-plugins autotalent blepvco blop bs2b-ladspa caps cmt csladspa dpf-plugins-ladspa fil-plugins guitarix-ladspa
invada-studio-plugins-ladspa ladspa-sdk lsp-plugins-ladspa mcp-plugins omins rev-plugins rubberband-ladspa ste-plugins
swh-plugins tap-plugins vco-plugins vlevel wah-plugins
abgate amsynth ardour-lv2-plugins avldrums.lv2 blop-lv2 calf-plugins dpf-plugins-lv2 dragonfly-reverb-lv2 drumgizmo
drumkv1-lv2 eq10q fomp foo-yc20 guitarix-lv2 invada-studio-plugins-lv2 ir.lv2 lsp-plugins-lv2 lv2-examples lv2vocoder
mda-lv2 naspro-bridges padthv1-lv2 rubberband-lv2 samplv1-lv2 setbfree so-synth-lv2 swh-lv2 synthv1-lv2
tuxguitar-synth-lv2 vocproc x42-plugins zam-plugins zynaddsubfx-lv2
""".split()


def install():
    wanted = PACKAGES + ["ffmpeg", "ecasound", "lv2file", "lilv-utils", "liblilv-dev", "pkg-config"]
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
    return math.isnan(sum(array.array("f", data[:len(data) // 4 * 4])) * 0.0)


def widths(plugin):
    """Inputs and outputs of the first layout, as numbers."""
    found = re.match(r"(\d+|none) to (\d+)", plugin["channels"])
    return (0 if found[1] == "none" else int(found[1]), int(found[2])) if found else (2, 2)


class Sounds:
    """The same sound for any number of channels, written once each."""

    def __init__(self, folder):
        self.folder, self.mono, self.gate, self.made = pathlib.Path(folder), sound.signal(), threading.Lock(), {}

    def of(self, channels):
        with self.gate:
            if channels not in self.made:
                data = sound.floats(channels, self.mono)
                files = {
                    "raw": data, "wave": sound.wave(data, channels),
                    **{block: sound.stream(data, channels, block) for block in (BLOCK, LONG_BLOCK)}}
                for kind, content in files.items():
                    (self.folder / f"in{channels}.{kind}").write_bytes(content)
                self.made[channels] = {kind: self.folder / f"in{channels}.{kind}" for kind in files}
            return self.made[channels]


def ours(plugin, file, environment, here, how=("--exact-denormals",), more=()):
    """What aup makes of it: (verdict, reason, bytes)."""
    command = [AUP, "process", "-i", str(file), "--as", "raw", *how, plugin["reference"], *more]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_SECONDS, env=environment, cwd=here)
    except subprocess.TimeoutExpired:
        return "timed out", f"not done after {LIMIT_SECONDS} s", b""
    said = [line for line in done.stderr.decode(errors="replace").splitlines() if line.startswith("aup")]
    errors = [line for line in said if "crashed in" in line or "called exit() in" in line] or said[-1:]
    reason = re.sub(r"^aup( process)?: ", "", errors[0]) if errors else ""
    if done.returncode < 0:
        return "host crashed", f"signal {-done.returncode} {reason}", b""
    if "crashed in" in reason or "called exit() in" in reason:
        return "crashed, aup says so", reason, b""
    if done.returncode:
        return "refused", reason or f"exit status {done.returncode}", b""
    if len(done.stdout) < sound.FRAMES * 4 * plugin["outputs"]:
        return "refused", f"no more than {len(done.stdout)} bytes came out: {reason}", b""
    if has_nan(done.stdout):
        return "output has NaN", "not finite in the output", b""
    return "runs", "", done.stdout


def run_one(plugin, sounds, environment, folder):
    plugin["inputs"], plugin["outputs"] = widths(plugin)
    channels = max(1, plugin["inputs"])
    files = sounds.of(channels)
    with tempfile.TemporaryDirectory(dir=folder) as here:
        if plugin["interface"] == "lv2":
            # All the others take half a second to read, and the bridges of naspro among them load every plugin of other
            # interfaces into a host, where one of them aborts.
            bundle = pathlib.Path(plugin["path"]).parent
            os.mkdir(here + "/lv2")
            os.symlink(bundle, f"{here}/lv2/{bundle.name}")
            environment = {**environment, "LV2_PATH": here + "/lv2"}
        if re.search(TIMED, plugin["reference"]):
            environment = {**environment, "LD_PRELOAD": f"{folder}/clock.so"}
        verdict, reason, made = ours(plugin, files[BLOCK], environment, here)
        peers, notes = {}, []
        if verdict == "runs":
            peers, notes = beside(plugin, files, made, environment, here)
    return {"verdict": verdict, "reason": reason, "peers": peers, "notes": notes}


def within_fractions(plugin):
    """ffmpeg takes the bounds of a control that are fractions of the rate for Hz. The plugin with values that are within
    both, and the words that set them in aup; None where there are none."""
    values, words, index = [], [], 0
    for one in plugin["parameters"]:
        one = dict(one)
        highest = one["max"] / sound.RATE
        if one["scales_with_rate"] and not one["output"] and one["default"] > highest:
            if highest < one["min"]:
                return None
            # A little less, for what lies beyond by rounding.
            one["default"] = float(f"{highest * 0.99:.6g}")
            words.append(f"c{index}={hosts.decimal(one['default'])}")
        index += not one["output"]
        values.append(one)
    return ({**plugin, "parameters": values}, words) if words else None


def beside(plugin, files, made, environment, here):
    """What each peer makes of the same sound: ({peer: verdict}, [what else was seen])."""
    # aup says by itself that Qt needs no screen.
    environment = {**environment, "QT_QPA_PLATFORM": "offscreen"}
    outputs = plugin["outputs"]
    peers, theirs, notes = {}, {}, []
    for name, peer in PEERS[plugin["interface"]].items():
        data, why = peer(plugin, files, here, environment, BLOCK)
        theirs[name] = data
        peers[name] = sound.compared(made, data, outputs) if data else "fails"
        if not data:
            notes.append(f"{name}: {why}")
    if plugin["interface"] == "clap" or any(verdict.startswith("equal") for verdict in peers.values()):
        return peers, notes
    if plugin["interface"] == "lv2":
        # ffmpeg gives blocks of this length to every plugin that wants bounded ones, and lv2file says that none is longer
        # than those it gives, which some plugins go by.
        for name, peer in PEERS["lv2"].items():
            data, _ = peer(plugin, files, here, environment, LONG_BLOCK)
            for how, remark in ((("--exact-denormals",), ""), ((), ", denormals 0")) if data else ():
                _, _, long = ours(plugin, files[LONG_BLOCK], environment, here, how=how)
                if (same := sound.compared(long, data, outputs)).startswith("equal"):
                    return {**peers, name: same + remark}, notes + [f"blocks of {LONG_BLOCK} frames"]
    # A file built with -ffast-math switches denormals off while it is loaded. aup puts that right again, others do not.
    _, _, coarse = ours(plugin, files[BLOCK], environment, here, how=())
    for name, data in theirs.items():
        if data and sound.compared(coarse, data, outputs).startswith("equal"):
            peers[name] = "equal, denormals 0"
    if any(verdict.startswith("equal") for verdict in peers.values()):
        return peers, notes
    if plugin["interface"] == "ladspa" and (settled := within_fractions(plugin)):
        changed, words = settled
        verdict, _, other = ours(plugin, files[BLOCK], environment, here, more=words)
        data, _ = PEERS["ladspa"]["ffmpeg"](changed, files, here, environment, BLOCK) if verdict == "runs" else (None, "")
        if data and (same := sound.compared(other, data, outputs)).startswith("equal"):
            return {**peers, "ffmpeg": same}, [f"with {' '.join(words)}"]
    for name, data in theirs.items():
        if data:
            first, most = sound.farthest(made, data, outputs)
            notes.append(f"{name} from frame {first}, at most {most:.3g}")
    _, _, again = ours(plugin, files[BLOCK], environment, here)
    if again != made:
        notes.append("differs from itself")
    if plugin["interface"] == "ladspa":
        data, _ = in_place(plugin, files, here, environment, BLOCK)
        for name in theirs:
            if data and theirs[name] and sound.compared(data, theirs[name], outputs) == "equal":
                notes.append(f"{name} as in place")
            elif theirs[name] and sound.compared(sound.clipped(made), theirs[name], outputs) == "equal":
                notes.append(f"{name} cut off")
    others = {"lv2apply": lv2apply} if plugin["interface"] == "lv2" else {}
    for name, host in {**others, "reference": reference}.items():
        data, why = host(plugin, files, here, environment, BLOCK)
        peers[name] = "fails"
        for made_so, remark in ((made, ""), (coarse, ", denormals 0")) if data else ():
            if not peers[name].startswith("equal"):
                verdict = sound.compared(made_so, data, outputs)
                peers[name] = verdict + remark * verdict.startswith("equal")
        if not data:
            notes.append(f"{name}: {why}")
    return peers, notes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-install", action="store_true", help="take what is installed")
    parser.add_argument(
        "--only", default="", help="only plugins whose reference has this regular expression; prints, writes nothing without "
        "--results, where it takes the others from")
    parser.add_argument("--output", default=str(ROOT / "docs/plugin-compatibility.md"))
    parser.add_argument("--results", help="a file for everything that was seen, as JSON")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if not options.no_install:
        install()
    with tempfile.TemporaryDirectory(prefix="aup-compatibility-", dir="/dev/shm") as folder:
        # Settings of nobody: plugins read and write below HOME, and scans are made anew.
        environment = {**os.environ, "HOME": folder, "XDG_CACHE_HOME": folder + "/cache", "LC_ALL": "C.UTF-8"}
        for name in ("LADSPA_PATH", "LV2_PATH", "CLAP_PATH", "DISPLAY", "WAYLAND_DISPLAY"):
            environment.pop(name, None)
        # ffmpeg looks into fewer folders than there are.
        environment["LADSPA_PATH"] = ":".join(["/usr/lib/ladspa", *glob.glob("/usr/lib/*/ladspa")])
        plugins, refusals = listed(environment)
        plugins = [plugin for plugin in plugins if re.search(options.only, plugin["reference"])]
        owners = Owners()
        hosts.build_reference(folder)
        hosts.build_clock(folder)
        numbers = {path: hosts.numbers(path, environment)
                   for path in {plugin["path"] for plugin in plugins if plugin["interface"] == "ladspa"}}
        for plugin in plugins:
            plugin["number"] = numbers.get(plugin["path"], {}).get(plugin["id"], "")
        sounds = Sounds(folder)
        results = []
        with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
            jobs = {pool.submit(run_one, plugin, sounds, environment, folder): plugin for plugin in plugins}
            for job in concurrent.futures.as_completed(jobs):
                plugin, done = jobs[job], job.result()
                done["reason"] = re.sub(r"^plugin '[^']*':? ", "", done["reason"])
                done["reason"] = re.sub(rf"{folder}/tmp\w+/lv2", "/usr/lib/lv2", done["reason"]).replace(folder, "~")
                done["notes"] = [note.replace(folder, "~") for note in done["notes"]]
                done.update(
                    format=FORMATS[plugin["interface"]], package=owners.of(plugin["path"], plugin["id"]),
                    name=plugin["reference"], again=bool(options.only), inputs=plugin["inputs"], outputs=plugin["outputs"])
                results.append(done)
                if options.only or done["verdict"] != "runs" or done["peers"] and not exact_hosts(done):
                    print(done["verdict"], plugin["reference"], done["reason"], done["peers"], done["notes"], flush=True)
        for name, reason in refusals if not options.only else []:
            kind = "LADSPA" if "/ladspa/" in name else "CLAP" if "/clap/" in name else "LV2"
            results.append({
                "format": kind, "package": owners.of(name if name.startswith("/") else "", name), "name": name,
                "verdict": "refused", "reason": reason, "peers": {}, "notes": [], "inputs": 0, "outputs": 0})
    if options.results:
        kept = pathlib.Path(options.results)
        if options.only and kept.exists():
            again = {result["name"] for result in results}
            results += [result for result in json.loads(kept.read_text()) if result["name"] not in again]
        kept.write_text(json.dumps(results, indent=1))
    elif options.only:
        return
    version = subprocess.run([AUP, "--version"], capture_output=True, text=True).stdout.strip()
    command = f"Tests/Compatibility/run.py{' --no-install' * options.no_install} --jobs {options.jobs}"
    pathlib.Path(options.output).write_text(page(results, command, version, len(PACKAGES)))
    counts = collections.Counter(result["verdict"] for result in results)
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict]))
    sys.exit(1 if counts["host crashed"] else 0)


if __name__ == "__main__":
    main()
