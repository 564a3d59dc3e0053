# SPDX-License-Identifier: GPL-2.0-or-later
"""The fault matrix: what is broken in a row of the rig, and what its capture has saved all the same.

A run of all rows leaves it in build/vm/test/faults.md; "make faults" makes docs/faults.md of that.
"""

from kit import places
from kit.report import expect

FILE = places.CACHE / "test/faults.md"

# Rows of the rig by name.
FAULTS = {
    # The memory of the crashed kernel, and the header that tells of it.
    "no-elf": "/proc/vmcore is no ELF file",
    "no-notes": "its header has no notes",
    "cut-note": "a note is cut off",
    "cut-header": "the header is cut off",
    "too-many-headers": "the header has program headers that are not there",
    "missing-kernel": "the memory of the kernel is missing",
    "unknown-kernel": "VMCOREINFO does not tell where the kernel is",
    "random-vmcoreinfo": "VMCOREINFO is random bytes",
    "random-struct-pages": "struct pages are random bytes",
    "looping-page-tables": "the page tables lead back to themselves",
    "page-that-kills": "memory that ends who reads it",
    "unplugged-memory": "memory that is gone",
    "clock-of-1970": "the clock stands at 1970",
    # The target.
    "no-target": "the disk is missing",
    "late-target": "the disk comes late",
    "moved-target": "the disk is in another slot",
    "clone-before": "a clone of the disk has its name",
    "clone-behind": "a clone of the disk is behind it",
    "clone-in-its-place": "a clone of the disk is in its slot",
    "clone-alone": "there is only a clone of the disk",
    "copied-partition": "a copy of the partition is before it",
    "pulled-out": "the disk is pulled out while the dump is written",
    "full-from-the-start": "the file system is full",
    "full-target": "the file system fills up",
    "no-inodes": "the file system has no inodes left",
    "no-superblock": "the superblock cannot be read",
    "unknown-file-system": "the file system is of no known type",
    "failing-journal": "the journal cannot be written",
    "failing-log": "the blocks of the log cannot be written",
    "write-error": "a block of the dump cannot be written",
    "unreadable-dump": "the dump cannot be read back",
    "unreadable-gaps": "the same, with little memory",
    "slow-target": "the disk is slow, the time is over",
    "slow-dump": "the time is over while the dump is written",
    # The reserve.
    "reserve": "the file system is damaged",
    "reserve-for-all": "the same, with a large reserve",
    "reserve-unknown-feature": "the file system is of a newer kernel",
    "reserve-read-only": "the file system can only be read",
    "reserve-of-a-full-target": "the file system is full",
    "reserve-taken-over": "the file system is damaged, the reserve is another file's",
    "reserve-partly-taken-over": "the same, of a part of the reserve",
    # The capture kernel.
    "small-memory": "there is little memory",
    "too-little-memory": "there is too little memory for the capture kernel",
    "second-nmi": "an NMI comes",
    "panic": "the capture kernel panics",
    "hook-without-end": "a hook does not end",
    "back-from-failed-target": "the directory for crashes is a file",
    "back-no-kernel": "the kernel of the way back is missing",
}


def log_of(outcome):
    """Where the log of the crashed kernel is."""
    if outcome.crashes and (outcome.crash / "vmcore-dmesg.txt").exists():
        return "saved"
    tail = outcome.console.partition("the log of the crashed kernel follows")[2]
    return "console" if "Kernel panic - not syncing" in tail else "-"


def tell(outcome):
    """The cells of a row of the table."""
    facts = outcome.facts if outcome.crashes else {"outcome": "-", "steps": []}
    failed = dict.fromkeys(step["name"] for step in facts["steps"] if step.get("error"))
    return [outcome.row.name, FAULTS[outcome.row.name], log_of(outcome), facts["outcome"], ", ".join(failed) or "-",
            f"{outcome.seconds:.1f}"]


def write(kernel, told):
    """@told are cells by the name of the row, of all rows that have passed."""
    missing = [name for name in FAULTS if name not in told]
    expect(not missing, f"rows that are not there, or have failed: {missing}")
    lines = [["row", "what is broken", "log", "dump", "failed steps", "seconds"], ["-"] * 5 + ["-:"]]
    lines += [told[name] for name in FAULTS]
    FILE.write_text(f"""# Faults

What a capture saves when something is broken, as the rows of the capture rig have it (`tests/vm/cases/capture.py`)
with Linux {kernel.series}. *log* is where the log of the crashed kernel is; *dump* is `outcome` in `crash.json`, where `mini` is
a dump that answers a report; *seconds* are those from the start of the capture kernel until the machine is away.
`make faults` makes this page of the last whole run.

""" + "".join(f"| {' | '.join(line)} |\n" for line in lines))
