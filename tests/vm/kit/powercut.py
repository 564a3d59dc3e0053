# SPDX-License-Identifier: GPL-2.0-or-later
"""The writes of a guest to its disk, one after the other, and the disk as a power cut at any of them leaves it.

QEMU's driver blklogwrites notes them in the format of dm-log-writes
(Documentation/admin-guide/device-mapper/log-writes.rst, Linux 6.12). What was written since the last flush may be
still in the cache of the disk when the power goes.
"""

import struct
from dataclasses import dataclass

from kit.report import expect
from kit.tool import call

MAGIC = 0x6a736677736872
SUPER = struct.Struct("<QQQI")  # magic, version, entries, bytes of a sector
ENTRY = struct.Struct("<QQQQ")  # sector, sectors, flags, bytes of inline data
FLUSH, FUA, DISCARD = 1, 2, 4
SECTOR = 512


def drive(disk, log):
    """Options of QEMU's -drive. The cache of the disk is as the guest is told."""
    call("truncate", "-s", "1G", log)
    return (f"driver=blklogwrites,log-sector-size={SECTOR},cache=writeback,"
            f"file.driver=raw,file.file.driver=file,file.file.filename={disk},"
            f"log.driver=raw,log.file.driver=file,log.file.filename={log}")


@dataclass
class Write:
    offset: int  # bytes, of the disk
    flags: int
    size: int
    at: int      # bytes, of the log


def read(log):
    """All writes, in their order."""
    with open(log, "rb") as f:
        magic, _, _, sector = SUPER.unpack(f.read(SUPER.size))
        expect(magic == MAGIC and sector == SECTOR, f"{log}: no log of writes")
        writes, at, end = [], SECTOR, log.stat().st_size
        while at < end:
            f.seek(at)
            offset, count, flags, _ = ENTRY.unpack(f.read(ENTRY.size))
            if not count and not flags:
                break
            at += SECTOR
            size = 0 if flags & DISCARD else count * SECTOR
            writes.append(Write(offset * SECTOR, flags, size, at))
            at += size
    return writes


def cut(log, writes, number, disk, choose):
    """Brings @disk, as it was before the first of them, to where the power goes after so many @writes. Those that no
    flush has followed are there or not, as @choose() says."""
    sure = max((at for at, write in enumerate(writes[:number]) if write.flags & FLUSH), default=0)
    with open(log, "rb") as source, open(disk, "r+b") as target:
        for at, write in enumerate(writes[:number]):
            if write.size and (at < sure or write.flags & FUA or choose()):
                source.seek(write.at)
                target.seek(write.offset)
                target.write(source.read(write.size))
