# SPDX-License-Identifier: GPL-2.0-or-later
"""The capture from the start of its kernel to the way out, over old memory of a machine that crashed
once: a row of ROWS is one capture of some seconds (see kit/rig.py).

A new row needs a name and what has to come of it; all the rest has defaults. This one is a disk that
fails when the hundredth block of the dump is written, and a plan with another codec:

    Row("write-error",
        plan={"Compress": "zlib"},
        disk=Disk(faults=(Fault("write", file="vmcore", block=100),)),
        then=(facts(outcome="incomplete"), failed("vmcore", "Input/output error"), same_log)),

"then" are functions that take the Outcome and raise when it is not what it has to be: the small ones
below, or one of the row's own. "tests/vm/run --only capture" runs all rows, and leaves in
build/vm/test/KERNEL-capture/ROW what a row has left: console.log and the saved files.
"""

import time

from kit import oldmem, places
from kit.report import expect
from kit.rig import PLAN, TARGET, Disk, Fault, Rig, Row
from kit.tool import Failed, call

PROGRAM = places.BUILD / "kdump-lite"
ALL_FILES = {"vmcore", "vmcore-dmesg.txt", "report.txt", "crash.json", "kexec-dmesg.log"}
MIB = 1 << 20


# Checks, most of them made from what they expect.

def says(*parts):
    """The console has these lines, or parts of them."""
    def check(o):
        for part in parts:
            expect(part in o.console, f"not on the console: {part}")
    return check


def files(*names):
    def check(o):
        found = {path.name for path in o.crash.iterdir()}
        expect(found == set(names), f"files: {sorted(found)}")
    return check


def facts(**wanted):
    """Members of crash.json; a number or text, or a function that judges the value."""
    def check(o):
        found = o.facts
        for name, value in wanted.items():
            good = value(found[name]) if callable(value) else found[name] == value
            expect(good, f"{name} is {found[name]!r}, not {value!r}: {found}")
    return check


def has(part):
    """For facts(): a text with this in it."""
    return lambda text: part in text


def failed(step, part):
    """One step failed, for this reason."""
    def check(o):
        errors = {s["name"]: s["error"] for s in o.facts["steps"] if s.get("error")}
        expect(part in errors.get(step, ""), f"{step}: {part!r} is not its error: {errors}")
    return check


def no_step_failed(o):
    errors = [step for step in o.facts["steps"] if step.get("error")]
    expect(not errors, errors)


def nothing_saved(o):
    expect(not o.crashes, f"saved: {o.crashes}")


def unmounted(o):
    expect(o.clean, "the target was not unmounted")


def verified(o):
    expect(o.facts["verify"].startswith("ok"), o.facts["verify"])


def same_pages(o):
    """The dump holds what the host's convert makes of the old memory at that level: as ELF both are
    the same, byte for byte."""
    level = o.facts["level"]
    host = o.rig.directory / f"{o.row.input}-level-{level}.elf"
    if not host.exists():
        call(PROGRAM, "convert", "--format=elf", f"--level={level}", o.old, host)
    guest = o.directory / "vmcore.elf"
    call(PROGRAM, "convert", "--format=elf", o.crash / "vmcore", guest)
    expect(guest.stat().st_size > 10 * MIB, f"{guest} has {guest.stat().st_size} bytes")
    call("cmp", host, guest)
    guest.unlink()


def same_log(o):
    """The log of the crashed kernel is what the host finds in the old memory."""
    log = call(PROGRAM, "dmesg", "--no-pager", o.old)
    expect("Kernel panic - not syncing" in log, "no panic in the log of the old memory")
    expect((o.crash / "vmcore-dmesg.txt").read_text() == log, "vmcore-dmesg.txt is another log")


def same_report(o):
    """The host comes to the same report of the dump, but for the dump as a file."""
    text = call(PROGRAM, "report", "--no-pager", o.crash).partition("\nDump\n")[0]
    expect((o.crash / "report.txt").read_text().startswith(text + "\nDump\n"), text)
    expect(o.facts["fingerprint"] in call(PROGRAM, "report", "--json", o.crash), o.facts)


def log_on_console(o):
    """What cannot be saved anywhere is at least shown."""
    tail = o.console.partition("the log of the crashed kernel follows")[2]
    expect("Kernel panic - not syncing" in tail, "the log of the crashed kernel is not on the console")


def pages_add_up(o):
    pages = o.facts["pages"]
    left_out = sum(pages[kind] for kind in ("free", "cache", "private_cache", "user", "hwpoison",
                                            "offline", "unaccepted"))
    expect(pages["unreadable"] == 0 and pages["saved"] + left_out == pages["total"] > 10000, pages)


complete = (facts(outcome="complete"), files(*ALL_FILES), no_step_failed, pages_add_up, verified)
whole = (*complete, same_pages, same_log)


def back(reason):
    """The way back is by the firmware, and why."""
    return (facts(outcome="complete", final_action="reboot", final_reason=has(reason)), verified)


# The plan of the way back, as far as rows do not change it. The memory is that of the old one.
BACK = {"FinalAction": "kexec", "BackDevice": PLAN["Device"], "BackFileSystem": "ext4",
        "BackKernel": "/vmlinuz", "BackCommandLine": "console=ttyS0 panic=-1", "BackMemory": "0x100000-0xfffffff",
        "BackCommandLineLimit": "2047"}
AUTO = BACK | {"FinalAction": "auto"}
WITH_KERNEL = Disk(kernel="/vmlinuz")
NOW = 1800000000
EARLIER = time.strftime("%Y%m%dT%H%M%SZ-00000001", time.gmtime(NOW - 60))


def plug_in(guest):
    time.sleep(1)
    guest.monitor.plug_disk("disk")


def started_next(o):
    """The kernel that was loaded runs, with all the memory told of."""
    next_kernel = o.console.partition("kdump-capture: going back by kexec")[2]
    expect("Linux version" in next_kernel, "no other kernel has started")
    line = next_kernel.partition("Command line: ")[2].partition("\n")[0]
    expect("kdump_lite.returned=" in line and " memmap=0x" in line, line)


ROWS = [
    # What is saved, at which level and how.
    Row("level-31", smoke=True, then=(*whole, same_report, unmounted, facts(level=31, codec="lzo", cpus=2))),
    Row("level-0", plan={"Level": 0}, then=(*whole, facts(level=0))),
    Row("level-1", plan={"Level": 1}, then=(*whole, facts(level=1))),
    Row("level-16", plan={"Level": 16}, then=(*whole, facts(level=16))),
    Row("zlib", plan={"Compress": "zlib:1"}, then=(*whole, facts(codec="zlib"))),
    Row("zstd", plan={"Compress": "zstd"}, then=(*whole, facts(codec="zstd"))),
    Row("snappy", plan={"Compress": "snappy"}, then=(*whole, facts(codec="snappy"))),
    Row("none", plan={"Compress": "none"}, then=(*whole, facts(codec="none"))),
    # The capture kernel.
    Row("two-cpus", cpus=2, then=whole),
    Row("small-memory", memory=96, then=whole),
    # The header that the crashed kernel has left.
    Row("many-pieces", change=(oldmem.pieces(4 * MIB),), then=complete),
    Row("no-elf", change=(oldmem.no_magic,),
        then=(files("crash.json", "kexec-dmesg.log"), failed("memory", "/proc/vmcore"))),
    Row("no-notes", change=(oldmem.no_notes,),
        then=(files("crash.json", "kexec-dmesg.log"), failed("memory", "/proc/vmcore"))),
    Row("cut-note", change=(oldmem.note_size(64),),
        then=(files("crash.json", "kexec-dmesg.log"), failed("memory", "/proc/vmcore"))),
    Row("too-many-headers", change=(oldmem.count(300),), then=complete),
    # The target.
    Row("no-target", plan={"Device": "UUID=99999999-0000-0000-0000-000000000000", "DeviceTimeoutSec": "1s"},
        then=(nothing_saved, says("no such disk after 1 s; there are: vda"), log_on_console)),
    Row("late-target", disk=Disk(late=True), events=(("kdump-capture: started", plug_in),), then=whole),
    Row("full-target", disk=Disk(size="16M"),
        then=(facts(outcome="incomplete"), failed("vmcore", "No space left on device"), same_log)),
    Row("slow-target", plan={"TimeoutSec": "4s", "Compress": "none"},
        disk=Disk(limits="throttling.bps-write=10000000"),
        then=(says("the dump took longer than 4 s and was ended"), facts(outcome="dmesg-only"), same_log,
              files("vmcore.incomplete", "vmcore-dmesg.txt", "crash.json"))),
    Row("no-superblock", plan={"DeviceTimeoutSec": "1s"}, disk=Disk(faults=(Fault("read", sector=2),)),
        then=(nothing_saved, log_on_console)),
    Row("write-error", disk=Disk(faults=(Fault("write", file="vmcore", block=100),)),
        then=(facts(outcome="incomplete"), failed("vmcore", "Input/output error"), same_log)),
    # The way back.
    Row("back", smoke=True, plan=BACK, disk=WITH_KERNEL, memory=1024, words="mem=256M",
        way="going back by kexec",
        then=(facts(outcome="complete", final_action="kexec", final_reason=""), started_next)),
    Row("back-obstacle", plan=BACK | {"BackObstacle": "the sky is green"}, disk=WITH_KERNEL, way="rebooting",
        then=back("the sky is green")),
    Row("back-without-kernel", plan=BACK | {"BackKernel": "/nope"}, disk=WITH_KERNEL, way="rebooting",
        then=back("/nope: No such file")),
    Row("back-crash-loop", plan=AUTO | {"CrashLoopBurst": 2, "CrashLoopIntervalSec": "10min"},
        change=(oldmem.vmcoreinfo({"CRASHTIME": NOW}),), way="rebooting",
        disk=Disk(kernel="/vmlinuz", directories=(EARLIER,)),
        then=back("crash number 2 within CrashLoopIntervalSec=")),
]


def check(outcome):
    """All of a row's checks, and what holds for each: the capture ran, and left as it was to."""
    row = outcome.row
    expect(outcome.status == 0, f"QEMU: exit status {outcome.status}, see {outcome.directory}/console.qemu")
    expect("kdump-capture: started" in outcome.console, "the capture program did not start")
    expect(f"kdump-capture: {row.way}" in outcome.console, f"the way out was not \"{row.way}\"")
    for function in row.then:
        function(outcome)


def tidy(outcome):
    """What is large goes when it is as it has to be."""
    for path in [outcome.directory / "disk.img", outcome.directory / "capture.img",
                 *outcome.directory.rglob("vmcore")]:
        path.unlink(missing_ok=True)


def run_rows(lab, kernel, report, rows):
    rig = Rig(lab, kernel, lab.output / f"{kernel.series}-capture")
    with report.case(f"{kernel.series} capture old-memory", essential=True):
        rig.prepare()
    for row in rows:
        with report.case(f"{kernel.series} capture {row.name}"):
            try:
                outcome = rig.run(row)
                check(outcome)
            except Failed as reason:
                log = (rig.directory / row.name / "console.log").read_text().splitlines()[-15:]
                raise Failed("\n".join([str(reason), f"--- {rig.directory / row.name}/console.log", *log])) from None
            print(f"{outcome.seconds:6.1f} s  ", end="", flush=True)
            tidy(outcome)


def capture(lab, kernel, report):
    run_rows(lab, kernel, report, ROWS)


def capture_smoke(lab, kernel, report):
    run_rows(lab, kernel, report, [row for row in ROWS if row.smoke])
