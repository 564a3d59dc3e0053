# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs written by others read the dump, and have to find what we say is in it."""

import json
import re

from kit import debuginfo, pages, places, tasks
from kit.report import expect
from kit.tool import call

MARKED = re.compile(rb"^([a-z0-9]+ *:[a-z]+ *: )(\[.*\n(?: .*\n)*)", re.M)
CALLER = re.compile(rb"^(\[ *\d+\.\d+\]) \[ *[TC]\d+\]", re.MULTILINE)
CONTINUED = re.compile(rb"^ +", re.MULTILINE)


def judge_tasks(saved, kernel, printed):
    """drgn, with the debugging information of the kernel: the tasks that were printed."""
    program = places.PROJECT / "tests/vm/kit/judge_tasks.py"
    found = tasks.parse_found(call(program, saved / "vmcore", debuginfo.path(kernel)))
    differences = list(tasks.differences(printed, found))
    expect(not differences, "\n".join(differences))


def without_callers(log):
    """Newer versions of makedumpfile also print the task or CPU behind each time, and indent further
    lines of a record as far."""
    return CONTINUED.sub(b" ", CALLER.sub(rb"\1", log) if CALLER.match(log) else log)


def without_marks(log):
    """Who wrote a record, if it was a program; only we show that, and indent further lines as far."""
    return MARKED.sub(lambda m: m[2].replace(b"\n" + b" " * len(m[1]), b"\n"), log)


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
        expect(without_callers(without_marks(without_unfinished(log))) == judged, f"{name} is not what makedumpfile finds, see {beside}")


def calls_in_log(log):
    """What the kernel itself has printed of its way into the panic, from panic() on outwards."""
    trace = log[log.rindex("Kernel panic - not syncing: "):].partition("Call Trace:\n")[2]
    names = []
    for line in trace.splitlines():
        match = re.match(r"\[ *\d+\.\d+\](?: \[ *[TC]\d+\])? +(\S+\+0x[0-9a-f]+/0x[0-9a-f]+)$", line)
        if match:
            names.append(match[1])
        elif "</TASK>" in line:
            break
    while names and not names[0].startswith(("panic+", "vpanic+")):
        names.pop(0)
    return names[1:]


def judge_page(saved, report):
    """The schema, and a browser: what they are given is made of the same dump."""
    pages.check_schema(json.loads(call(places.BUILD / "kdump-lite", "report", "--json", "--log", saved)))
    page = saved.parent / "report.html"
    call(places.BUILD / "kdump-lite", "report", "--html", "--force", f"--output={page}", saved)
    expect(20_000 < page.stat().st_size < 1_000_000, f"{page} has {page.stat().st_size} bytes")
    facts = pages.check_page(page, saved.parent)
    expect(facts["title"] == report["summary"]["title"] and facts["tasks"] == len(report["tasks"])
           and {"summary", "cpus", "other-cpus", "tasks", "modules", "log_records"} <= set(facts["sections"]),
           facts)


def judge_report(saved, kernel, printed, modules):
    """The kernel's own words of before: its tasks, its modules, and its call trace in the log."""
    report = json.loads(call(places.BUILD / "kdump-lite", "report", "--json", saved))
    summary = report["summary"]
    expect(not report["remarks"], report["remarks"])
    expect(summary["title"] == "sysrq triggered crash" and summary["kernel_release"] == kernel.release
           and "crashkernel=" in summary["command_line"], summary)
    expect({module["name"] for module in report["modules"]} == modules,
           (sorted(modules), report["modules"]))
    # Idle tasks are not in /proc.
    found = {task["pid"]: task["name"] for task in report["tasks"] if task["pid"]}
    differences = list(tasks.differences(printed, found))
    expect(not differences, "\n".join(differences))
    panicked, other = sorted(report["cpus"], key=lambda cpu: not cpu["panicked"])
    expect(panicked["panicked"] and panicked["task"]["name"] == "kdump-lite", panicked)
    frames = [frame["symbol"] for frame in panicked["trace"]["frames"] if frame["sure"]]
    logged = calls_in_log((saved / "vmcore-dmesg.txt").read_text(errors="replace"))
    expect(len(logged) > 5 and frames[-len(logged):] == logged
           and panicked["trace"]["end"] == "user", (logged, panicked["trace"]))
    expect(other["trace"]["end"] in ("user", "kernel"), other["trace"])
    # The capture kernel came to the same, but for the dump as a file.
    text, _, _ = call(places.BUILD / "kdump-lite", "report", "--no-pager", saved).partition("\nDump\n")
    facts = json.loads((saved / "crash.json").read_text())
    expect((saved / "report.txt").read_text() == text, text)
    expect(facts["fingerprint"] == report["fingerprint"]["hash"], (facts, report["fingerprint"]))
    judge_page(saved, report)
    text = call(places.BUILD / "kdump-lite", "report", "--tasks", "--log", "--no-pager", saved)
    expect(all(part in text for part in ["sysrq triggered crash\n", "which panicked: kdump-lite",
                                         "systemd\n", "Kernel panic - not syncing"]), text)
