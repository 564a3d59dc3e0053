# SPDX-License-Identifier: GPL-2.0-or-later
"""What holds for each row of the rig, whatever is broken in it, and the table of faults: what is broken in a row,
and what its capture has saved all the same.

1. The log of the crashed kernel is saved or on the console.
2. The machine is away before the time is over.
3. The next boot tells of the crash, and how far the capture came.
4. Earlier dumps, and files of everybody else, are as they were.
5. No file that has its final name is incomplete.

Cells are kept when a row has passed, so rows can be run in pieces. "make faults" makes docs/faults.md of them.
"""

import json
import shutil

from kit import places
from kit.report import expect
from kit.rig import PLAN, TARGET
from kit.tool import call

PROGRAM = places.BUILD / "kdump-lite"
KEPT, PAGE = places.CACHE / "faults.json", places.CACHE / "faults.md"

FILLER = "/filler"  # of the hook fill-target

# The time is over; the disk and the emulated machine take some more until it is away.
SLACK = 12

EARLIER_BOOT = "aaaaaaaa-0000-4000-8000-000000000000"


def log_of(o):
    """Where the log of the crashed kernel is."""
    if o.crashes and (o.crashes[-1] / "vmcore-dmesg.txt").exists():
        return "saved"
    if "vmcore-dmesg.txt" in o.in_swap:
        return "in swap"
    if "vmcore-dmesg.txt" in o.in_partition:
        return "in a partition"
    tail = o.console.partition("the end of the crashed kernel's log follows")[2]
    if "Kernel panic - not syncing" in tail:
        return "console"
    return "in the dump" if o.crashes and o.facts["outcome"] == "complete" else "-"


def limit_of(row):
    """Seconds that the capture may take."""
    return int((PLAN | row.plan)["TimeoutSec"].rstrip("s"))


def check_log(o):
    expect(log_of(o) != "-" or not o.row.log, "the log of the crashed kernel is not saved, and not on the console")


def check_time(o):
    expect(o.away <= limit_of(o.row) + SLACK, f"away after {o.away:.1f} s of {limit_of(o.row)} s")


# In the tree of a guest, so that neither the host's journal nor its crashes have to do with it. The root of a chroot is
# no mount, and cannot be made private.
NEXT_BOOT = """set -e
tree="$1" crashes="$2" state="$3"
mount --make-rprivate / 2>/dev/null || :
trap 'umount "$tree/proc" "$tree/var/lib/kdump-lite" "$tree/var/crash" "$tree/var" "$tree/run"' EXIT
mount -t tmpfs none "$tree/run"
mount -t tmpfs none "$tree/var"
mkdir -p "$tree/var/crash" "$tree/var/lib/kdump-lite"
mount --bind "$crashes" "$tree/var/crash"
mount --bind "$state" "$tree/var/lib/kdump-lite"
mount --bind /proc "$tree/proc"
chroot "$tree" /usr/bin/kdump-lite announce >&2
chroot "$tree" /usr/bin/kdump-lite list --json
"""


def next_boot(o):
    """What a system lists that comes up with the crashes, and with the mark of a boot that has not ended; and the
    names of the crashes that its journal is told of."""
    crashes, state = o.directory / "next-crashes", o.directory / "next-state"
    crashes.mkdir(mode=0o700)
    state.mkdir(mode=0o700)
    for crash in o.crashes:
        shutil.copytree(crash, crashes / crash.name)
        (crashes / crash.name).chmod(0o700)
    times = [json.loads((crash / "crash.json").read_text())["crash_time"] for crash in o.crashes
             if (crash / "crash.json").exists()]
    mark = {"boot_id": EARLIER_BOOT, "since": max(min(times, default=0), 100) - 60, "kernel_release": "", "armed": True}
    (state / f"boot-{EARLIER_BOOT}.json").write_text(json.dumps(mark))
    told = call("unshare", "--mount", "--propagation", "unchanged", "sh", "-c", NEXT_BOOT, "sh", o.rig.lab.image.tree,
                crashes, state)
    announced = state / "announced"
    announced = announced.read_text().split() if announced.exists() else []
    for path in (crashes, state):
        shutil.rmtree(path)
    return json.loads(told), announced


def outcomes(crash):
    """What may be told of it: what it says itself, or, where that could not be written any more, its files."""
    facts, log = crash / "crash.json", crash / "vmcore-dmesg.txt"
    said = json.loads(facts.read_text())["outcome"] if facts.exists() else "failed"
    files = {"vmcore": "complete", "vmcore.incomplete": "incomplete", "vmcore.mini": "mini", log.name: "dmesg-only",
             f"{log.name}.incomplete": "dmesg-only"}
    return {said, *[outcome for name, outcome in files.items() if (crash / name).exists()]}


def check_told(o):
    told, announced = next_boot(o)
    for crash in o.crashes:
        entry = next((entry for entry in told if entry.get("path", "").endswith(f"/{crash.name}")), None)
        expect(entry and crash.name in announced, f"{crash.name} is not told of on the next boot: {told} {announced}")
        expect(entry["outcome"] in outcomes(crash), f"told is {entry['outcome']}, not one of {outcomes(crash)}")
    expect(o.crashes or any(entry.get("outcome", entry.get("state")) == "no-dump" for entry in told),
           f"a boot that ended without a dump is not told of: {told}")


def check_others(o):
    expect(not o.other, f"what is not of the capture has changed: {o.other}")
    if o.row.disk.damage:
        return
    for path, digest in o.earlier.items():
        if path not in o.row.deletes:
            expect(o.later.get(path) == digest, f"{path} has changed, or is gone")
    for path in o.row.deletes:
        expect(path in o.earlier and path not in o.later, f"{path} is still there")
    ours = tuple(f"{TARGET}/{crash.name}/" for crash in o.crashes)
    more = [path for path in o.later if path not in o.earlier and not path.startswith((*ours, FILLER))]
    expect(not more, f"files that are of no crash: {more}")


def check_names(o):
    for crash in o.crashes:
        check_files(o, crash)


def check_files(o, crash):
    """Files of a crash that have their final name are whole."""
    found = {path.name for path in crash.iterdir()}
    if "crash.json" in found:
        json.loads((crash / "crash.json").read_text())
    if "vmcore-dmesg.txt" in found:
        expect((crash / "vmcore-dmesg.txt").read_text(errors="replace") == call(PROGRAM, "dmesg", "--no-pager", o.old),
               "vmcore-dmesg.txt is not the whole log")
    if "report.txt" in found:
        text = (crash / "report.txt").read_text()
        expect(text.endswith("\n") and "\nModules\n" in text, "report.txt is not the whole report")
    if "kexec-dmesg.log" in found:
        expect("kdump-capture: " in (crash / "kexec-dmesg.log").read_text(), "kexec-dmesg.log is not the whole log")
    if "vmcore.mini" in found:
        call(PROGRAM, "info", crash / "vmcore.mini")
    if "vmcore" in found:
        told = call(PROGRAM, "info", crash / "vmcore")
        lost = "crash.json" in found and json.loads((crash / "crash.json").read_text())["pages"]["unreadable"]
        expect(lost or "incomplete" not in told, f"vmcore is incomplete: {told}")


CHECKS = (check_log, check_time, check_told, check_others, check_names)


def tell(o):
    """The cells of a row of the table, without those that the row itself has."""
    facts = o.facts if o.crashes else {"outcome": "-", "steps": []}
    failed = dict.fromkeys(step["name"] for step in facts["steps"] if step.get("error"))
    return [o.note, log_of(o), facts["outcome"], ", ".join(failed) or "-",
            f"{o.away:.1f} of {limit_of(o.row)}"]


def keep(rows, told):
    """@told are cells by the name of the row, of those @rows that have passed."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept = {name: cells for name, cells in kept.items() if name not in [row.name for row in rows]} | told
    KEPT.write_text(json.dumps(kept))


def write(kernel, rows):
    """The page, of all @rows that break something; returns the names of those that have not passed yet."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    broken = [row for row in rows if row.fault]
    missing = [row.name for row in broken if row.name not in kept]
    if missing:
        return missing
    lines = [["row", "what is broken", "log", "dump", "failed steps", "seconds"], ["-"] * 5 + ["-:"]]
    for row in broken:
        note, *cells = kept[row.name]
        lines.append([row.name, f"{row.fault}: {note}" if note else row.fault, *cells])
    PAGE.write_text(f"""# Faults

What a capture saves when something is broken, as the rows of the capture rig have it (`tests/vm/cases/rows/`) with
Linux {kernel.series}. *log* is where the log of the crashed kernel is. *dump* is `outcome` in `crash.json`, where `mini`
is a dump that answers a report; `-` is a boot without a dump, of which the next one tells. *seconds* are those from the
start of the capture program, or of the machine where that did not start, until the machine is away, and `TimeoutSec=`.

In each row the next boot tells of the crash, earlier dumps and everybody else's files are as they were, and no file
that has its final name is incomplete. `make faults` makes this page of the last runs.

""" + "".join(f"| {' | '.join(line)} |\n" for line in lines))
    return []
