#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""judge_tasks.py VMCORE VMLINUX - print all tasks that drgn finds in a dump: id and name."""

import sys

from drgn import Program
from drgn.helpers.linux.pid import for_each_task

program = Program()
program.set_core_dump(sys.argv[1])
program.load_debug_info([sys.argv[2]])
for task in for_each_task(program):
    print(task.pid.value_(), task.comm.string_().decode())
