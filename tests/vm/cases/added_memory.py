# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that is plugged in after the load, where the kernel does not tell its capture kernel: the dump
cannot have it, and says so."""

import json

from cases.kexec_return import settings
from kit.image import extract
from kit.report import expect

GIB = 1 << 30
SLOTS = ["-m", "slots=4,maxmem=8G"]
HOTPLUG = "/sys/devices/system/memory/crash_hotplug"
BLOCKS = "/sys/devices/system/memory/memory[0-9]*"
ONLINE = f"for f in {BLOCKS}/state; do grep -q online $f || echo online >$f; done"


def added_memory(lab, kernel, report):
    with report.case(f"{kernel.series} added-memory", essential=True):
        with lab.machine(kernel, f"{kernel.series}-added-memory", "crashkernel=256M", SLOTS) as m:
            m.wait_boot()
            # Nobody loads again.
            m.must("systemctl mask --runtime kdump-lite-reload.timer kdump-lite-reload.service")
            settings(m, "[Capture]\nFinalAction=poweroff\n")
            # Whether the kernel tells the one that is loaded now.
            told = m.run(f"cat {HOTPLUG}").out.strip() == "1"
            before = int(m.must("awk '/MemTotal/ { print $2 }' /proc/meminfo"))
            m.monitor.plug_memory(GIB >> 20)
            m.must(f"until [ $(ls -d {BLOCKS} | wc -l) -ge 24 ]; do sleep 0.1; done; {ONLINE}")
            after = int(m.must("awk '/MemTotal/ { print $2 }' /proc/meminfo"))
            expect((after - before) * 1024 == GIB, f"MemTotal: {before} kB, then {after} kB")
            m.shell.send("exec kdump-lite test-crash --yes")
            m.wait_end(120)
            saved, = extract(m.disk, "/var/crash", m.directory).glob("*Z-*")
        facts = json.loads((saved / "crash.json").read_text())
        missing = 0 if told else GIB
        expect(facts["memory_lacking"] == missing, facts)
        expect(facts["outcome"] == ("complete" if told else "incomplete"), facts)
        expect(("1.0G of memory that was added" in facts["verify"]) == (not told), facts)
