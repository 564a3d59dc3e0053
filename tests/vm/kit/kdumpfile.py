# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kdump-compressed file holds, read in the simplest way that can be: of small machines, in
their byte order, and uncompressed.

A block for the header, some for the sub header and the notes, then two bitmaps with a bit for each
page frame: the first tells what is RAM, the second what is in the file. For each bit of the second
there is a descriptor: offset (8 bytes), size (4), flags (4), page flags (8). Pages that hold the
same may share their data: then their descriptors say the same. At levels with bit 1 all those of
zeroes do.
"""

import mmap
import struct
from collections import Counter

from kit.tool import Failed

DESCRIPTOR = struct.Struct("<QIIQ")


class KdumpFile:
    """Sets of page frames: .ram, .held, and of these .shared, which have their data together with others,
    and .zero, those of them that hold zeroes; .page(frame) is what it holds of one."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self._data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
        if self._data[:8] != b"KDUMP   ":
            raise Failed(f"{path}: not a kdump-compressed file")
        self.size, sub_header, bitmaps = struct.unpack_from("<III", self._data, 428)
        start, length = (1 + sub_header) * self.size, bitmaps * self.size // 2
        self.ram = self._frames(start, length)
        held = self._frames(start + length, length)
        table = start + 2 * length
        self._places = {}
        for frame, (offset, size, flags, _) in zip(
                held, DESCRIPTOR.iter_unpack(self._data[table:table + len(held) * DESCRIPTOR.size])):
            if offset == 0 or flags != 0 or size != self.size:
                raise Failed(f"{path}: page frame {frame:#x}: lost or compressed")
            self._places[frame] = offset
        self.ram, self.held = set(self.ram), set(held)
        counts = Counter(self._places.values())
        self.shared = {frame for frame, offset in self._places.items() if counts[offset] > 1}
        self.zero = {frame for frame in self.shared if self.page(frame) == bytes(self.size)}

    def _frames(self, start, length):
        """Numbers of the set bits, in their order."""
        return [8 * byte + bit for byte, value in enumerate(self._data[start:start + length]) if value
                for bit in range(8) if value >> bit & 1]

    def page(self, frame):
        offset = self._places[frame]
        return self._data[offset:offset + self.size]
