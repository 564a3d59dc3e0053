# SPDX-License-Identifier: GPL-2.0-or-later
"""The capture rig: boots a kernel with the capture image over old memory, without a kernel that has
crashed before.

The memory of a crashed machine is mapped into the guest as a DIMM, as its file lies on the disk; no
memory map that the firmware gives tells of it. Behind it is a DIMM with the core header (see
oldmem.py). The loader's own functions make the capture image and the command line
(tests/vm/rig/mkcapture.c), and the file system that takes the dump is read when the guest is off.
"""

import hashlib
import json
import shutil
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from kit import corefile, crasher, disks, oldmem, places, powercut
from kit.machine import Qemu
from kit.monitor import plugged
from kit.report import expect
from kit.tool import Failed, call, make

MKCAPTURE = places.BUILD / "tests/vm/rig/mkcapture"
RESERVE = places.BUILD / "tests/vm/rig/reserve"
CAPTURE = "/usr/lib/kdump-lite/kdump-capture"  # in the tree
PROGRAM = places.BUILD / "kdump-lite"

MIB = 1 << 20
DIMMS, GAP = 1 << 32, 2 << 20  # where the first one lies, and the unit of the next
OLD_CRASH = "20200102T030405Z-0000beef"  # is in each target
UUID = "11111111-2222-3333-4444-555555555555"
HASH_SEED = "55555555-4444-3333-2222-111111111111"  # the same disk in each run
SWAP_UUID = "22222222-3333-4444-5555-666666666666"
TARGET = "/var/crash"
WHOLE = "whole.img"  # a disk with partitions
WRITES = "writes.img"  # see powercut
BEFORE = "before.img"
MARKED_ID = "0123456789abcdef" * 2  # of the store in a partition for crashes
PARTUUIDS = ("aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002")
SECTORS = 8  # of a block
BLOCK = 4096
MARK = 64 * BLOCK  # at either end of a partition for crashes
JOURNAL = "<8>"  # its inode, as debugfs takes it

OLD_SIZE = 256 * MIB  # of the memory that the rig makes itself

# What a row's plan is without a word of its own.
PLAN = {"Device": f"UUID={UUID}", "FileSystem": "ext4", "Directory": TARGET,
        "DeviceTimeoutSec": "5s", "TimeoutSec": "60s", "FinalAction": "poweroff", "CPUs": "1"}

DRIVE = "disk"  # QEMU's name of the target

# Of the kernel that has crashed, and so of the one that captures. On a busy host the timer of an
# emulated machine is late, and the kernel takes it for broken.
COMMAND_LINE = "console=ttyS0 no_timer_check"


@dataclass(frozen=True)
class Fault:
    """The disk says EIO to a sector, or to blocks of a saved file, wherever the same row puts them
    when the disk is well; or to those of the journal; or to all from the n-th write on."""
    on: str  # "read" or "write"
    sector: int = 0
    file: str = ""
    blocks: range = range(1 << 32)  # those that there are
    number: int = 0                 # of the write


@dataclass(frozen=True)
class Disk:
    """The target: ext4."""
    size: str = "512M"
    inodes: int = -1         # so many are free; -1: as many as usual
    reserve: int = 0         # bytes of the blocks that lie ready in the target
    full: bool = False       # no block is free
    damage: tuple = ()       # done to it at the end: functions of its path and the blocks of the reserve
    directories: tuple = ()  # names of crashes that are there already
    known: bool = False      # each has a complete dump, of a crash with the same fingerprint
    kernel: str = ""         # path at which the kernel lies, for the way back
    faults: tuple = ()
    limits: str = ""         # QEMU's throttling
    late: bool = False       # not there before plug_disk()
    options: str = ""        # of QEMU's device: "addr=5,serial=A"
    clone: str = ""          # those of a second one, with the same contents; "": there is none
    swap: int = 0            # bytes of a swap partition beside it; 0: there is none
    marked: int = 0          # bytes of a partition for crashes beside it, as kdump-lite format makes it
    hibernated: bool = False  # that one has the image of a system
    logged: bool = False     # its writes are, see powercut
    copied: bool = False     # it is the second partition of a disk, behind a copy of itself


@dataclass(frozen=True)
class Row:
    """One capture and what has to come of it."""
    name: str
    fault: str = ""                  # what is broken: the row is one of docs/faults.md
    then: tuple = ()                 # checks: functions that take an Outcome
    change: tuple = ()               # of the old memory and its header, see oldmem
    plan: dict = field(default_factory=dict)
    disk: Disk = field(default_factory=Disk)
    events: tuple = ()               # (pattern of the console, what to do with the guest then)
    memory: int | dict = 256         # MiB; by series of the kernel, "" is for all others
    cpus: int = 1
    words: str = ""                  # more of the command line
    base: str = ""                   # more of that of the kernel that has crashed
    options: tuple = ()              # more of QEMU's
    modules: tuple = ()              # more of the image
    crasher: bool = False            # the module is in the image, "crasher.how=" in the words
    way: str = "powering off"        # out of the capture kernel, as it says; "": it did not come so far
    until: str = ""                  # what comes on the console when it is over; "": the guest goes
    log: bool = True                 # the log of the crashed kernel can be read
    deletes: tuple = ()              # paths of earlier files that the capture is to delete
    captures: int = 1                # so many, one after the other, with the same disk
    input: str = "memory"
    smoke: bool = False              # also with kernels that do not run all rows
    rare: bool = False               # only by name or with --full: another row fails with most of its faults
    limit: int = 90                  # seconds for all of it


@dataclass
class Outcome:
    """What a row left behind."""
    row: Row
    rig: object
    directory: Path
    status: int      # of QEMU
    seconds: float   # until the machine is away, from its start
    away: float      # the same from the start of the capture program, if that came
    console: str
    clean: bool      # the file system was unmounted
    crashes: list    # directories of the crashes that it has saved
    other: str       # where a clone has changed, or a damaged disk beside its reserve; "": it has not
    blocks: list     # of the reserve
    earlier: dict    # path in the target's file system and hash of each file that was there before
    later: dict      # and after the capture; empty when it is damaged
    note: str = ""   # more of it for the table of faults

    @property
    def crash(self):
        expect(0 < len(self.crashes) <= self.row.captures, f"not one directory of a crash: {self.crashes}")
        return self.crashes[-1]

    @property
    def facts(self):
        return json.loads(self.text("crash.json"))

    @property
    def in_swap(self):
        """Names of files that the swap partition holds."""
        return stored(self.directory / "swap.img", MIB)

    @property
    def in_partition(self):
        """Names of files that the partition for crashes holds."""
        return stored(self.directory / "marked.img", MARK)

    @property
    def old(self):
        """Path of the old memory."""
        return self.rig.inputs[self.row.input]

    def text(self, name):
        """Of a saved file."""
        expect((self.crash / name).exists(), f"{self.crash}: no {name}")
        return (self.crash / name).read_text(errors="replace")


def stored(path, start):
    """Names of files in the blocks from byte @start on, see config/store.h."""
    data = path.read_bytes() if path.exists() else b""
    return [data[at + 44:at + 108].rstrip(b"\0").decode() for at in range(start, len(data), BLOCK)
            if data[at:at + 16] == b"kdump-lite file\0"]


def mkcapture(tree, kernel, out, *words):
    """Makes the image; returns the command line."""
    return call(MKCAPTURE, tree, kernel.release, CAPTURE, out, *words).strip()


# What is wrong with a disk, for Disk.damage.

def debugfs(request):
    return lambda disk, blocks: call("debugfs", "-w", "-R", request, disk)


def overwrite(path, place, data):
    with open(path, "r+b") as f:
        f.seek(place)
        f.write(data)


def no_magic(disk, blocks):
    """Nobody knows what kind of file system it is."""
    overwrite(disk, 1024 + 56, bytes(2))  # the superblock and its s_magic


def hibernate(swap):
    """As a kernel leaves its swap area that has saved itself there (kernel/power/swap.c, Linux 6.12)."""
    overwrite(swap, BLOCK - 10, b"S1SUSPEND\0")
    overwrite(swap, 2 * MIB, b"a page of it\n" * 99999)
    call("cp", "--sparse=always", swap, swap.with_suffix(".before"))


def overwritten(number, data):
    """A block of the reserve belongs to somebody else by now."""
    return lambda disk, blocks: overwrite(disk, blocks[number] * BLOCK, data)


def tree(disk, to):
    """Copies all files of an ext4 file system, and returns their hashes by path."""
    to.mkdir()
    call("debugfs", "-R", f"rdump / {to}", disk)
    return {f"/{path.relative_to(to)}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(to.rglob("*")) if path.is_file() and path.name != ".reserve"}


def extract(disk, to):
    """The same, of a disk that failed, or of a guest that was ended: the journal holds what is not in place yet."""
    call("sh", "-c", "e2fsck -fy \"$0\" >\"$1\" 2>&1; test $? -lt 8", disk, to.with_suffix(".fsck"))
    return tree(disk, to)


def fetch(row, disk, saved, blocks):
    """The directories of crashes, with what the next load finds in the reserve; and what extract() returns."""
    later, target = {} if row.disk.damage else extract(disk, saved), saved / TARGET[1:]
    target.mkdir(parents=True, exist_ok=True)
    reserve = target / ".reserve"
    if row.disk.damage and blocks:
        with open(disk, "rb") as source, open(reserve, "wb") as file:
            for block in blocks:
                source.seek(block * BLOCK)
                file.write(source.read(BLOCK))
    if reserve.exists():
        target.chmod(0o700)
        reserve.chmod(0o600)
        call(RESERVE, "fetch", target)
    return [path for path in sorted(target.glob("*")) if path.is_dir() and path.name not in
            (OLD_CRASH, *row.disk.directories)], later


def extents(blocks):
    """The same as words of a plan."""
    runs = []
    for block in blocks:
        if runs and sum(runs[-1]) == block:
            runs[-1][1] += 1
        else:
            runs.append([block, 1])
    return " ".join(f"{first * BLOCK}+{count * BLOCK}" for first, count in runs)


def difference(one, other, blocks):
    """Blocks in which two disks differ, without these; "": none. In the first one ext4 notes that it was mounted,
    or could not be."""
    blocks, found = {0, *blocks}, []
    with open(one, "rb") as a, open(other, "rb") as b:
        for number in range(one.stat().st_size // BLOCK):
            if a.read(BLOCK) != b.read(BLOCK) and number not in blocks:
                found.append(number)
    return f"blocks {found}" if found else ""


def dimm(name, path, address):
    """As the file lies on the disk: nothing is copied, nothing in it can change."""
    return ["-object", f"memory-backend-file,id={name},mem-path={path},size={path.stat().st_size},"
            "share=off,readonly=on,align=4K", "-device", f"pc-dimm,memdev={name},addr={address:#x}"]


def old_memory(lab, kernel, path):
    """The memory of a small guest that has panicked: the kernel, and the capture program that waits
    for a disk. Takes some seconds, and no user space of the kernel's release."""
    directory = path.with_suffix(".guest")
    directory.mkdir(parents=True, exist_ok=True)
    image = directory / "initrd.img"
    mkcapture(lab.image.tree, kernel, image, "+qemu_fw_cfg", "Device=/dev/none", "DeviceTimeoutSec=10min")
    options = ["-smp", "2", "-m", f"{OLD_SIZE // MIB}M", *corefile.OPTIONS, "-no-reboot", "-initrd", image,
               "-kernel", lab.image.boot_file("vmlinuz", kernel),
               "-append", f"{COMMAND_LINE} unknown_nmi_panic"]
    with Qemu(lab.acceleration, directory, options) as guest:
        guest.wait_console("kdump-capture: memory: ", 60)
        guest.monitor.inject_nmi()
        # The last line but one: from an NMI, older kernels do not print the last.
        guest.wait_console("Kernel Offset: ", 30)
        oldmem.of_machine(guest, path, OLD_SIZE)
    shutil.rmtree(directory)


def mark_partition(path, size):
    """As config/dumparea.h has it: the first and the last 64 blocks are spare ones."""
    with open(path, "wb") as f:
        f.truncate(size)
        for number in range(2 * MARK // BLOCK):
            f.seek(number * BLOCK if number < MARK // BLOCK else size + number * BLOCK - 2 * MARK)
            spare = b"kdump-lite spare" + bytes.fromhex(MARKED_ID) + number.to_bytes(8, "little") + bytes(24)
            f.write(spare * (BLOCK // len(spare)))


class Rig:
    """Runs rows with one kernel. Each has a directory of its own, so that several can run at once."""

    def __init__(self, lab, kernel, directory):
        make("-C", places.PROJECT, *(tool.relative_to(places.PROJECT) for tool in (MKCAPTURE, RESERVE)), "SANITIZE=0")
        self.lab, self.kernel, self.directory = lab, kernel, directory
        self.cache = places.CACHE / "rig" / f"{kernel.release}_{kernel.package_version}"
        self.inputs = {"memory": self.cache / "memory.elf"}
        self._lock, self._places = threading.Lock(), {}

    def prepare(self):
        """Old memory: of a panic, made once and kept, and as a dump of it would have it."""
        path = self.inputs["memory"]
        if not path.exists():
            self.cache.mkdir(parents=True, exist_ok=True)
            old_memory(self.lab, self.kernel, path)
        self.add_dump("dump", path)

    def add_dump(self, name, vmcore):
        """Old memory out of any dump, with the pages that a level of 31 keeps."""
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / f"{name}.elf"
        call(PROGRAM, "convert", "--force", "--format=elf", "--level=31", vmcore, path)
        with open(path, "r+b") as f:
            f.truncate(oldmem.aligned(path.stat().st_size))
        self.inputs[name] = path

    def memory_of(self, row):
        """MiB of the guest."""
        if isinstance(row.memory, int):
            return row.memory
        return row.memory.get(self.kernel.series, row.memory[""])

    def run(self, row):
        for _ in range(3):
            outcome, faulty = self._try(row, self.directory / row.name)
            if not faulty:
                return outcome
            print(f"again {self.kernel.series} {row.name}: QEMU's emulation has failed the guest ({faulty})",
                  flush=True)
        raise Failed(f"QEMU's emulation has failed the guest three times ({faulty})")

    def _try(self, row, directory):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        disk, reserve, blocks, earlier = self._make_disk(row, directory)
        before, clone = directory / BEFORE, directory / "clone.img"
        cloned = row.disk.clone or row.disk.copied
        copies = (before, clone) if cloned else (before,) if row.disk.damage or row.disk.logged else ()
        for copy in copies:
            call("cp", "--sparse=always", disk, copy)
        if row.disk.copied:
            disks.partitioned(disk, directory / WHOLE, PARTUUIDS)
        options = self._options(row, directory, disk, reserve)
        for _ in range(row.captures):
            start = time.monotonic()
            with Qemu(self.lab.acceleration, directory, options) as guest:
                for pattern, act in row.events:
                    guest.wait_console(pattern, row.limit)
                    act(guest)
                if row.until:
                    guest.wait_console(row.until, row.limit)
                status = 0 if row.until else guest.wait_end(row.limit)
                end = time.monotonic()
            if guest.console.faulty_line:
                break
        began = guest.console.find("kdump-capture: started")
        if row.disk.copied:
            for number, path in enumerate((clone, disk)):
                disks.take_partition(directory / WHOLE, number, path)
        clean = not row.disk.damage and "needs_recovery" not in call("dumpe2fs", "-h", disk)
        other = difference(before, disk, blocks) if row.disk.damage else ""
        if clone.exists():
            other = call("sh", "-c", 'cmp "$0" "$1" 2>&1; true', before, clone)
        crashes, later = fetch(row, disk, directory / "saved", blocks)
        return Outcome(row, self, directory, status, end - start, end - (began[0] if began else start),
                       guest.console.text(), clean, crashes, other, blocks, earlier,
                       later), guest.console.faulty_line

    def _make_disk(self, row, directory):
        """The path of the disk, the rows of the plan that tell of its reserve, that one's blocks, and the hashes of
        the files."""
        disk, plan, blocks = directory / "disk.img", {}, []
        call("truncate", "-s", row.disk.size, disk)
        options = ["-b", BLOCK] if row.disk.reserve or row.disk.full or row.disk.inodes >= 0 else []
        options += ["-N", 64] if row.disk.inodes >= 0 else []
        call("mkfs.ext4", "-q", "-U", UUID, "-E", f"lazy_itable_init=1,hash_seed={HASH_SEED}", *options, disk)
        above = [str(path) for path in reversed(Path(TARGET).parents)][1:] + [TARGET]
        write = {"/of-somebody": b"somebody's\n" * 9999, f"{TARGET}/{OLD_CRASH}/vmcore": b"an earlier dump\n" * 9999,
                 f"{TARGET}/{OLD_CRASH}/crash.json": json.dumps({"outcome": "complete", "fingerprint": "another"})}
        if row.disk.kernel:
            write[row.disk.kernel] = self.lab.image.boot_file("vmlinuz", self.kernel).read_bytes()
        if row.disk.known:
            report = json.loads(call(PROGRAM, "report", "--json", self.inputs[row.input]))
            facts = {"outcome": "complete", "fingerprint": report["fingerprint"]["hash"]}
            for name in row.disk.directories:
                write |= {f"{TARGET}/{name}/vmcore": "a dump", f"{TARGET}/{name}/crash.json": json.dumps(facts)}
        disks.change(disk, [*above, *(f"{TARGET}/{name}" for name in (OLD_CRASH, *row.disk.directories))], write=write)
        if row.disk.reserve:
            blocks, plan = self._make_reserve(row, directory, disk)
        if row.disk.full:
            disks.fill(disk)
        if row.disk.inodes >= 0:
            disks.use_inodes(disk, row.disk.inodes)
        earlier = tree(disk, directory / "earlier")
        shutil.rmtree(directory / "earlier")
        for damage in row.disk.damage:
            damage(disk, blocks)
        return disk, plan, blocks, earlier

    def _make_reserve(self, row, directory, disk):
        name = call(RESERVE, "make", directory, row.disk.reserve).strip()
        file = directory / ".reserve"
        disks.change(disk, write={f"{TARGET}/.reserve": file.read_bytes()})
        file.unlink()
        blocks = [int(block) for block in call("debugfs", "-R", f"blocks {TARGET}/.reserve", disk).split()]
        return blocks, {"ReserveID": name, "Reserve": extents(blocks)}

    def _options(self, row, directory, disk, reserve):
        old = self.inputs[row.input]
        header = oldmem.Header(old, DIMMS)
        for change in row.change:
            change(header)
        options, next_place = dimm("old", old, DIMMS), DIMMS + oldmem.aligned(header.size, GAP)
        for number, (paddr, data) in enumerate(header.patches):
            path = directory / f"patch-{number}"
            path.write_bytes(oldmem.pad(data, oldmem.PAGE))
            header.move(paddr, paddr + path.stat().st_size, next_place)
            options += dimm(f"patch{number}", path, next_place)
            next_place += oldmem.aligned(path.stat().st_size, GAP)
        path = directory / "header"
        path.write_bytes(header.bytes(next_place))
        options += dimm("header", path, next_place)
        image = directory / "capture.img"
        if row.crasher:
            self._add_crasher()
        modules = [*(f"+{name}" for name in row.modules), "?virtio_pci", "+virtio_blk", *["+crasher"] * row.crasher]
        words = [f"{key}={value}" for key, value in (PLAN | reserve | row.plan).items()]
        line = mkcapture(self.lab.image.tree, self.kernel, image, *modules, "@fs=ext4",
                         f"@base={COMMAND_LINE} {row.base}".strip(), f"@cpus={row.cpus}", *words)
        return [*options, *self._drive(row, directory, disk), *row.options, "-no-reboot", "-smp", f"{row.cpus}",
                "-m", f"{self.memory_of(row)}M,slots=8,maxmem=64G", "-initrd", image,
                "-kernel", self.lab.image.boot_file("vmlinuz", self.kernel),
                "-append", f"elfcorehdr={next_place:#x} {line} {row.words}".strip()]

    def _add_crasher(self):
        tree, release = self.lab.image.tree, self.kernel.release
        module = tree / "lib/modules" / release / "extra/crasher.ko"
        if module.exists():
            return
        module.parent.mkdir(exist_ok=True)
        module.write_bytes(crasher.build(self.kernel))
        call("chroot", tree, "depmod", release)

    def _drive(self, row, directory, disk):
        file = directory / WHOLE if row.disk.copied else disk
        if row.disk.faults:
            rules = directory / "faults.conf"
            rules.write_text("".join(self._rules(row, fault, disk) for fault in row.disk.faults))
            file = f"blkdebug:{rules}:{disk}"
        limits = f",{row.disk.limits}" if row.disk.limits else ""
        backing = (powercut.drive(disk, directory / WRITES) if row.disk.logged else
                   f"file={file},format=raw,cache=unsafe")
        options = ["-drive", f"{backing},if=none,id={DRIVE}{limits}"]
        if not row.disk.late:
            device = f"virtio-blk-pci,drive={DRIVE},id={plugged(DRIVE)}"
            options += ["-device", ",".join(filter(None, [device, row.disk.options]))]
        if row.disk.clone:
            options += ["-drive", f"file={directory}/clone.img,format=raw,if=none,id=clone,cache=unsafe",
                        "-device", f"virtio-blk-pci,drive=clone,{row.disk.clone}"]
        if row.disk.swap:
            path = directory / "swap.img"
            call("truncate", "-s", str(row.disk.swap), path)
            call("mkswap", "-U", SWAP_UUID, path)
            if row.disk.hibernated:
                hibernate(path)
            options += ["-drive", f"file={path},format=raw,if=none,id=swap,cache=unsafe",
                        "-device", "virtio-blk-pci,drive=swap"]
        if row.disk.marked:
            path = directory / "marked.img"
            mark_partition(path, row.disk.marked)
            options += ["-drive", f"file={path},format=raw,if=none,id=marked,cache=unsafe",
                        "-device", "virtio-blk-pci,drive=marked"]
        return options

    def _rules(self, row, fault, disk):
        """Of blkdebug. One that counts goes from one state to the next with each write."""
        error = f'[inject-error]\niotype = "{fault.on}"\nerrno = "5"\n'
        if fault.number:
            event = f'event = "{fault.on}_aio"\n'
            return "".join(f'[set-state]\n{event}state = "{n}"\nnew_state = "{n + 1}"\n\n'
                           for n in range(1, fault.number)) + f'{error}{event}state = "{fault.number}"\n\n'
        return "".join(f'{error}event = "none"\nsector = "{sector}"\n\n'
                       for sector in self._sectors(row, fault, disk))

    def _sectors(self, row, fault, disk):
        """Where blocks of a file lie is learnt from a run on a disk that is well."""
        if not fault.file:
            return [fault.sector]
        if fault.file == JOURNAL:
            return self._in_sectors(call("debugfs", "-R", f"blocks {JOURNAL}", disk).split(), fault)
        well = replace(row, disk=replace(row.disk, faults=()), events=())
        key = repr(replace(well, name="", then=(), change=()))
        with self._lock:
            if key not in self._places:
                outcome, _ = self._try(well, self.directory / f"{row.name}-well")
                self._places[key] = {}
                for path in outcome.crash.iterdir():
                    where = f"{TARGET}/{outcome.crash.name}/{path.name}"
                    blocks = call("debugfs", "-R", f"blocks {where}", outcome.directory / "disk.img")
                    self._places[key][path.name] = [int(block) for block in blocks.split()]
        return self._in_sectors(self._places[key][fault.file], fault)

    @staticmethod
    def _in_sectors(blocks, fault):
        return [int(block) * SECTORS for block in blocks[fault.blocks.start:fault.blocks.stop]]
