"""The same plugin on the same floats, in blocks of the same length, with the same value for every control, in other
hosts. Each function gives (bytes, "") or (None, why not)."""

import os
import pathlib
import re
import signal
import subprocess

from sound import FRAMES, RATE, wave_floats

# Five seconds of sound take milliseconds; only a plugin that never ends, or first computes for long, gets here.
LIMIT_SECONDS = 60


def run(command, environment, here, **more):
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_SECONDS, env=environment, cwd=here,
            **more)
    except subprocess.TimeoutExpired:
        return f"not done after {LIMIT_SECONDS} s"
    if done.returncode < 0:
        return f"ends by {signal.Signals(-done.returncode).name}"
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        return (said or [f"exit status {done.returncode}"])[0]
    return ""


def result(path, channels, why, read=lambda data: data):
    data = read(path.read_bytes()) if path.exists() else b""
    if why:
        return None, why
    if len(data) < FRAMES * channels * 4:
        return None, f"only {len(data) // 4 // channels} of {FRAMES} frames come out"
    return data, ""


def decimal(value):
    """Without an exponent, which not every peer reads, and precise to the float."""
    text = f"{value:.17f}".rstrip("0").rstrip(".") if abs(value) >= 1e-6 or value == 0 else f"{value:.40f}".rstrip("0")
    return text or "0"


def controls(plugin):
    """(key, value, whether it is an output) of each control port in the order of ports."""
    return [(one["key"], one["default"], one["output"]) for one in plugin["parameters"] if one["scale"] != "text"]


def escaped(text):
    """Once for the filter's options, once for the graph."""
    return re.sub(r"([\\'\[\],;])", r"\\\1", re.sub(r"([\\':])", r"\\\1", text))


def ffmpeg(plugin, sound, here, environment, block):
    if plugin["interface"] == "ladspa":
        values = [value for _, value, is_output in controls(plugin) if not is_output]
        words = "|".join(f"c{index}={decimal(value)}" for index, value in enumerate(values))
        effect = f"ladspa=file={escaped(plugin['path'])}:plugin={escaped(plugin['id'])}"
    else:
        words = "|".join(f"{key}={decimal(value)}" for key, value, is_output in controls(plugin) if not is_output)
        effect = f"lv2=plugin={escaped(plugin['id'])}"
    effect += f":controls={words}" if words else ""
    path = pathlib.Path(here) / "ffmpeg.raw"
    inputs, outputs = plugin["inputs"], plugin["outputs"]
    command = ["ffmpeg", "-v", "error", "-nostdin"]
    if inputs:
        # The second branch keeps every block, so that none is the filter's to write over: it would work in place. So the
        # samples have to be as it wants them before.
        command += ["-f", "f32le", "-ar", str(RATE), "-ac", str(inputs), "-i", str(sound["raw"])]
        graph = f"[0:a]asetnsamples=n={block}:p=0,aformat=sample_fmts=fltp,asplit[a][b];[b]areverse,anullsink;[a]{effect}[o]"
    else:
        graph = f"{effect}:sample_rate={RATE}:nb_samples={block}:duration={FRAMES / RATE}[o]"
    command += ["-filter_complex", graph, "-map", "[o]", "-f", "f32le", "-c:a", "pcm_f32le", "-y", str(path)]
    return result(path, outputs, run(command, environment, here))


def ecasound(plugin, sound, here, environment, block):
    """It works in place, and calls its arguments by commas and colons, so that some labels have to be numbers."""
    folder = pathlib.Path(here) / "ladspa"
    folder.mkdir(exist_ok=True)
    path = pathlib.Path(plugin["path"])
    # It would load all files first, of which some end it; but beside some files lies a folder with what they need.
    for entry in [path, *(one for one in path.parent.iterdir() if one.is_dir())]:
        if not (folder / entry.name).exists():
            (folder / entry.name).symlink_to(entry)
    name = f"-el:{plugin['id']}" if not set(plugin["id"]) & set(":,") else f"-eli:{plugin['number']}"
    values = ",".join([name] + [decimal(value) for _, value, _ in controls(plugin)])
    path = pathlib.Path(here) / "ecasound.raw"
    # A source is given silence to write over; channels beyond the plugin's inputs are silent too.
    inputs, outputs = plugin["inputs"], plugin["outputs"]
    command = [
        "ecasound", "-q", "-B:nonrt", f"-b:{block}", "-a:1", f"-f:f32_le,{max(inputs, 1)},{RATE}",
        f"-i:{sound['raw']}", f"-f:f32_le,{outputs},{RATE}", f"-o:{path}", values]
    return result(path, outputs, run(command, {**environment, "LADSPA_PATH": str(folder)}, here))


def lv2file(plugin, sound, here, environment, block):
    path = pathlib.Path(here) / "lv2file.wav"
    command = ["lv2file", "-i", str(sound["wave"]), "-o", str(path), "-b", str(block), "--ignore-clipping"]
    pairs = [f"{key}:{decimal(value)}" for key, value, is_output in controls(plugin) if not is_output]
    for at in range(0, len(pairs), 20):
        command += ["-p", ",".join(pairs[at:at + 20])]
    return result(path, plugin["outputs"], run(command + [plugin["id"]], environment, here), wave_floats)


def lv2apply(plugin, sound, here, environment, block):
    """It runs plugins frame by frame, whatever the block: asked only where nobody else equals."""
    path = pathlib.Path(here) / "lv2apply.wav"
    command = ["lv2apply", "-i", str(sound["wave"]), "-o", str(path)]
    for key, value, is_output in controls(plugin):
        if not is_output:
            command += ["-c", key, decimal(value)]
    return result(path, plugin["outputs"], run(command + [plugin["id"]], environment, here), wave_floats)


PEERS = {"ladspa": {"ffmpeg": ffmpeg, "ecasound": ecasound}, "lv2": {"ffmpeg": ffmpeg, "lv2file": lv2file}, "clap": {}}


REFERENCE = []


def build_reference(folder):
    """Compiles the host that is counted apart."""
    source = pathlib.Path(__file__).with_name("reference.c")
    binary = pathlib.Path(folder) / "reference"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "lilv-0"], capture_output=True, text=True, check=True)
    subprocess.run(
        [os.environ.get("CC", "cc"), "-std=c11", "-O2", "-D_DEFAULT_SOURCE", "-o", str(binary), str(source),
         *flags.stdout.split(), "-ldl"], check=True)
    REFERENCE[:] = [str(binary)]


def build_clock(folder):
    """A library that, loaded before others, makes time() stand still."""
    library = pathlib.Path(folder) / "clock.so"
    source = "#include <time.h>\ntime_t time(time_t *now) { if (now) *now = 1700000000; return 1700000000; }\n"
    subprocess.run(
        [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", str(library), "-x", "c", "-"], input=source.encode(),
        check=True)
    return str(library)


def numbers(path, environment):
    """The unique number of each label in a LADSPA file."""
    done = subprocess.run([*REFERENCE, "numbers", path], capture_output=True, text=True, env=environment)
    pairs = [line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line]
    return {label: number for number, label in pairs}


def reference(plugin, sound, here, environment, block):
    path = pathlib.Path(here) / "reference.raw"
    values = controls(plugin)
    if plugin["interface"] == "ladspa":
        words = ["ladspa", plugin["path"], plugin["id"]]
        settings = [decimal(value) for _, value, _ in values]
    else:
        words = ["lv2", plugin["id"]]
        settings = [f"{key}={decimal(value)}" for key, value, is_output in values if not is_output]
    command = [*REFERENCE, *words, str(block), str(sound["raw"]), str(path), *settings]
    return result(path, plugin["outputs"], run(command, environment, here))


def in_place(plugin, sound, here, environment, block):
    """The same with every output where an input was."""
    return reference(plugin, sound, here, {**environment, "REFERENCE_IN_PLACE": "1"}, block)
