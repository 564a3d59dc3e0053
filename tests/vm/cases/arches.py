# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines of other architectures from load to answer: a stock kernel that has kexec_load(2) alone is armed,
tells of itself, crashes, is captured, and comes back; the dump has to say what the guest has told.

The system on the disk is busybox and kdump-lite (see kit/foreign.py). A row of ROWS is one kernel.
"""

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from cases import matrix
from cases.numbers import MIB
from kit import debuginfo, foreign, places, stock, timeline, truth
from kit.image import extract
from kit.report import Abandoned, expect, print_table
from kit.tool import call

PROGRAM = places.BUILD / "kdump-lite"
TITLES = ("kernel", "load", "built", "loaded", "image", "unpacked", "peak memory", "panic to dump", "dump", "tasks",
          "stacks", "drgn")
LOAD_LIMIT = 12.0  # seconds, as a reload on x86_64 may take when that is emulated
PEAK_LIMIT = 16 * MIB  # as on x86_64: what is used varies by half with how far the disk is behind
RESERVED = 256    # MiB

# What the system does once it is up: it is armed and crashes, or it has come back.
SCRIPT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin
mount -t tmpfs run /run
mount -t securityfs securityfs /sys/kernel/security
for crash in /var/crash/2*; do
	[ -d "$crash" ] || continue
	echo "LIST $(kdump-lite list --json | tr -d '\\n')"
	mount -o remount,ro /
	poweroff -f
done
[ "$kcore" != hidden ] || mount -o bind /dev/null /proc/kcore
read -r up idle </proc/uptime
echo "BEFORE $up"
kdump-lite load || poweroff -f
read -r up idle </proc/uptime
echo "AFTER $up"
echo "STATUS $(kdump-lite status --json | tr -d '\\n')"
sync
"""

SETTINGS = "[Dump]\nLevel={level}\n[Capture]\nFinalAction=reboot\n"

FIRMWARE = Path("/usr/share/AAVMF")
FLASH = 64 * MIB  # of each of the two devices (hw/arm/virt.c, QEMU 7.2)


@dataclass(frozen=True)
class Row:
    arch: str     # in Debian's archive
    suite: str
    package: str
    acpi: bool = False  # its firmware is UEFI, and tells of the machine by ACPI instead of a device tree
    level: int = 31     # of the dump; with 0 it is told the same of what "convert" makes of it
    drgn: bool = False  # there is debugging information that Debian 12's drgn understands
    words: str = ""     # more of its command line; kcore=hidden: loaded without /proc/kcore, as a service does
    compact: bool = True  # its image is at most a tenth larger than that of x86_64


CHECKED = {
    "arm64": Row("arm64", "trixie", "linux-image-cloud-arm64"),
    "riscv64": Row("riscv64", "trixie", "linux-image-riscv64", words="kcore=hidden"),
}
# That of x86_64 is there to compare with. Kernels with 16K pages have more as modules, and modules of riscv64 are
# larger.
ROWS = {
    "x86_64-6.12": Row("amd64", "trixie", "linux-image-cloud-amd64"),
    "arm64-6.1": Row("arm64", "bookworm", "linux-image-cloud-arm64", drgn=True),
    "arm64-6.1-acpi": Row("arm64", "bookworm", "linux-image-cloud-arm64", acpi=True, level=0),
    "arm64-6.12-acpi": Row("arm64", "trixie", "linux-image-cloud-arm64", acpi=True, level=0),
    "arm64-newest": Row("arm64", "trixie-backports", "linux-image-cloud-arm64", level=0),
    "arm64-newest-16k": Row("arm64", "trixie-backports", "linux-image-arm64-16k", level=0, compact=False),
    "arm64-newest-16k-acpi": Row("arm64", "trixie-backports", "linux-image-arm64-16k", acpi=True, level=0, compact=False),
    "riscv64-newest": Row("riscv64", "sid", "linux-image-riscv64", level=0, compact=False),
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


def firmware(directory):
    """QEMU's options; the firmware writes into a copy of its variables."""
    options = []
    for unit, name in enumerate(("CODE", "VARS")):
        path = directory / f"{name}.fd"
        shutil.copyfile(FIRMWARE / f"AAVMF_{name}.fd", path)
        with open(path, "r+b") as f:
            f.truncate(FLASH)
        options += ["-drive", f"if=pflash,format=raw,unit={unit},file={path}"]
    return options


def capture(lab, row, files, directory):
    """Has a guest whose root is in directory/tree load, crash, and come back."""
    _, image, modules = files
    disk = foreign.make_disk(directory / "tree", directory / "disk.img")
    system = stock.System(foreign.TO_DISK, foreign.DISK_MODULES, 768, (
        "-drive", f"file={disk},format=raw,if=none,id=disk0,cache=unsafe", "-device", "virtio-blk-pci,drive=disk0",
        *(firmware(directory) if row.acpi else ())))
    with stock.Guest(lab, row.arch, image, modules, directory, f"crashkernel={RESERVED}M panic=5 {row.words}",
                     False, system) as guest:
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
    expect(facts["peak_memory"] <= PEAK_LIMIT, facts["peak_memory"])
    call(PROGRAM, "verify", saved / "vmcore")
    return facts


def report_of(dump):
    """Its text, but for what is told of the dump itself."""
    return call(PROGRAM, "report", "--no-pager", dump).partition("\nDump\n")[0]


def judge_report(saved, kernel, told):
    """The scores; the capture's own report says the same as one that is made here."""
    report = json.loads(call(PROGRAM, "report", "--json", "--tasks", saved / "vmcore"))
    matrix.judge_panic(report, kernel.release)
    scores = truth.judge(told, report)
    wrong = [line for score in scores for line in score.wrong]
    expect(not wrong and scores[1].all > len(told.names) / 2, "\n".join([*wrong, *map(str, scores)]))
    text, other = (saved / "report.txt").read_text().partition("\nDump\n")[0], report_of(saved / "vmcore")
    expect(text == other, f"{text}\n--- here\n{other}")
    return scores


def judge_levels(saved):
    small = saved / "level-31"
    call(PROGRAM, "convert", "--force", "--quiet", "--level=31", saved / "vmcore", small)
    expect(small.stat().st_size < (saved / "vmcore").stat().st_size, "level 31 left nothing out")
    texts = [report_of(dump) for dump in (saved / "vmcore", small)]
    expect(texts[0] == texts[1], "\n--- level 31\n".join(texts))
    call(PROGRAM, "verify", small)


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
        files = stock.kernel_of(row.arch, row.suite, row.package)
        foreign.make_tree(lab, row.arch, files, directory / "tree", SCRIPT + stock.TELL,
                          SETTINGS.format(level=row.level))
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
        scores = judge_report(saved, kernel, told)[:2]
    if not row.level:
        with report.case(f"{name} level 31"):
            judge_levels(saved)
    drgn = "-"
    if row.drgn:
        with report.case(f"{name} drgn"):
            debuginfo.fetch(stock.archive_of(row.arch), kernel)
            drgn = matrix.judge_drgn(saved / "vmcore", kernel, told)
            expect(not drgn.wrong, "\n".join(drgn.wrong))
    return [kernel.release, *cells, *map(str, scores), drgn]


def armed_arm64(lab, kernel, report):
    return run_row(lab, CHECKED["arm64"], "arm64", report)


def armed_riscv64(lab, kernel, report):
    return run_row(lab, CHECKED["riscv64"], "riscv64", report)


def compare(cells, others):
    """With the cells of x86_64."""
    size, usual = (float(of[TITLES.index("image")].split()[0]) for of in (cells, others))
    expect(size <= 1.1 * usual, f"image: {size:.2f} MiB, on x86_64 {usual:.2f}")


def armed_others(lab, kernel, report):
    table = {}
    for name, row in ROWS.items():
        with contextlib.suppress(Abandoned):
            table[name] = run_row(lab, row, name, report)
            if row.compact:
                with report.case(f"{name} like x86_64"):
                    compare(table[name], table["x86_64-6.12"])
    print_table(["row", *TITLES], [[name, *cells] for name, cells in table.items()])


def prepare():
    """What takes its time to fetch."""
    for row in CHECKED.values():
        stock.kernel_of(row.arch, row.suite, row.package)
        stock.busybox(row.arch)
        foreign.fetch(row.arch)
