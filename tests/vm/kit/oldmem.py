# SPDX-License-Identifier: GPL-2.0-or-later
"""Old memory: an ELF core with the memory of a crashed machine, and the header that its kernel has left.

The kernel that captures copies page by page from the physical address that p_offset of a program
header says, and hands p_paddr on as it is (fs/proc/vmcore.c,
process_ptload_program_headers_elf64()). So a core that lies as a file in a guest's memory is that
guest's old memory: all that its header needs is the place of the file, added to each p_offset.
"""

import os
import re
import struct
import time
from dataclasses import dataclass

from kit import corefile

ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
NOTE = struct.Struct("<III")
PT_LOAD, PT_NOTE = 1, 4
PAGE = 4096
KERNEL_MAP = 0xffffffff80000000  # __START_KERNEL_map of x86_64

# A physical address at which no guest has anything: reads as zeros. Pages that a dump left out
# are there.
NOWHERE = 1 << 38
BEYOND = 1 << 50  # more bits than the emulated CPU's addresses have


def aligned(size, to=PAGE):
    return -(-size // to) * to


@dataclass
class Load:
    """A piece of memory: where it was, and where it lies now."""
    paddr: int
    vaddr: int
    size: int
    now: int


def pad(data, to=4):
    return data + bytes(-len(data) % to)


def read_notes(data):
    """[name, type, contents] of each."""
    notes, at = [], 0
    while at + NOTE.size <= len(data):
        name_size, size, kind = NOTE.unpack_from(data, at)
        at += NOTE.size
        name, at = data[at:at + name_size].rstrip(b"\0"), at + aligned(name_size, 4)
        notes.append([name, kind, data[at:at + size]])
        at += aligned(size, 4)
    return notes


def write_notes(notes):
    return b"".join(NOTE.pack(len(name) + 1, len(data), kind) + pad(name + b"\0") + pad(data)
                    for name, kind, data in notes)


class Header:
    """The header of a core that lies at a physical address. Changes are functions that take it: of
    what is here, and of how it is written."""

    def __init__(self, path, now):
        with open(path, "rb") as f:
            self._elf = list(ELF_HEADER.unpack(f.read(ELF_HEADER.size)))
            f.seek(self._elf[5])
            table = f.read(self._elf[10] * PROGRAM_HEADER.size)
            programs = list(PROGRAM_HEADER.iter_unpack(table))
            self.notes = []
            for kind, _, offset, _, _, size, _, _ in programs:
                if kind == PT_NOTE:
                    f.seek(offset)
                    self.notes += read_notes(f.read(size))
        self.loads = []
        for kind, _, offset, vaddr, paddr, size, whole, _ in programs:
            if kind == PT_LOAD:
                self.loads.append(Load(paddr, vaddr, size, now + offset))
                self.loads.append(Load(paddr + size, vaddr + size, whole - size, NOWHERE))
        self.loads = [load for load in self.loads if load.size]
        self.path, self._base, self.size = path, now, os.path.getsize(path)
        self.patches = []      # (paddr, contents) that take the place of what was there
        self.magic = b"\x7fELF"
        self.count = None      # e_phnum that is not the number of program headers
        self.note_size = None  # p_filesz of PT_NOTE that is not its size
        self.length = None     # of the header; what comes after is zeros

    @property
    def vmcoreinfo(self):
        return next(data for name, _, data in self.notes if name == b"VMCOREINFO").decode()

    @vmcoreinfo.setter
    def vmcoreinfo(self, text):
        for note in self.notes:
            if note[0] == b"VMCOREINFO":
                note[2] = text.encode()

    def read(self, paddr, size):
        """Of the core, wherever changes have put it."""
        load = next(load for load in self.loads if load.paddr <= paddr < load.paddr + load.size)
        with open(self.path, "rb") as f:
            f.seek(load.now - self._base + paddr - load.paddr)
            return f.read(size)

    def value(self, key, base=10):
        """A number in VMCOREINFO."""
        return int(re.search(rf"^{re.escape(key)}=(\S+)$", self.vmcoreinfo, re.MULTILINE)[1], base)

    def physical(self, symbol):
        """Where a symbol of the kernel's image is (x86_64)."""
        return self.value(f"SYMBOL({symbol})", 16) - KERNEL_MAP + self.value("NUMBER(phys_base)")

    def _number(self, paddr):
        return struct.unpack("<Q", self.read(paddr, 8))[0]

    def number(self, vaddr):
        """The eight bytes at a virtual address."""
        return self._number(self.translate(vaddr))

    def translate(self, vaddr):
        """Physical address of a virtual one, by page tables (x86_64)."""
        table = self.physical("swapper_pg_dir")
        for shift in (48, 39, 30, 21, 12)[not self.value("NUMBER(pgtable_l5_enabled)"):]:
            entry = self._number(table + (vaddr >> shift) % 512 * 8)
            table = entry & 0xffffffffff000
            if entry & 0x80 or shift == 12:
                return (table >> shift << shift) + vaddr % (1 << shift)

    def struct_page(self, paddr):
        """Physical address of the struct page of a page, with sparse memory (mm/sparse.c)."""
        section, per_root = paddr >> 27, PAGE // self.value("SIZE(mem_section)")
        roots = self.translate(self.value("SYMBOL(mem_section)", 16))
        root = self._number(roots + section // per_root * 8)
        entry = self._number(self.translate(root + section % per_root * self.value("SIZE(mem_section)")))
        return self.translate((entry & ~0x3f) + paddr // PAGE * self.value("SIZE(page)"))

    def move(self, start, end, now):
        """Memory of [start, end) lies elsewhere; at None: it is not described at all."""
        loads = []
        for load in self.loads:
            for first, last in ((load.paddr, start), (start, end), (end, load.paddr + load.size)):
                first, last = max(first, load.paddr), min(last, load.paddr + load.size)
                inside = first >= start and last <= end
                if first < last and not (inside and now is None):
                    skip = first - load.paddr
                    place = now + first - start if inside else load.now + skip
                    loads.append(Load(first, load.vaddr + skip, last - first, place))
        self.loads = loads

    def bytes(self, now):
        """What lies at elfcorehdr=, @now. The notes come far enough behind the program headers that
        there are zeros between them, whatever the header says."""
        notes = write_notes(self.notes)
        count = len(self.loads) + bool(notes)
        at = now + aligned(ELF_HEADER.size + count * PROGRAM_HEADER.size) + (1 << 16)
        table = b""
        if notes:
            size = self.note_size if self.note_size is not None else len(notes)
            table += PROGRAM_HEADER.pack(PT_NOTE, 0, at, 0, 0, size, size, 4)
        for load in self.loads:
            table += PROGRAM_HEADER.pack(PT_LOAD, 7, load.now, load.vaddr, load.paddr, load.size,
                                         load.size, 0)
        fields = list(self._elf)
        fields[0] = self.magic + fields[0][4:]
        fields[5], fields[6] = ELF_HEADER.size, 0
        fields[10:] = [self.count if self.count is not None else count, 0, 0, 0]
        head = (ELF_HEADER.pack(*fields) + table)[:self.length]
        return pad(head.ljust(at - now, b"\0") + notes, PAGE)


# Changes of a header.

def no_magic(header):
    header.magic = b"\x7fELG"


def no_notes(header):
    header.notes = []


def note_size(size):
    def change(header):
        header.note_size = size
    return change


def count(number):
    def change(header):
        header.count = number
    return change


def cut(length):
    def change(header):
        header.length = length
    return change


def vmcoreinfo(values):
    """{key: value, or None to take it out}."""
    def change(header):
        lines = [line for line in header.vmcoreinfo.splitlines() if line.partition("=")[0] not in values]
        lines += [f"{key}={value}" for key, value in values.items() if value is not None]
        header.vmcoreinfo = "\n".join(lines) + "\n"
    return change


def without(start, end):
    """RAM that no program header tells of."""
    return lambda header: header.move(start, end, None)


def nowhere(start, end):
    """RAM that is gone."""
    return lambda header: header.move(start, end, NOWHERE)


def beyond(start, end):
    """RAM at addresses that the CPU does not have: the kernel ends who touches a mapping of them."""
    return lambda header: header.move(start, end, BEYOND)


def pieces(size):
    """Many program headers."""
    def change(header):
        header.loads = [Load(load.paddr + i, load.vaddr + i, min(size, load.size - i), load.now + i)
                        for load in header.loads for i in range(0, load.size, size)]
    return change


def contents(paddr, data):
    """Other contents; whole pages."""
    return lambda header: header.patches.append((paddr, data))


def pointer(vaddr, value):
    """Another value of eight bytes at a virtual address."""
    def change(header):
        paddr = header.translate(vaddr)
        start = paddr - paddr % PAGE
        page = bytearray(header.read(start, PAGE))
        struct.pack_into("<Q", page, paddr - start, value)
        header.patches.append((start, bytes(page)))
    return change


# The core itself.

def of_machine(guest, path, size):
    """Stops a guest that has crashed (see corefile) and keeps its memory of @size bytes. What QEMU
    wrote becomes what a kernel leaves: the time of the crash is noted, and only RAM is described."""
    unfinished = path.with_suffix(".whole")
    corefile.save(guest, unfinished)
    header = Header(unfinished, 0)
    vmcoreinfo({"CRASHTIME": int(time.time())})(header)
    header.loads = [load for load in header.loads if load.paddr + load.size <= size]
    with open(unfinished, "r+b") as f:
        behind = aligned(header.size)
        f.write(header.bytes(behind)[:ELF_HEADER.size + (1 + len(header.loads)) * PROGRAM_HEADER.size])
        f.seek(behind)
        f.write(header.bytes(behind))
    unfinished.rename(path)
