# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pages of a machine at work are left out of its dump, level by level, judged by others.

drgn tells what each page is; for kernels that it knows, makedumpfile also says what it would leave
out. The memory is QEMU's, so nothing moves while both look at it.
"""

import shlex
from collections import Counter
from itertools import groupby

from cases import standing
from kit import corefile, debuginfo, places
from kit.kdumpfile import KdumpFile
from kit.report import expect
from kit.tool import call

MEMORY, BALLOON = 1, 128 << 20  # GiB, and bytes of it that the guest gives back

# Page cache of files and of a file system's own blocks, slab, and pages that are free again. Struct
# pages of hugetlb pages are freed in part (HVO), and of pages that are the same KSM makes one.
WORK = ("cd /proc/sys/vm && echo 1 >hugetlb_optimize_vmemmap && echo 6 >nr_hugepages && "
        "cd /sys/kernel/mm/ksm && echo 1000 >pages_to_scan && echo 1 >run && cd / && "
        "cat /usr/bin/* >/dev/null && dd if=/dev/zero of=/root/data bs=1M count=64 && "
        "find / -xdev >/dev/null")

# Classes of judge_pages.py that each level leaves out, and what must never be read.
LEFT_OUT = {1: set(), 2: {"cache"}, 4: {"cache", "private cache"}, 8: {"anonymous", "hugetlb"},
            16: {"free"}, 31: {"cache", "private cache", "anonymous", "hugetlb", "free"}}
UNTOUCHABLE = {"hwpoison", "offline"}
# As many pages the guest has at least; soft offlining is not in all kernels.
AT_LEAST = {"free": 10000, "cache": 1000, "private cache": 1000, "anonymous": 10000, "hugetlb": 6 * 512,
            "slab": 1000, "table": 10, "offline": 10000}
# The kernel gives back parts of its image that it needs only at first. Whether they stay mapped,
# and are kept for that, depends on the CPU.
IMAGE = ", in the image"

# makedumpfile 1.7.2 knows kernels before 6.2; of later ones it drops slab pages.
MAKEDUMPFILE_KNOWS = (6, 1)
ZEROES = bytes(corefile.Core.SIZE)


class PageSets:
    def __init__(self, lab, kernel, report):
        self.lab, self.kernel, self.report = lab, kernel, report
        self.directory = lab.output / f"{kernel.series}-page-sets"
        self.memory = self.directory / "memory.elf"
        self.core, self.classes = None, {}  # of page frames

    def case(self, name, essential=False):
        return self.report.case(f"{self.kernel.series} page-sets {name}", essential)

    def run(self):
        with self.lab.resumed(standing.armed(self.lab, self.kernel), self.directory.name) as m:
            with self.case("guest-works", essential=True):
                self.work(m)
                corefile.save(m, self.memory)
        with self.case("drgn-tells-classes", essential=True):
            self.judge()
        for level in LEFT_OUT:
            self.run_level(level)
        self.memory.unlink()

    def run_level(self, level):
        ours = None
        with self.case(f"level-{level}"):
            ours = self.convert(level)
            self.check(ours, level)
            self.check_contents(ours, level)
        if ours and tuple(map(int, self.kernel.series.split("."))) <= MAKEDUMPFILE_KNOWS:
            with self.case(f"makedumpfile-{level}"):
                self.compare(ours, self.makedumpfile(level), level)

    def work(self, m):
        m.must(f"{WORK}; {corefile.SETUP}", 300)
        m.must("/usr/lib/vm/use-memory >/run/use-memory 2>&1 &")
        wait(m, "grep ready /run/use-memory")
        wait(m, "test $(cat /sys/kernel/mm/ksm/pages_sharing) -gt 0")
        total = int(m.must("awk '/^MemTotal:/ {print $2}' /proc/meminfo"))
        m.monitor.balloon((MEMORY << 30) - BALLOON)
        wait(m, f"awk '/^MemTotal:/ {{exit $2 > {total - (BALLOON >> 10)}}}' /proc/meminfo")

    def judge(self):
        text = call(places.PROJECT / "tests/vm/kit/judge_pages.py", self.memory,
                    debuginfo.path(self.kernel))
        for line in text.splitlines():
            first, last, name = line.split(" ", 2)
            self.classes.update((frame, name) for frame in range(int(first), int(last) + 1))
        self.core = corefile.Core(self.memory)
        counts = Counter(self.classes.values())
        few = {name: counts[name] for name, least in AT_LEAST.items() if counts[name] < least}
        expect(not few, f"fewer pages than there should be: {few} of {counts}")

    def kind(self, frame):
        return self.classes.get(frame, "without struct page")

    def convert(self, level):
        path = self.directory / "kdump-lite.vmcore"
        call(places.BUILD / "kdump-lite", "convert", "--quiet", "--force", "--compression=none",
             f"--level={level}", self.memory, path)
        return self.opened(path)

    def makedumpfile(self, level):
        path = self.directory / "makedumpfile.vmcore"
        call("makedumpfile", "-f", "-d", level, self.memory, path)
        return self.opened(path)

    @staticmethod
    def opened(path):
        """What is mapped stays there; the files, of 1 GiB each, are not to pile up."""
        dump = KdumpFile(path)
        path.unlink()
        return dump

    def check(self, dump, level):
        """All that has to be in a dump is in it, and nothing else."""
        expect(dump.ram == self.core.frames, f"RAM:\n{self.text(dump.ram ^ self.core.frames)}")
        goes = LEFT_OUT[level] | UNTOUCHABLE
        may_go = {name + IMAGE for name in goes}
        missing = {frame for frame in dump.ram - dump.held if self.kind(frame) not in goes | may_go}
        too_many = {frame for frame in dump.held if self.kind(frame) in goes}
        expect(not missing and not too_many,
               f"missing: {self.text(missing)}\nnot to be in it: {self.text(too_many)}")

    def check_contents(self, dump, level):
        """Each page is what it was in memory. Those of zeroes take no room when they need not, and of
        others many share theirs at levels that keep more than the kernel's."""
        wrong = {frame for frame in dump.held if dump.page(frame) != self.core.page(frame)}
        expect(not wrong, f"other contents: {self.text(wrong)}")
        zero = {frame for frame in dump.held if dump.page(frame) == ZEROES}
        expect(not level & 1 or dump.zero == zero, f"zero or not: {self.text(dump.zero ^ zero)}")
        others = dump.shared - zero
        if level == 31:
            expect(not others, f"shared: {self.text(others)}")
        else:
            expect(len(others) > 0.05 * len(dump.held - zero), f"shared are only {self.text(others)}")

    def compare(self, ours, theirs, level):
        """The same pages are in both, but for what we do otherwise and why."""
        def allowed(frame):
            name = self.kind(frame)
            return (name.endswith(IMAGE) and frame in ours.held  # we keep all that is mapped there
                    or name == "without struct page"  # it does without them, behind the last section
                    # Its level 1 does not look at struct pages; we never touch those pages.
                    or level == 1 and name.removesuffix(IMAGE) in UNTOUCHABLE)

        differing = {frame for frame in ours.held ^ theirs.held if not allowed(frame)}
        expect(not differing, f"only in ours: {self.text(differing & ours.held)}\n"
                              f"only in theirs: {self.text(differing & theirs.held)}")
        expect(theirs.shared == theirs.zero, f"theirs shares: {self.text(theirs.shared - theirs.zero)}")
        both = ours.held & theirs.held
        zero = (ours.zero ^ theirs.zero) & both
        # Without bit 1 they have them for themselves, and ours like others that hold the same.
        expect(not level & 1 or not zero, f"zero or not: {self.text(zero)}")
        expect(level & 1 or not theirs.zero, f"theirs are zero: {self.text(theirs.zero)}")

    def text(self, frames, most=8):
        """The first runs of page frames, with their class, and how many there are."""
        numbered = enumerate(sorted(frames))
        runs = [[frame for _, frame in run] for _, run in
                groupby(numbered, lambda pair: (pair[1] - pair[0], self.kind(pair[1])))]
        lines = [f"  {run[0]:#x}-{run[-1]:#x} {self.kind(run[0])}" for run in runs[:most]]
        if len(runs) > most:
            lines.append("  ...")
        return "\n".join([f"{len(frames)} page frames", *lines])


def wait(m, condition, limit=60):
    loop = f"until {condition}; do sleep 0.5; done"
    m.must(f"timeout {limit} sh -c {shlex.quote(loop)}", limit + 30)


def page_sets(lab, kernel, report):
    PageSets(lab, kernel, report).run()
