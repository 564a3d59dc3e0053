# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the target: its disk, its file system, and the room in that."""

import time

from cases.rows.checks import (ALL_FILES, EARLIER, KNOWN, NOW, NO_DISK, PLACED, PROGRAM, SMALL, SWAP, again_or_not,
                               facts, failed, files, has, log_on_console, logged, lost_or_not, no_step_failed,
                               nothing_saved, same_log, same_pages, same_report, says, swap_holds, unmounted, verified,
                               whole)
from cases.rows.powercuts import power_cuts
from kit.report import expect
from kit.rig import DRIVE, JOURNAL, MIB, OLD_CRASH, PARTUUIDS, TARGET, Disk, Fault, Row, no_magic
from kit.tool import call

# What was told of a partition: nothing but its UUID still is as it was.
PARTITION = {"DeviceFacts": f"name=sda3 path=pci0000:00/0000:00:09.0/ata1 partuuid={PARTUUIDS[1].upper()}"}
HUNDRED = tuple(time.strftime("%Y%m%dT%H%M%SZ-00000001", time.gmtime(NOW - 3600 * ago)) for ago in range(100, 0, -1))


def plug_in(guest):
    time.sleep(1)  # so that it is missing at first
    guest.monitor.plug_disk(DRIVE)


def both_are_there(o):
    expect(len(o.crashes) == 2, f"saved: {o.crashes}")
    for crash in o.crashes:
        call(PROGRAM, "verify", crash)


def pull_out(guest):
    guest.monitor.unplug_disk(DRIVE)


def pruned_behind_the_dump(o):
    where = [o.console.find(part) for part in (f"pruned {EARLIER[1]}: its dump deleted", "kdump-capture: verify: ",
                                               f"pruned {EARLIER[0]}: its dump deleted")]
    expect(-1 not in where and where == sorted(where), f"places on the console: {where}")


ROWS = [
    # The target.
    Row("no-target", "the disk is missing", plan=NO_DISK,
        then=(nothing_saved, says("no such disk after 1 s; there are: vda"), log_on_console)),
    Row("late-target", "the disk comes late",
        disk=Disk(late=True), events=(("kdump-capture: started", plug_in),), then=whole),
    Row("full-target", "the file system fills up", disk=Disk(size="16M"),
        then=(facts(outcome="mini", step=""), failed("vmcore", "beside KeepFree="), same_log, same_report,
              files("vmcore.mini", "vmcore.incomplete", "vmcore-dmesg.txt", "report.txt", "crash.json",
                    "kexec-dmesg.log"))),
    # A dump leaves so much free, and the disk has less.
    Row("keep-free", "less than KeepFree= is free", plan={"KeepFree": "1T"},
        then=(facts(outcome="mini", dump_reason=has("left out: beside KeepFree= (1.0T) only 0B are free")),
              failed("vmcore", "beside KeepFree="), files("vmcore.mini", *ALL_FILES - {"vmcore"}), same_log,
              same_report, unmounted)),
    Row("keep-free-with-swap", "the same, with a swap partition", plan={"KeepFree": "1T"} | SWAP,
        disk=Disk(swap=64 * MIB),
        then=(says("left out: beside KeepFree=", "it is in another place"), facts(outcome="complete"), same_log,
              files("vmcore.mini", *ALL_FILES - {"vmcore"}), same_report, swap_holds("vmcore"), no_step_failed)),
    Row("filled-meanwhile", "others fill the file system before the dump",
        plan={"@hooks": "pre.d/a:/usr/lib/vm/fill-target"}, disk=Disk(size="64M"),
        then=(facts(outcome="mini"), failed("vmcore", "beside KeepFree="), same_log, same_report,
              logged("kdump-capture: mini dump saved"))),
    Row("hundred-dumps", "100 dumps are there", rare=True, plan={"KeepPerFingerprint": 0},
        disk=Disk(directories=HUNDRED, known=True), then=(*whole, same_report)),
    Row("hundred-dumps-too-many", "100 dumps are there, and MaxDumps=90", rare=True,
        plan={"KeepPerFingerprint": 0, "MaxDumps": 90}, disk=Disk(directories=HUNDRED, known=True),
        deletes=(f"{TARGET}/{OLD_CRASH}/vmcore", *(f"{TARGET}/{name}/vmcore" for name in HUNDRED[:11])),
        then=(*whole, same_report)),
    Row("second-crash", "a second crash before the next boot tells of the first", captures=2,
        then=(both_are_there, facts(outcome="complete"))),
    Row("power-cuts", "the power is cut", disk=Disk(size="128M", logged=True),
        then=(*whole, same_report, power_cuts(20))),
    # The newest dump that is complete stays until the new one is.
    Row("too-many-dumps", plan={"MaxDumps": 1, "KeepPerFingerprint": 0}, disk=Disk(directories=EARLIER, known=True),
        deletes=(f"{TARGET}/{OLD_CRASH}/vmcore", *(f"{TARGET}/{name}/vmcore" for name in EARLIER)),
        then=(*whole, pruned_behind_the_dump)),
    Row("known-crash", plan={"KeepPerFingerprint": 2}, disk=Disk(directories=EARLIER, known=True),
        then=(facts(outcome="mini", dump_reason=has("left out, 2 complete dumps have this fingerprint")),
              files("vmcore.mini", *ALL_FILES - {"vmcore"}), no_step_failed, says("vmcore left out"), same_log,
              same_report, unmounted)),
    Row("known-crash-off", rare=True, plan={"KeepPerFingerprint": 0}, disk=Disk(directories=EARLIER, known=True),
        then=whole),
    Row("no-superblock", "the superblock cannot be read",
        plan={"DeviceTimeoutSec": "1s"}, disk=Disk(faults=(Fault("read", sector=2),)),
        then=(nothing_saved, log_on_console)),
    Row("write-error", "a block of the dump cannot be written",
        disk=Disk(faults=(Fault("write", file="vmcore", blocks=range(100, 101)),)),
        then=(facts(outcome="mini"), failed("vmcore", "Input/output error"), same_log, same_report)),
    # Each read takes minutes.
    Row("hanging-target", "the disk hangs", rare=True, plan={"DeviceTimeoutSec": "1s", "TimeoutSec": "30s"},
        disk=Disk(limits="throttling.bps-total=100"), way="a driver hangs, rebooting at once",
        then=(nothing_saved, says("took longer than"), log_on_console)),
    # What the disk gives back counts, and not what memory still has of it. A second dump lies elsewhere.
    Row("unreadable-dump", "the dump cannot be read back",
        disk=Disk(faults=(Fault("read", file="vmcore", blocks=range(1000, 1100)),)),
        then=(facts(outcome="complete", verify=has("Input/output error")), again_or_not, same_log)),
    # With little memory the disk is read while the dump is written.
    Row("unreadable-gaps", "the same, with little memory", plan={"Level": 0, "Compress": "none"}, memory=SMALL,
        disk=Disk(faults=(Fault("read", file="vmcore", blocks=range(30, 60)),)),
        then=(lost_or_not, facts(verify=has("Input/output error")), same_log)),
    # Copies of the target. Linux names disks in the order of their slots.
    Row("clone-behind", "a clone of the disk is behind it",
        plan=PLACED, disk=Disk(size="128M", options="addr=5", clone="addr=6"),
        then=(*whole, logged("/dev/vda mounted"))),
    Row("clone-before", "a clone of the disk has its name",
        plan=PLACED, disk=Disk(size="128M", options="addr=5", clone="addr=4"),
        then=(*whole, logged("/dev/vdb is taken for UUID=", "name is vdb, not vda"))),
    Row("clone-in-its-place", "a clone of the disk is in its slot", rare=True, plan=KNOWN,
        disk=Disk(size="128M", options="addr=6,serial=A 1", clone="addr=5,serial=B"),
        then=(*whole, logged("/dev/vdb is taken for UUID=", "path is pci0000:00/0000:00:06.0/virtio, not"))),
    Row("clone-alone", "there is only a clone of the disk",
        plan=KNOWN | {"DeviceTimeoutSec": "1s"}, disk=Disk(size="128M", late=True, clone="addr=5,serial=B"),
        then=(nothing_saved, says("no such disk after 1 s; there are: vda (serial is B, not A_1)"),
              log_on_console)),
    Row("moved-target", "the disk is in another slot",
        plan=PLACED | {"DeviceTimeoutSec": "1s"}, disk=Disk(size="128M", options="addr=7"),
        then=(*whole, logged("/dev/vda is taken for UUID=", "path is pci0000:00/0000:00:07.0/virtio, not"))),
    Row("copied-partition", "a copy of the partition is before it", plan=PARTITION | {"DeviceTimeoutSec": "1s"},
        disk=Disk(size="128M", options="addr=5", copied=True),
        then=(*whole, logged("/dev/vda2 is taken for UUID=", "path is pci0000:00/0000:00:05.0/virtio/part2, not"))),
    Row("failing-log", "the blocks of the log cannot be written",
        disk=Disk(faults=(Fault("write", file="vmcore-dmesg.txt"),)),
        then=(facts(outcome="complete"), failed("dmesg", "Input/output error"), verified)),
    # All that follows goes to the reserve, but a dump that has no room there.
    Row("failing-log-with-reserve", "the same, with a reserve",
        disk=Disk(reserve=8 * MIB, faults=(Fault("write", file="vmcore-dmesg.txt"),)),
        then=(says("trying another place", "going on in reserve", "vmcore: the reserve has no room for it; it is in"),
              facts(outcome="complete"), files("vmcore.mini", "vmcore-dmesg.txt.incomplete", *ALL_FILES), same_log,
              same_report, no_step_failed, same_pages)),
    Row("write-error-from-there-on", "the 60th write fails, and all that follow", rare=True,
        disk=Disk(faults=(Fault("write", number=60),)), then=(says("Input/output error"),)),
    Row("failing-journal", "the journal cannot be written",
        disk=Disk(faults=(Fault("write", file=JOURNAL, blocks=range(1, 64)),)),
        then=(log_on_console,)),
    Row("pulled-out", "the disk is pulled out while the dump is written",
        events=(("kdump-capture: filter: ", pull_out),),
        then=(same_log, same_report, facts(outcome="mini", step="vmcore"))),
    # Three are free: not enough for all files.
    Row("few-inodes", "three inodes are left",
        disk=Disk(size="64M", inodes=3), then=(files("vmcore-dmesg.txt", "crash.json"), same_log)),
    Row("no-inodes", "the file system has no inodes left",
        disk=Disk(size="64M", inodes=0), then=(nothing_saved, log_on_console)),
    Row("unknown-file-system", "the file system is of no known type",
        plan={"DeviceTimeoutSec": "1s"}, disk=Disk(size="64M", damage=(no_magic,)),
        then=(nothing_saved, says("no such disk after 1 s"), log_on_console)),
    Row("full-from-the-start", "the file system is full",
        disk=Disk(size="64M", full=True), then=(nothing_saved, log_on_console)),
]
