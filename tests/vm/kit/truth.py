# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest told of itself right before it crashed, and how much of it a report of its dump tells too."""

import re
from dataclasses import dataclass, field

from kit import tasks

# Constants, which no report repeats.
CONSTANTS = {"NFS_Unstable", "VmallocTotal", "VmallocChunk"}

# Without these a report says nothing of memory.
NEEDED = {"MemTotal", "MemFree", "Cached", "AnonPages", "Slab", "PageTables"}

# Frames that /proc/PID/stack leaves out, some kernels more of them than others.
SCHEDULER = {"__switch_to", "__schedule", "schedule"}

SMALL = 256  # kB by which values may differ that are small: each CPU counts on its own for a while
NEAR = 0.01


@dataclass
class Truth:
    names: dict = field(default_factory=dict)    # of tasks, by id
    stacks: dict = field(default_factory=dict)   # functions, the innermost first, by id
    meminfo: dict = field(default_factory=dict)  # kB, or pages of hugetlb
    modules: dict = field(default_factory=dict)  # size in bytes by name
    uptime: float = 0.0                          # seconds, before the tasks were listed


def parse(console):
    truth, stack = Truth(), []
    for line in console.replace("\r", "").partition("CRASHING")[0].splitlines():
        if match := re.fullmatch(r"UPTIME (\S+)", line):
            truth.uptime = float(match[1])
        elif match := re.fullmatch(r"TASK (\d+) (.*)", line):
            truth.names[int(match[1])] = match[2]
            stack = truth.stacks[int(match[1])] = []
        elif match := re.match(r"\[<\w+>\] ([^\s+]+)", line):
            stack.append(match[1])
        elif match := re.fullmatch(r"([\w()]+): +(\d+)( kB)?", line):
            truth.meminfo[match[1]] = int(match[2])
        elif match := re.match(r"(\w+) (\d+) \d+ \S+ Live 0x", line):
            truth.modules[match[1]] = int(match[2])
    return truth


@dataclass
class Score:
    """How many of the things that were told are in the report as well."""
    same: int
    all: int
    wrong: list  # lines on the others

    def __str__(self):
        return f"{self.same}/{self.all}"


def score(wanted, wrong):
    return Score(wanted - len(wrong), wanted, wrong)


def judge_tasks(truth, report):
    # Idle tasks are not in /proc.
    found = {task["pid"]: task["name"] for task in report["tasks"] if task["pid"]}
    return score(len(truth.names), list(tasks.differences(truth.names, found)))


def _calls(task):
    """Functions of the frames that are sure, without what the compiler adds to their names."""
    frames = (task["trace"] or {}).get("frames", [])
    return [(frame["symbol"] or "?").partition("+")[0].partition(".")[0] for frame in frames if frame["sure"]]


def judge_stacks(truth, report):
    """Of tasks that no CPU has run since they were listed."""
    listed = report["summary"]["uptime"] - truth.uptime
    judged, wrong = 0, []
    for task in report["tasks"]:
        told = [name.partition(".")[0] for name in truth.stacks.get(task["pid"], ())]
        told = [name for name in told if name not in SCHEDULER]
        since = task["seconds_since_run"]
        if not told or task["name"] == "init" or (truth.uptime and (since is None or since < listed)):
            continue
        # The stack of a task that ran while it was listed may be any numbers.
        if any(name.startswith("0x") for name in told):
            continue
        judged += 1
        found = _calls(task)
        if found[-len(told):] != told:
            wrong.append(f"task {task['pid']} ({task['name']}): told as {told}, in the report {found}")
    return score(judged, wrong)


def near(told, found, small=SMALL):
    return abs(told - found) <= max(small, NEAR * told)


def judge_meminfo(truth, report):
    """A value that the report has not is not wrong, unless it is one of those that everybody needs."""
    found = {name: value for name, value in report["memory"]["meminfo"].items() if value is not None}
    told = {name: value for name, value in truth.meminfo.items() if name not in CONSTANTS}
    wrong = [f"{name}: told as {value}, in the report {found[name]}" for name, value in told.items()
             if name in found and not near(value, found[name])]
    missing = [f"{name}: not in the report" for name in sorted(NEEDED - found.keys())]
    return Score(len(told.keys() & found.keys()) - len(wrong), len(told), wrong + missing)


def judge_modules(truth, report):
    found = {module["name"]: module["size"] for module in report["modules"]}
    names = truth.modules.keys() | found.keys()
    return score(len(names), [f"module {name}: told with {truth.modules.get(name)} bytes, in the report "
                              f"{found.get(name)}" for name in sorted(names)
                              if truth.modules.get(name) != found.get(name)])


# The class of pages that dump levels leave out, and what the guest calls them.
CLASSES = {"free": "MemFree", "user": "AnonPages", "cache": "Cached"}


def judge_classes(truth, answer):
    """@answer of "convert --dry-run --json"; {class: how far it is off, as a share}, and the score."""
    pages = {entry["class"]: entry["pages"] for entry in answer["classes"]}
    pages["cache"] += pages["private-cache"]
    kib = answer["page_size"] // 1024
    off, wrong = {}, []
    for name, called in CLASSES.items():
        told, found = truth.meminfo[called], pages[name] * kib
        off[name] = (found - told) / max(told, 1)
        if not near(told, found, 4 * SMALL):
            wrong.append(f"{name}: told as {told} kB, in the dump {found} kB")
    return off, score(len(CLASSES), wrong)


def judge(truth, report):
    """Scores of tasks, stacks, meminfo and modules."""
    return [judge_one(truth, report) for judge_one in (judge_tasks, judge_stacks, judge_meminfo, judge_modules)]
