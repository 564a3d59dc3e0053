# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the capture kernel itself, its clock and its limits, and of hooks."""

from dataclasses import replace

from cases import faults
from cases.rows.checks import (NO_DISK, SMALL, complete, facts, failed, files, log_on_console, logged, named,
                               nothing_saved, same_log, same_pages, same_report, says, verified, went_on, whole)
from kit import oldmem
from kit.rig import Disk, Row

TOO_SMALL = {series: size - 28 for series, size in SMALL.items()}


def finds_floor(o):
    """Also the capture that fails leaves all else as it was, and the machine comes back."""
    size, found = o.rig.memory_of(o.row), o
    while found.crashes and found.facts["outcome"] == "complete":
        o.note, size = f"{size} MiB are enough", size - 4
        found = o.rig.run(replace(o.row, name=f"{o.row.name}-{size}", memory=size, way="", log=False))
    for check in faults.CHECKS:
        check(found)


def reset(guest):
    guest.monitor.reset()


def nmi(guest):
    guest.monitor.inject_nmi()


def stop_output(guest):
    guest.type(b"\x13")  # XOFF, as by Ctrl-S; what the kernel says comes all the same


ROWS = [
    # The clock stands at its beginning, and the crashed kernel has not left the time.
    Row("clock-of-1970", "the clock stands at 1970", options=("-rtc", "base=1970-01-01T00:00:00"),
        change=(oldmem.vmcoreinfo({"CRASHTIME": None}),), then=(*complete, same_log, facts(crash_time=0),
        named("19700101T0000"))),
    # The dump takes too long, and the disk has much to write yet; or only the dump takes too long.
    Row("slow-target", "the disk is slow, the time is over", plan={"TimeoutSec": "4s", "Compress": "none"},
        disk=Disk(limits="throttling.bps-write=10000000"),
        then=(says("the dump: it took longer than 3 s and was ended", "going on after the step vmcore"),
              facts(outcome="mini"), same_log, same_report)),
    Row("slow-dump", "the time is over while the dump is written",
        plan={"TimeoutSec": "8s", "Level": 0, "Compress": "zlib:9"},
        then=(failed("vmcore", "it took longer than 6 s and was ended"), facts(outcome="mini"), same_log, same_report,
              files("vmcore.mini", "vmcore.incomplete", "vmcore-dmesg.txt", "report.txt", "crash.json",
                    "kexec-dmesg.log"), went_on)),
    # Hooks. What they print is in the log; what becomes of them is not what becomes of the dump.
    Row("hooks", plan={"@hooks": "pre.d/a:/usr/bin/env post.d/a:/usr/bin/false failed.d/a:/usr/bin/true"},
        then=(facts(outcome="complete"), same_log, verified, failed("post", "post.d/a: has exited with status 1"),
              logged("pre.d/a: KDUMP_LITE_DIRECTORY=/mnt/var/crash/", "pre.d/a: KDUMP_LITE_OUTCOME=mini",
                     "pre.d/a: KDUMP_LITE_TITLE="))),
    Row("hook-without-end", "a hook does not end",
        plan={"@hooks": "pre.d/a:/usr/bin/yes post.d/a:/usr/bin/env", "TimeoutSec": "20s"},
        then=(facts(outcome="complete"), same_pages, same_log, verified, failed("pre", "pre.d/a: took longer than"),
              logged("pre.d/a: more lines are left out", "post.d/a: KDUMP_LITE_OUTCOME=complete"))),
    Row("hook-of-a-failure", plan=NO_DISK | {"@hooks": "post.d/a:/usr/bin/true failed.d/a:/usr/bin/env"},
        then=(nothing_saved, says("failed.d/a: KDUMP_LITE_DIRECTORY=/saved/"), log_on_console)),
    Row("out-of-memory", "the memory runs out", plan={"@hooks": "pre.d/a:/usr/lib/vm/eat-memory"},
        then=(facts(outcome="complete"), same_pages, same_log, same_report, verified, failed("pre", "pre.d/a: "))),
    Row("target-driver-refused", "the driver of the target's disk does not load", words="virtio_blk.queue_depth=none",
        plan={"DeviceTimeoutSec": "1s"},
        then=(nothing_saved, says("virtio_blk.ko does not load", "no such disk after 1 s"), log_on_console)),
    # Modules: the crasher is the first of them.
    Row("module-refused", "a module does not load", rare=True, crasher=True, words="crasher.how=none",
        then=(says("crasher.ko does not load: Invalid argument"), facts(outcome="complete"), same_pages, same_log)),
    Row("driver-crashes", "a driver crashes the kernel's thread that loads it", crasher=True, words="crasher.how=bug",
        then=(logged("kernel BUG at"), facts(outcome="complete"), same_pages, same_log)),
    Row("driver-hangs", "a driver hangs when it is loaded", crasher=True, words="crasher.how=hang",
        plan={"TimeoutSec": "30s"}, way="a driver hangs, rebooting at once",
        then=(logged("took longer than"), facts(outcome="complete"), same_pages, same_log)),
    # The capture kernel itself.
    Row("early-reset", "a watchdog resets the machine before the capture program starts", way="", log=False,
        events=(("Linux version ", reset),), then=(nothing_saved,)),
    Row("stopped-console", "the disk is missing, and a terminal has stopped the console", log=False,
        plan=NO_DISK | {"TimeoutSec": "16s"}, events=(("kdump-capture: started", stop_output),),
        then=(nothing_saved, says("place console: it took longer than", "place firmware: "))),
    Row("second-nmi", "an NMI comes", base="unknown_nmi_panic nmi_watchdog=panic panic_on_warn=1",
        events=(("kdump-capture: dmesg saved", nmi),), then=(*whole, logged("NMI received for unknown reason"))),
    Row("panic", "the capture kernel panics",
        words="unknown_nmi_panic panic=1", events=(("kdump-capture: filter: ", nmi),), way="",
        then=(says("kdump-capture: mini dump saved", "Kernel panic - not syncing"), same_log, same_report,
              facts(outcome="mini", step="vmcore"))),
    Row("memory-floor", "there is less and less memory", rare=True, words="panic=1", memory=SMALL,
        then=(facts(outcome="complete"), same_log, finds_floor)),
    Row("too-little-memory", "there is too little memory for the capture kernel",
        words="panic=1", memory=TOO_SMALL, way="", log=False,
        then=(nothing_saved,)),
]
