# SPDX-License-Identifier: GPL-2.0-or-later
"""How to run guests: by KVM where it really works, else by emulation.

/dev/kvm may be there and guests die or hang all the same (nested virtualisation, restricted CPU
models), so a kernel is booted with it: without a root file system it panics within a second.
"""

import os
import subprocess
from dataclasses import dataclass

QEMU = "qemu-system-x86_64"
# Without cmpxchg16b: QEMU 7.2 emulates it with stale condition codes, and one in four boots of a
# 6.12 kernel, whose slab allocator uses it all the time, ends in an oops. Kernels do without it.
# With a small cache of translated code: that of the kernel before stays in it over a reset or a
# kexec and slows down all that follows; the default of 1 GiB doubles the time of the second boot.
EMULATED = ["-accel", "tcg,thread=multi,tb-size=64", "-cpu", "max,-cx16"]
# What the guest says when emulation has failed it. QEMU before 8.1 does not lock a page of code while
# it translates it (its commit cb62bd15e14), so that a CPU may go on with a breakpoint of which the
# other has already made something else: kernels patch themselves in this way all the time.
FAULT = r"\bint3: 0000 \[#1\]"
NATIVE = ["-accel", "kvm", "-cpu", "max"]


@dataclass(frozen=True)
class Acceleration:
    options: list
    native: bool
    remark: str
    program: str = QEMU

    @property
    def fault(self):
        """Pattern of a line of the console that tells of a fault of QEMU's; None: there are none."""
        return None if self.native else FAULT


def probe(vmlinuz):
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return Acceleration(EMULATED, False, "emulation (no /dev/kvm)")
    command = [QEMU, *NATIVE, "-smp", "2", "-m", "256M", "-nodefaults", "-display", "none",
               "-no-reboot", "-serial", "stdio", "-kernel", vmlinuz,
               "-append", "console=ttyS0 panic=-1"]
    try:
        done = subprocess.run(command, timeout=8, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        works = b"Kernel panic - not syncing: VFS" in done.stdout
    except subprocess.TimeoutExpired:
        works = False
    if works:
        return Acceleration(NATIVE, True, "KVM")
    return Acceleration(EMULATED, False, "emulation (/dev/kvm is there but does not run a kernel)")
