# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine with terabytes of memory that was never there, as an ELF core for the benchmark.

The file is sparse. It has what a filter looks at: notes of all CPUs, the kernel's page tables,
mem_section, and struct pages. All memory looks like one of a few blocks of struct pages, and the
kernel maps these again and again: so 4 TiB with 2^30 struct pages take 70 MB. Names and numbers are
those of Linux 6.12 (tests/unit/synth-page.c has where they come from).
"""

import struct
from dataclasses import dataclass

from inputs import ELF_HEADER, EM_X86_64, ET_CORE, PAGE, PROGRAM_HEADER, PT_LOAD, PT_NOTE
from kit import places

MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40

IMAGE_VA, IMAGE, IMAGE_SIZE = 0xffffffff81000000, 4 * MIB, 2 * MIB
DIRECT_VA, VMEMMAP_VA = 0xffff888000000000, 0xffffea0000000000
TOP = IMAGE + IMAGE_SIZE - PAGE  # the uppermost page table
NAMES = 0x1000  # where in the image those are that uname tells
FREE = 16 * MIB  # what other structures take begins here
RAM = MIB  # below it the file has its headers

CPUS = 512
SECTION_BITS, PHYSMEM_BITS, SECTION_SIZE = 27, 46, 16
LEAF = 2 * MIB
STRUCT_PAGE = 64
BLOCKS = 32  # different leaves of struct pages

TABLE_FLAGS, LEAF_FLAGS = 0x063, 0x80000000000001e3
RELEASE = "6.12.48+deb13-cloud-amd64"

# flags, mapping, private, _mapcount of a struct page.
LRU, SWAPBACKED, TYPE = 1 << 5, 1 << 17, 24
KERNEL = (0, 0, 0, 0xffffffff)
ANON = (LRU | SWAPBACKED, 0xffff888100000001, 0, 3)
CACHE = (LRU, 0xffff888100000000, 0, 0)
SLAB = (0, 0, 0, 0xf5 << TYPE)
FREE_9 = (0, 0, 9, 0xf0 << TYPE)


@dataclass(frozen=True)
class Large:
    tib: int

    @property
    def path(self):
        return places.BUILD / "bench" / f"{self.tib}-TiB.vmcore"


def struct_page(kind):
    flags, mapping, private, mapcount = kind
    return struct.pack("<QQQQQQIIQ", flags, 0, 0, mapping, 0, private, mapcount, 1, 0)


def block(number):
    """The struct pages of 128 MiB: stretches of 2 MiB that are free, or in which kinds mix."""
    mixed = [ANON, ANON, CACHE, KERNEL, ANON, CACHE, SLAB, ANON]
    pages = []
    for stretch in range(LEAF // STRUCT_PAGE // 512):
        if (stretch + number) % 3 == 0:
            pages.append(struct_page(FREE_9) + struct_page(KERNEL) * 511)
        else:
            # 1 to 16 pages of a kind beside each other.
            run = 1 << (stretch + number) % 5
            pages.append(b"".join(struct_page(mixed[at // run % 8]) for at in range(512)))
    return b"".join(pages)


class Memory:
    """Physical memory, which lies at its own address in the file."""

    def __init__(self, file):
        self.file = file
        self.next = FREE

    def write(self, address, data):
        self.file.seek(address)
        self.file.write(data)

    def allocate(self, size, align=PAGE):
        start = -(-self.next // align) * align
        self.next = start + size
        return start

    def read64(self, address):
        self.file.seek(address)
        return int.from_bytes(self.file.read(8).ljust(8, b"\0"), "little")

    def table(self, table, index):
        """The table that an entry leads to, which is made if there is none."""
        entry = self.read64(table + 8 * index)
        if not entry:
            entry = self.allocate(PAGE) | TABLE_FLAGS
            self.write(table + 8 * index, entry.to_bytes(8, "little"))
        return entry & 0x000ffffffffff000

    def map(self, va, size, leaf, address_of):
        """By leaves of 1 GiB or 2 MiB; @address_of gives the physical address of each."""
        shift = leaf.bit_length() - 1
        for at in range(va, va + size, leaf):
            table = self.table(TOP, at >> 39 & 511)
            if leaf == LEAF:
                table = self.table(table, at >> 30 & 511)
            entry = address_of((at - va) // leaf) | LEAF_FLAGS
            self.write(table + 8 * (at >> shift & 511), entry.to_bytes(8, "little"))


def note(name, kind, data):
    name = name.encode() + b"\0"

    def pad(part):
        return part + bytes(-len(part) % 4)

    return struct.pack("<III", len(name), len(data), kind) + pad(name) + pad(data)


def vmcoreinfo(sections):
    lines = {
        "OSRELEASE": RELEASE, "PAGESIZE": PAGE, "CRASHTIME": 1795442701,
        "SYMBOL(init_uts_ns)": f"{IMAGE_VA + NAMES:x}", "OFFSET(uts_namespace.name)": 0,
        "SYMBOL(init_top_pgt)": f"{IMAGE_VA + TOP - IMAGE:x}",
        "NUMBER(phys_base)": IMAGE - (IMAGE_VA - 0xffffffff80000000),
        "NUMBER(pgtable_l5_enabled)": 0, "NUMBER(sme_mask)": 0, "NUMBER(KERNEL_IMAGE_SIZE)": GIB,
        "SYMBOL(mem_section)": f"{DIRECT_VA + sections:x}",
        "LENGTH(mem_section)": (1 << PHYSMEM_BITS - SECTION_BITS) // (PAGE // SECTION_SIZE),
        "SIZE(mem_section)": SECTION_SIZE, "OFFSET(mem_section.section_mem_map)": 0,
        "NUMBER(SECTION_SIZE_BITS)": SECTION_BITS, "NUMBER(MAX_PHYSMEM_BITS)": PHYSMEM_BITS,
        "SIZE(page)": STRUCT_PAGE, "OFFSET(page.flags)": 0, "OFFSET(page._refcount)": 52,
        "OFFSET(page.mapping)": 24, "OFFSET(page.lru)": 8, "OFFSET(page._mapcount)": 48,
        "OFFSET(page.private)": 40, "OFFSET(page.compound_head)": 8, "OFFSET(list_head.next)": 0,
        "OFFSET(list_head.prev)": 8, "LENGTH(zone.free_area)": 11, "NUMBER(PG_lru)": 5,
        "NUMBER(PG_private)": 14, "NUMBER(PG_swapcache)": 10, "NUMBER(PG_swapbacked)": 17,
        "NUMBER(PG_hwpoison)": 20, "NUMBER(PG_head_mask)": 1 << 6,
        "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)": (0xf0 << TYPE) - (1 << 32),
        "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)": (0xf1 << TYPE) - (1 << 32),
        "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)": (0xf4 << TYPE) - (1 << 32),
        "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)": (0xf5 << TYPE) - (1 << 32),
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items()).encode()


def put_sections(memory, size):
    """mem_section: each section has the address of the struct page of frame 0, and flags."""
    roots = memory.allocate(1 << PHYSMEM_BITS - SECTION_BITS >> 5)
    entry = struct.pack("<QQ", VMEMMAP_VA | 0xf, 0)
    n = size >> SECTION_BITS
    for root in range(-(-n // 256)):
        page = memory.allocate(PAGE)
        memory.write(roots + 8 * root, (DIRECT_VA + page).to_bytes(8, "little"))
        memory.write(page, entry * min(256, n - 256 * root))
    return roots


def put_headers(memory, size, notes):
    segments = [(PT_NOTE, PAGE, 0, 0, len(notes)),
                (PT_LOAD, IMAGE, IMAGE_VA, IMAGE, IMAGE_SIZE),
                (PT_LOAD, RAM, DIRECT_VA + RAM, RAM, size - RAM)]
    header = ELF_HEADER.pack(b"\x7fELF\x02\x01\x01" + bytes(9), ET_CORE, EM_X86_64, 1, 0, ELF_HEADER.size,
                             0, 0, ELF_HEADER.size, PROGRAM_HEADER.size, len(segments), 0, 0, 0)
    header += b"".join(PROGRAM_HEADER.pack(kind, 0, offset, va, pa, length, length, 0)
                       for kind, offset, va, pa, length in segments)
    assert len(header) <= PAGE and PAGE + len(notes) <= RAM
    memory.write(0, header)
    memory.write(PAGE, notes)


def make(machine):
    """Makes the file if it is not there."""
    if machine.path.exists():
        return
    size = machine.tib * TIB
    unfinished = machine.path.with_suffix(".unfinished")
    with open(unfinished, "w+b", buffering=0) as file:
        file.truncate(size)
        memory = Memory(file)
        memory.map(IMAGE_VA, IMAGE_SIZE, LEAF, lambda number: IMAGE + number * LEAF)
        memory.map(DIRECT_VA, size, GIB, lambda number: number * GIB)
        leaves = memory.allocate(BLOCKS * LEAF, LEAF)
        for number in range(BLOCKS):
            memory.write(leaves + number * LEAF, block(number))
        memory.map(VMEMMAP_VA, size // PAGE * STRUCT_PAGE, LEAF,
                   lambda number: leaves + number % BLOCKS * LEAF)
        names = ("Linux", "large", RELEASE, "#1 SMP", "x86_64", "(none)")
        memory.write(IMAGE + NAMES, b"".join(name.encode().ljust(65, b"\0") for name in names))
        registers = bytearray(336)
        registers[112 + 17 * 8] = 0x33  # cs: it was in user space
        notes = note("CORE", 1, bytes(registers)) * CPUS
        put_headers(memory, size, notes + note("VMCOREINFO", 0, vmcoreinfo(put_sections(memory, size))))
    unfinished.rename(machine.path)
