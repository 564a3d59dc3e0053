# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of places without a file system: the reserve, swap and other partitions."""

from dataclasses import replace

from cases.rows.checks import (ALL_FILES, MARKED, NO_DISK, OTHER, PLACED, SWAP, facts, failed, files, log_on_console,
                               marked_holds, nothing_saved, same_log, same_pages, same_report, says, swap_holds,
                               swap_is_unchanged, unchanged, unmounted)
from cases.rows.powercuts import power_cuts
from kit.report import expect
from kit.rig import JOURNAL, MIB, Disk, Fault, Row, debugfs, no_magic, overwritten

IN_LOG, BEHIND_LOG = 4, 40  # blocks of the reserve
# A file system that cannot be mounted, since the inode of its journal is empty; with a reserve that has room for
# all but the dump.
NO_JOURNAL = debugfs("clri <8>")
RESERVED = Disk(size="64M", reserve=8 * MIB, damage=(NO_JOURNAL,))
without_dump = (same_log, same_report, facts(outcome="mini", step=""))
in_reserve = (says("kdump-capture: saving to reserve"), *without_dump,
              files("vmcore.mini", *ALL_FILES - {"vmcore"}))


def soon(o):
    expect(o.away < 25, f"away after {o.away:.1f} s, as if the disk had been waited for")


ROWS = [
    Row("swap", "the disk is missing, there is a swap partition", plan=NO_DISK | SWAP, disk=Disk(swap=64 * MIB),
        then=(says("saving to swap"), nothing_saved,
              swap_holds("vmcore-dmesg.txt", "report.txt", "vmcore", "crash.json"))),
    Row("swap-hibernated", "a system has hibernated to the swap partition", plan=NO_DISK | SWAP,
        disk=Disk(swap=64 * MIB, hibernated=True),
        then=(says("place swap: "), nothing_saved, log_on_console, swap_is_unchanged)),
    Row("partition", "the disk is missing, there is a partition for crashes", plan=NO_DISK | MARKED,
        disk=Disk(marked=64 * MIB),
        then=(says("saving to partition"), nothing_saved,
              marked_holds("vmcore-dmesg.txt", "report.txt", "vmcore", "crash.json"))),
    # The blocks that lie ready.
    Row("reserve-of-a-full-target", "the file system is full, there is a reserve",
        disk=Disk(size="64M", reserve=8 * MIB, full=True),
        then=(says("the reserve gives its blocks back"), *without_dump, failed("vmcore", "left out: beside KeepFree="),
              unmounted)),
    Row("reserve", "the file system is damaged", disk=RESERVED, then=in_reserve),
    Row("reserve-second-crash", "the same, a second crash comes before the next boot", rare=True, disk=RESERVED,
        captures=2, then=(says("kdump-capture: place reserve: "), log_on_console, *without_dump)),
    Row("reserve-power-cuts", "the file system is damaged, the power is cut",
        rare=True, disk=replace(RESERVED, logged=True),
        then=(*in_reserve, power_cuts(20))),
    Row("reserve-unknown-feature", "the file system is of a newer kernel",
        rare=True, disk=replace(RESERVED, damage=(debugfs("feature FEATURE_I31"),)),
        then=in_reserve),
    Row("reserve-read-only", "the file system can only be read",
        disk=replace(RESERVED, damage=(debugfs("feature read-only"),)), then=in_reserve),
    Row("reserve-lost-uuid", "the superblock of the file system is lost", plan=PLACED | {"DeviceTimeoutSec": "30s"},
        disk=replace(RESERVED, size="128M", options="addr=5", damage=(no_magic,)),
        then=(says("it is no longer on the disk that had it"), *in_reserve, soon)),
    Row("reserve-for-all", "the file system is damaged, the reserve is large",
        disk=replace(RESERVED, size="128M", reserve=64 * MIB),
        then=(says("kdump-capture: saving to reserve"), facts(outcome="complete"), same_pages, same_log, same_report)),
    Row("reserve-taken-over", "the file system is damaged, the reserve is another file's",
        disk=replace(RESERVED, damage=(NO_JOURNAL, overwritten(0, OTHER))),
        then=(nothing_saved, log_on_console)),
    Row("reserve-log-taken-over", "the same, of the blocks for the log",
        disk=replace(RESERVED, damage=(NO_JOURNAL, overwritten(IN_LOG, OTHER))),
        then=(log_on_console, unchanged(IN_LOG))),
    Row("reserve-mini-taken-over", "the same, of those behind it",
        disk=replace(RESERVED, damage=(NO_JOURNAL, overwritten(BEHIND_LOG, OTHER))),
        then=(same_log, unchanged(BEHIND_LOG))),
    Row("reserve-no-inodes", "the file system has no inodes left", disk=Disk(size="64M", reserve=8 * MIB, inodes=1),
        then=(says("kdump-capture: saving to reserve"), same_log)),
    Row("reserve-failing-journal", "the journal cannot be written",
        disk=Disk(size="64M", reserve=8 * MIB, faults=(Fault("write", file=JOURNAL, blocks=range(1, 64)),)),
        then=(says("kdump-capture: saving to reserve"), same_log)),
]
