#!/usr/bin/env python3
"""TAB: from the key to the completed line, in real shells at a pseudo-terminal, and the program's part of it."""

import subprocess

from bench import *

LINES = [
    ("a command", "aup cap"), ("an option", "aup capture --form"), ("a device", "aup capture -D sim:noi"),
    ("an endpoint", "aup play -i un"), ("a plugin", "aup process lim"), ("a parameter", "aup process limiter ceil"),
    ("a choice", "aup process eq type1=be"), ("of LV2", "aup process lv2:http://no"),
]
ROUNDS = 3 if QUICK else 10
SHELLS = [shell for shell in ("bash", "zsh", "fish") if shutil.which(shell)]
need(AUP)

folder = pathlib.Path(SCRATCH)
(folder / "bin").mkdir()
(folder / "bin/aup").symlink_to(AUP)
environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "AUP_PLUGIN_PATH": str(ROOT / "plugins")}
slowest = {}
for shell, place in (("bash", "completions/aup"), ("zsh", "site-functions/_aup"), ("fish", "vendor_completions.d/aup.fish")):
    if shell not in SHELLS:
        continue
    (folder / place).parent.mkdir()
    (folder / place).write_bytes(subprocess.run([AUP, "completions", shell], check=True, stdout=subprocess.PIPE).stdout)
    # The first round warms: the script is loaded, plugins are looked at for the first time.
    text = "".join(line + "\n" for _ in range(ROUNDS + 1) for _, line in LINES)
    run = subprocess.run([ROOT / "Tests/Shells/tab.py", shell, folder], input=text.encode(), env=environment, check=True,
                         stdout=subprocess.PIPE)
    seconds = [json.loads(line)["seconds"] for line in run.stdout.splitlines()]
    for index, (what, _) in enumerate(LINES):
        times = [1000 * value for value in seconds[len(LINES) + index::len(LINES)]]
        slowest.setdefault(what, []).append((statistics.median(times), shell))
for what, times in slowest.items():
    row(f"TAB, {what}, median", f"{max(times)[0]:.0f} ms", "", ", ".join(f"{shell} {time:.0f}" for time, shell in times), "",
        "under 100 ms")
