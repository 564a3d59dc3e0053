#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""judge_stacks.py VMCORE VMLINUX - print the stack of each task that no CPU ran, as drgn finds it: its
id, then the addresses, the innermost first."""

import sys

from drgn import Program
from drgn.helpers.linux.pid import for_each_task

program = Program()
program.set_core_dump(sys.argv[1])
try:
    program.load_debug_info([sys.argv[2]])
except Exception as reason:  # of modules, for which there is no debugging information
    print(reason, file=sys.stderr)
for task in for_each_task(program):
    if task.on_cpu.value_():
        continue
    addresses = []
    try:
        trace = program.stack_trace(task)
    except Exception as reason:  # an ORC table that is newer than this drgn
        print(f"{task.pid.value_()}: {reason}", file=sys.stderr)
        continue
    for frame in trace:
        # Functions that the compiler put into others have the address of those.
        if not addresses or frame.pc != addresses[-1]:
            addresses.append(frame.pc)
    print(task.pid.value_(), *(hex(address) for address in addresses))
