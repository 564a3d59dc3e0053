# SPDX-License-Identifier: GPL-2.0-or-later
"""Back into production by kexec after a crash, and by firmware where that is better."""

import json
import re
from dataclasses import dataclass

from cases import common, judges
from kit import tasks, timeline
from kit.image import extract
from kit.machine import Hardware
from kit.report import expect

TITLES = ["kernel", "firmware", "memory", "panic to dump", "back by kexec", "to dump, again",
          "back by kexec", "by firmware"]

RESERVATION = 256  # MiB; some 180 are needed with the small initrd of the guest

# What a kernel keeps for itself before it counts depends on where it lies and on what the kernel
# before it has left: the tables of the load, a page for each of its pieces. 0.1 % covers it; a
# range of memory that is not given back, or the reservation, is a hundred times more.
MEMORY_SLACK = 0.001

DROP_IN = "/etc/kdump-lite.conf.d/50-test.conf"
BACK_ID = "1601a2b97d5b47d3a500de8373dbba48"  # of the journal record, see kdump-lite(8)

# The module is blacklisted, as all drivers of watchdogs are in Debian; who wants one says so.
WATCHDOG = "i6300esb"


@dataclass(frozen=True)
class Facts:
    """What has to be the same after a crash as before."""
    memory: int     # KiB
    cpus: int
    runtime: int    # number of EFI's ranges of memory that are used at run time
    variables: bool  # can EFI's be read

    def __str__(self):
        return (f"{self.memory} KiB, {self.cpus} CPUs, {self.runtime} EFI runtime ranges, "
                f"variables {'readable' if self.variables else 'not readable'}")


def look(m):
    answer = m.must("awk '/^MemTotal:/ {print $2}' /proc/meminfo; nproc; "
                    "ls /sys/firmware/efi/runtime-map 2>/dev/null | wc -l; "
                    "cat /sys/firmware/efi/efivars/BootOrder-* 2>/dev/null | wc -c").split()
    return Facts(int(answer[0]), int(answer[1]), int(answer[2]), int(answer[3]) > 4)


def expect_same(before, after, cpus):
    expect(abs(after.memory - before.memory) <= MEMORY_SLACK * before.memory
           and after.cpus == cpus and after.runtime == before.runtime
           and after.variables == before.variables, f"before: {before}\nafter: {after}")


# Found by the id of the device. Bit 2 of the command register lets it write to memory.
IDLE = "$(dirname $(grep -lx 0x100e /sys/bus/pci/devices/*/device))"


def is_bus_master(m):
    return int(m.must(f"od -An -tu1 -j4 -N1 {IDLE}/config")) & 4 != 0


def make_bus_master(m):
    """As the card of a crashed kernel is, that writes what comes from the net into memory."""
    m.must(f"test ! -e {IDLE}/driver; printf '\\007' | "
           f"dd of={IDLE}/config bs=1 seek=4 conv=notrunc status=none")
    expect(is_bus_master(m), "the idle device does not take it")


def settings(m, text):
    m.must("mkdir -p /etc/kdump-lite.conf.d")
    # What is not on the disk when the machine crashes is a file of NUL bytes afterwards.
    m.must(f"printf '{text}' >{DROP_IN}; sync".replace("\n", "\\n"))
    m.must("kdump-lite reload", timeout=120)


@dataclass
class Crash:
    """One crash and what came of it."""
    way: str        # out of the capture kernel
    to_dump: float  # seconds from the panic on
    to_back: float  # when there is a shell again
    resets: int     # of the machine
    info: dict
    record: dict    # of the journal
    cpus: int       # of the capture kernel


def crash(m, cpu, print_tasks=False):
    """Crash on a CPU and come back. The tasks just before, if they are wanted, come with it."""
    printed = None
    if print_tasks:
        tasks.settle(m)
    place, resets = m.console.place, m.monitor.resets
    command = f"taskset -c {cpu} kdump-lite test-crash --yes"
    if print_tasks:
        shell = int(m.must("echo $$"))
        printed = tasks.parse_printed(m.shell.run_and_end(tasks.PRINT, command))
        printed[shell] = "kdump-lite"
    else:
        m.shell.send(f"exec {command}")
    panic, seconds, way = timeline.follow(m.console, place)
    m.wait_boot()
    back = m.ready - panic
    info = json.loads(m.must("kdump-lite info --json"))
    records = m.must(f"journalctl -b -o json MESSAGE_ID={common.CRASH_ID}").splitlines()
    expect(len(records) == 1, f"not one record of the crash: {records}")
    log = m.must(f"cat {info['path']}/kexec-dmesg.log")
    brought_up = re.search(r"smp: Brought up \d+ node, (\d+) CPU", log)
    expect(brought_up, log)
    return Crash(way, seconds["dump saved"], back, m.monitor.resets - resets, info,
                 json.loads(records[0]), int(brought_up[1])), printed


def expect_way(c, way, action, reason=None):
    """@reason: a part of it; None: no reason at all."""
    expect(c.way == way and (c.resets == 0) == (action == "kexec"),
           f"the way out was \"{c.way}\", and the firmware ran {c.resets} times: {c.info}")
    expect(c.info["outcome"] == "complete" and c.info["verify"].startswith("ok")
           and c.info["final_action"] == action, c.info)
    expect(c.record["KDUMP_LITE_FINAL_ACTION"] == action, c.record)
    if reason is None:
        expect(not c.info["final_reason"], c.info)
    else:
        expect(reason in c.info["final_reason"]
               and c.record["KDUMP_LITE_FINAL_REASON"] == c.info["final_reason"], c.info)


def expect_armed(m):
    """An armed system, whose next capture kernel gets nothing that the way back has added."""
    answer = common.status(m)
    for word in ("memmap=", "kdump_lite.returned", "elfcorehdr="):
        expect(word not in answer["command_line"], answer)
    return answer


def expect_returned(m, degraded):
    """What status and the journal say of the way the system came up."""
    running = m.must("cat /proc/cmdline")
    expect("kdump_lite.returned=2 " in running and "memmap=" in running, running)
    records = m.must(f"journalctl -b -o json MESSAGE_ID={BACK_ID}").splitlines()
    expect(len(records) == 1, f"not one record of the return: {records}")
    record = json.loads(records[0])
    answer = expect_armed(m)
    text = m.must("kdump-lite status")
    expect(answer["returned_by_kexec"] is True and "back by kexec after a crash" in text, text)
    expect(record["KDUMP_LITE_DEGRADED"] == ("yes" if degraded else "no"), record)
    if degraded:
        for told in (text, record["MESSAGE"], answer["degraded"]):
            expect("with 1 of 2 CPUs; reboot through the firmware" in told, told)
    else:
        expect(answer["degraded"] is None and "CPUs" not in record["MESSAGE"], record)


class Return:
    """One machine: two crashes back by kexec, an ordinary kexec, one crash back by firmware."""

    def __init__(self, lab, kernel, report, uefi, memory, last):
        self.lab, self.kernel, self.report = lab, kernel, report
        self.uefi, self.memory, self.last = uefi, memory, last
        self.name = f"{kernel.series} return {'UEFI' if uefi else 'BIOS'} {memory} GiB"
        self.before = None
        self.printed, self.crashes = {}, []

    def case(self, name, essential=False):
        return self.report.case(f"{self.name} {name}", essential)

    def run(self):
        has_watchdog = bool(list((self.lab.image.tree / "usr/lib/modules" / self.kernel.release)
                                 .rglob(f"{WATCHDOG}.ko*")))
        hardware = Hardware(self.uefi, self.memory, watchdog=has_watchdog, parks=True, idle=True)
        with self.lab.machine(self.kernel, self.name.replace(" ", "-"),
                              f"crashkernel={RESERVATION}M", hardware=hardware) as m:
            m.wait_boot()
            with self.case("armed-for-kexec", essential=True):
                self.arm(m, has_watchdog)
            with self.case("crash-on-cpu-0", essential=True):
                self.crash(m, 0)
                expect_way(self.crashes[0], timeline.KEXEC, "kexec")
                expect(self.crashes[0].cpus == 2, self.crashes[0])
            if has_watchdog:
                with self.case("watched"):
                    expect(m.console.find("kdump-capture: a watchdog resets the machine"),
                           "no watchdog was armed for the way back")
            with self.case("nothing-missing"):
                expect_same(self.before, look(m), cpus=2)
            with self.case("idle-device-stopped"):
                expect(not is_bus_master(m), "it could go on writing to memory")
            with self.case("told-of-return"):
                expect_returned(m, degraded=False)
            with self.case("ordinary-kexec", essential=True):
                self.kexec(m)
            with self.case("crash-on-cpu-1", essential=True):
                settings(m, "[Capture]\nFinalAction=kexec\n")
                self.crash(m, 1, print_tasks=True)
                expect_way(self.crashes[1], timeline.KEXEC, "kexec", "the boot CPU stays off")
            with self.case("one-cpu-missing"):
                expect_same(self.before, look(m), cpus=1)
            with self.case("told-of-missing-cpu"):
                expect_returned(m, degraded=True)
            with self.case("back-by-firmware", essential=True):
                self.last(self, m)
            with self.case("nothing-left-of-return"):
                expect_same(self.before, look(m), cpus=2)
                expect("returned" not in m.must("cat /proc/cmdline; kdump-lite status"), "it is")
            directory = self.crashes[1].info["path"]
            m.shutdown()
            saved = extract(m.disk, directory, m.directory)
        with self.case("drgn-finds-the-tasks"):
            judges.judge_tasks(saved, self.kernel, self.printed)
        return self.row()

    def row(self):
        seconds = [f"{value:.1f} s" for c in self.crashes[:2] for value in (c.to_dump, c.to_back)]
        return [self.kernel.series, "UEFI" if self.uefi else "BIOS", f"{self.memory} GiB",
                *seconds, f"{self.crashes[2].to_back:.1f} s"]

    def arm(self, m, has_watchdog):
        if has_watchdog:
            m.must(f"echo {WATCHDOG} >/etc/modules-load.d/{WATCHDOG}.conf; modprobe {WATCHDOG}")
        make_bus_master(m)
        self.before = look(m)
        expect(self.before.cpus == 2
               and (self.before.runtime > 0) == self.before.variables == self.uefi, self.before)
        common.service(m, "enable --now")
        answer = common.status(m)
        expect(answer["back_kernel"] and not answer["back_obstacle"], answer)
        expect(answer["cpus"] == 2 and " nr_cpus=2 " in answer["command_line"]
               and answer["cpus_why"] == "all that are online", answer)

    def crash(self, m, cpu, print_tasks=False):
        c, printed = crash(m, cpu, print_tasks)
        self.crashes.append(c)
        self.printed = printed or self.printed

    def kexec(self, m):
        before = look(m)
        expect(not m.restart("kdump-lite kexec reboot"), "the firmware ran")
        expect_same(before, look(m), cpus=before.cpus)
        expect_armed(m)

    # The last crash of a machine, which has to be left through the firmware.

    def wrong_cpu(self, m):
        """The boot CPU, which would reset the machine, is not woken from another one."""
        expect(m.restart("systemctl reboot"), "the firmware did not run")
        settings(m, "[Kexec]\nCrashLoopBurst=0\n")
        self.crash(m, 1)
        expect_way(self.crashes[2], timeline.REBOOT, "reboot", "and the boot CPU")
        expect(self.crashes[2].cpus == 1, self.crashes[2])

    def crash_loop(self, m):
        settings(m, "[Kexec]\nCrashLoopBurst=2\n")
        self.crash(m, 0)
        expect_way(self.crashes[2], timeline.REBOOT, "reboot", "crash number 3 within")

    def setting(self, m):
        settings(m, "[Capture]\nFinalAction=reboot\n")
        self.crash(m, 0)
        expect_way(self.crashes[2], timeline.REBOOT, "reboot")
