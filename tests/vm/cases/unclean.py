# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots that end without a shutdown and without a dump are told of by the next one, and no others are."""

from cases import common
from kit.report import expect
from kit.tool import Failed

MARKS = "/var/lib/kdump-lite/boot-*.json"


def boot_id(m):
    return m.must("cat /proc/sys/kernel/random/boot_id").strip()


def cut_power(m):
    before = boot_id(m)
    m.monitor.reset()
    m.wait_boot()
    if boot_id(m) == before:
        raise Failed("the machine was not reset")


def told(m):
    """What this boot has told the journal."""
    return common.journal_lines(m, f"MESSAGE_ID={common.UNCLEAN_ID}")


def boots(m):
    return [row for row in common.parse(m.run("kdump-lite list --json")) if row["outcome"] == "no-dump"]


def unclean(lab, kernel, report):
    def case(name):
        return report.case(f"{kernel.series} unclean {name}")

    def expect_nothing_new(m, count):
        expect(told(m) == [], told(m))
        expect(len(boots(m)) == count, boots(m))
        expect(m.must(f"ls {MARKS}").split() == [MARKS.replace("*", boot_id(m))], m.run(f"ls {MARKS}"))

    with lab.machine(kernel, f"{kernel.series}-unclean", "crashkernel=256M") as m:
        m.wait_boot()
        common.service(m, "enable --now")
        common.status(m)
        with case("reboot"):
            expect(m.restart("systemctl reboot"), "not through the firmware")
            common.status(m)
            expect_nothing_new(m, 0)
        with case("power-cut"):
            before = boot_id(m)
            m.must("sleep 2; logger last; journalctl --sync")
            cut_power(m)
            lines, rows = told(m), boots(m)
            expect(len(lines) == 1 and "ended without a shutdown and without a dump; a capture kernel was loaded; "
                   "the last record in its journal is of " in lines[0], lines)
            expect([row["boot_id"] for row in rows] == [before], rows)
            expect(rows[0]["armed"] is True and rows[0]["crash_time"] > rows[0]["since"], rows)
            expect("no-dump" in m.must("kdump-lite list"), "it is not in the list")
            counts = common.parse(m.run("kdump-lite status --json"))["crashes"]
            expect(counts["no-dump"] == 1 and sum(counts.values()) == 1, counts)
            m.must("systemctl restart kdump-lite-announce.service")
            expect(len(told(m)) == 1, "told twice")
        with case("kexec"):
            m.must("kdump-lite kexec load")
            expect(not m.restart("systemctl kexec"), "through the firmware")
            expect_nothing_new(m, 1)
        with case("kexec-at-once"):
            m.must("kdump-lite kexec load")
            expect(not m.restart("kdump-lite kexec exec --now --yes"), "through the firmware")
            expect_nothing_new(m, 1)
        with case("crash-with-dump"):
            m.restart("echo c >/proc/sysrq-trigger")
            expect(len(common.journal_lines(m, f"MESSAGE_ID={common.CRASH_ID}")) == 1, "the crash is not told of")
            expect_nothing_new(m, 1)
        with case("crash-without-capture-kernel"):
            m.must("kdump-lite unload; echo 1 >/proc/sys/kernel/panic")
            m.restart("echo c >/proc/sysrq-trigger")
            lines = told(m)
            expect(len(lines) == 1 and "; no capture kernel was loaded" in lines[0], lines)
            expect([row["armed"] for row in boots(m)] == [True, False], boots(m))
