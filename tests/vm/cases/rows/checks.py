# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of what a row has left, most of them made from what they expect, and parts that rows share."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from kit import oldmem, places
from kit.report import expect
from kit.rig import BLOCK, MARK, MARKED_ID, MIB, SWAP_UUID
from kit.tool import call

PROGRAM = places.BUILD / "kdump-lite"
ALL_FILES = {"vmcore", "vmcore-dmesg.txt", "report.txt", "crash.json", "kexec-dmesg.log"}

# Where nothing belongs to the capture.
OTHER = b"not what it was\n" * 256

# The disk of a plan: in slot 5, with a serial number or without.
FACTS = "name=vda path=pci0000:00/0000:00:05.0/virtio size=134217728"
PLACED, KNOWN = {"DeviceFacts": FACTS}, {"DeviceFacts": f"{FACTS} serial=A_1"}
NO_DISK = {"Device": "UUID=99999999-0000-0000-0000-000000000000", "DeviceTimeoutSec": "1s"}

SWAP = {"Swap": f"UUID={SWAP_UUID}", "SwapID": "0123456789abcdef" * 2}
MARKED = {"Target": "path /dev/vdb", "Partition": "/dev/vdb", "PartitionID": MARKED_ID}

# Little more than with which it still works, MiB by series.
SMALL = {"5.10": 80, "6.1": 88, "6.12": 96, "": 112}

NOW = 1800000000
EARLIER = tuple(time.strftime("%Y%m%dT%H%M%SZ-00000001", time.gmtime(NOW - ago)) for ago in (60, 3600))


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
    # A dump that cannot be read back does not take the place of the mini dump.
    files(*ALL_FILES, "vmcore.mini")(o)


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
        expect(set(names) <= set(o.in_swap), f"in the swap area: {o.in_swap}")
    return check


def swap_is_unchanged(o):
    call("cmp", o.directory / "swap.before", o.directory / "swap.img")


def marked_holds(*names):
    """The partition for crashes has these files, and its mark as before."""
    def check(o):
        data = (o.directory / "marked.img").read_bytes()
        expect(data[:MARK].count(b"kdump-lite spare") == data[-MARK:].count(b"kdump-lite spare") == MARK // 64,
               "the mark of the partition has changed")
        expect(set(names) <= set(o.in_partition), f"in the partition: {o.in_partition}")
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
