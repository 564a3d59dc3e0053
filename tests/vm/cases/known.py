# SPDX-License-Identifier: GPL-2.0-or-later
"""Crashes in known ways, and whether the report tells of each what the guest and its kernel had told."""

import base64
import json
import re
from dataclasses import dataclass

from cases import judge_known, numbers, standing
from cases.kexec_return import settings
from cases.numbers import Number
from cases.standing import MODULE
from kit import places, tasks, timeline
from kit.image import extract
from kit.report import expect
from kit.tool import call


def cat(files):
    """With builtins of the shell, since a child would be in the lists."""
    return (f"for f in {files}; do printf '== %s\\n' \"$f\"; while IFS= read -r line; do "
            "printf '%s\\n' \"$line\"; done <\"$f\"; done 2>/dev/null")


# What the guest says of itself. All the stacks take a while, so what can change fast comes after them.
TRUTH = "; ".join((cat("/proc/modules /proc/[0-9]*/task/[0-9]*/stack"), "printf '== tasks\\n'", tasks.PRINT,
                   cat("/proc/loadavg /proc/meminfo")))


@dataclass(frozen=True)
class Kind:
    """A way to crash."""
    last: str          # the shell becomes this program, which brings the kernel down
    title: str         # of the report, a regular expression
    calls: tuple       # functions that the panicking CPU was in, the innermost first
    finding: tuple     # the rule that has to say something first, and what it names
    name: str = "insmod"  # of the task that was the shell
    sysctl: str = ""
    before: str = ""   # a command that has to be done before the guest tells of itself
    judge: object = None


def insmod(how):
    return f"taskset -c 0 insmod {MODULE} how={how}"


KINDS = {
    "nmi": Kind("sleep 300", r"NMI: Not continuing", ("unknown_nmi_error", "exc_nmi"),
                ("requested", "an NMI"), "sleep",
                "kernel/unknown_nmi_panic=1"),
    "null": Kind(insmod("null"), r"NULL pointer dereference.* in crasher_follow\b.*\[crasher\]",
                 ("crasher_follow", "crasher_timer", "hrtimer_interrupt", "crasher_loop", "crasher_null",
                  "do_init_module"), ("module", "module crasher"), judge=judge_known.judge_interrupt),
    "bug": Kind(insmod("bug"), r"kernel BUG at .*crasher\.c:\d+.* in crasher_bug\b.*\[crasher\]",
                ("crasher_bug", "crasher_init", "do_one_initcall"), ("module", "module crasher")),
    "deadlock": Kind("sleep 300", r"INFO: task crasher_(first|second|reader):\d+ blocked for more than",
                     ("watchdog", "kthread"), ("deadlock", "in a circle. 1 more waits"), "sleep",
                     "kernel/hung_task_panic=1 kernel/hung_task_timeout_secs=5",
                     f"insmod {MODULE} how=deadlock && sleep 3", judge_known.judge_deadlock),
    "lockup": Kind("sleep 300", r"soft lockup - CPU#1 stuck for .*crasher_hog.* in crasher_loop \[crasher\]",
                   ("watchdog_timer_fn", "crasher_loop", "crasher_hog", "kthread"),
                   ("busy_cpu", "CPU 1 ran crasher_hog"), "sleep",
                   "kernel/softlockup_panic=1 kernel/watchdog_thresh=4",
                   f"insmod {MODULE} how=lockup", judge_known.judge_lockup),
    "overflow": Kind("sleep 300", r"stack guard page was hit.* in crasher_deeper\b.*\[crasher\]",
                     ("crasher_deeper", "crasher_deeper", "kthread"),
                     ("stack", "crasher_deeper [crasher] called itself"), "sleep",
                     before=f"(sleep 3; insmod {MODULE} how=overflow) >/dev/null 2>&1 &"),
    "oom": Kind("taskset -c 0 tail /dev/zero", r"Out of memory: .*panic_on_oom",
                ("out_of_memory", "__alloc_pages"), ("out_of_memory", "process tail"), "tail", "vm/panic_on_oom=2",
                judge=judge_known.judge_oom),
    "sysrq": Kind("sh -c 'echo c >/proc/sysrq-trigger'", r"^sysrq triggered crash$",
                  ("sysrq_handle_crash", "__handle_sysrq", "write_sysrq_trigger", "vfs_write"),
                  ("requested", "sh ("), "sh"),
}


class Known:
    def __init__(self, lab, kernel, report):
        self.lab, self.kernel, self.report = lab, kernel, report
        self.number = lab.kernels.index(kernel)

    def case(self, name, essential=False):
        return self.report.case(f"{self.kernel.series} known-crashes {name}", essential)

    def run(self):
        """Each crash is of a machine of its own, which was armed by the same boot. Every kind is seen by one
        kernel or the other, or by all of them on one level or the other."""
        armed = standing.armed(self.lab, self.kernel)
        for number, name in enumerate(KINDS):
            if not self.lab.full and (number + 1) % len(self.lab.kernels) != self.number:
                continue
            crash, level = None, 31 if (number // 2 + self.number) % 2 == 0 else 0
            with self.case(f"{name}-dumped"):
                with self.lab.resumed(armed, f"{self.kernel.series}-known-{name}") as m:
                    crash = self.crash(m, name, level)
            if crash:
                self.judge(name, *crash)

    def bring_down(self, m, name):
        """What the guest printed before, the PID of the shell, and the place on the console from which on it went."""
        kind = KINDS[name]
        for word in f"kernel/panic_on_oops=1 {kind.sysctl}".split():
            variable, value = word.split("=")
            m.must(f"echo {value} >/proc/sys/{variable}")
        # The module that comes is no reason to start workers, which end when they like.
        m.must("udevadm control --stop-exec-queue")
        place = m.console.place
        shell = int(m.must("echo $$"))
        if kind.before:
            m.must(kind.before)
        printed = m.shell.run_and_end(TRUTH, kind.last)
        if name == "nmi":
            m.monitor.inject_nmi()
        return printed, shell, place

    def crash(self, m, name, level):
        """What the guest printed, and what was saved of it."""
        if level != standing.LEVEL:
            settings(m, f"[Dump]\nLevel={level}\n[Capture]\nFinalAction=poweroff\n")
        printed, shell, place = self.bring_down(m, name)
        timeline.follow(m.console, place)
        m.wait_end()
        saved, = extract(m.disk, "/var/crash", m.directory).glob("*Z-*")
        info = json.loads(call(places.BUILD / "kdump-lite", "info", "--json", saved))
        expect(info["outcome"] == "complete" and info["verify"].startswith("ok"), info)
        truth = judge_known.Truth(printed)
        truth.tasks[shell] = KINDS[name].name
        return truth, saved

    def judge(self, name, truth, saved):
        kind = KINDS[name]
        report = judge_known.make_report(saved)
        log = (saved / "vmcore-dmesg.txt").read_text(errors="replace")
        with self.case(f"{name}-summary"):
            expect(not report["remarks"], report["remarks"])
            title = report["summary"]["title"]
            expect(re.search(kind.title, title), f"{title!r} is not {kind.title!r}")
        with self.case(f"{name}-finding"):
            judge_known.judge_finding(report, *kind.finding)
        with self.case(f"{name}-calls"):
            judge_known.judge_calls(report, log, kind.calls)
        with self.case(f"{name}-tasks"):
            judge_known.judge_tasks(report, truth)
        if name != "oom":  # where it changed a lot, see judge_oom()
            with self.case(f"{name}-memory"):
                judge_known.judge_memory(report, truth)
        with self.case(f"{name}-stacks-as-drgn-finds-them"):
            judge_known.judge_stacks(report, saved, self.kernel)
        if name == "bug":
            with self.case(f"{name}-of-damaged-dumps"):
                judge_known.judge_degraded(saved, report["summary"]["title"])
        if kind.judge:
            with self.case(f"{name}-what-is-special"):
                kind.judge(report, log)


def known(lab, kernel, report):
    Known(lab, kernel, report).run()


AWAY = [Number("panic to mini", "s", 1), Number("panic to away", "s", 1, 8, 4)]


def known_again(lab, kernel, report):
    """The machine has a complete dump of the same crash, and does not want a second. The row of the table."""
    armed = standing.armed(lab, kernel)
    known = Known(lab, kernel, report)
    with known.case("bug-again-dumped", essential=True):
        with lab.resumed(armed, f"{kernel.series}-known-once") as m:
            _, first = known.crash(m, "bug", standing.LEVEL)
    with known.case("bug-again-left-out", essential=True):
        with lab.resumed(armed, f"{kernel.series}-known-again") as m:
            facts = base64.b64encode((first / "crash.json").read_bytes()).decode()
            size = (first / "vmcore").stat().st_size  # what it holds is not looked at
            m.must(f"mkdir -pm 700 /var/crash/{first.name} && cd /var/crash/{first.name} && "
                   f"echo {facts} | base64 -d >crash.json && "
                   f"truncate -s {size} vmcore && cd /")
            settings(m, "[Dump]\nKeepPerFingerprint=1\n[Capture]\nFinalAction=poweroff\n")
            *_, place = known.bring_down(m, "bug")
            measured = measure_away(m.console, place)
            m.wait_end()
            second, = (saved for saved in extract(m.disk, "/var/crash", m.directory).glob("*Z-*")
                       if saved.name != first.name)
        facts = (second / "crash.json").read_text()
        expect("KeepPerFingerprint=1" in facts and (second / "vmcore.mini").exists()
               and not (second / "vmcore").exists(), facts)
    numbers.check(measured, lab.acceleration.native, known.case, AWAY)
    return [kernel.series, *(number.show(measured[number.title]) for number in AWAY)]


def measure_away(console, since):
    """Seconds from the panic, by the titles of AWAY."""
    found = [console.wait(pattern, timeline.STEP_LIMIT, since) for pattern in
             ("kernel BUG at", "kdump-capture: mini dump saved", f"kdump-capture: {timeline.OFF}")]
    expect(all(found), "the capture did not come so far")
    panic, *times = (when for when, _ in found)
    return {number.title: when - panic for number, when in zip(AWAY, times)}
