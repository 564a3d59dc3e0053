# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory of guests that have been at work, as files for the benchmark to read.

QEMU keeps the memory of these guests in a sparse file. What makes that an ELF core is written into
its first page, which no PC calls RAM, and the kernel's VMCOREINFO is in the memory anyhow: so 64 GiB
take no more room than what the guest has touched.
"""

import os
import struct
from dataclasses import dataclass

from kit import places
from kit.lab import Lab, progress
from kit.machine import Hardware
from kit.tool import Failed

GIB = 1 << 30
PAGE = 4096

# QEMU's pc machines with so much memory have this much of it below 4 GiB (hw/i386/pc_piix.c, 7.2).
LOW = 3 * GIB
HIGH_START = 4 * GIB

ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
PT_LOAD, PT_NOTE, ET_CORE, EM_X86_64 = 1, 4, 4, 62

# Free pages with something in them, page cache, a large process, files in memory and many inodes.
WORK = ("cat $(find /usr /boot -xdev -type f) >/dev/null; echo 3 >/proc/sys/vm/drop_caches; "
        "(awk 'BEGIN { for (i = 0; i < 900000; i++) a[i] = \"item \" i * 7919; system(\"sleep 9999\") }' &) ; "
        "dd if=/dev/urandom of=/root/noise bs=1M count=150; "
        "tar -C / -cf /dev/shm/lib.tar usr/lib/x86_64-linux-gnu usr/share/perl; "
        "find / -xdev >/dev/null; cat $(find /usr/bin /usr/sbin -xdev -type f) >/dev/null; sleep 20")


@dataclass(frozen=True)
class Input:
    name: str
    memory: int  # GiB

    @property
    def path(self):
        return places.BUILD / "bench" / f"{self.name}.vmcore"


DENSE = Input("4-GiB", 4)
SPARSE = Input("64-GiB", 64)


def file_offset(address):
    return address if address < LOW else address - HIGH_START + LOW


def elf_header(ram, note):
    """@ram is a list of (start, end) of physical addresses, @note the (start, size) of VMCOREINFO's."""
    segments = [(PT_NOTE, *note), *((PT_LOAD, start, end - start) for start, end in ram)]
    identification = b"\x7fELF\x02\x01\x01" + bytes(9)
    parts = [ELF_HEADER.pack(identification, ET_CORE, EM_X86_64, 1, 0, ELF_HEADER.size, 0, 0,
                             ELF_HEADER.size, PROGRAM_HEADER.size, len(segments), 0, 0, 0)]
    parts += [PROGRAM_HEADER.pack(kind, 0, file_offset(start), 0, 0 if kind == PT_NOTE else start,
                                  size, size, 0) for kind, start, size in segments]
    header = b"".join(parts)
    if len(header) > PAGE:
        raise Failed(f"{len(ram)} ranges of memory: their headers do not fit into a page")
    return header


def system_ram(iomem):
    lines = [line.split(" : ") for line in iomem.splitlines() if not line.startswith(" ")]
    ranges = [[int(word, 16) for word in where.split("-")] for where, what in lines
              if what == "System RAM"]
    if not ranges or ranges[0][0] < PAGE:
        raise Failed(f"no memory that leaves the first page alone in /proc/iomem:\n{iomem}")
    return [(start, end + 1) for start, end in ranges]


def make(wanted):
    """Makes the files that are not there yet."""
    missing = [item for item in wanted if not item.path.exists()]
    if not missing:
        return
    lab = Lab(places.CACHE / "bench", want_debuginfo=False)
    for item in missing:
        unfinished = item.path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        options = ["-object", f"memory-backend-file,id=ram,size={item.memory}G,share=on,mem-path={unfinished}",
                   "-machine", "memory-backend=ram"]
        with progress(f"A guest with {item.memory} GiB at work"), \
                lab.machine(lab.kernels[0], item.name, "", options,
                            Hardware(memory=item.memory)) as machine:
            machine.wait_boot(600)
            machine.must(WORK, 600)
            ram = system_ram(machine.must("cat /proc/iomem"))
            where, size = machine.must("cat /sys/kernel/vmcoreinfo").split()
            machine.monitor.stop()
        # QEMU has ended, so all of its memory is in the file.
        with open(unfinished, "r+b") as file:
            file.write(elf_header(ram, (int(where, 16), int(size, 16))))
        os.replace(unfinished, item.path)
