# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's own dumps of a guest, as "virsh dump --memory-only" makes them: each format, of a guest that has
panicked without a capture kernel, and of one that runs on, with a CPU offline; with the device that tells
where VMCOREINFO is, and without.
"""

import json
from dataclasses import dataclass

from cases import matrix
from kit import places, stock, truth
from kit.report import expect
from kit.tool import call

PROGRAM = places.BUILD / "kdump-lite"

# Format, with what arguments of QEMU's dump-guest-memory.
FORMATS = {"elf": {}, "elf-paging": {"paging": True}, "kdump-zlib": {"format": "kdump-zlib"}}


@dataclass(frozen=True)
class Way:
    """How a guest comes to its dump."""
    words: str  # of its command line; without any it panics
    cpus: int   # that are online
    device: bool = True


WAYS = {
    "panicked": Way("", 2),
    "hung": Way("how=hung", 1),
    "no-vmcoreinfo": Way("", 2, device=False),
}


def judge_hung(report):
    """The guest is said not to have panicked, and its CPUs are shown."""
    expect("No panic" in report["summary"]["title"] and not any(cpu["panicked"] for cpu in report["cpus"]),
           report["summary"])


def judge(dump, kernel, told, way):
    report = json.loads(call(PROGRAM, "report", "--json", "--tasks", dump))
    shown = [cpu for cpu in report["cpus"] if (cpu["trace"] or {}).get("end")]
    expect(len(shown) >= way.cpus, report["cpus"])
    if way.words:
        judge_hung(report)
    else:
        matrix.judge_panic(report, kernel.release)
    scores = truth.judge(told, report)
    wrong = [line for score in scores for line in score.wrong]
    expect(not wrong and scores[1].all > len(told.names) / 2, "\n".join([*wrong, *map(str, scores)]))
    call(PROGRAM, "verify", dump)


def smaller(dump):
    """At level 31 little is left of it, and as much is found in that."""
    small = dump.with_name(f"{dump.name}-31")
    call(PROGRAM, "convert", "--force", "--quiet", "--level=31", dump, small)
    pages = {level["level"]: level["pages"] for level in json.loads(
        call(PROGRAM, "convert", "--dry-run", "--force", "--json", "--level=31", dump, small))["levels"]}
    expect(pages[31] < pages[0] / 2, pages)
    return small


def make_dumps(lab, kernel, way, directory):
    """Has QEMU dump a guest in each format. What the guest has told."""
    modules = lab.image.tree / "usr/lib/modules" / kernel.release
    with stock.Guest(lab, "amd64", lab.image.boot_file("vmlinuz", kernel), modules, directory, way.words,
                     way.device) as guest:
        guest.told()
        if not way.words:
            guest.until_down()
        for form, how in FORMATS.items():
            guest.monitor.dump_memory(directory / form, **how)
        return truth.parse(guest.console.text())


def qemu_dumps(lab, kernel, report):
    for name, way in WAYS.items():
        directory = lab.output / f"{kernel.series}-qemu-{name}"
        with report.case(f"{kernel.series} {name}: the guest tells of itself", essential=True):
            told = stock.retried(lambda: make_dumps(lab, kernel, way, directory))
        for form in FORMATS:
            with report.case(f"{kernel.series} {name}: {form}"):
                judge(directory / form, kernel, told, way)
                small = smaller(directory / form)
                judge(small, kernel, told, way)
                small.unlink()
            (directory / form).unlink()
