# SPDX-License-Identifier: GPL-2.0-or-later
"""A capture kernel with two CPUs: faster where the CPUs are the limit, and as sure."""

import re

from cases import common
from cases.kexec_return import crash, expect_same, expect_way, look, settings
from kit import timeline
from kit.machine import Hardware
from kit.report import expect

# With this codec the CPUs are the limit.
SLOW = "[Dump]\nCompress=zlib:6\n"
# Of the time that one CPU takes for a page. The filter does not get faster by two, and a virtual CPU
# may have to wait for a real one.
RATIO = 0.85


class TwoCpus:
    def __init__(self, lab, kernel, report):
        self.lab, self.kernel, self.report = lab, kernel, report
        self.seconds = {}  # of writing 1000 pages, by number of CPUs

    def case(self, name, essential=False):
        return self.report.case(f"{self.kernel.series} two-cpus {name}", essential)

    def run(self):
        with self.lab.machine(self.kernel, f"{self.kernel.series}-two-cpus", "crashkernel=256M",
                              hardware=Hardware(parks=True)) as m:
            m.wait_boot()
            before = look(m)
            common.service(m, "enable --now")
            with self.case("armed-with-both", essential=True):
                answer = common.status(m)
                expect(answer["cpus"] == 2 and " nr_cpus=2 " in answer["command_line"]
                       and answer["cpus_why"] == "all that are online", answer)
                expect("CPUs: 2, all that are online" in m.must("kdump-lite status"), answer)
            with self.case("one", essential=True):
                settings(m, f"{SLOW}Threads=1\n[Capture]\nFinalAction=reboot\n")
                self.crash(m, on=0, cpus=1)
            with self.case("two-and-back-by-kexec", essential=True):
                settings(m, f"{SLOW}[Kexec]\nCrashLoopBurst=0\n")
                expect_way(self.crash(m, on=0, cpus=2), timeline.KEXEC, "kexec")
                expect_same(before, look(m), cpus=2)
            with self.case("two-are-faster"):
                ratio = self.seconds[2] / self.seconds[1]
                expect(ratio < RATIO, f"ratio {ratio:.2f}, seconds for 1000 pages: {self.seconds}")
            # The boot CPU, which would reset the machine, is not woken from another one.
            with self.case("crash-on-cpu-1"):
                c = self.crash(m, on=1, cpus=1)
                expect_way(c, timeline.REBOOT, "reboot", "and the boot CPU")
        return [self.kernel.series, *(f"{self.seconds[n]:.3f} s" for n in (1, 2)),
                f"{self.seconds[2] / self.seconds[1]:.2f}"]

    def crash(self, m, on, cpus):
        """@cpus: that the capture kernel is to have."""
        c, _ = crash(m, on)
        log = m.must(f"cat {c.info['path']}/kexec-dmesg.log")
        brought_up = re.search(r"smp: Brought up \d+ node, (\d+) CPU", log)
        expect(brought_up and int(brought_up[1]) == cpus, log)
        expect(c.info["outcome"] == "complete" and c.info["verify"].startswith("ok"), c.info)
        step = next(step for step in c.info["steps"] if step["name"] == "vmcore")
        pages = c.info["pages"]
        self.seconds.setdefault(cpus, 1000 * step["seconds"] / (pages["saved"] - pages["zero"]))
        return c


def two_cpus(lab, kernel, report):
    return TwoCpus(lab, kernel, report).run()


TITLES = ["kernel", "1000 pages, 1 CPU", "2 CPUs", "ratio"]
