# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of what is saved of the old memory, and of old memory that is not as it should be."""

import json
import random
import struct

from cases.rows.checks import (ALL_FILES, OTHER, PROGRAM, SMALL, all_kept, below, complete, facts, failed, files, has,
                               holds, logged, lost, pages_add_up, same_log, same_report, unmounted, went_on, whole)
from kit import oldmem
from kit.rig import MIB, Row
from kit.tool import call


def text_page(header):
    """Physical address of the first page of the kernel's code."""
    return header.physical("_stext")


def other_text(header):
    header.patches.append((text_page(header), OTHER))


def no_kernel(header):
    """The RAM that the kernel is in is not described."""
    start = text_page(header)
    oldmem.without(start, start + 56 * MIB)(header)


def random_vmcoreinfo(header):
    header.vmcoreinfo = random.Random(1).randbytes(2000).decode("latin-1")


def random_struct_pages(header):
    """Those of the memory between 64 and 192 MiB: there is no telling what a page is."""
    for start in range(64 * MIB, 192 * MIB, 32 * MIB):
        oldmem.contents(header.struct_page(start), random.Random(start).randbytes(8192 * 64))(header)


def looping_page_tables(header):
    """Each entry of the first table is that table."""
    top = header.physical("swapper_pg_dir")
    oldmem.contents(top, struct.pack("<Q", top | 0x67) * 512)(header)


def address(header, name):
    """Of a task."""
    tasks = json.loads(call(PROGRAM, "report", "--json", header.path))["tasks"]
    return next(int(task["address"], 16) for task in tasks if task["name"] == name)


def looping_tasks(header):
    """The list of tasks goes on from the second one to the second one."""
    first, second = address(header, "swapper/0"), address(header, "init")
    # In both the list is at the same place.
    data = header.read(header.translate(first), 4096)
    at = next(at for at in range(0, 4096, 8) if struct.unpack_from("<Q", data, at)[0] == second + at)
    oldmem.pointer(second + at, second + at)(header)


def looping_modules(header):
    """There is one module, behind which comes the same again."""
    data = header.path.read_bytes()
    at = -1
    # struct module: state, list, name (include/linux/module.h). There are other copies of the name.
    while (at := data.index(b"qemu_fw_cfg\0", at + 1)):
        following, before = struct.unpack_from("<QQ", data, at - 16)
        if following == before > oldmem.KERNEL_MAP:
            break
    module = header.number(following)
    oldmem.pointer(module, module)(header)


LEFT = {"crash.json", "kexec-dmesg.log"}  # when there is nothing to read
no_vmcore = (files(*LEFT), facts(outcome="failed"), failed("memory", "/proc/vmcore"),
             failed("vmcore", "not tried"))
# When there is no making sense of the memory.
all_pages = (files(*LEFT, "vmcore"), pages_add_up,
             facts(outcome="complete", verify="not checked, the kernel could not be found in memory"),
             failed("memory", "going on with a dump of all memory"), all_kept)

ROWS = [
    # What is saved, at which level, and how it is packed.
    Row("level-31", smoke=True, then=(*whole, same_report, unmounted, facts(level=31, codec="lzo", cpus=2))),
    Row("level-0", plan={"Level": 0}, then=(*whole, facts(level=0))),
    Row("level-1", rare=True, plan={"Level": 1}, then=(*whole, facts(level=1))),
    Row("level-16", rare=True, plan={"Level": 16}, then=(*whole, facts(level=16))),
    Row("zlib", plan={"Compress": "zlib:1"}, then=(*whole, facts(codec="zlib"))),
    Row("zstd", plan={"Compress": "zstd"}, then=(*whole, facts(codec="zstd"))),
    Row("snappy", rare=True, plan={"Compress": "snappy"}, then=(*whole, facts(codec="snappy"))),
    Row("none", rare=True, plan={"Compress": "none"}, then=(*whole, facts(codec="none"))),
    # The machine.
    Row("two-cpus", cpus=2, then=(*whole, logged("smp: Brought up 1 node, 2 CPUs"))),
    Row("small-memory", "there is little memory", memory=SMALL, then=whole),
    # Old memory, and the header that the crashed kernel has left.
    Row("from-a-dump", rare=True, input="dump", then=whole),
    Row("other-contents", change=(other_text,), then=(*complete, holds(text_page, OTHER))),
    Row("many-pieces", rare=True, change=(oldmem.pieces(4 * MIB),), then=complete),
    Row("no-elf", "/proc/vmcore is no ELF file", change=(oldmem.no_magic,), log=False, then=no_vmcore),
    Row("no-notes", "its header has no notes", rare=True, change=(oldmem.no_notes,), log=False, then=no_vmcore),
    Row("cut-note", "a note is cut off", change=(oldmem.note_size(64),), log=False, then=no_vmcore),
    Row("cut-header", "the header is cut off", rare=True, change=(oldmem.cut(64),), log=False, then=no_vmcore),
    Row("too-many-headers", "the header has program headers that are not there",
        change=(oldmem.count(300),), then=complete),
    Row("missing-kernel", "the memory of the kernel is missing",
        change=(no_kernel,), then=(facts(memory_size=below(256 * MIB)), *all_pages)),
    Row("page-that-kills", "memory that ends who reads it",
        plan={"Level": 0}, change=(oldmem.beyond(240 * MIB, 241 * MIB),),
        then=(failed("vmcore", "it was ended by signal 9"), facts(outcome="incomplete", verify=has("ok")), same_log,
              files(*ALL_FILES, "vmcore.mini"), lost(256), went_on)),
    Row("unplugged-memory", "memory that is gone",
        rare=True, plan={"Level": 0}, change=(oldmem.nowhere(240 * MIB, 244 * MIB),),
        then=(*complete, holds(lambda header: 242 * MIB, bytes(4096)))),
    Row("unknown-kernel", "VMCOREINFO does not tell where the kernel is", rare=True, then=all_pages,
        change=(oldmem.vmcoreinfo({"NUMBER(phys_base)": None, "SYMBOL(init_top_pgt)": None}),)),
    # What is in memory makes no sense.
    Row("random-vmcoreinfo", "VMCOREINFO is random bytes", change=(random_vmcoreinfo,), then=all_pages),
    Row("random-struct-pages", "struct pages are random bytes",
        change=(random_struct_pages,), then=(same_log, same_report, facts(outcome="complete"))),
    Row("looping-tasks", "the list of tasks does not end", change=(looping_tasks,),
        then=(same_log, same_report, facts(outcome="complete"))),
    Row("looping-modules", "the list of modules does not end", change=(looping_modules,),
        then=(same_log, same_report, facts(outcome="complete"))),
    Row("looping-page-tables", "the page tables lead back to themselves", change=(looping_page_tables,),
        then=(same_log, facts(outcome="complete"), pages_add_up, all_kept)),
]
