#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""judge_pages.py VMCORE VMLINUX - print what each page frame is, as drgn and the kernel's own
structures tell: lines "FIRST LAST CLASS". For x86_64 and kernels 6.1 to 6.12.

A reading of the kernel's rules that owes nothing to the dump engine's: free pages are those on the
lists of the buddy allocator, and a page of a compound one finds its head from its own side, as in the
kernel (_compound_head() and page_fixed_fake_head() in include/linux/page-flags.h).
"""

import os
import struct
import sys
from itertools import groupby

# A core that QEMU wrote does not tell where the kernel is mapped; libkdumpfile finds it all the same.
os.environ["DRGN_USE_LIBKDUMPFILE_FOR_ELF"] = "1"

from drgn import FaultError, Program, offsetof, sizeof  # noqa: E402
from drgn.helpers.linux.list import list_for_each_entry  # noqa: E402

PAGE_SIZE = 4096
SECTION, LARGE_PAGE = 32768, 512  # page frames
MAPPING_ANON = 1  # in mapping: of an anonymous page, or one of KSM's

# Before 6.12 a type is a bit that is missing in a number with these upper bits; of newer kernels the
# debugging information tells.
OLD_TYPE_BASE, OLD_TYPES = 0xf0000000, {"offline": 0x100, "table": 0x200}


class MemoryMap:
    def __init__(self, program):
        kind = program.type("struct page")
        self.program, self.size = program, sizeof(kind)
        self.base = program["vmemmap_base"].value_()
        self.end = -(-program["max_pfn"].value_() // SECTION) * SECTION  # of the page frames
        self._offset = {name: offsetof(kind, name)
                        for name in ("flags", "mapping", "compound_head", "page_type")}
        self._flag = {name: 1 << bit for name, bit in program.type("enum pageflags").enumerators}
        self._sections = {first: self._read(first) for first in range(0, self.end, SECTION)}
        self._find_types()

    def _read(self, first):
        """The struct pages of a section; None when it has none."""
        try:
            return self.program.read(self.base + first * self.size, SECTION * self.size)
        except FaultError:
            return None

    def _find_types(self):
        try:
            types = self.program.type("enum pagetype").enumerators
        except LookupError:
            self._types = None
            numbers = dict(self.program.type("enum compound_dtor_id").enumerators)
            self._hugetlb_dtor = numbers["HUGETLB_PAGE_DTOR"]
            self._dtor_offset = self.size + offsetof(self.program.type("struct page"), "compound_dtor")
        else:
            self._types = {value: name.removeprefix("PGTY_") for name, value in types}

    def exists(self, frame):
        return self._sections[frame - frame % SECTION] is not None

    def _word(self, frame, name, form="<Q"):
        return struct.unpack_from(form, self._sections[frame - frame % SECTION],
                                  frame % SECTION * self.size + self._offset[name])[0]

    def has(self, frame, flag):
        return self._word(frame, "flags") & self._flag.get(flag, 0) != 0

    def frame(self, address):
        return (address - self.base) // self.size

    def head(self, frame):
        """The first of a compound page; the page itself when it is none."""
        word = self._word(frame, "compound_head")
        # Struct pages of a hugetlb page may be freed (HVO); where they were, the first page of them
        # is seen once more, and its second struct page tells who the head really is.
        if not word & 1 and self.has(frame, "PG_head") and frame * self.size % PAGE_SIZE == 0:
            word = self._word(frame + 1, "compound_head")
        return self.frame(word - 1) if word & 1 else frame

    def type(self, head):
        """Name of the type of a page that has one, "" for one that has not."""
        number = self._word(head, "page_type", "<I")
        if self._types is not None:
            name = self._types.get(number >> 24, "")
            return "" if name == "mapcount_underflow" else name
        if self.has(head, "PG_slab"):
            return "slab"
        if self.has(head, "PG_head") and self._dtor(head) == self._hugetlb_dtor:
            return "hugetlb"
        missing = [name for name, bit in OLD_TYPES.items()
                   if number & (OLD_TYPE_BASE | bit) == OLD_TYPE_BASE]
        return missing[0] if missing else ""

    def _dtor(self, head):
        return self._sections[head - head % SECTION][head % SECTION * self.size + self._dtor_offset]

    def describe(self, frame):
        """The class of a page that is in use."""
        if not self.exists(frame):
            return "without struct page"
        if self.has(frame, "PG_hwpoison"):
            return "hwpoison"
        head = self.head(frame)
        kind = self.type(head)
        if kind:
            return kind
        if self._word(head, "mapping") & MAPPING_ANON:
            return "anonymous"
        swap_cache = self.has(head, "PG_swapcache") and self.has(head, "PG_swapbacked")
        if self.has(head, "PG_lru") or swap_cache:
            return "private cache" if self.has(head, "PG_private") else "cache"
        return "reserved" if self.has(head, "PG_reserved") else "kernel"


def free_frames(program, memory_map):
    """Page frames on the lists of the buddy allocator, and checks that there are as many as it counts."""
    frames = set()
    for node in program["node_data"]:
        for zone in node.node_zones if node else []:
            if not zone.present_pages:
                continue
            for order, area in enumerate(zone.free_area):
                blocks = [memory_map.frame(page.value_()) for free_list in area.free_list
                          for page in list_for_each_entry("struct page", free_list.address_of_(),
                                                          "buddy_list")]
                if len(blocks) != area.nr_free.value_():
                    sys.exit(f"{len(blocks)} free blocks of order {order}, not {area.nr_free}")
                for first in blocks:
                    frames.update(range(first, first + (1 << order)))
    return frames


def image_frames(program):
    """Page frames of the kernel image, which the kernel gives back in part when it has started. They
    are mapped there all the same, up to the end of the last large page (cleanup_highmap() in
    arch/x86/mm/init_64.c)."""
    base = program.read_u64(program.symbol("phys_base").address) - 0xffffffff80000000
    first, last = ((program.symbol(name).address + base) % 2**64 // PAGE_SIZE for name in ("_text", "_end"))
    return range(first, (last | (LARGE_PAGE - 1)) + 1)


def main():
    program = Program()
    program.set_core_dump(sys.argv[1])
    program.load_debug_info([sys.argv[2]])
    memory_map, image = MemoryMap(program), image_frames(program)
    free = free_frames(program, memory_map)

    def classify(frame):
        name = "free" if frame in free else memory_map.describe(frame)
        return f"{name}, in the image" if frame in image else name

    for name, run in groupby(range(memory_map.end), classify):
        frames = list(run)
        print(frames[0], frames[-1], name)


main()
