# SPDX-License-Identifier: GPL-2.0-or-later
"""All that has to be there before the first machine starts, made or taken from the cache."""

import contextlib
import fcntl
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from kit import accel, debuginfo, places, unpacked
from kit.archive import Archive, Gone
from kit.guestroot import GuestRoot
from kit.image import Image
from kit.machine import Hardware, Machine
from kit.tool import Failed, Silent


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


class Lab:
    def __init__(self, output, want_debuginfo):
        if os.geteuid() != 0:
            raise Failed("only root can make the file system of a guest")
        places.CACHE.mkdir(parents=True, exist_ok=True)
        self._lock = open(places.CACHE / "lock", "w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"{self._lock.name}: held by another test or demo of this tree") from None
        self.output = output
        self._last = None
        self._silent = False  # machine
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        self._root = GuestRoot()
        try:
            self._fetch(want_debuginfo)
        except Gone as reason:
            print(f"{reason}; starting over with the kernels of today", flush=True)
            self._root.remove()
            self._fetch(want_debuginfo)
        self.kernels = self._root.kernels
        self.image = Image(self._root)
        with progress("Guest disk: Debian and kdump-lite"):
            self.image.make()
        self.acceleration = accel.probe(self.image.boot_file("vmlinuz", self.kernels[0]))
        print(f"Virtual machines run by {self.acceleration.remark}", flush=True)

    def _fetch(self, want_debuginfo):
        """Root file system and debugging information: one mostly installs, the other mostly
        downloads and unpacks, so both at once."""
        have_root = self._root.exists()
        if have_root and not (want_debuginfo and self._missing_debuginfo(self._root.kernels)):
            return
        with progress("Package lists of Debian"):
            debian = Archive()
            debian.update()
            kernels = self._root.kernels if have_root else debian.kernels()
        jobs = [] if have_root else [("guest root file system", self._root.make, debian, kernels)]
        if want_debuginfo:
            debuginfo.remove_others(kernels)
            jobs += [(f"debugging information of {kernel.release}", debuginfo.fetch, debian, kernel)
                     for kernel in self._missing_debuginfo(kernels)]
        with progress("Making " + ", ".join(job[0] for job in jobs)):
            with ThreadPoolExecutor(2) as pool:
                for future in [pool.submit(*job[1:]) for job in jobs]:
                    future.result()

    @staticmethod
    def _missing_debuginfo(kernels):
        return [kernel for kernel in kernels if not debuginfo.path(kernel).exists()]

    def other_kernels(self, name):
        """Those that the guest root has not, of this name or "all"; only their files are there."""
        with progress(f"Kernels that the guest has not ({name})"):
            found = unpacked.others() if name == "all" else [unpacked.find(name)]
            for kernel in found:
                unpacked.install(kernel, self.image.tree)
        return found

    @contextlib.contextmanager
    def machine(self, kernel, name, command_line, options=(), hardware=Hardware(), prepare=None):
        """A running machine with disks of its own, which are gone at the end; its directory stays.
        @prepare changes the disk before the first boot and returns the paths of others."""
        directory = self.output / name
        directory.mkdir(exist_ok=True)
        disks = [self.image.copy(directory / "disk.img")]
        try:
            if prepare:
                disks += prepare(disks[0], kernel)
            with Machine(self.image, kernel, disks, self.acceleration, command_line, directory,
                         hardware, options) as machine:
                self._last = machine
                yield machine
        finally:
            for disk in disks:
                disk.unlink()

    def excuse(self, reason):
        """Why the last machine cannot be blamed for a failure; None when it can.

        A guest that falls silent while it boots may be a fault of emulation too, the one that
        accel.FAULT tells of among them. Once in a run that is believed.
        """
        line = self._last and self._last.console.faulty_line
        if line:
            return f"QEMU's emulation has failed the guest ({line})"
        if isinstance(reason, Silent) and not self.acceleration.native and not self._silent:
            self._silent = True
            return f"the emulated guest has fallen silent ({reason})"
        return None
