# SPDX-License-Identifier: GPL-2.0-or-later
"""A check: the disk as power cuts at random moments of a capture leave it."""

import random
import shutil
from dataclasses import replace

from cases import faults
from kit import powercut
from kit.rig import BEFORE, WRITES, difference, fetch
from kit.tool import Failed, call


def power_cuts(count):
    """So many moments. The row's disk is logged=True."""
    def check(o):
        log, seed = o.directory / WRITES, random.randrange(1 << 32)
        writes, chosen = powercut.read(log), random.Random(seed)
        moments = sorted(chosen.sample(range(len(writes)), count))
        o.note = f"{count} times, somewhere in {len(writes)} writes"
        print(f"(seed {seed}) ", end="", flush=True)
        for moment in moments:
            try:
                cut_power(o, writes, moment, chosen)
            except Failed as reason:
                raise Failed(f"power cut after {moment} of {len(writes)} writes, seed {seed}: {reason}") from None
    return check


def cut_power(o, writes, moment, chosen):
    disk, saved = o.directory / "cut.img", o.directory / "cut"
    call("cp", "--sparse=always", o.directory / BEFORE, disk)
    powercut.cut(o.directory / WRITES, writes, moment, disk, lambda: chosen.random() < 0.5)
    crashes, later = fetch(o.row, disk, saved, o.blocks)
    other = difference(o.directory / BEFORE, disk, o.blocks) if o.row.disk.damage else ""
    cut = replace(o, crashes=crashes, later=later, other=other)
    for check in (faults.check_told, faults.check_others, faults.check_names):
        check(cut)
    shutil.rmtree(saved)
    disk.unlink()
