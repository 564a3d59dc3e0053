# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps of machines with very many tasks for the benchmark, made by crowd.c."""

import json
from dataclasses import dataclass

from kit import places
from kit.tool import Failed, call

# As in crowd.c: tasks beside the crowd, one for each CPU, and of how many tasks one is blocked.
IDLE, BLOCKED = 2, 41


@dataclass(frozen=True)
class Crowd:
    """Limits of the report: @seconds and @memory (MiB), and @page of its HTML (MB; None: none)."""
    name: str
    processes: int
    threads: int  # more than one for each process
    seconds: float
    memory: float
    page: float = None

    @property
    def tasks(self):
        return self.processes + self.threads

    @property
    def path(self):
        return places.BUILD / "bench" / f"{self.tasks}-tasks.vmcore"


# The kernel's own names and types would take some 10 MiB more.
CROWDS = (Crowd("12,000 processes", 12000, 0, 0.3, 16, 3),
          Crowd("100,000 tasks", 200, 99800, 3, 64))


def make(crowd, program):
    """Makes the dump if it is not there: an ELF core, which @program converts."""
    if crowd.path.exists():
        return
    core, unfinished = crowd.path.with_suffix(".core"), crowd.path.with_suffix(".unfinished")
    call(places.BUILD / "tests" / "bench" / "crowd", crowd.processes, crowd.threads, core)
    call(program, "convert", "--level=1", "--quiet", "--force", core, unfinished)
    core.unlink()
    unfinished.rename(crowd.path)


def is_whole(trace):
    return trace["end"] == "user" and len(trace["frames"]) > 2 and all(frame["sure"] for frame in trace["frames"])


def check(crowd, program):
    """Fails unless the report has all tasks, and whole traces: with less to do it would be fast."""
    tasks = json.loads(call(program, "report", "--json", crowd.path))["tasks"]
    whole = sum("trace" in task and is_whole(task["trace"]) for task in tasks)
    for what, found, wanted in (("tasks", len(tasks), crowd.tasks + IDLE),
                                ("whole traces", whole, crowd.tasks // BLOCKED)):
        if found != wanted:
            raise Failed(f"{crowd.path}: the report has {found} {what} instead of {wanted}")
