# SPDX-License-Identifier: GPL-2.0-or-later
"""The report of a crash, judged by what the guest said just before, what its kernel said, and drgn."""

import json
import re
import subprocess

from kit import debuginfo, places, tasks
from kit.report import expect
from kit.tool import call

FRAME = re.compile(r"(\? )?(\S+\+0x[0-9a-f]+/0x[0-9a-f]+(?: \[\w+\])?)$")
PROMPT = re.compile(r"^\[ *\d+\.\d+\](?: \[ *[TC]\d+\])? ?", re.MULTILINE)

# Their tasks run while the guest tells of itself.
OWN = re.compile(r"crasher_|insmod$|sleep$|hung_task|khungtaskd|oom_reaper|systemd-udevd")


class Truth:
    """What the guest printed."""

    def __init__(self, text):
        files = {}
        for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
            name, _, content = part.partition("\n")
            files[name] = content
        self.tasks = tasks.parse_printed(files["tasks"])
        self.meminfo = {line.split(":")[0]: int(line.split()[1])
                        for line in files["/proc/meminfo"].splitlines()}
        self.modules = {line.split()[0] for line in files["/proc/modules"].splitlines()}
        self.load = float(files["/proc/loadavg"].split()[0])
        self.stacks = {int(name.split("/")[4]): re.findall(r"^\[<0>\] (\S+)", content, re.MULTILINE)
                       for name, content in files.items() if name.endswith("/stack")}


def make_report(saved):
    text = call(places.BUILD / "kdump-lite", "report", "--json", "--tasks", saved)
    (saved / "report.json").write_text(text)
    return json.loads(text)


def symbols(trace):
    return [frame["symbol"] for frame in trace["frames"] if frame["sure"]]


def panicked(report):
    cpu, = (cpu for cpu in report["cpus"] if cpu["panicked"])
    return cpu


def logged_calls(log):
    """The calls of the last trace in the log, and the instructions that interrupts or exceptions came
    at, as the kernel was sure of them; what led from panic() into the panic is not among them."""
    text = PROMPT.sub("", log)
    start = text.rindex("Call Trace:\n")
    names = []
    first = re.findall(r"^RIP: 0010:(\S+(?: \[\w+\])?)$", text[:start], re.MULTILINE)
    # The registers stand before the trace of an oops; another panic's are of somebody else.
    if first and "panic+0x" not in text[start:]:
        names.append(first[-1])
    for line in text[start:].splitlines()[1:]:
        line = line.strip()
        match = FRAME.match(line)
        pointer = re.match(r"RIP: 0010:(\S+(?: \[\w+\])?)$", line)
        if match and not match[1]:
            names.append(match[2])
        elif pointer:
            names.append(pointer[1])
        elif line.startswith(("---[ end", "Kernel Offset", "Modules linked in", "Mem-Info")):
            break
    for number, name in enumerate(names):
        if name.startswith(("panic+", "vpanic+")):
            return names[number + 1:]
    return names


def is_part(part, whole):
    return any(whole[i:i + len(part)] == part for i in range(len(whole) - len(part) + 1))


def judge_calls(report, log, expected):
    found = symbols(panicked(report)["trace"])
    logged = logged_calls(log)
    expect(len(logged) > 2 and is_part(logged, found), f"the log has {logged}\nthe report has {found}")
    rest = iter(found)
    for name in expected:
        expect(any(symbol.startswith(name) for symbol in rest),
               f"no {name} where it should be in {found}")


def judge_finding(report, rule, named):
    """What a specialist would say first comes first."""
    first = report["findings"][0] if report["findings"] else {"rule": None, "text": ""}
    expect(first["rule"] == rule and named in first["text"], report["findings"])


def judge_tasks(report, truth):
    found = {task["pid"]: task["name"] for task in report["tasks"] if task["pid"]}
    differences = [line for line in tasks.differences(truth.tasks, found)
                   if not any(OWN.search(word) for word in re.findall(r"[\w-]+", line))]
    expect(not differences, "\n".join(differences))
    expect(truth.modules <= {module["name"] for module in report["modules"]}, report["modules"])
    # Tasks that slept on have the stacks that /proc had of them, which leaves out the scheduler.
    same = other = 0
    for task in report["tasks"]:
        printed = truth.stacks.get(task["pid"])
        if not printed or "trace" not in task or is_own(task):
            continue
        ours = [symbol.split(" ")[0] for symbol in symbols(task["trace"])]
        if ours[-len(printed):] == printed:
            same += 1
        else:
            other += 1
    expect(same > 20 and same > 9 * other, f"{same} stacks are as printed, {other} are not")


def is_own(task):
    return bool(OWN.search(task["name"]))


def judge_stacks(report, saved, kernel):
    """drgn does not know what called a module whose debugging information it does not have."""
    program = places.PROJECT / "tests/vm/kit/judge_stacks.py"
    lines = call(program, saved / "vmcore", debuginfo.path(kernel)).splitlines()
    stacks = {int(pid): [int(word, 16) for word in words]
              for pid, *words in map(str.split, lines)}
    same, wrong = 0, []
    for task in report["tasks"]:
        theirs = [address for address in stacks.get(task["pid"], []) if address >> 63]
        if not theirs or not task["pid"] or "trace" not in task:
            continue
        frames = [frame for frame in task["trace"]["frames"] if frame["sure"]]
        ours = [int(frame["address"], 16) for frame in frames]
        module = next((i for i, frame in enumerate(frames) if "[" in frame["symbol"]), None)
        judged = slice(module + 1 if module is not None else None)
        if ours[judged] == theirs[judged]:
            same += 1
        else:
            wrong.append(f"{task['pid']} {task['name']}: {task['trace']}\ndrgn: "
                         + " ".join(map(hex, theirs)))
    expect(not wrong, "\n".join(wrong))
    expect(same > 0.8 * len(report["tasks"]) - 5, f"only {same} of {len(report['tasks'])} were judged")


# What the guest does between its own words and the crash, in KiB: crash programs are read and run.
# Most often it is less than 500.
MEMORY_SLACK = 8192
# Up to 21 MiB are free only a little later when the host is busy.
LATE_SLACK = 32768
LATE = ("MemFree", "MemAvailable")
STABLE = ("MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "Active", "Inactive", "AnonPages",
          "Mapped", "Shmem", "Slab", "SReclaimable", "SUnreclaim", "KernelStack", "PageTables",
          "Committed_AS", "HugePages_Total", "Hugepagesize", "SwapTotal", "CommitLimit", "DirectMap2M")


def judge_memory(report, truth):
    found = report["memory"]["meminfo"]
    missing = [name for name in truth.meminfo if name not in found
               and not name.startswith(("Vmalloc", "Zswap", "NFS_Unstable"))]  # constants, or not counted
    expect(not missing, f"not in the report: {missing}")
    expect(found["MemTotal"] == truth.meminfo["MemTotal"], (found, truth.meminfo))
    change = {name: found[name] - truth.meminfo[name] for name in STABLE if name in truth.meminfo}
    expect(all(abs(kib) <= (LATE_SLACK if name in LATE else MEMORY_SLACK) for name, kib in change.items()),
           "\n".join(f"{name}: {found[name]} instead of {truth.meminfo[name]}"
                     for name, kib in change.items() if kib))


def judge_interrupt(report, log):
    """The fault was in an interrupt, and that is where it came from."""
    trace = panicked(report)["trace"]["frames"]
    marks = [frame["symbol"].split("+")[0] for frame in trace if frame["interrupted"]]
    expect(marks == ["crasher_follow", "crasher_loop"], marks)


def judge_deadlock(report, log):
    """Each of the first two waits for the mutex that the other has, and the reader for one of them."""
    tasks_by_name = {task["name"]: task for task in report["tasks"]}
    first, second, reader = (tasks_by_name[f"crasher_{name}"] for name in ("first", "second", "reader"))
    expect(len(report["deadlocks"]) == 1
           and set(report["deadlocks"][0]) == {first["pid"], second["pid"]}, report["deadlocks"])
    for task, kind, lock, owner in ((first, "mutex", "crasher_mutex_b", second),
                                    (second, "mutex", "crasher_mutex_a", first),
                                    (reader, "rwsem", "crasher_rwsem", first)):
        wait = task["waits_for"]
        expect(task["state"] == "D" and wait["sure"] and kind in wait["kind"]
               and wait["symbol"].startswith(f"{lock}+0x0/") and "[crasher]" in wait["symbol"]
               and wait["owner"] == owner["pid"], task)


def judge_lockup(report, log):
    cpu = panicked(report)
    expect(cpu["cpu"] == 1 and cpu["task"]["name"] == "crasher_hog", cpu)
    expect(cpu["task"]["seconds_since_run"] > 5, cpu["task"])


def judge_oom(report, log):
    """The kernel itself said what memory there was, a moment before."""
    found = report["memory"]
    logged = re.findall(r"Node 0 (\S+) free:(\d+)kB .*? min:(\d+)kB low:(\d+)kB high:(\d+)kB", log)
    zones = {zone["name"]: zone for zone in found["zones"]}
    expect(logged and all(abs(4 * zones[name]["free"] - int(free)) < 4096
                          and [4 * zones[name][mark] for mark in ("min", "low", "high")]
                          == [int(least), int(low), int(high)]
                          for name, free, least, low, high in logged), (logged, zones))
    largest = max(found["processes"], key=lambda process: process["resident"])
    expect(largest["name"] == "tail" and largest["resident"] > 300 << 20, largest)


# Found in an ELF dump, and what makes it unusable: types, the table of symbols.
DAMAGES = {
    "types": (re.compile(rb"\x9f\xeb\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00"), b"\0" * 12),
    "symbols": (re.compile(rb"SYMBOL\(kallsyms_names\)"), b"SYMBOL(kallsyms_nomen)"),
}
REPORT_LIMIT = 30  # seconds, for what takes a tenth of one


def try_report(dump):
    done = subprocess.run([places.BUILD / "kdump-lite", "report", "--json", dump], timeout=REPORT_LIMIT,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    expect(done.returncode in (0, 4), (dump, done.returncode, done.stderr))
    report = json.loads(done.stdout)
    # "Incomplete" where not even the kernel's name is there.
    expect((done.returncode == 4) == ("kernel" in report["remarks"]), (dump, done.returncode, report["remarks"]))
    return report


def judge_degraded(saved, title):
    """What is missing in a dump costs the parts that need it, and they say so."""
    whole = saved / "whole.elf"
    call(places.BUILD / "kdump-lite", "convert", "--quiet", "--format=elf", "--level=31", saved / "vmcore", whole)
    data = whole.read_bytes()
    for what, (pattern, instead) in DAMAGES.items():
        found = [match.start() for match in pattern.finditer(data)]
        expect(found, f"no {what} to damage in {whole}")
        damaged = bytearray(data)
        for at in found:
            damaged[at:at + len(instead)] = instead
        path = saved / f"without-{what}.elf"
        path.write_bytes(damaged)
        report = try_report(path)
        path.unlink()
        expect(report["remarks"] and report["summary"]["title"] == title
               and report["summary"]["kernel_release"], (what, report["remarks"], report["summary"]))
        if what == "types":
            expect(len(report["cpus"]) == 0 or report["remarks"].get("cpus"), report["remarks"])
    whole.unlink()
    # makedumpfile 1.7.2 takes the slab pages of 6.12 for user pages.
    other = saved / "makedumpfile"
    call("makedumpfile", "-l", "-d", "31", saved / "vmcore", other)
    report = try_report(other)
    other.unlink()
    expect(report["summary"]["title"] == title and report["summary"]["kernel_release"]
           and (report["remarks"] or report["tasks"]), (report["remarks"], report["summary"]))
    # A file that ends early is one with pages that are lost.
    cut = saved / "cut"
    data = (saved / "vmcore").read_bytes()
    for part in (0.2, 0.5, 0.8, 0.98):
        cut.write_bytes(data[:int(part * len(data))])
        report = try_report(cut)
        expect(report["remarks"] or report["summary"]["title"] == title, (part, report["remarks"]))
        expect(not report["dump"]["complete"], report["dump"])
    cut.unlink()
