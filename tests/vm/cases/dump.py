# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job: arm, crash, capture, reboot, read the dump; then others judge the dump."""

import json
import time

from cases import common, judges, numbers, standing
from cases.kexec_return import settings
from cases.numbers import MIB
from kit import tasks, timeline
from kit.image import extract
from kit.report import expect

FILES = {"vmcore", "vmcore-dmesg.txt", "report.txt", "crash.json", "kexec-dmesg.log"}
PANIC = "sysrq triggered crash"


class Dump:
    """One run of the scenario. @obstacle: why the way back is by firmware; None: it is by kexec."""

    def __init__(self, lab, kernel, report, name, reservation, parameters="", obstacle=None):
        self.lab, self.kernel, self.report = lab, kernel, report
        self.name, self.reservation, self.parameters = name, reservation, parameters
        self.obstacle, self.way = obstacle, None
        self.numbers = {}    # by title
        self.printed = {}    # tasks just before the crash
        self.modules = set()
        self.estimated = {}  # by level
        self.directory = ""  # of the crash, in the guest

    def case(self, name, essential=False):
        return self.report.case(f"{self.kernel.series} {self.name} {name}", essential)

    def run(self):
        """The row of the table of numbers."""
        with standing.reserved(self.lab, self.kernel, self.name, self.reservation, self.parameters) as m:
            with self.case("enable-arms", essential=True):
                self.enable(m)
            with self.case("reload"):
                self.reload(m)
            with self.case("doctor"):
                result = m.run("kdump-lite doctor --json")
                expect(result.code == 0, result)
                found = {row["check"]: row for row in common.parse(result)}
                expect(found["armed"]["level"] == found["target"]["level"] == "ok"
                       and bool(self.obstacle) == (found["back"]["level"] == "note"), found)
            with self.case("estimate"):
                self.estimate(m)
            with self.case("crash-and-back", essential=True):
                self.crash(m)
            with self.case("armed-again"):
                self.armed_again(m)
            with self.case("list-and-info", essential=True):
                self.read_back(m)
            with self.case("journal"):
                self.journal(m)
            with self.case("modes"):
                self.modes(m)
            dmesg = m.must("kdump-lite dmesg --no-pager")
            m.shutdown()
            saved = extract(m.disk, self.directory, m.directory)
        with self.case("metadata"):
            self.metadata(saved)
        with self.case("way-back"):
            self.way_back(saved)
        with self.case("report"):
            judges.judge_report(saved, self.kernel, self.printed, self.modules)
        with self.case("drgn-finds-the-tasks"):
            judges.judge_tasks(saved, self.kernel, self.printed)
        with self.case("makedumpfile-finds-the-log"):
            judges.judge_log(saved, dmesg)
        numbers.check(self.numbers, self.lab.acceleration.native, self.case, numbers.OF_DUMP)
        return numbers.row(self.kernel, self.reservation, self.numbers, numbers.OF_DUMP)

    def measure(self):
        """The numbers, but for the way back."""
        with standing.reserved(self.lab, self.kernel, self.name, self.reservation, self.parameters) as m:
            with self.case("armed", essential=True):
                self.enable(m)
                settings(m, "[Capture]\nFinalAction=poweroff\n")
            with self.case("reload"):
                self.reload(m)
            with self.case("crash", essential=True):
                tasks.settle(m)
                place = m.console.place
                m.shell.send("exec taskset -c 0 kdump-lite test-crash --yes")
                _, seconds, _ = timeline.follow(m.console, place)
                self.measured(seconds)
                m.wait_end()
                saved, = extract(m.disk, "/var/crash", m.directory).glob("*Z-*")
                facts = json.loads((saved / "crash.json").read_text())
                expect(facts["outcome"] == "complete" and facts["verify"].startswith("ok"), facts)
                self.numbers["peak memory"] = facts["peak_memory"]
                self.numbers["dump"] = facts["vmcore_size"]
        numbers.check(self.numbers, self.lab.acceleration.native, self.case, numbers.CAPTURE)
        return numbers.row(self.kernel, self.reservation, self.numbers, numbers.CAPTURE)

    def enable(self, m):
        m.must("journalctl --update-catalog")  # as a package would on installation
        common.service(m, "enable --now")
        answer = common.status(m)
        expect(answer["reservation"] == self.reservation * MIB, answer)
        expect(answer["kernel_release"] == self.kernel.release, answer)
        self.numbers["image"] = answer["image_size"]
        expect("armed: yes" in m.must("kdump-lite status"), "status does not say so")

    def reload(self, m):
        before = common.status(m)
        common.service(m, "reload")
        clock = "read -r now _ </proc/uptime; echo $now"
        answer = m.must(f"{clock}; kdump-lite reload; {clock}", timeout=120).splitlines()
        self.numbers["reload"] = float(answer[-1]) - float(answer[0])
        expect(common.status(m) != before, f"nothing was loaded anew: {before}")

    def estimate(self, m):
        """Of the living system, from /proc/kcore; not far from what the dump will be."""
        answer = json.loads(m.must("kdump-lite estimate --json", timeout=120))
        self.estimated = {level["level"]: level for level in answer["levels"]}
        pages = [self.estimated[level]["pages"] for level in (0, 31)]
        expect(0.8 * 2048 * MIB < pages[0] * 4096 <= 2048 * MIB and 0 < pages[1] < pages[0] / 2,
               answer)

    def crash(self, m):
        tasks.settle(m)
        place = m.console.place
        shell = int(m.must("echo $$"))
        self.modules = set(m.must("cut -d ' ' -f 1 /proc/modules").split())
        self.printed = tasks.parse_printed(
            m.shell.run_and_end(tasks.PRINT, "taskset -c 0 kdump-lite test-crash --yes"))
        expect(len(self.printed) > 20, f"only {len(self.printed)} tasks printed")
        expect(self.printed.get(shell) == "sh", f"the shell {shell} is not in {self.printed}")
        self.printed[shell] = "kdump-lite"
        panic, seconds, self.way = timeline.follow(m.console, place)
        m.wait_boot()
        self.measured(seconds)
        self.numbers["panic to back"] = time.monotonic() - panic

    def measured(self, seconds):
        self.numbers["panic to dmesg"] = seconds["dmesg saved"]
        self.numbers["panic to mini"] = seconds["mini saved"]
        self.numbers["panic to dump"] = seconds["dump saved"]

    def armed_again(self, m):
        expect(m.run("systemctl is-active kdump-lite.service").out == "active\n",
               m.run("systemctl status --no-pager kdump-lite.service"))
        common.status(m)

    def read_back(self, m):
        found = json.loads(m.must("kdump-lite list --json"))
        expect(len(found) == 1, f"not one crash: {found}")
        self.directory = found[0]["path"]
        lines = m.must("kdump-lite list --no-pager").splitlines()
        expect(len(lines) == 2 and self.kernel.release in lines[1]
               and " complete " in lines[1], lines)
        info = json.loads(m.must("kdump-lite info --json"))
        expect(info["outcome"] == "complete" and info["path"] == self.directory
               and info["kernel_release"] == self.kernel.release
               and PANIC in info["panic_message"], info)
        text = m.must("kdump-lite info --no-pager")
        expect(self.directory in text and PANIC in text, text)

    def journal(self, m):
        def record(message_id):
            lines = m.must(f"journalctl -b -o json MESSAGE_ID={message_id}").splitlines()
            expect(len(lines) == 1, f"not one record of {message_id}: {lines}")
            return json.loads(lines[0])

        crash, test = record(common.CRASH_ID), record(common.TEST_ID)
        expect(crash["KDUMP_LITE_DUMP"] == f"{self.directory}/vmcore", crash)
        expect(crash["KDUMP_LITE_DIRECTORY"] == self.directory, crash)
        expect(crash["KDUMP_LITE_FINGERPRINT_TEXT"].startswith("sysrq: sysrq_handle_crash, ")
               and crash["KDUMP_LITE_REPORT"] == f"{self.directory}/report.txt", crash)
        expect(test["KDUMP_LITE_TEST"] == "passed", test)
        explained = m.must(f"journalctl -b -x --no-pager MESSAGE_ID={common.CRASH_ID}")
        expect(f"Subject: The kernel has crashed, see {self.directory}" in explained, explained)

    def modes(self, m):
        lines = m.must(f"stat -c '%n %a %U:%G' {self.directory} {self.directory}/*").splitlines()
        expected = {f"{self.directory} 700 root:root"}
        expected |= {f"{self.directory}/{name} 600 root:root" for name in FILES}
        expect(set(lines) == expected, "\n".join(lines))

    def metadata(self, saved):
        facts = json.loads((saved / "crash.json").read_text())
        self.numbers["peak memory"] = facts["peak_memory"]
        self.numbers["dump"] = facts["vmcore_size"]
        errors = [step for step in facts["steps"] if step.get("error")]
        expect(facts["outcome"] == "complete" and not errors, facts)
        # What needs information that kernels give in another form is named there.
        expect(facts["verify"].startswith("ok"), facts)
        expect(facts["fingerprint_text"].startswith("sysrq: sysrq_handle_crash, ")
               and len(facts["fingerprint"]) == 16, facts)
        expect(0 < facts["report_memory"] < 24 * MIB, facts)
        estimated = self.estimated[31]["pages"]
        expect(estimated / 2 < facts["pages"]["saved"] < 2 * estimated, (estimated, facts))
        expect(facts["vmcore_size"] == (saved / "vmcore").stat().st_size, facts)
        expect(facts["cpus"] == 2, facts)
        # Two GiB less what the firmware and the reservation take; most of it is free.
        expect(0.8 * 2048 * MIB < facts["memory_size"] <= 2048 * MIB, facts)
        pages = facts["pages"]
        expect(pages["saved"] < pages["total"] / 2 < pages["free"], facts)
        left_out = sum(pages[kind] for kind in ("free", "cache", "private_cache", "user",
                                                "hwpoison", "offline", "unaccepted"))
        expect(pages["unreadable"] == 0 and pages["saved"] + left_out == pages["total"], facts)
        log = (saved / "kexec-dmesg.log").read_text(errors="replace")
        expect("kdump-capture: vmcore saved" in log, "kexec-dmesg.log does not tell of the dump")

    def way_back(self, saved):
        facts = json.loads((saved / "crash.json").read_text())
        way, action = ((timeline.REBOOT, "reboot") if self.obstacle else (timeline.KEXEC, "kexec"))
        expect(self.way == way and facts["final_action"] == action, f"{self.way}: {facts}")
        expect(self.obstacle in facts["final_reason"] if self.obstacle
               else not facts["final_reason"], facts)


SMALL = {"reservation": 96, "parameters": "no5lvl",
         "obstacle": "loading the production kernel from there needs crashkernel="}


def dump(lab, kernel, report):
    return Dump(lab, kernel, report, "dump", 192).run()


def dump_small(lab, kernel, report):
    """With half of the memory, and when it boots with that, with four levels of page tables."""
    return Dump(lab, kernel, report, "dump-96M", **SMALL).run()


def times(lab, kernel, report):
    return Dump(lab, kernel, report, "times", 192).measure()


def times_small(lab, kernel, report):
    return Dump(lab, kernel, report, "times-96M", **SMALL).measure()
