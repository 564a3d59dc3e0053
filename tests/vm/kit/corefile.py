# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory of a running guest as an ELF core: as QEMU writes it, but that everybody can read it.

The guest needs QEMU's device vmcoreinfo and a kernel that has loaded qemu_fw_cfg: it tells the device
where its VMCOREINFO is, and QEMU makes a note of it.
"""

import mmap
import struct

OPTIONS = ["-device", "vmcoreinfo"]
SETUP = "modprobe qemu_fw_cfg"

ELF_HEADER, PROGRAM_HEADER = 64, 56


def save(machine, path):
    """Stops the guest. The file is there when it is whole."""
    unfinished = path.with_suffix(".unfinished")
    machine.monitor.dump_memory(unfinished)
    move_headers(unfinished)
    unfinished.rename(path)


def move_headers(path):
    """Puts the program headers right behind the ELF header: makedumpfile does not honour e_phoff."""
    with open(path, "r+b") as f:
        header = bytearray(f.read(ELF_HEADER))
        offset, count = struct.unpack_from("<Q", header, 32)[0], struct.unpack_from("<H", header, 56)[0]
        f.seek(offset)
        programs = f.read(count * PROGRAM_HEADER)
        struct.pack_into("<QQ", header, 32, ELF_HEADER, 0)
        struct.pack_into("<HHHHHH", header, 52, ELF_HEADER, PROGRAM_HEADER, count, 0, 0, 0)
        f.seek(0)
        f.write(header + programs)


class Core:
    """The memory in such a file: a set of page frames, and .page(frame)."""

    SIZE = 4096
    PT_LOAD = 1

    def __init__(self, path):
        with open(path, "rb") as f:
            self._data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
        self._places, count = {}, struct.unpack_from("<H", self._data, 56)[0]
        for number in range(count):
            kind, _, offset, _, address, size = struct.unpack_from(
                "<IIQQQQ", self._data, ELF_HEADER + number * PROGRAM_HEADER)
            if kind == self.PT_LOAD:
                self._places.update((address // self.SIZE + i, offset + i * self.SIZE)
                                    for i in range(size // self.SIZE))
        self.frames = set(self._places)

    def page(self, frame):
        offset = self._places[frame]
        return self._data[offset:offset + self.SIZE]
