# SPDX-License-Identifier: GPL-2.0-or-later
"""Armed means armed: what changes while a machine runs is armed anew, or told. One boot, several checks."""

import time

from cases import common
from kit import disks
from kit.machine import Hardware
from kit.report import expect
from kit.tool import call

LOADED = "/sys/kernel/kexec_crash_loaded"
DROP_IN = "/etc/kdump-lite.conf.d/50-test.conf"
FSTAB = "LABEL=guest / ext4 defaults 0 1\nLABEL=late /var/crash ext4 defaults,nofail,x-systemd.device-timeout=2s 0 2\n"
ENABLED = "/etc/systemd/system/multi-user.target.wants/kdump-lite.service"
HIDDEN = "20260101T000000Z-0badcafe"  # a crash below the mount
MEMORY = 256  # MiB, plugged in


def late_disk(path):
    call("truncate", "-s", "64M", path)
    call("mkfs.ext4", "-q", "-L", "late", path)
    return path


def wait_status(m, wanted, what, timeout=60):
    """The status for which @wanted holds. While one is loaded in place of another the machine is not armed."""
    end = time.monotonic() + timeout
    while True:
        status = common.parse(m.run("kdump-lite status --json"))
        if wanted(status):
            return status
        expect(time.monotonic() < end, f"{what}: {status}")
        time.sleep(0.5)


class Armed:
    def __init__(self, m, case):
        self.m, self.case = m, case

    def loaded(self):
        return self.m.must(f"cat {LOADED}").strip() == "1"

    def doctor(self, check):
        return next(f for f in common.parse(self.m.run("kdump-lite doctor --json")) if f["check"] == check)

    def run(self):
        m = self.m
        with self.case("without-its-mount", essential=True):
            order = m.must("systemctl show -P After kdump-lite.service kdump-lite-announce.service")
            expect(order.count("var-crash.mount") == 2, order)
            status = wait_status(m, lambda s: s["armed"], "not armed")
            expect(status["device"] == "/dev/vda" and status["changed"] == [], status)
            for unit in ("kdump-lite.service", "kdump-lite-announce.service"):
                lines = common.journal_lines(m, f"-u {unit}")
                expect(any(line.startswith("/var/crash: is to be mounted by /etc/fstab") for line in lines), lines)
            expect(self.doctor("target")["level"] == "warning", self.doctor("target"))
        with self.case("mount-that-comes-later"):
            m.must(f"mkdir /var/crash/{HIDDEN} && echo panic >/var/crash/{HIDDEN}/vmcore-dmesg.txt")
            m.monitor.plug_disk("late")
            # By hand: systemd has given up waiting.
            m.must("until [ -e /dev/disk/by-label/late ]; do sleep 0.1; done; mount /var/crash")
            status = wait_status(m, lambda s: s.get("device") == "/dev/vdb", "not armed for the new mount")
            expect(status["changed"] == [] and self.doctor("target")["level"] != "problem", status)
        with self.case("crash-below-the-mount"):
            expect(not m.run(f"test -e /var/crash/{HIDDEN}").code == 0, "it is not hidden")
            listed = common.parse(m.run("kdump-lite list --json"))
            expect([c["name"] for c in listed] == [HIDDEN] and "/dev/vda" in listed[0]["fault"], listed)
            expect(m.must(f"kdump-lite dmesg {HIDDEN}") == "panic\n", "its log cannot be read")
            records = common.journal_lines(m, f"MESSAGE_ID={common.CRASH_ID}")
            expect(len(records) == 1, records)
        with self.case("memory"):
            m.monitor.plug_memory(MEMORY)
            m.must("for s in /sys/devices/system/memory/memory*/state; do "
                   "read state <$s; [ $state = online ] || echo online >$s; done")
            wait_status(m, lambda s: s.get("changed") == [] and self.has_memory(), "not armed for the new memory")
        with self.case("cpu"):
            m.must("echo 0 >/sys/devices/system/cpu/cpu1/online")
            wait_status(m, lambda s: s.get("cpus") == 1 and s["changed"] == [], "not armed for one CPU")
        with self.case("what-has-changed-is-told"):
            m.must(f"mkdir -p /etc/kdump-lite.conf.d; printf '[Dump]\\nLevel=17\\n' >{DROP_IN}")
            status = common.parse(m.run("kdump-lite status --json"))
            expect(status["changed"] == ["Level=: armed with 31, now 17"], status)
            expect(self.doctor("current")["level"] == "warning", self.doctor("current"))
            common.service(m, "reload")
            expect(common.status(m)["changed"] == [], common.status(m))
        self.services()

    def has_memory(self):
        facts = self.m.must("grep -E '^(memory|BackMemory)=' /run/kdump-lite/armed.facts")
        return "0x100000000-" in facts

    def services(self):
        m = self.m
        with self.case("other-owner"):
            m.must(f"chown daemon /var/crash {DROP_IN}; chmod 600 {DROP_IN}; kdump-lite reload")
            common.service(m, "restart")
            expect(self.loaded(), "not armed")
        with self.case("restart-that-fails"):
            m.must(f"echo Level=99 >>{DROP_IN}")
            expect(m.run("systemctl restart kdump-lite.service").code != 0, "it started")
            expect(self.loaded(), "a restart has unloaded")
            finding = self.doctor("service")
            expect(finding["level"] == "problem" and "Level=99" in finding["fact"], finding)
            m.must(f"rm {DROP_IN}")
            common.service(m, "restart")
            expect(self.loaded() and self.doctor("service")["level"] == "ok", self.doctor("service"))
        with self.case("stop-unloads"):
            common.service(m, "stop")
            expect(not self.loaded(), "a stop has not unloaded")
            common.service(m, "start")
            expect(self.loaded(), "not armed")
        with self.case("gentler-line"):
            self.gentler_line()

    def gentler_line(self):
        """After a crash whose capture kernel did not get as far as its init."""
        m = self.m
        expect(common.status(m)["gentler"] is None and self.doctor("line")["level"] == "ok", self.doctor("line"))
        place = m.console.place
        m.shell.send("sync; echo c >/proc/sysrq-trigger")
        m.wait_console("Linux version ", 60, place)
        m.monitor.reset()
        m.wait_boot()
        status = wait_status(m, lambda s: s["armed"] and "console=" not in s["command_line"], "not the next line")
        expect(status["gentler"] == "without console=" and status["changed"] == [], status)
        expect(self.doctor("line")["level"] == "warning", self.doctor("line"))
        text = m.must("kdump-lite status")
        expect("gentler: without console=, since the capture kernel did not come up" in text, text)


def armed(lab, kernel, report):
    def case(name, essential=False):
        return report.case(f"{kernel.series} armed {name}", essential)

    def put(disk, _):
        disks.change(disk, write={"/etc/fstab": FSTAB}, links={ENABLED: "/usr/lib/systemd/system/kdump-lite.service"})
        return []

    name = f"{kernel.series}-armed-means-armed"
    late = late_disk(lab.output / f"{name}.disk")
    options = ["-m", "slots=2,maxmem=4G", "-drive", f"file={late},format=raw,if=none,id=late,cache=unsafe"]
    try:
        with lab.machine(kernel, name, "crashkernel=192M", options, Hardware(), put) as m:
            m.wait_boot()
            Armed(m, case).run()
    finally:
        late.unlink()
