"""What the benchmarks share: where aup is, pipelines with each stage's bill, the virtual sound card, a table line."""

import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
AUP = os.environ.get("AUP", str(ROOT / ".build/release/aup"))
QUICK = "--quick" in sys.argv[1:]
RATE = 48000

# A RAM disk where there is one, so that no disk is measured.
SCRATCH = tempfile.mkdtemp(prefix="aup-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)


class Stage:
    """One process of a pipeline: its exit status, its processor seconds, what it said on stderr."""

    def __init__(self, status, usage, stderr):
        self.status = os.waitstatus_to_exitcode(status)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.stderr = stderr

    @property
    def end(self):
        """The object that aup --json says at its end."""
        lines = [json.loads(line) for line in self.stderr.splitlines() if line.startswith("{")]
        return next((line for line in reversed(lines) if line.get("event") == "end"), {})


class Pipeline:
    """Commands joined by pipes; the last one writes to /dev/null."""

    def __init__(self, *commands, environment=None):
        self.children, self.errors = [], []
        self.started = time.monotonic()
        source = subprocess.DEVNULL
        for index, command in enumerate(commands):
            error = tempfile.TemporaryFile(dir=SCRATCH)
            is_last = index == len(commands) - 1
            child = subprocess.Popen(
                command, stdin=source, stdout=subprocess.DEVNULL if is_last else subprocess.PIPE, stderr=error,
                env={**os.environ, **(environment or {})})
            if source != subprocess.DEVNULL:
                source.close()
            source = child.stdout
            self.children.append(child)
            self.errors.append(error)

    def wait(self, limit=120):
        """Waits for all of them and returns (seconds, stages); kills them and fails after `limit` seconds."""
        signal.signal(signal.SIGALRM, lambda *_: self.kill())
        signal.alarm(limit)
        stages = []
        for child, error in zip(self.children, self.errors):
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = status
            error.seek(0)
            stages.append(Stage(status, usage, error.read().decode(errors="replace")))
        seconds = time.monotonic() - self.started
        signal.alarm(0)
        if any(stage.status == -signal.SIGKILL for stage in stages):
            sys.exit(f"{sys.argv[0]}: the pipeline had not ended after {limit} s: {self.children[0].args} …")
        return seconds, stages

    def kill(self):
        for child in self.children:
            if child.returncode is None:
                child.kill()


def processor_seconds(pid):
    """What all threads of a process have used so far; those that ended are not among them."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as line:
            total += int(line.read().split()[0])
    return total / 1e9


def most_memory(pid):
    """MiB that a process has had in place at most."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def check(stages, what):
    """A pipeline that failed measures nothing."""
    for stage in stages:
        if stage.status != 0:
            sys.exit(f"{sys.argv[0]}: {what} ended with {stage.status}: {stage.stderr.strip()[-300:]}")
    return stages


def alternate(times, **runs):
    """Runs each of several functions in turn, so that whatever else the machine does meets all of them.

    Returns a list of results for each name. A first round, which warms caches up, is not counted.
    """
    results = {name: [] for name in runs}
    for turn in range(times + 1):
        for name, run in runs.items():
            result = run()
            if turn > 0:
                results[name].append(result)
    return results


def median_ratio(ours, theirs):
    """The median of the ratios of neighbours in time, which a load that comes and goes disturbs least."""
    return statistics.median(a / b for a, b in zip(ours, theirs))


def row(what, ours, peer, theirs, ratio, wanted):
    """A line of the table; see run.sh for its head."""
    print(f"| {what} | {ours} | {peer} | {theirs} | {ratio} | {wanted} |", flush=True)


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def realtime(*command):
    """A command at the real-time priority that aup's audio threads ask for by themselves, where that is allowed."""
    allowed = subprocess.run(["chrt", "-f", "60", "true"], stderr=subprocess.DEVNULL).returncode == 0
    return ["chrt", "-f", "60", *command] if allowed else list(command)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            sys.exit(f"{sys.argv[0]}: there is no {program} here; run .ci/tools build test bench")


def lv2_bundle(name):
    """Where Debian put a bundle."""
    libraries = pathlib.Path("/usr/lib")
    places = [folder / name for folder in (libraries / "lv2", *libraries.glob("*/lv2")) if (folder / name).is_dir()]
    if not places:
        sys.exit(f"{sys.argv[0]}: there is no {name} here; run .ci/tools build test bench")
    return places[0]


class Card:
    """Tests/VirtualCard on its own: PCM `in` captures a raw file, PCM `out` plays into one, S16 stereo 48 kHz.

    Both run on one clock, and a log tells at which frame of it each started.
    """

    def __init__(self, recording=None, virtual=False, look=100):
        sources = ROOT / "Tests/VirtualCard"
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH))
        built = pathlib.Path(SCRATCH) / "card"
        built.mkdir(exist_ok=True)
        subprocess.run(["make", "-s", "-C", str(sources), f"OUT={built}"], check=True)
        common = f'type aupsim card x dir "{self.directory}" log "{self.directory}/log"'
        common += " virtual true await 2" if virtual else ""
        # Commands to the card are looked for so often, which wakes whoever waits; a real card only wakes for periods.
        common += f" look_ms {look}"
        captured = f'cfile "{recording}" cloop true' if recording else ""
        pcms = f'pcm.in {{ {common} {captured} }}\npcm.out {{ {common} pfile "{self.directory}/played" }}\n'
        text = (sources / "asound.conf.in").read_text()
        text = text.replace("@MODULE@", str(built / "libasound_module_pcm_aupsim.so")).replace("@PCMS@", pcms)
        (self.directory / "asound.conf").write_text(text)
        self.environment = {
            "ALSA_CONFIG_PATH": str(self.directory / "asound.conf"), "AUPSIM_DIR": str(self.directory)}

    @property
    def log(self):
        return (self.directory / "log").read_text()

    @property
    def played(self):
        return (self.directory / "played").read_bytes()

    def remove(self):
        shutil.rmtree(self.directory)


def clean_up():
    shutil.rmtree(SCRATCH, ignore_errors=True)


if os.environ.get("AUP_BENCH_KEEP") is None:
    import atexit

    atexit.register(clean_up)
