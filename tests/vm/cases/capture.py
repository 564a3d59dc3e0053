# SPDX-License-Identifier: GPL-2.0-or-later
"""The capture from the start of its kernel to the way out, over old memory of a machine that crashed
once: a row of ROWS is one capture of some seconds (see kit/rig.py).

A new row needs a name and what has to come of it; all else has defaults. In this one the plan has
another codec, and the disk fails when the hundredth block of the dump is written:

    Row("write-error", plan={"Compress": "zlib"},
        disk=Disk(faults=(Fault("write", file="vmcore", blocks=range(100, 101)),)),
        then=(facts(outcome="mini"), failed("vmcore", "Input/output error"), same_log)),

"then" are functions that take the Outcome and raise Failed when it is not what it has to be: the small
ones below, or one of the row's own. "change" are those of oldmem.py, of the memory and its header;
"events" act on the guest when something comes on the console. "tests/vm/run --row NAME,..." runs some, and
"--only capture --full" all of them, without --full those that are not rare; with --kernel=5.10 or newest too. It
leaves in build/vm/test/KERNEL-capture/ROW what a row has left: console.log and the saved files, of a row that
failed also the disk.
"""

import json
import random
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatch

from cases import faults
from kit import oldmem, places
from kit.report import expect
from kit.rig import (BLOCK, DRIVE, JOURNAL, MIB, PARTUUIDS, PLAN, SWAP_UUID, Disk, Fault, Rig, Row, debugfs, no_magic,
                     overwritten)
from kit.tool import Failed, call

JOBS = 1  # captures at a time; each takes one CPU
PROGRAM = places.BUILD / "kdump-lite"
ALL_FILES = {"vmcore", "vmcore-dmesg.txt", "report.txt", "crash.json", "kexec-dmesg.log"}


# Checks, most of them made from what they expect.

def says(*parts):
    """The console has these lines, or parts of them."""
    def check(o):
        for part in parts:
            expect(part in o.console, f"not on the console: {part}")
    return check


def logged(*parts):
    """The same of the capture kernel's whole log, of which the console shows a part."""
    def check(o):
        for part in parts:
            expect(part in o.text("kexec-dmesg.log"), f"not in kexec-dmesg.log: {part}")
    return check


def files(*names):
    def check(o):
        found = {path.name for path in o.crash.iterdir()}
        expect(found == set(names), f"files: {sorted(found)}")
    return check


@dataclass(frozen=True)
class Some:
    """A value that is not known as a whole."""
    words: str
    good: Callable


def has(*parts):
    """A text with one of these in it."""
    return Some(f"something with {' or '.join(map(repr, parts))}", lambda text: any(p in text for p in parts))


def below(limit):
    return Some(f"a number from 1 to {limit - 1}", lambda number: 0 < number < limit)


def facts(**wanted):
    """Members of crash.json: as they have to be, or Some()."""
    def check(o):
        found = o.facts
        for name, value in wanted.items():
            some = isinstance(value, Some)
            expect(value.good(found[name]) if some else found[name] == value,
                   f"{name} is {found[name]!r}, not {value.words if some else repr(value)}: {found}")
    return check


def failed(step, part):
    """One step failed, for this reason."""
    def check(o):
        errors = [(s["name"], s["error"]) for s in o.facts["steps"] if s.get("error")]
        expect(any(name == step and part in error for name, error in errors),
               f"{step}: {part!r} is not its error: {errors}")
    return check


def again_or_not(o):
    """A dump that the disk does not give back is replaced, or that it was not is said."""
    expect(any(part in o.facts["verify"] for part in ("written again at level 1", "not written again: ")),
           o.facts["verify"])


def lost_or_not(o):
    """What is in memory need not be read, with some kernels that is all. Else some pages are lost."""
    lost = o.facts["pages"]["unreadable"]
    expect(lost < o.facts["pages"]["total"] / 2, o.facts["pages"])
    if lost:
        failed("vmcore", f"{lost} pages are lost: vmcore.incomplete: writing at offset ")(o)
    # Such a dump does not take the place of the mini dump.
    files(*ALL_FILES, *["vmcore.mini"] * bool(lost))(o)


def named(start):
    def check(o):
        expect(o.crash.name.startswith(start), o.crash.name)
    return check


def went_on(o):
    """The steps that came behind the one that was ended have been run."""
    expect([s["name"] for s in o.facts["steps"]][-1] == "back" and o.facts["step"] == "", o.facts["steps"])


def lost(number):
    def check(o):
        expect(o.facts["pages"]["unreadable"] == number, o.facts["pages"])
    return check


def no_step_failed(o):
    errors = [step for step in o.facts["steps"] if step.get("error")]
    expect(not errors, errors)


def clone_is_unchanged(o):
    expect(not o.other, f"the clone has changed: {o.other}")


def others_are_unchanged(o):
    """Nothing was written but to the reserve."""
    expect(not o.other, f"the disk has changed beside its reserve: {o.other}")


def unchanged(number):
    def check(o):
        with open(o.directory / "disk.img", "rb") as disk:
            disk.seek(o.blocks[number] * BLOCK)
            expect(disk.read(BLOCK) == OTHER, "a block of the reserve that belongs to somebody else has changed")
    return check


def nothing_saved(o):
    expect(not o.crashes, f"saved: {o.crashes}")


def swap_holds(*names):
    """The swap partition has these files behind its first MiB, and its header as before."""
    def check(o):
        data = (o.directory / "swap.img").read_bytes()
        expect(data[4086:4096] == b"SWAPSPACE2" and not any(data[4096:MIB]), "the header of the swap area has changed")
        expect(data[MIB:].startswith(b"kdump-lite crash"), "no crash in the swap area")
        found = [data[at + 44:at + 108].rstrip(b"\0").decode() for at in range(MIB, len(data), 4096)
                 if data[at:at + 16] == b"kdump-lite file\0"]
        expect(set(names) <= set(found), f"in the swap area: {found}")
    return check


def unmounted(o):
    expect(o.clean, "the target was not unmounted")


def verified(o):
    expect(o.facts["verify"].startswith("ok"), o.facts["verify"])


def same_pages(o):
    """The dump holds what the host's convert makes of the whole memory at that level: as ELF both are
    the same, byte for byte."""
    level = o.facts["level"]
    host = o.directory / "host.elf"
    call(PROGRAM, "convert", "--format=elf", f"--level={level}", o.rig.inputs["memory"], host)
    guest = o.directory / "vmcore.elf"
    call(PROGRAM, "convert", "--format=elf", o.crash / "vmcore", guest)
    expect(guest.stat().st_size > 10 * MIB, f"{guest} has {guest.stat().st_size} bytes")
    call("cmp", host, guest)
    guest.unlink()
    host.unlink()


def same_log(o):
    """The log of the crashed kernel is what the host finds in the old memory."""
    log = call(PROGRAM, "dmesg", "--no-pager", o.old)
    expect("Kernel panic - not syncing" in log, "no panic in the log of the old memory")
    expect(o.text("vmcore-dmesg.txt") == log, "vmcore-dmesg.txt is another log")


def same_report(o):
    """The host comes to the same report of the dump, or of the mini dump, but for the dump as a file."""
    text = call(PROGRAM, "report", "--no-pager", o.crash).partition("\nDump\n")[0]
    expect(o.text("report.txt") == text, text)
    expect(o.facts["fingerprint"] in call(PROGRAM, "report", "--json", o.crash), o.facts)


def log_on_console(o):
    """What cannot be saved anywhere is at least shown."""
    tail = o.console.partition("the end of the crashed kernel's log follows")[2]
    expect("Kernel panic - not syncing" in tail, "the log of the crashed kernel is not on the console")


def pages_add_up(o):
    pages = o.facts["pages"]
    left_out = sum(pages[kind] for kind in ("free", "cache", "private_cache", "user", "hwpoison",
                                            "offline", "unaccepted"))
    expect(pages["unreadable"] == 0 and pages["saved"] + left_out == pages["total"] > 10000, pages)


def all_kept(o):
    pages = o.facts["pages"]
    expect(pages["saved"] == pages["total"], pages)


def holds(place, data):
    """The dump has these bytes where @place finds the place in the header."""
    def check(o):
        paddr = place(oldmem.Header(o.old, 0))
        out = o.directory / "bytes"
        call("sh", "-c", '"$0" read --raw "$1" "$2" "$3" >"$4"', PROGRAM, o.crash / "vmcore", f"{paddr:#x}",
             len(data), out)
        expect(out.read_bytes() == data, f"other bytes at {paddr:#x}, see {out}")
    return check


complete = (facts(outcome="complete"), files(*ALL_FILES), no_step_failed, pages_add_up, verified)
whole = (*complete, same_pages, same_log)


def by_firmware(reason):
    """The way back is by the firmware, and why."""
    return (facts(outcome="complete", final_action="reboot", final_reason=has(reason)), verified)


def started_next(*words):
    """The kernel that was loaded runs, with words on its command line that tell it of its return."""
    def check(o):
        line = o.console.partition("kdump-capture: going back by kexec")[2].partition("Command line: ")[2]
        line = line.partition("\n")[0]
        for word in ("console=ttyS0", "kdump_lite.returned=1", "memmap=0xff00000@0x100000", *words):
            expect(word in line.split(), f"{word} is not on the next command line: {line}")
    return check


# Parts of rows.

def text_page(header):
    """Physical address of the first page of the kernel's code."""
    return header.physical("_stext")


def other_text(header):
    header.patches.append((text_page(header), OTHER))


def no_kernel(header):
    """The RAM that the kernel is in is not described."""
    start = text_page(header)
    oldmem.without(start, start + 56 * MIB)(header)


def plug_in(guest):
    time.sleep(1)  # so that it is missing at first
    guest.monitor.plug_disk(DRIVE)


def random_vmcoreinfo(header):
    header.vmcoreinfo = random.Random(1).randbytes(2000).decode("latin-1")


def random_struct_pages(header):
    """Those of the memory between 64 and 192 MiB: there is no telling what a page is."""
    for start in range(64 * MIB, 192 * MIB, 32 * MIB):
        oldmem.contents(header.struct_page(start), random.Random(start).randbytes(8192 * 64))(header)


def looping_page_tables(header):
    """Each entry of the first table is that table."""
    top = header.physical("swapper_pg_dir")
    oldmem.contents(top, struct.pack("<Q", top | 0x67) * 512)(header)


def nmi(guest):
    guest.monitor.inject_nmi()


def pull_out(guest):
    guest.monitor.unplug_disk(DRIVE)


OTHER = b"not what it was\n" * 256
IN_LOG, BEHIND_LOG = 4, 40  # blocks of the reserve
LEFT = {"crash.json", "kexec-dmesg.log"}  # when there is nothing to read
no_vmcore = (files(*LEFT), facts(outcome="failed"), failed("memory", "/proc/vmcore"),
             failed("vmcore", "not tried"))
# When there is no making sense of the memory.
all_pages = (files(*LEFT, "vmcore"), pages_add_up,
             facts(outcome="complete", verify="not checked, the kernel could not be found in memory"),
             failed("memory", "going on with a dump of all memory"), all_kept)
# The disk of a plan: in slot 5, with a serial number or without.
FACTS = "name=vda path=pci0000:00/0000:00:05.0/virtio size=134217728"
PLACED, KNOWN = {"DeviceFacts": FACTS}, {"DeviceFacts": f"{FACTS} serial=A_1"}
# What was told of a partition: nothing but its UUID still is as it was.
PARTITION = {"DeviceFacts": f"name=sda3 path=pci0000:00/0000:00:09.0/ata1 partuuid={PARTUUIDS[1].upper()}"}
NO_DISK = {"Device": "UUID=99999999-0000-0000-0000-000000000000", "DeviceTimeoutSec": "1s"}
# Little more than with which it still works, MiB by series.
SMALL = {"5.10": 80, "6.1": 88, "6.12": 96, "": 112}
TOO_SMALL = {series: size - 18 for series, size in SMALL.items()}
NOW = 1800000000
EARLIER = tuple(time.strftime("%Y%m%dT%H%M%SZ-00000001", time.gmtime(NOW - ago)) for ago in (60, 3600))

# The plan of the way back, as far as rows do not change it. The RAM is that of the old memory.
BACK = {"FinalAction": "kexec", "BackDevice": PLAN["Device"], "BackFileSystem": "ext4",
        "BackKernel": "/vmlinuz", "BackCommandLine": "console=ttyS0 panic=-1",
        "BackMemory": "0x100000-0xfffffff", "BackCommandLineLimit": "2047"}
AUTO = BACK | {"FinalAction": "auto"}
WITH_KERNEL = Disk(kernel="/vmlinuz")
# A file system that cannot be mounted, since the inode of its journal is empty; with a reserve that has room for
# all but the dump.
NO_JOURNAL = debugfs("clri <8>")
RESERVED = Disk(size="64M", reserve=8 * MIB, damage=(NO_JOURNAL,))
without_dump = (same_log, same_report, facts(outcome="mini", step=""))
in_reserve = (says("kdump-capture: saving to reserve"), *without_dump, others_are_unchanged,
              files("vmcore.mini", *ALL_FILES - {"vmcore"}))
# A kernel is loaded from a part of a larger machine.
ROOMY = {"memory": 1024, "words": "mem=256M", "disk": WITH_KERNEL, "way": "going back by kexec",
         "until": r"Command line: .*kdump_lite\.returned="}
FIRMWARE = {"disk": WITH_KERNEL, "way": "rebooting"}

SWAP = {"Swap": f"UUID={SWAP_UUID}", "SwapID": "0123456789abcdef" * 2}


ROWS = [
    # What is saved, at which level, and how it is packed.
    Row("level-31", smoke=True, then=(*whole, same_report, unmounted, facts(level=31, codec="lzo", cpus=2))),
    Row("level-0", plan={"Level": 0}, then=(*whole, facts(level=0))),
    Row("level-1", rare=True, plan={"Level": 1}, then=(*whole, facts(level=1))),
    Row("level-16", rare=True, plan={"Level": 16}, then=(*whole, facts(level=16))),
    Row("zlib", plan={"Compress": "zlib:1"}, then=(*whole, facts(codec="zlib"))),
    Row("zstd", plan={"Compress": "zstd"}, then=(*whole, facts(codec="zstd"))),
    Row("snappy", rare=True, plan={"Compress": "snappy"}, then=(*whole, facts(codec="snappy"))),
    Row("none", rare=True, plan={"Compress": "none"}, then=(*whole, facts(codec="none"))),
    # The machine.
    Row("two-cpus", cpus=2, then=(*whole, logged("smp: Brought up 1 node, 2 CPUs"))),
    Row("small-memory", memory=SMALL, then=whole),
    # Old memory, and the header that the crashed kernel has left.
    Row("from-a-dump", rare=True, input="dump", then=whole),
    Row("other-contents", change=(other_text,), then=(*complete, holds(text_page, OTHER))),
    Row("many-pieces", rare=True, change=(oldmem.pieces(4 * MIB),), then=complete),
    Row("no-elf", change=(oldmem.no_magic,), then=no_vmcore),
    Row("no-notes", rare=True, change=(oldmem.no_notes,), then=no_vmcore),
    Row("cut-note", change=(oldmem.note_size(64),), then=no_vmcore),
    Row("cut-header", rare=True, change=(oldmem.cut(64),), then=no_vmcore),
    Row("too-many-headers", change=(oldmem.count(300),), then=complete),
    Row("missing-kernel", change=(no_kernel,), then=(facts(memory_size=below(256 * MIB)), *all_pages)),
    Row("page-that-kills", plan={"Level": 0}, change=(oldmem.beyond(240 * MIB, 241 * MIB),),
        then=(failed("vmcore", "it was ended by signal 9"), facts(outcome="incomplete", verify=has("ok")), same_log,
              files(*ALL_FILES, "vmcore.mini"), lost(256), went_on)),
    Row("unplugged-memory", rare=True, plan={"Level": 0}, change=(oldmem.nowhere(240 * MIB, 244 * MIB),),
        then=(*complete, holds(lambda header: 242 * MIB, bytes(4096)))),
    # The clock stands at its beginning, and the crashed kernel has not left the time.
    Row("clock-of-1970", options=("-rtc", "base=1970-01-01T00:00:00"),
        change=(oldmem.vmcoreinfo({"CRASHTIME": None}),), then=(*complete, same_log, facts(crash_time=0),
        named("19700101T0000"))),
    Row("unknown-kernel", rare=True, then=all_pages,
        change=(oldmem.vmcoreinfo({"NUMBER(phys_base)": None, "SYMBOL(init_top_pgt)": None}),)),
    # The target.
    Row("no-target", plan=NO_DISK, then=(nothing_saved, says("no such disk after 1 s; there are: vda"), log_on_console)),
    Row("swap", plan=NO_DISK | SWAP, disk=Disk(swap=64 * MIB),
        then=(says("saving to swap"), nothing_saved, swap_holds("vmcore-dmesg.txt", "report.txt", "vmcore", "crash.json"))),
    Row("swap-hibernated", plan=NO_DISK | SWAP, disk=Disk(swap=64 * MIB, hibernated=True),
        then=(says("holds the image of a system that hibernates"), nothing_saved, log_on_console)),
    Row("late-target", disk=Disk(late=True), events=(("kdump-capture: started", plug_in),), then=whole),
    Row("full-target", disk=Disk(size="16M"),
        then=(facts(outcome="mini", step=""), failed("vmcore", "beside KeepFree="), same_log, same_report,
              files("vmcore.mini", "vmcore.incomplete", *ALL_FILES - {"vmcore"}))),
    # A dump leaves so much free, and the disk has less.
    Row("keep-free", plan={"KeepFree": "1T"},
        then=(facts(outcome="mini", dump_reason=has("left out: beside KeepFree= (1.0T) only 0B are free")),
              failed("vmcore", "beside KeepFree="), files("vmcore.mini", *ALL_FILES - {"vmcore"}), same_log, same_report,
              unmounted)),
    # The newest dump that is complete stays until there is a newer one.
    Row("too-many-dumps", plan={"MaxDumps": 1, "KeepPerFingerprint": 0}, disk=Disk(directories=EARLIER, known=True),
        then=(*whole, says(f"pruned {EARLIER[1]}: its dump deleted"))),
    Row("known-crash", plan={"KeepPerFingerprint": 2}, disk=Disk(directories=EARLIER, known=True),
        then=(facts(outcome="mini", dump_reason=has("left out, 2 complete dumps have this fingerprint")),
              files("vmcore.mini", *ALL_FILES - {"vmcore"}), no_step_failed, says("vmcore left out"), same_log,
              same_report, unmounted)),
    Row("known-crash-off", rare=True, plan={"KeepPerFingerprint": 0}, disk=Disk(directories=EARLIER, known=True),
        then=whole),
    # The dump takes too long, and the disk has much to write yet; or only the dump takes too long.
    Row("slow-target", plan={"TimeoutSec": "4s", "Compress": "none"},
        disk=Disk(limits="throttling.bps-write=10000000"),
        then=(says("the dump: it took longer than 3 s and was ended", "going on after the step vmcore"),
              facts(outcome="mini"), same_log, same_report)),
    Row("slow-dump", plan={"TimeoutSec": "8s", "Level": 0, "Compress": "zlib:9"},
        then=(failed("vmcore", "it took longer than 6 s and was ended"), facts(outcome="mini"), same_log, same_report,
              files("vmcore.mini", "vmcore.incomplete", "vmcore-dmesg.txt", "report.txt", "crash.json",
                    "kexec-dmesg.log"), went_on)),
    Row("no-superblock", plan={"DeviceTimeoutSec": "1s"}, disk=Disk(faults=(Fault("read", sector=2),)),
        then=(nothing_saved, log_on_console)),
    Row("write-error", disk=Disk(faults=(Fault("write", file="vmcore", blocks=range(100, 101)),)),
        then=(facts(outcome="mini"), failed("vmcore", "Input/output error"), same_log, same_report)),
    # What the disk gives back counts, and not what memory still has of it. A second dump lies elsewhere.
    Row("unreadable-dump", disk=Disk(faults=(Fault("read", file="vmcore", blocks=range(1000, 1100)),)),
        then=(facts(outcome="complete", verify=has("Input/output error")), again_or_not, same_log)),
    # With little memory the disk is read while the dump is written.
    Row("unreadable-gaps", plan={"Level": 0, "Compress": "none"}, memory=SMALL,
        disk=Disk(faults=(Fault("read", file="vmcore", blocks=range(30, 60)),)),
        then=(lost_or_not, facts(verify=has("Input/output error")), same_log)),
    # Copies of the target. Linux names disks in the order of their slots.
    Row("clone-behind", plan=PLACED, disk=Disk(size="128M", options="addr=5", clone="addr=6"),
        then=(*whole, logged("/dev/vda mounted"), clone_is_unchanged)),
    Row("clone-before", plan=PLACED, disk=Disk(size="128M", options="addr=5", clone="addr=4"),
        then=(*whole, logged("/dev/vdb is taken for UUID=", "name is vdb, not vda"), clone_is_unchanged)),
    Row("clone-in-its-place", rare=True, plan=KNOWN,
        disk=Disk(size="128M", options="addr=6,serial=A 1", clone="addr=5,serial=B"),
        then=(*whole, logged("/dev/vdb is taken for UUID=", "path is pci0000:00/0000:00:06.0/virtio, not"),
              clone_is_unchanged)),
    Row("clone-alone", plan=KNOWN | {"DeviceTimeoutSec": "1s"}, disk=Disk(size="128M", late=True, clone="addr=5,serial=B"),
        then=(nothing_saved, says("no such disk after 1 s; there are: vda (serial is B, not A_1)"),
              log_on_console, clone_is_unchanged)),
    Row("moved-target", plan=PLACED | {"DeviceTimeoutSec": "1s"}, disk=Disk(size="128M", options="addr=7"),
        then=(*whole, logged("/dev/vda is taken for UUID=", "path is pci0000:00/0000:00:07.0/virtio, not"))),
    Row("copied-partition", plan=PARTITION | {"DeviceTimeoutSec": "1s"},
        disk=Disk(size="128M", options="addr=5", copied=True),
        then=(*whole, logged("/dev/vda2 is taken for UUID=", "path is pci0000:00/0000:00:05.0/virtio/part2, not"),
              clone_is_unchanged)),
    # Hooks. What they print is in the log; what becomes of them is not what becomes of the dump.
    Row("hooks", plan={"@hooks": "pre.d/a:/usr/bin/env post.d/a:/usr/bin/false failed.d/a:/usr/bin/true"},
        then=(facts(outcome="complete"), same_log, verified, failed("post", "post.d/a: has exited with status 1"),
              logged("pre.d/a: KDUMP_LITE_DIRECTORY=/mnt/var/crash/", "pre.d/a: KDUMP_LITE_OUTCOME=mini",
                     "pre.d/a: KDUMP_LITE_TITLE="))),
    Row("hook-without-end", plan={"@hooks": "pre.d/a:/usr/bin/yes post.d/a:/usr/bin/env", "TimeoutSec": "20s"},
        then=(facts(outcome="complete"), same_pages, same_log, verified, failed("pre", "pre.d/a: took longer than"),
              logged("pre.d/a: more lines are left out", "post.d/a: KDUMP_LITE_OUTCOME=complete"))),
    Row("hook-of-a-failure", plan=NO_DISK | {"@hooks": "post.d/a:/usr/bin/true failed.d/a:/usr/bin/env"},
        then=(nothing_saved, says("failed.d/a: KDUMP_LITE_DIRECTORY=/saved/"), log_on_console)),
    Row("failing-log", disk=Disk(faults=(Fault("write", file="vmcore-dmesg.txt"),)),
        then=(facts(outcome="complete"), failed("dmesg", "Input/output error"), verified)),
    Row("failing-journal", disk=Disk(faults=(Fault("write", file=JOURNAL, blocks=range(1, 64)),)),
        then=(log_on_console,)),
    Row("pulled-out", events=(("kdump-capture: filter: ", pull_out),),
        then=(same_log, same_report, facts(outcome="mini", step="vmcore"))),
    # Three are free: not enough for all files.
    Row("few-inodes", disk=Disk(size="64M", inodes=16), then=(files("vmcore-dmesg.txt", "crash.json"), same_log)),
    Row("no-inodes", disk=Disk(size="64M", inodes=16, directories=("1", "2", "3")), then=(nothing_saved, log_on_console)),
    Row("unknown-file-system", plan={"DeviceTimeoutSec": "1s"}, disk=Disk(size="64M", damage=(no_magic,)),
        then=(nothing_saved, says("no such disk after 1 s"), log_on_console)),
    Row("full-from-the-start", disk=Disk(size="64M", full=True), then=(nothing_saved, log_on_console)),
    # The blocks that lie ready.
    Row("reserve-of-a-full-target", disk=Disk(size="64M", reserve=8 * MIB, full=True),
        then=(says("the reserve gives its blocks back"), *without_dump, failed("vmcore", "left out: beside KeepFree="),
              unmounted)),
    Row("reserve", disk=RESERVED, then=in_reserve),
    Row("reserve-unknown-feature", rare=True, disk=replace(RESERVED, damage=(debugfs("feature FEATURE_I31"),)),
        then=in_reserve),
    Row("reserve-read-only", disk=replace(RESERVED, damage=(debugfs("feature read-only"),)), then=in_reserve),
    Row("reserve-for-all", disk=replace(RESERVED, size="128M", reserve=64 * MIB),
        then=(says("kdump-capture: saving to reserve"), facts(outcome="complete"), same_pages, same_log, same_report,
              others_are_unchanged)),
    Row("reserve-taken-over", disk=replace(RESERVED, damage=(NO_JOURNAL, overwritten(0, OTHER))),
        then=(nothing_saved, log_on_console, others_are_unchanged)),
    Row("reserve-log-taken-over", disk=replace(RESERVED, damage=(NO_JOURNAL, overwritten(IN_LOG, OTHER))),
        then=(log_on_console, unchanged(IN_LOG), others_are_unchanged)),
    Row("reserve-mini-taken-over", disk=replace(RESERVED, damage=(NO_JOURNAL, overwritten(BEHIND_LOG, OTHER))),
        then=(same_log, unchanged(BEHIND_LOG), others_are_unchanged)),
    Row("reserve-no-inodes", disk=Disk(size="64M", reserve=8 * MIB, inodes=16, directories=("1",)),
        then=(says("kdump-capture: saving to reserve"), same_log)),
    Row("reserve-failing-journal",
        disk=Disk(size="64M", reserve=8 * MIB, faults=(Fault("write", file=JOURNAL, blocks=range(1, 64)),)),
        then=(says("kdump-capture: saving to reserve"), same_log)),
    # The capture kernel itself.
    Row("second-nmi", base="unknown_nmi_panic nmi_watchdog=panic panic_on_warn=1",
        events=(("kdump-capture: dmesg saved", nmi),), then=(*whole, logged("NMI received for unknown reason"))),
    Row("panic", words="unknown_nmi_panic panic=1", events=(("kdump-capture: filter: ", nmi),), way="",
        then=(says("kdump-capture: mini dump saved", "Kernel panic - not syncing"), same_log, same_report,
              facts(outcome="mini", step="vmcore"))),
    Row("too-little-memory", words="panic=1", memory=TOO_SMALL, way="",
        then=(nothing_saved, says("Kernel panic - not syncing"))),
    # What is in memory makes no sense.
    Row("random-vmcoreinfo", change=(random_vmcoreinfo,), then=all_pages),
    Row("random-struct-pages", change=(random_struct_pages,), then=(same_log, same_report, facts(outcome="complete"))),
    Row("looping-page-tables", change=(looping_page_tables,),
        then=(same_log, facts(outcome="complete"), pages_add_up, all_kept)),
    # The way back.
    Row("back", smoke=True, plan=BACK, **ROOMY,
        then=(facts(outcome="complete", final_action="kexec", final_reason=""), started_next())),
    Row("back-beside-a-clone", plan=BACK | PLACED | {"BackDeviceFacts": FACTS},
        **ROOMY | {"disk": Disk(size="128M", kernel="/vmlinuz", options="addr=5", clone="addr=4")},
        then=(facts(final_action="kexec", final_reason=""), started_next(), clone_is_unchanged)),
    Row("back-without-boot-cpu", plan=BACK | {"BootAPICID": 7, "BackFewerCPUs": "fewer=7"}, **ROOMY,
        then=(facts(final_action="kexec", final_reason=has("the boot CPU stays off")), started_next("fewer=7"))),
    Row("back-other-cpu", rare=True, plan=AUTO | {"BootAPICID": 7}, **FIRMWARE,
        then=by_firmware("the crash was on the CPU with APIC ID 0, and the boot CPU (7) would not come up")),
    Row("back-obstacle", rare=True, plan=BACK | {"BackObstacle": "a reason of the loader's"}, **FIRMWARE,
        then=by_firmware("a reason of the loader's")),
    Row("back-running-cpu", rare=True, plan=BACK | {"CPUs": 3}, **FIRMWARE,
        then=by_firmware("only 2 of 3 CPUs reported that they stopped")),
    Row("back-little-memory", rare=True, plan=AUTO | {"BackNeed": 1 << 30}, **FIRMWARE,
        then=by_firmware("the production kernel needs 1.0G of memory")),
    Row("back-long-line", rare=True, plan=BACK | {"BackCommandLineLimit": 40}, **FIRMWARE,
        then=by_firmware("the command line with all memory on it has")),
    Row("back-no-kernel", plan=BACK | {"BackKernel": "/nope"}, **FIRMWARE, then=by_firmware("/nope: No such file")),
    Row("back-no-vmcore", plan=BACK, change=(oldmem.no_magic,), **FIRMWARE,
        then=(facts(final_action="reboot", final_reason=has("whether all CPUs stopped is not known")),)),
    # Nothing can be saved, since there is a file where the directory should be.
    Row("back-from-failed-target", plan=BACK | {"Directory": "/vmlinuz"}, **ROOMY,
        then=(nothing_saved, says("vmlinuz: \"vmlinuz\" cannot be opened", "kdump-capture: going back by kexec"),
              started_next())),
    Row("back-crash-loop", plan=AUTO | {"CrashLoopBurst": 2, "CrashLoopIntervalSec": "10min"},
        change=(oldmem.vmcoreinfo({"CRASHTIME": NOW}),), way="rebooting",
        disk=Disk(kernel="/vmlinuz", directories=EARLIER),
        then=by_firmware("crash number 2 within CrashLoopIntervalSec=")),
    Row("back-no-crash-loop", plan=AUTO | {"CrashLoopBurst": 3, "CrashLoopIntervalSec": "10min"},
        change=(oldmem.vmcoreinfo({"CRASHTIME": NOW}),), **ROOMY | {"disk": Disk(kernel="/vmlinuz", directories=EARLIER)},
        then=(facts(final_action="kexec", final_reason=""), started_next())),
]


def check(outcome):
    """All of a row's checks, and what holds for each: the capture ran, and left as it was to."""
    row = outcome.row
    expect(outcome.status == 0, f"QEMU: exit status {outcome.status}, see {outcome.directory}/console.qemu")
    if row.way:
        expect("kdump-capture: started" in outcome.console, "the capture program did not start")
    expect(not row.way or f"kdump-capture: {row.way}" in outcome.console, f"the way out was not \"{row.way}\"")
    for function in row.then:
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
    told = faults.tell(outcome) if row.name in faults.FAULTS else None
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


def capture(lab, kernel, report):
    patterns, all_rows = lab.rows.split(","), lab.full or lab.rows != "*"
    table = run(lab, kernel, report, [row for row in ROWS if any(fnmatch(row.name, pattern) for pattern in patterns)
                                      and (all_rows or not row.rare)])
    if lab.rows == "*" and lab.full and kernel.series == lab.kernels[0].series:
        with report.case(f"{kernel.series} capture table-of-faults"):
            faults.write(kernel, table)


def capture_smoke(lab, kernel, report):
    run(lab, kernel, report, [row for row in ROWS if row.smoke])


def capture_again(lab, kernel, report, saved):
    """For a machine that has crashed: with what it has @saved as old memory, a capture makes the same
    dump and the same report once more."""
    rig = Rig(lab, kernel, lab.output / f"{kernel.series}-capture-again")
    rig.add_dump("memory", saved / "vmcore")
    fingerprint = json.loads((saved / "crash.json").read_text())["fingerprint"]
    run_rows(rig, report, [Row("again", then=(*whole, same_report, facts(fingerprint=fingerprint)))])
