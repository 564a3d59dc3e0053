# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job: arm, crash, capture, reboot, read the dump; then others judge the dump."""

import json
import time

from cases import common
from kit import debuginfo, places, tasks, timeline
from kit.image import extract
from kit.report import expect
from kit.tool import call

# Of the journal records, see kdump-lite(8).
CRASH_ID = "1498cd81893c40958d9d4eb539b7a05b"
TEST_ID = "faf4160f15da410589a4f61e5045dc5e"

FILES = {"vmcore", "vmcore-dmesg.txt", "crash.json", "kexec-dmesg.log"}

MIB = 1 << 20
# What a value may be at most: under emulation, by KVM, and how it is shown.
BUDGETS = {
    "image": (3 * MIB, 3 * MIB, lambda v: f"{v / MIB:.2f} MiB"),
    "reload": (6, 1, lambda v: f"{v:.2f} s"),
    "panic to dump": (8, 8, lambda v: f"{v:.1f} s"),
    "peak memory": (16 * MIB, 16 * MIB, lambda v: f"{v / MIB:.1f} MiB"),
}


class Dump:
    """One run of the scenario."""

    def __init__(self, lab, kernel, report, name, reservation, more=""):
        self.lab, self.kernel, self.report = lab, kernel, report
        self.name, self.reservation, self.more = name, reservation, more
        self.numbers = {}
        self.printed = {}   # tasks
        self.directory = "" # of the crash, in the guest

    def case(self, name, essential=False):
        return self.report.case(f"{self.kernel.series} {self.name} {name}", essential)

    def run(self):
        command_line = f"crashkernel={self.reservation}M {self.more}".strip()
        with self.lab.machine(self.kernel, f"{self.kernel.series}-{self.name}", command_line) as m:
            m.wait_boot()
            with self.case("enable-arms", essential=True):
                self.enable(m)
            with self.case("reload"):
                self.reload(m)
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
            guest_dmesg = m.must("kdump-lite dmesg --no-pager")
            m.shutdown()
            saved = extract(m.disk, self.directory, m.directory)
        with self.case("metadata"):
            self.metadata(saved)
        with self.case("drgn-finds-the-tasks"):
            self.judge_tasks(saved)
        with self.case("makedumpfile-finds-the-log"):
            self.judge_dmesg(saved, guest_dmesg)
        for name, (emulated, native, show) in BUDGETS.items():
            limit = native if self.lab.acceleration.native else emulated
            with self.case("budget-" + name.replace(" ", "-")):
                expect(name in self.numbers, "not measured")
                value = self.numbers[name]
                expect(0 < value <= limit, f"{show(value)} is more than the budget of {show(limit)}")
        return self.row()

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

    def crash(self, m):
        tasks.settle(m)
        place = m.console.place
        shell = m.must("echo $$").strip()
        self.printed = tasks.parse_printed(
            m.shell.run_and_end(tasks.PRINT, "kdump-lite test-crash --yes"))
        expect(len(self.printed) > 20, f"only {len(self.printed)} tasks printed")
        expect(self.printed.get(int(shell)) == "sh", f"the shell {shell} is not among {self.printed}")
        self.printed[int(shell)] = "kdump-lite"
        panic, seconds = timeline.follow(m.console, place)
        m.wait_boot()
        self.numbers["panic to dmesg"] = seconds["dmesg saved"]
        self.numbers["panic to dump"] = seconds["dump saved"]
        self.numbers["panic to back"] = time.monotonic() - panic

    def armed_again(self, m):
        expect(m.run("systemctl is-active kdump-lite.service").out == "active\n",
               m.run("systemctl status --no-pager kdump-lite.service"))
        common.status(m)

    def read_back(self, m):
        found = json.loads(m.must("kdump-lite list --json"))
        expect(len(found) == 1, f"not one crash: {found}")
        self.directory = found[0]["path"]
        lines = m.must("kdump-lite list --no-pager").splitlines()
        expect(len(lines) == 2 and self.kernel.release in lines[1] and lines[1].endswith("complete"), lines)
        info = json.loads(m.must("kdump-lite info --json"))
        expect(info["outcome"] == "complete" and info["path"] == self.directory
               and info["kernel_release"] == self.kernel.release
               and "sysrq triggered crash" in info["panic_message"], info)
        text = m.must("kdump-lite info --no-pager")
        expect(self.directory in text and "sysrq triggered crash" in text, text)

    def journal(self, m):
        def record(message_id):
            lines = m.must(f"journalctl -b -o json MESSAGE_ID={message_id}").splitlines()
            expect(len(lines) == 1, f"not one record of {message_id}: {lines}")
            return json.loads(lines[0])

        crash, test = record(CRASH_ID), record(TEST_ID)
        expect(crash["KDUMP_LITE_DUMP"] == f"{self.directory}/vmcore", crash)
        expect(crash["KDUMP_LITE_DIRECTORY"] == self.directory, crash)
        expect(test["KDUMP_LITE_TEST"] == "passed", test)
        explained = m.must(f"journalctl -b -x --no-pager MESSAGE_ID={CRASH_ID}")
        expect(f"Subject: The kernel has crashed, see {self.directory}" in explained, explained)

    def modes(self, m):
        lines = m.must(f"stat -c '%n %a %U:%G' {self.directory} {self.directory}/*").splitlines()
        expected = {f"{self.directory} 700 root:root"}
        expected |= {f"{self.directory}/{name} 600 root:root" for name in FILES}
        expect(set(lines) == expected, "\n".join(lines))

    def metadata(self, saved):
        facts = json.loads((saved / "crash.json").read_text())
        errors = [step for step in facts["steps"] if step.get("error")]
        expect(facts["outcome"] == "complete" and not errors, facts)
        expect(facts["vmcore_size"] == (saved / "vmcore").stat().st_size, facts)
        expect(facts["cpus"] == 2 and facts["pages"]["unreadable"] == 0, facts)
        # Two GiB less what the firmware and the reservation take; most of it is free.
        pages = facts["pages"]
        expect(0.8 * 2048 * MIB < facts["memory_size"] <= 2048 * MIB, facts)
        expect(pages["saved"] < pages["total"] / 2 < pages["free"], facts)
        left_out = sum(pages[key] for key in ("free", "cache", "private_cache", "user", "hwpoison",
                                              "offline", "unaccepted"))
        expect(pages["saved"] + left_out == pages["total"], facts)
        self.numbers["peak memory"] = facts["peak_memory"]
        self.numbers["dump"] = facts["vmcore_size"]
        expect("kdump-capture: vmcore saved" in (saved / "kexec-dmesg.log").read_text(errors="replace"),
               "kexec-dmesg.log does not tell of the dump")

    def judge_tasks(self, saved):
        judge = places.PROJECT / "tests/vm/kit/judge_tasks.py"
        found = tasks.parse_found(call(judge, saved / "vmcore", debuginfo.path(self.kernel)))
        differences = list(tasks.differences(self.printed, found))
        expect(not differences, "\n".join(differences))

    def judge_dmesg(self, saved, guest_dmesg):
        theirs = saved.parent / "dmesg-makedumpfile"
        theirs.unlink(missing_ok=True)
        call("makedumpfile", "--dump-dmesg", saved / "vmcore", theirs)
        judged = theirs.read_bytes()
        ours = call(places.BUILD / "kdump-lite", "dmesg", "--no-pager", saved)
        expect(b"Kernel panic - not syncing: sysrq triggered crash" in judged, "makedumpfile lacks the end")
        (saved.parent / "dmesg-kdump-lite").write_text(ours)
        for name, log in (("kdump-lite dmesg", ours.encode()), ("kdump-lite dmesg in the guest", guest_dmesg.encode()),
                          ("vmcore-dmesg.txt", (saved / "vmcore-dmesg.txt").read_bytes())):
            expect(log == judged, f"{name} is not what makedumpfile finds; see {saved.parent}")

    def row(self):
        shown = [self.kernel.series, f"{self.reservation}M"]
        for name in ("image", "reload", "panic to dmesg", "panic to dump", "panic to back", "peak memory", "dump"):
            value = self.numbers.get(name)
            unit = BUDGETS[name][2] if name in BUDGETS else (
                (lambda v: f"{v / MIB:.1f} MiB") if name == "dump" else (lambda v: f"{v:.1f} s"))
            shown.append("-" if value is None else unit(value))
        return shown


TITLES = ["kernel", "reserved", "image", "reload", "panic-dmesg", "panic-dump", "panic-back", "peak memory", "dump"]


def dump(lab, kernel, report):
    return Dump(lab, kernel, report, "dump", 192).run()


def dump_small(lab, kernel, report):
    """With half of the memory, and with four levels of page tables where the other has five."""
    return Dump(lab, kernel, report, "dump-96M", 96, "no5lvl").run()
