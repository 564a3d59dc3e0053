# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines of other architectures from load to answer: a stock kernel that has kexec_load(2) alone is armed,
tells of itself, crashes, is captured, and comes back; the dump has to say what the guest has told.

The system on the disk is busybox and kdump-lite (see kit/foreign.py). A row of ROWS is one kernel.
"""

import json
import re
from dataclasses import dataclass

from cases import matrix
from cases.numbers import MIB
from kit import foreign, places, stock, timeline, truth
from kit.image import extract
from kit.report import expect
from kit.tool import call

PROGRAM = places.BUILD / "kdump-lite"
TITLES = ("kernel", "load", "built", "loaded", "image", "unpacked", "peak memory", "panic to dump", "dump", "tasks",
          "stacks")
LOAD_LIMIT = 12.0  # seconds, as a reload on x86_64 may take when that is emulated
RESERVED = 256    # MiB

# What the system does once it is up: it is armed and crashes, or it has come back.
SCRIPT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/local/bin
mount -t tmpfs run /run
for crash in /var/crash/2*; do
	[ -d "$crash" ] || continue
	echo "LIST $(kdump-lite list --json | tr -d '\\n')"
	mount -o remount,ro /
	poweroff -f
done
read -r up idle </proc/uptime
echo "BEFORE $up"
kdump-lite load || poweroff -f
read -r up idle </proc/uptime
echo "AFTER $up"
echo "STATUS $(kdump-lite status --json | tr -d '\\n')"
sync
"""

SETTINGS = "[Dump]\nLevel=31\n[Capture]\nFinalAction=reboot\n"


@dataclass(frozen=True)
class Row:
    arch: str     # in Debian's archive
    series: str
    suite: str
    package: str


ROWS = {
    "arm64": Row("arm64", "6.12", "trixie", "linux-image-cloud-arm64"),
    "riscv64": Row("riscv64", "6.12", "trixie", "linux-image-riscv64"),
}


@dataclass
class Captured:
    console: str
    seconds: dict  # from the panic on, by event
    disk: object

    def told(self, word):
        """The rest of a line that the guest's script has written."""
        found = re.search(rf"^{word} (.*)$", self.console, re.MULTILINE)
        expect(found, f"the guest did not say {word}")
        return found[1].rstrip()


def capture(lab, row, files, directory):
    """Has a guest load, crash, and come back."""
    kernel, image, modules = files
    tree = directory / "tree"
    foreign.make_tree(lab, row.arch, files, tree, SCRIPT + stock.TELL, SETTINGS)
    disk = foreign.make_disk(tree, directory / "disk.img")
    system = stock.System(foreign.TO_DISK, foreign.DISK_MODULES, 768, (
        "-drive", f"file={disk},format=raw,if=none,id=disk0,cache=unsafe", "-device", "virtio-blk-pci,drive=disk0"))
    with stock.Guest(lab, row.arch, image, modules, directory, f"crashkernel={RESERVED}M panic=5", False,
                     system) as guest:
        guest.told()
        _, seconds, way = timeline.follow(guest.console, 0)
        expect(way == timeline.REBOOT, f"the way out is {way}")
        guest.wait_end(stock.LIMIT)
        return Captured(guest.console.text(), seconds, disk)


def judge_load(captured, kernel):
    """What the guest has told of it."""
    status = json.loads(captured.told("STATUS"))
    expect(status["armed"] and status["kernel_release"] == kernel.release and status["changed"] == []
           and status["reservation"] == RESERVED * MIB, status)
    return status


def judge_saved(saved, kernel):
    facts = json.loads((saved / "crash.json").read_text())
    errors = [step for step in facts["steps"] if step.get("error")]
    expect(facts["outcome"] == "complete" and not errors and facts["verify"].startswith("ok"), facts)
    expect(facts["kernel_release"] == kernel.release and facts["cpus"] == 2, facts)
    call(PROGRAM, "verify", saved / "vmcore")
    return facts


def judge_report(saved, kernel, told):
    """The scores; the capture's own report says the same as one that is made here."""
    report = json.loads(call(PROGRAM, "report", "--json", "--tasks", saved / "vmcore"))
    matrix.judge_panic(report, kernel.release)
    scores = truth.judge(told, report)
    wrong = [line for score in scores for line in score.wrong]
    expect(not wrong and scores[1].all > len(told.names) / 2, "\n".join([*wrong, *map(str, scores)]))
    texts = [text.partition("\nDump\n")[0] for text in
             ((saved / "report.txt").read_text(), call(PROGRAM, "report", "--no-pager", saved / "vmcore"))]
    expect(texts[0] == texts[1], "\n".join(texts))
    return scores


def numbers_of(captured, status, facts):
    """Cells of the table, as they are told of a kernel of x86_64 too."""
    def mib(size):
        return f"{size / MIB:.2f} MiB"

    load = float(captured.told("AFTER")) - float(captured.told("BEFORE"))
    return load, [f"{load:.2f} s", f"{status['build_seconds']:.2f} s", f"{status['load_seconds']:.2f} s",
                  mib(status["image_size"]), mib(status["image_unpacked"]), mib(facts["peak_memory"]),
                  f"{captured.seconds['dump saved']:.2f} s", mib(facts["vmcore_size"])]


def run_row(lab, row, name, report):
    """Row of the table."""
    directory = lab.output / f"armed-{name}"
    with report.case(f"{name} programs and kernel", essential=True):
        call(places.PROJECT / "tests/packages/install", "cross", "arches")
        foreign.build(row.arch)
        files = stock.kernel_of(row.arch, row.suite, row.package)
    kernel = files[0]
    with report.case(f"{name} crash and back", essential=True):
        captured = stock.retried(lambda: capture(lab, row, files, directory))
        told = truth.parse(captured.console)
        saved, = extract(captured.disk, "/var/crash", directory).glob("*Z-*")
        captured.disk.unlink()
    with report.case(f"{name} load", essential=True):
        status = judge_load(captured, kernel)
    with report.case(f"{name} saved", essential=True):
        facts = judge_saved(saved, kernel)
        load, cells = numbers_of(captured, status, facts)
    with report.case(f"{name} load-in-time"):
        expect(load <= LOAD_LIMIT, f"it took {load:.2f} s")
    with report.case(f"{name} listed"):
        found, = json.loads(captured.told("LIST"))
        expect(found["outcome"] == "complete" and found["path"] == f"/var/crash/{saved.name}", found)
    with report.case(f"{name} report", essential=True):
        scores = judge_report(saved, kernel, told)
    return [kernel.release, *cells, *map(str, scores[:2])]


def armed_arm64(lab, kernel, report):
    return run_row(lab, ROWS["arm64"], "arm64", report)


def armed_riscv64(lab, kernel, report):
    return run_row(lab, ROWS["riscv64"], "riscv64", report)


def prepare():
    """What takes its time to fetch."""
    for row in ROWS.values():
        stock.kernel_of(row.arch, row.suite, row.package)
        stock.busybox(row.arch)
        foreign.fetch(row.arch)
