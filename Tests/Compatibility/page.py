"""docs/plugin-compatibility.md, from what a run saw."""

import collections
import datetime
import pathlib
import re

from peers import LIMIT_SECONDS
from reasons import REASONS

FORMATS = {"ladspa": "LADSPA", "lv2": "LV2", "clap": "CLAP"}
VERDICTS = ["runs", "output has NaN", "refused", "crashed, aup says so", "host crashed", "timed out"]
HOSTS = ["ffmpeg", "ecasound", "lv2file"]


def is_exact(result, host):
    return result["peers"].get(host, "").startswith("equal")


def exact_hosts(result):
    return [host for host in HOSTS if is_exact(result, host)]


def kind(result):
    width = "effects" if result["inputs"] else "sources"
    return f"{result['format']} {width}"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join(["---"] + ["--:"] * (len(heads) - 1)) + "|"]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def counted(key, results, first):
    kinds = [verdict for verdict in VERDICTS if any(result["verdict"] == verdict for result in results)]
    groups = collections.defaultdict(list)
    for result in results:
        groups[result[key]].append(result)

    def row(name, group):
        verdicts = [result["verdict"] for result in group]
        compared = [result for result in group if result["peers"]]
        exact = sum(1 for result in compared if exact_hosts(result))
        return [name, len(group)] + [verdicts.count(kind) for kind in kinds] + [exact if compared else ""]

    rows = [row(name, groups[name]) for name in sorted(groups)]
    if len(rows) > 1:
        rows.append(row("all", results))
    return table([first, "plugins"] + kinds + ["bit-exact"], rows)


def names(results):
    return ", ".join(f"`{name}`" for name in sorted(result["name"] for result in results))


def beside(results):
    """How many equal which host, and why the others do not."""
    compared = [result for result in results if result["peers"]]
    rows = []
    for group_name in sorted({kind(result) for result in compared}):
        group = [result for result in compared if kind(result) == group_name]
        row = [group_name, len(group)]
        for host in HOSTS:
            has_it = any(host in result["peers"] for result in group)
            row.append(sum(is_exact(result, host) for result in group) if has_it else "")
        exact = [result for result in group if exact_hosts(result)]
        rest = [result for result in group if not exact_hosts(result)]
        apply = [result for result in rest if is_exact(result, "lv2apply")]
        own = [result for result in rest if is_exact(result, "reference") and result not in apply]
        rows.append(row + [len(exact), len(apply), len(own), len(rest) - len(apply) - len(own)])
    for name in sorted({result["format"] for result in compared}):
        group = [row for row in rows if row[0].startswith(name)]
        if len(group) > 1:
            columns = list(zip(*group))[1:]
            rows.append([f"{name}, all"] + ["" if "" in column else sum(column) for column in columns])
    lines = table(
        ["what", "run"] + HOSTS + ["**one of them, at least**", "else lv2apply", "else the reference host", "none"], rows)
    exact = [result for result in compared if exact_hosts(result)]

    def having(word):
        return [result for result in exact if all(word in result["peers"][host] for host in exact_hosts(result))]

    late, tiny = having("latency"), having("denormals")
    low = [result for result in exact if any(note.startswith("with ") for note in result["notes"])]
    long = [result for result in exact if any(note.startswith("blocks of") for note in result["notes"])]
    lines += [
        "", f"Of the {len(exact)} that equal a host:", "",
        f"- {len(late)} do so when that host's output is moved back by the latency, which aup takes out;",
        f"- {len(tiny)} with denormals taken for 0 in both, because their file switches that on while it is loaded and the host lets "
        "it be;",
        f"- {len(long)} in blocks of 4096 frames, which is what ffmpeg gives an LV2 plugin that knows of bounded blocks, whatever it "
        "is asked for, and what lv2file then says is the longest, as aup always does;",
        f"- {len(low)} with values below 1 Hz in both, because ffmpeg takes bounds that are fractions of the rate for Hz and "
        "refuses all above."]
    lines += ["", "### Where no host's sound is the same", ""]
    lines += different([result for result in compared if not exact_hosts(result)])
    lines += ["### Where one host equals and another does not", ""]
    for host in HOSTS:
        group = [result for result in exact if result["peers"].get(host) == "differs"]
        if group:
            lines += [f"- {host} differs, another host equals: {names(group)}"]
    lines += [
        "", "### What hosts refuse or fail at", "",
        "ffmpeg does not call `activate`, lends neither worker nor options, has no memory for ports of control voltages, and",
        "takes LADSPA's bounds that are fractions of the rate for Hz. lv2file has no event ports from before atoms nor voltages;",
        "where it crashes, gdb showed, in those looked at, a feature without a URI, or `activate` before ports are connected.",
        "ecasound and ffmpeg's `ladspa` let a plugin write over its input.", ""]
    groups = collections.defaultdict(list)
    for result in compared:
        for note in result["notes"]:
            host, _, why = note.partition(": ")
            if host in HOSTS and result["peers"].get(host) == "fails":
                groups[host, plain(why)].append(result)
    for (host, why), group in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1])):
        lines.append(f"- {host}, {len(group)}: {why}")
    return lines + [""]


def plain(why):
    """A host's words without what differs from plugin to plugin."""
    if "upper boundary" in why:
        return "input control is above upper boundary"
    why = re.sub(r"^\[[^]]*\] ", "", why)
    if re.search("missing|lacks?|not support", why, re.I) and "schedule" in why:
        return "no worker"
    why = re.sub(r"'[^']*'|<[^>]*>|\"[^\"]*\"", "…", why)
    why = re.sub(r"\S*/\S*", "…", why)
    why = re.sub(r"(between filters|the link between).*", r"\1 …", why)
    return re.sub(r"-?\b\d+(\.\d+)?", "N", why)[:160]


def different(results):
    """By reason, those looked into first."""
    groups = collections.defaultdict(list)
    for result in results:
        groups[why(result)].append(result)
    lines = []
    for reason in sorted(groups, key=lambda reason: (reason == UNKNOWN, -len(groups[reason]), reason)):
        lines.append(f"- **{len(groups[reason])}**: {reason}: {names(groups[reason])}")
    return lines + [""]


UNKNOWN = "not looked into"


def why(result):
    for pattern, reason in REASONS:
        if re.search(pattern, result["name"]):
            return reason
    parts = []
    for host in HOSTS:
        verdict = result["peers"].get(host)
        words = next((note for note in result["notes"] if note.startswith(host + ": ")), "")
        if verdict == "fails" and "upper boundary" in words:
            parts.append("ffmpeg takes fractions of the rate for Hz and refuses the value")
        elif verdict == "fails":
            parts.append(host + (" crashes" if "ends by" in words else " refuses it"))
        elif verdict and f"{host} as in place" in result["notes"]:
            parts.append(f"{host} has it write over its input, which changes its sound")
        elif verdict and f"{host} cut off" in result["notes"]:
            parts.append(f"{host} cuts off what is above full scale")
        elif verdict:
            parts.append(UNKNOWN)
    if not any(is_exact(result, host) for host in ("lv2apply", "reference")):
        parts.append(UNKNOWN)
    return UNKNOWN if UNKNOWN in parts else "; ".join(parts)


def again(results):
    count = sum(1 for result in results if result.get("again"))
    return [f"{count} of them were run once more afterwards, with `--only`; the later result counts.", ""] * bool(count)


def page(results, command, version, packages):
    system = pathlib.Path("/etc/debian_version").read_text().strip()
    lines = [
        "# Plugin compatibility", "",
        "<!-- Written by Tests/Compatibility/run.py; change it there. -->", "",
        f"    {command}", "",
        f"Run on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} with {version}, Debian {system}, {packages} packages.",
        "",
        "Every plugin that `aup process --list` finds, and every one it refuses, once: default settings, 48 kHz, as many",
        "channels as it has inputs, 5.12 s (sweep 1.5 s, noise 1.5 s, impulses 1 s, silence) in blocks of 1024 frames, in a",
        f"process of its own, {LIMIT_SECONDS} s at most. *Crashed, aup says so*: the plugin ended its process, with a line "
        "that names plugin,",
        "phase and signal. *Host crashed*: without one. aup makes samples that are not finite 0, so *output has NaN* would be",
        "a fault of aup; which plugins make them is not seen here. *Bit-exact*: equal to at least one of the hosts below.", "",
        *again(results), "## By format", ""]
    lines += counted("format", results, "format")
    lines += ["", "## By package", ""] + counted("package", results, "package")
    lines += [
        "", "## Beside other hosts", "",
        "Of those that run, with `--exact-denormals`: the same floats through ffmpeg (`ladspa`, `lv2`), ecasound (LADSPA) and",
        "lv2file (LV2), in blocks of the same length, with the same value given for every control.",
        "Equal is to the bit, −0 being 0. The reference host, `Tests/Compatibility/reference.c`, is the project's own, made with",
        "the interfaces' headers and lilv; it is asked where no other host equals, and counts apart. So does lv2apply, which",
        "runs plugins frame by frame.", ""]
    lines += beside(results)
    lines += ["## Refused or failing", ""]
    for name in FORMATS.values():
        for verdict in VERDICTS[1:]:
            group = collections.defaultdict(list)
            for result in results:
                if result["format"] == name and result["verdict"] == verdict:
                    group[result["reason"]].append(result)
            if group:
                lines += [f"### {name}: {verdict}", ""]
            for reason in sorted(group):
                lines.append(f"- {reason}: {names(group[reason])}")
            if group:
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"
