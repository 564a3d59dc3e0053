# SPDX-License-Identifier: GPL-2.0-or-later
"""A capture kernel with two CPUs: faster where the CPUs are the limit, and as sure."""

import json
import re

from cases import common, standing
from cases.kexec_return import settings
from kit import places, timeline
from kit.image import extract
from kit.report import expect
from kit.tool import call

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
        with self.case("one", essential=True):
            self.crash(1, "Threads=1\n")
        with self.case("two", essential=True):
            self.crash(2)
        with self.case("two-are-faster"):
            ratio = self.seconds[2] / self.seconds[1]
            expect(ratio < RATIO, f"ratio {ratio:.2f}, seconds for 1000 pages: {self.seconds}")
        return [self.kernel.series, *(f"{self.seconds[n]:.3f} s" for n in (1, 2)),
                f"{self.seconds[2] / self.seconds[1]:.2f}"]

    def crash(self, cpus, more=""):
        """@cpus: that the capture kernel is to have."""
        armed = standing.armed(self.lab, self.kernel)
        with self.lab.resumed(armed, f"{self.kernel.series}-two-cpus-{cpus}") as m:
            settings(m, f"{SLOW}{more}[Capture]\nFinalAction=poweroff\n")
            answer = common.status(m)
            expect(answer["cpus"] == cpus and f" nr_cpus={cpus} " in answer["command_line"], answer)
            if cpus == 2:
                expect(answer["cpus_why"] == "all that are online", answer)
                expect("CPUs: 2, all that are online" in m.must("kdump-lite status"), answer)
            place = m.console.place
            m.shell.send("exec taskset -c 0 kdump-lite test-crash --yes")
            timeline.follow(m.console, place)
            m.wait_end()
            saved, = extract(m.disk, "/var/crash", m.directory).glob("*Z-*")
        log = (saved / "kexec-dmesg.log").read_text(errors="replace")
        brought_up = re.search(r"smp: Brought up \d+ node, (\d+) CPU", log)
        expect(brought_up and int(brought_up[1]) == cpus, log)
        info = json.loads(call(places.BUILD / "kdump-lite", "info", "--json", saved))
        expect(info["outcome"] == "complete" and info["verify"].startswith("ok"), info)
        step = next(step for step in info["steps"] if step["name"] == "vmcore")
        pages = info["pages"]
        self.seconds[cpus] = 1000 * step["seconds"] / (pages["saved"] - pages["zero"])


def two_cpus(lab, kernel, report):
    return TwoCpus(lab, kernel, report).run()


TITLES = ["kernel", "1000 pages, 1 CPU", "2 CPUs", "ratio"]
