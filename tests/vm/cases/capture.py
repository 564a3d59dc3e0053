# SPDX-License-Identifier: GPL-2.0-or-later
"""The capture from the start of its kernel to the way out, over old memory of a machine that crashed
once: a row of ROWS is one capture of some seconds (see kit/rig.py and the files in rows/).

A new row needs a name and what has to come of it; all else has defaults. In this one the plan has
another codec, and the disk fails when the hundredth block of the dump is written:

    Row("write-error", "a block of the dump cannot be written", plan={"Compress": "zlib"},
        disk=Disk(faults=(Fault("write", file="vmcore", blocks=range(100, 101)),)),
        then=(facts(outcome="mini"), failed("vmcore", "Input/output error"), same_log)),

"then" are functions that take the Outcome and raise Failed when it is not what it has to be: the small ones of
rows/checks.py, or one of the row's own. What holds for all rows is in faults.py; a row that says what it breaks is one of
docs/faults.md. "change" are functions of oldmem.py, of the memory and its header; "events" act on the guest when something
comes on the console. "tests/vm/run --row NAME,..." runs some, and "--only capture --full" all of them, without --full those
that are not rare; with --kernel=5.10 or newest too. It leaves in build/vm/test/KERNEL-capture/ROW what a row has left:
console.log and the saved files, of a row that failed also the disk.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch

from cases import faults
from cases.rows import ROWS
from cases.rows.checks import facts, same_report, whole
from kit.report import expect
from kit.rig import Rig, Row
from kit.tool import Failed

JOBS = 1  # captures at a time; each takes one CPU


def check(outcome):
    """All of a row's checks, and what holds for each: the capture ran, left as it was to, and faults.CHECKS."""
    row = outcome.row
    expect(outcome.status == 0, f"QEMU: exit status {outcome.status}, see {outcome.directory}/console.qemu")
    if row.way:
        expect("kdump-capture: started" in outcome.console, "the capture program did not start")
    expect(not row.way or f"kdump-capture: {row.way}" in outcome.console, f"the way out was not \"{row.way}\"")
    for function in (*faults.CHECKS, *row.then):
        function(outcome)


def judge(rig, row, future):
    """Seconds that the row took, and its cells in the table of faults, None when it has none. What is large goes
    when all is as it has to be."""
    try:
        outcome = future.result()
        check(outcome)
    except Failed as reason:
        log = rig.directory / row.name / "console.log"
        tail = log.read_text().splitlines()[-15:] if log.exists() else []
        raise Failed("\n".join([str(reason), f"--- {log}, the last lines", *tail])) from None
    told = faults.tell(outcome) if row.fault else None
    for path in [*outcome.directory.glob("*.img"),
                 *outcome.directory.rglob("vmcore*")]:
        path.unlink(missing_ok=True)
    return outcome.seconds, told


def run_rows(rig, report, rows):
    """The cells of the table of faults, by the rows' names."""
    table = {}
    with ThreadPoolExecutor(JOBS) as pool:
        for row, future in [(row, pool.submit(rig.run, row)) for row in rows]:
            with report.case(f"{rig.kernel.series} capture {row.name}"):
                seconds, told = judge(rig, row, future)
                print(f"{seconds:6.1f} s  ", end="", flush=True)
                if told:
                    table[row.name] = told
    return table


def run(lab, kernel, report, rows):
    rig = Rig(lab, kernel, lab.output / f"{kernel.series}-capture")
    with report.case(f"{kernel.series} capture old-memory", essential=True):
        rig.prepare()
    return run_rows(rig, report, rows)


def named(lab, rows):
    """Those that --row names; all, when there is none."""
    return [row for row in rows if any(fnmatch(row.name, pattern) for pattern in lab.rows.split(","))]


def capture(lab, kernel, report):
    all_rows = lab.full or lab.rows != "*"
    rows = [row for row in named(lab, ROWS) if (all_rows or not row.rare)
            and (not row.crasher or kernel in lab.kernels)]
    table = run(lab, kernel, report, rows)
    if kernel.series != lab.kernels[0].series:
        return
    faults.keep(rows, table)
    missing = faults.write(kernel, ROWS)
    if lab.rows == "*" and lab.full:
        with report.case(f"{kernel.series} capture table-of-faults"):
            expect(not missing, f"rows that have not passed: {missing}")


def capture_smoke(lab, kernel, report):
    run(lab, kernel, report, [row for row in ROWS if row.smoke])


def capture_again(lab, kernel, report, saved):
    """For a machine that has crashed: with what it has @saved as old memory, a capture makes the same
    dump and the same report once more."""
    rig = Rig(lab, kernel, lab.output / f"{kernel.series}-capture-again")
    rig.add_dump("memory", saved / "vmcore")
    fingerprint = json.loads((saved / "crash.json").read_text())["fingerprint"]
    run_rows(rig, report, [Row("again", then=(*whole, same_report, facts(fingerprint=fingerprint)))])
