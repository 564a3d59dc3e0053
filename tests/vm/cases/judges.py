# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs written by others read the dump, and have to find what we say is in it."""

import re

from kit import debuginfo, places, tasks
from kit.report import expect
from kit.tool import call

CALLER = re.compile(rb"^(\[ *\d+\.\d+\]) \[ *[TC]\d+\]", re.MULTILINE)


def judge_tasks(saved, kernel, printed):
    """drgn, with the debugging information of the kernel: the tasks that were printed."""
    program = places.PROJECT / "tests/vm/kit/judge_tasks.py"
    found = tasks.parse_found(call(program, saved / "vmcore", debuginfo.path(kernel)))
    differences = list(tasks.differences(printed, found))
    expect(not differences, "\n".join(differences))


def without_callers(log):
    """Newer versions of makedumpfile also print the task or CPU behind each time."""
    return CALLER.sub(rb"\1", log) if CALLER.match(log) else log


def without_unfinished(log):
    """Records that a CPU was still writing when the kernel stopped; only we show them."""
    return b"".join(line for line in log.splitlines(keepends=True)
                    if not line.endswith(b"[incomplete record]\n"))


def judge_log(saved, dmesg_in_guest):
    """makedumpfile: the log that we print, byte by byte."""
    beside = saved.parent
    theirs, ours = beside / "dmesg-makedumpfile", beside / "dmesg-kdump-lite"
    call("makedumpfile", "--dump-dmesg", saved / "vmcore", theirs)
    ours.write_text(call(places.BUILD / "kdump-lite", "dmesg", "--no-pager", saved))
    judged = without_callers(theirs.read_bytes())
    expect(b"Kernel panic - not syncing: sysrq triggered crash" in judged,
           "makedumpfile does not find the panic in the log")
    for name, log in [("kdump-lite dmesg", ours.read_bytes()),
                      ("kdump-lite dmesg in the guest", dmesg_in_guest.encode()),
                      ("vmcore-dmesg.txt", (saved / "vmcore-dmesg.txt").read_bytes())]:
        expect(without_unfinished(log) == judged, f"{name} is not what makedumpfile finds, see {beside}")
