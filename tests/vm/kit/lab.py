# SPDX-License-Identifier: GPL-2.0-or-later
"""All that has to be there before the first machine starts, made or taken from the cache."""

import contextlib
import fcntl
import multiprocessing
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kit import accel, debuginfo, places, unpacked
from kit.archive import ORDINARY_META_PACKAGE, Archive, Gone, other_sources
from kit.guestroot import GuestRoot
from kit.image import Image
from kit.machine import Hardware, Machine
from kit.tool import Failed, Silent, call


def copy_disk(disk, to):
    call("cp", "--sparse=always", "--reflink=auto", disk, to)
    return to


@contextlib.contextmanager
def progress(text):
    """A line for the person who waits, with the time it took."""
    print(f"{text} ... ", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - start:.0f} s", flush=True)


@dataclass(frozen=True)
class Standing:
    """A machine that stands still. Any number of machines go on from there, each with a disk of its own."""
    kernel: object
    directory: Path
    command_line: str
    hardware: Hardware
    options: tuple

    @property
    def state(self):
        """Memory and devices, in QEMU's format; there when the machine is."""
        return self.directory / "state"

    @property
    def disk(self):
        return self.directory / "disk.standing"

    def save(self, machine):
        unfinished = self.directory / "state.unfinished"
        machine.monitor.save(unfinished)
        copy_disk(machine.disk, self.disk)
        unfinished.rename(self.state)


def lock():
    """The cache, for as long as the file is open."""
    if os.geteuid() != 0:
        raise Failed("only root can make the file system of a guest")
    places.CACHE.mkdir(parents=True, exist_ok=True)
    held = open(places.CACHE / "lock", "w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failed(f"{held.name}: held by another test or demo of this tree") from None
    return held


def fetch(want_debuginfo):
    """The guest root; with the debugging information of its kernels in the cache, and the crasher."""
    root = GuestRoot()
    try:
        _fetch(root, want_debuginfo)
    except Gone as reason:
        print(f"{reason}; starting over with the kernels of today", flush=True)
        root.remove()
        _fetch(root, want_debuginfo)
    return root


def _fetch(root, want_debuginfo):
    """Root file system and debugging information: one mostly installs, the other mostly downloads and
    unpacks, so both at once."""
    have_root = root.exists()
    if have_root and not (want_debuginfo and _missing(root.kernels)):
        return
    with progress("Package lists of Debian"):
        debian = Archive()
        debian.update()
        kernels = root.kernels if have_root else debian.kernels()
    jobs = [] if have_root else [("guest root file system", root.make, debian, kernels)]
    if want_debuginfo:
        debuginfo.remove_others(kernels)
        jobs += [(f"debugging information of {kernel.release}", debuginfo.fetch, debian, kernel)
                 for kernel in _missing(kernels)]
    with progress("Making " + ", ".join(job[0] for job in jobs)):
        with ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(*job[1:]) for job in jobs]:
                future.result()


def _missing(kernels):
    return [kernel for kernel in kernels if not debuginfo.path(kernel).exists()]


class Lab:
    """Before the first scenario starts. Scenarios run in processes of their own, with what was there then."""

    def __init__(self, output, want_debuginfo, full=False, rows="*"):
        """@full: machines are to boot for each scenario. @rows: pattern of the rig's rows."""
        self._lock = lock()
        self.output, self.full, self.rows = output, full, rows
        self._last = None
        self._silent = multiprocessing.Value("b", False)  # machine, in one of the processes
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        root = fetch(want_debuginfo)
        self.kernels = root.kernels
        self.image = Image(root)
        with progress("Guest disk: Debian and kdump-lite"):
            self.image.make()
        self.acceleration = accel.probe(self.image.boot_file("vmlinuz", self.kernels[0]))
        print(f"Virtual machines run by {self.acceleration.remark}", flush=True)

    @staticmethod
    def prepare(want_debuginfo):
        """What takes its time to fetch and needs nothing of this project, into the cache."""
        with lock():
            fetch(want_debuginfo)

    def other_kernels(self, name):
        """Those that the guest root has not, of this name or "all"; only their files are there."""
        with progress(f"Kernels that the guest has not ({name})"):
            found = unpacked.others() if name == "all" else [unpacked.find(name)]
            for kernel in found:
                unpacked.install(kernel, self.image.tree)
        return found

    def of_release(self, release):
        """(image, kernel) of another release of Debian, by its name in the archive. Who asks first makes it."""
        with open(places.CACHE / f"{release}.lock", "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            root = GuestRoot(release)
            if not root.exists():
                debian = Archive(f"{release}-apt", other_sources([release]))
                debian.update()
                root.make(debian, debian.kernels([release], ORDINARY_META_PACKAGE))
            image, made = Image(root, f"{release}-"), self.output / f"{release}.made"
            if not made.exists():
                image.make()
                made.touch()
        return image, root.kernels[0]

    @contextlib.contextmanager
    def machine(self, kernel, name, command_line, options=(), hardware=Hardware(), prepare=None, image=None):
        """A running machine with disks of its own, which are gone at the end; its directory stays.
        @prepare changes the disk before the first boot and returns the paths of others. @image: of another release."""
        directory = self._directory(name)
        image = image or self.image
        disks = [image.copy(directory / "disk.img")]
        try:
            if prepare:
                disks += prepare(disks[0], kernel)
            with Machine(image, kernel, disks, self.acceleration, command_line, directory,
                         hardware, options) as machine:
                self._last = machine
                yield machine
        finally:
            for disk in disks:
                disk.unlink()

    def _directory(self, name):
        directory = self.output / name
        directory.mkdir(exist_ok=True)
        return directory

    def standing(self, kernel, name, command_line, hardware, prepare=None, options=(), ready=Machine.wait_boot):
        """A machine that has booted and of which @ready has made what is wanted. Who asks first makes it."""
        standing = Standing(kernel, self._directory(name), command_line, hardware, tuple(options))
        with open(standing.directory / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not standing.state.exists():
                with self.machine(kernel, name, command_line, options, hardware, prepare) as machine:
                    ready(machine)
                    standing.save(machine)
        return standing

    @contextlib.contextmanager
    def resumed(self, standing, name):
        """A running machine that goes on from there; otherwise like machine()."""
        directory = self._directory(name)
        disk = copy_disk(standing.disk, directory / "disk.img")
        try:
            with Machine(self.image, standing.kernel, [disk], self.acceleration, standing.command_line, directory,
                         standing.hardware, [*standing.options, "-incoming", f"exec:cat '{standing.state}'"]) as machine:
                self._last = machine
                machine.monitor.go_on()
                yield machine
        finally:
            disk.unlink()

    def remove_standing(self):
        """Half a gigabyte each."""
        for name in ("state*", "disk.standing"):
            for path in self.output.glob(f"*/{name}"):
                path.unlink()

    def excuse(self, reason):
        """Why the last machine cannot be blamed for a failure; None when it can.

        A guest that falls silent while it boots may be a fault of emulation too, the one that
        accel.FAULT tells of among them. Once in a run that is believed.
        """
        line = self._last and self._last.console.faulty_line
        if line:
            return f"QEMU's emulation has failed the guest ({line})"
        if isinstance(reason, Silent) and not self.acceleration.native and not self._silent.value:
            self._silent.value = True
            return f"the emulated guest has fallen silent ({reason})"
        return None
