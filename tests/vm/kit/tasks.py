# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of all tasks, as the living guest prints it and as it is found in a dump."""

import re
import time

from kit.tool import Failed

# Builtins of the shell only: a child would be in the list, and gone when the machine crashes.
PRINT = ("for f in /proc/[0-9]*/task/[0-9]*/comm; do "
         "IFS= read -r comm <\"$f\" && printf '%s %s\\n' \"$f\" \"$comm\"; done")

NAME_MAX = 15  # of the name in struct task_struct; /proc knows kernel threads by longer ones


def parse_printed(text):
    """{thread id: name} from what PRINT wrote."""
    tasks = {}
    for line in text.splitlines():
        match = re.fullmatch(r"/proc/\d+/task/(\d+)/comm (.*)", line)
        if not match:
            raise Failed(f"list of tasks: cannot make sense of {line!r}")
        tasks[int(match[1])] = match[2]
    return tasks


def parse_found(text):
    """{thread id: name} from what judge_tasks.py wrote."""
    return {int(tid): name for tid, _, name in (line.partition(" ") for line in text.splitlines())}


def is_worker(name):
    """Workers come and go with the work, also between the printing and the crash."""
    return re.match(r"kworker/u?\d+:", name) is not None


def same(printed, found):
    if is_worker(found):
        return printed.startswith(found)  # /proc adds what the worker does
    return printed[:NAME_MAX] == found


def differences(printed, found):
    """Lines that say where two lists differ, workers that came or went left out."""
    for tid in sorted(printed.keys() | found.keys()):
        there, here = printed.get(tid), found.get(tid)
        if there is None or here is None:
            if not is_worker(there or here):
                yield f"task {tid} ({there or here}): only {'printed' if there else 'in the dump'}"
        elif not same(there, here):
            yield f"task {tid}: printed as {there!r}, in the dump {here!r}"


def settle(machine, limit=60):
    """Wait until nothing but workers comes and goes."""
    machine.must("udevadm settle")
    end = time.monotonic() + limit
    before = None
    while time.monotonic() < end:
        now = {tid: name for tid, name in parse_printed(machine.must(PRINT)).items()
               if not is_worker(name)}
        # Those of udev wait a few seconds for more to do before they end.
        if now == before and "(udev-worker)" not in now.values():
            return
        before = now
        time.sleep(2)
    raise Failed(f"tasks still come and go after {limit} s")
