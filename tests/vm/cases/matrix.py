# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps of stock kernels of many series and architectures, as QEMU writes them, against what their guests
have told of themselves: a table of what was the same, at the levels 0 and 31.

The guests (see kit/stock.py) and what they tell (see kit/truth.py) are the same for all. A row of ROWS is
one kernel.
"""

import json
import time
from dataclasses import dataclass

from kit import debuginfo, places, stock, tasks, truth
from kit.report import expect, print_table
from kit.tool import call

PROGRAM = places.BUILD / "kdump-lite"
LEVELS = (0, 31)
TITLES = ["kernel", "level", "MiB", "tasks", "stacks", "meminfo", "modules", "free", "anonymous", "cached", "drgn",
          "seconds"]


@dataclass(frozen=True)
class Row:
    arch: str     # in Debian's archive
    series: str   # as the row is called; "newest" is what the suite has today
    suite: str
    package: str  # which stands for the kernel of the day


ROWS = [
    Row("amd64", "5.10", "bullseye", "linux-image-cloud-amd64"),
    Row("amd64", "6.1", "", ""),  # no suite: one of the lab, with debugging information
    Row("amd64", "6.12", "", ""),
    Row("amd64", "newest", "trixie-backports", "linux-image-cloud-amd64"),
    Row("amd64", "newest-rt", "trixie-backports", "linux-image-rt-amd64"),
    Row("arm64", "6.1", "bookworm", "linux-image-cloud-arm64"),
    Row("arm64", "6.12", "trixie", "linux-image-cloud-arm64"),
    Row("arm64", "newest", "trixie-backports", "linux-image-cloud-arm64"),
    Row("arm64", "newest-16k", "trixie-backports", "linux-image-arm64-16k"),
    Row("riscv64", "6.12", "trixie", "linux-image-riscv64"),
    Row("riscv64", "newest", "sid", "linux-image-riscv64"),
]
FEW = [row for row in ROWS if row.arch == "amd64" and row.series in ("5.10", "newest")]


def kernel_files(lab, row):
    """The kernel, its image and the directory of its modules; None: the lab has no such kernel."""
    if not row.suite:
        found = [kernel for kernel in lab.kernels if kernel.series == row.series]
        if not found:
            return None
        kernel = found[0]
        return kernel, lab.image.boot_file("vmlinuz", kernel), lab.image.tree / "usr/lib/modules" / kernel.release
    return stock.kernel_of(row.arch, row.suite, row.package)


def make_dump(lab, row, image, modules, directory):
    """Has a guest crash. What it has told; its memory is in directory/raw."""
    with stock.Guest(lab, row.arch, image, modules, directory) as guest:
        guest.told()
        guest.until_down()
        guest.monitor.dump_memory(directory / "raw")
        return guest.console.text()


def judge_drgn(dump, kernel, told):
    """The tasks that drgn finds, where there is debugging information of the kernel."""
    vmlinux = debuginfo.path(kernel)
    if not vmlinux.exists():
        return None
    found = tasks.parse_found(call(places.PROJECT / "tests/vm/kit/judge_tasks.py", dump, vmlinux))
    wrong = list(tasks.differences(told.names, {tid: name for tid, name in found.items() if tid}))
    return truth.score(len(told.names), wrong)


def calls(cpu):
    """Functions that are sure."""
    frames = (cpu["trace"] or {}).get("frames", [])
    return [(frame["symbol"] or "").partition("+")[0] for frame in frames if frame["sure"]]


def judge_panic(report, release):
    """Kernels whose variables have no names may leave open which CPU it was, but no other is taken for it."""
    expect(report["summary"]["title"] == "sysrq triggered crash" and len(report["cpus"]) == 2
           and report["summary"]["kernel_release"] == release, report["summary"])
    cpus = {cpu["cpu"]: calls(cpu) for cpu in report["cpus"]}
    crashed = [number for number, names in cpus.items() if {"panic", "write_sysrq_trigger"} <= set(names)]
    panicked = [cpu["cpu"] for cpu in report["cpus"] if cpu["panicked"]]
    expect(len(crashed) == 1 and panicked in (crashed, []), (cpus, panicked))


def judge(dump, level, kernel, told, off):
    """Cells of the table, and lines on what is wrong."""
    start = time.monotonic()
    text = call(PROGRAM, "report", "--json", "--tasks", dump)
    seconds = time.monotonic() - start
    report = json.loads(text)
    judge_panic(report, kernel.release)
    scores = truth.judge(told, report)
    drgn = judge_drgn(dump, kernel, told)
    wrong = [line for score in [*scores, *([drgn] if drgn else [])] for line in score.wrong]
    if scores[1].all < len(told.names) / 2:
        wrong.append(f"only {scores[1].all} stacks of {len(told.names)} tasks were compared")
    call(PROGRAM, "verify", dump)
    return [kernel.release, level, f"{dump.stat().st_size / (1 << 20):.1f}", *map(str, scores),
            *(f"{100 * off[name]:+.2f} %" for name in truth.CLASSES), drgn or "-", f"{seconds:.2f}"], wrong


def judge_mini(raw):
    """The pages that a report reads are enough for the same report."""
    mini = raw.with_name("mini")
    call(PROGRAM, "convert", "--force", "--quiet", "--mini", raw, mini)
    texts = [call(PROGRAM, "report", "--no-pager", dump).partition("\nDump\n")[0] for dump in (raw, mini)]
    expect(texts[0] == texts[1] and mini.stat().st_size < raw.stat().st_size / 10, texts[1])
    mini.unlink()


def judge_levels(raw, kernel, console):
    """Rows of the table, and lines on what is wrong."""
    told = truth.parse(console)
    expect(len(told.names) > 20 and len(told.meminfo) > 30, f"the guest has told too little: {told}")
    answer = json.loads(call(PROGRAM, "convert", "--dry-run", "--json", "--level=31", raw, raw.with_name("none")))
    off, classes = truth.judge_classes(told, answer)
    judge_mini(raw)
    rows, wrong = [], list(classes.wrong)
    for level in LEVELS:
        dump = raw.with_name(f"level-{level}")
        call(PROGRAM, "convert", "--force", "--quiet", f"--level={level}", raw, dump)
        row, more = judge(dump, level, kernel, told, off)
        rows.append(row)
        wrong += [f"level {level}: {line}" for line in more]
        dump.unlink()
    return rows, wrong


def run_row(lab, row, directory):
    """Rows of the table; what is wrong fails the case after they are there."""
    files = kernel_files(lab, row)
    if not files:
        return [], []
    kernel, image, modules = files
    console = stock.retried(lambda: make_dump(lab, row, image, modules, directory))
    rows, wrong = judge_levels(directory / "raw", kernel, console)
    (directory / "raw").unlink()
    return rows, wrong


def _matrix(lab, report, rows):
    table = []
    for row in rows:
        name = f"{row.arch} {row.series}"
        with report.case(f"{name} dump"):
            lines, wrong = run_row(lab, row, lab.output / f"matrix-{row.arch}-{row.series}")
            table += lines
            expect(not wrong, "\n".join(wrong))
    print_table(TITLES, table)


def matrix(lab, kernel, report):
    call(places.PROJECT / "tests/packages/install", "arches")
    _matrix(lab, report, ROWS)


def matrix_smoke(lab, kernel, report):
    _matrix(lab, report, FEW)
