# SPDX-License-Identifier: GPL-2.0-or-later
"""Crashes of systems whose disk is full, whose file system is corrupt, or whose root lies on a volume: with default
settings. Nothing but the disks differs from any other guest."""

import contextlib

from cases import common
from kit import disks, volumes
from kit.machine import Hardware
from kit.report import expect
from kit.tool import call

ENABLED = {"/etc/systemd/system/multi-user.target.wants/kdump-lite.service":
           "/usr/lib/systemd/system/kdump-lite.service"}
DROP_IN = "/etc/kdump-lite.conf.d/50-test.conf"
FILLER = "/var/filler"
PANIC = "echo c >/proc/sysrq-trigger"
LEFT = "of a crash only the end of the log is kept, in variables of the firmware and on the console"
SMALL = {"crash.json", "kexec-dmesg.log", "report.txt", "vmcore-dmesg.txt"}


def crashes(m):
    """Those that have left files. Until they are fetched, a boot has no dump."""
    return [row for row in common.parse(m.run("kdump-lite list --json")) if row["outcome"] != "no-dump"]


def doctor(m):
    """Its findings, by the check."""
    return {finding["check"]: finding for finding in common.parse(m.run("kdump-lite doctor --json"))}


def loaded(m):
    """What the service has said."""
    return "\n".join(common.journal_lines(m, "-u kdump-lite.service"))


def expect_places(m, places, *words):
    """What status, service and doctor say where dumps cannot be saved; returns the findings."""
    status = common.status(m)
    expect(status["places"] == places and status["changed"] == [], status)
    text, said = m.must("kdump-lite status"), loaded(m)
    for word in words:
        expect(word in said, f"not said by the service: {word}: {said}")
        expect(word in text, f"not said by status: {word}: {text}")
    findings = doctor(m)
    finding = findings["armed"]
    expect(finding["level"] == "warning" and words[-1] in finding["fact"], finding)
    return findings


def expect_crash(m, outcome, files, count=1):
    """The newest of so many crashes, told of once and with these files; returns its facts."""
    found = crashes(m)
    expect(len(found) == count, found)
    crash = max(found, key=lambda one: one["crash_time"])
    expect(crash["outcome"] == outcome and crash["step"] == "", crash)
    there = set(m.must(f"ls {crash['path']}").split())
    expect(there == files, f"files: {sorted(there)}")
    expect("sysrq: Trigger a crash" in m.must(f"kdump-lite dmesg --no-pager {crash['name']}"), "no panic in its log")
    expect("sysrq triggered crash" in m.must(f"kdump-lite report --no-pager {crash['name']}"), "no report")
    records = common.journal_lines(m, f"MESSAGE_ID={common.CRASH_ID}")
    expect(len(records) == 1, records)
    return crash


def linear(lab, kernel, report):
    def case(name, essential=False):
        return report.case(f"{kernel.series} linear {name}", essential)

    name = f"{kernel.series}-linear"
    directory = lab.output / name
    directory.mkdir(exist_ok=True)
    image = volumes.LinearRoot(lab.image, directory)
    with lab.machine(kernel, name, f"root={volumes.ROOT} crashkernel=192M", image=image) as m:
        m.wait_boot()
        with case("armed", essential=True):
            common.service(m, "enable --now")
            findings = expect_places(m, "reserve console",
                                     f"/var/crash: lies on an LVM volume ({volumes.ROOT}), which",
                                     "log, report and a small dump of a crash go into its reserve of 32.0M")
            expect(findings["target"]["level"] == "note", findings["target"])
        with case("crash"):
            sums = m.must("cd /usr && find bin lib -type f -newer /etc/fstab -o -name 'lib*' -type f | sort | "
                          "xargs sha256sum >/etc/sums; sync; wc -l </etc/sums")
            expect(int(sums) > 50, sums)
            m.restart(PANIC)
            crash = expect_crash(m, "mini", SMALL | {"vmcore.mini"})
            expect("is too small" in crash["dump_reason"], crash)
            m.must("cd /usr && sha256sum --quiet -c /etc/sums")
            expect_places(m, "reserve console", "reserve of 32.0M")
        if lab.full:
            with case("whole-dump"):
                m.must(f"mkdir -p /etc/kdump-lite.conf.d; printf '[Target]\\nReserve=256M\\n' >{DROP_IN}")
                common.service(m, "reload")
                expect_places(m, "reserve console", "reserve of 256.0M")
                m.restart(PANIC)
                crash = expect_crash(m, "complete", SMALL | {"vmcore", "vmcore.mini"}, 2)
                m.must(f"kdump-lite verify {crash['name']}", 120)


def swap_disk(path):
    call("truncate", "-s", "256M", path)
    call("mkswap", path)
    return path


def expect_no_dump(m, since):
    """The log was on the console and in the firmware, and the next boot tells that there is no dump."""
    shown = m.console.text(since).partition("the end of the crashed kernel's log follows")[2]
    expect("sysrq: Trigger a crash" in shown, "the log of the crashed kernel is not on the console")
    saved = m.must("find /var/lib/systemd/pstore -type f -exec cat {} +")
    expect("sysrq: Trigger a crash" in saved, f"from the firmware: {saved}")
    records = common.journal_lines(m, f"MESSAGE_ID={common.UNCLEAN_ID}")
    expect(len(records) == 1, records)


@contextlib.contextmanager
def on_pool(lab, kernel, report, what, encrypted):
    """Path= lies on a root that the capture program cannot set up; there is a swap partition, and EFI firmware."""
    def case(name, essential=False):
        return report.case(f"{kernel.series} {what} {name}", essential)

    def put(disk, _):
        # What is masked loads efi_pstore, for systemd-pstore.
        disks.change(disk, remove=["/etc/systemd/system/modprobe@.service"], links=ENABLED,
                     write={"/etc/fstab": f"{volumes.ROOT} / ext4 defaults 0 1\n/dev/vdc none swap sw 0 0\n"})
        return [volumes.ThinRoot.pool_disk(directory / "pool.img"), swap_disk(directory / "swap.img")]

    name = f"{kernel.series}-{what}"
    directory = lab.output / name
    directory.mkdir(exist_ok=True)
    image = volumes.ThinRoot(lab.image, directory, encrypted)
    with lab.machine(kernel, name, f"root={volumes.ROOT} crashkernel=192M", hardware=Hardware(uefi=True), prepare=put,
                     image=image) as m:
        m.wait_boot()
        expect("/dev/vdc" in m.must("cat /proc/swaps"), "swap is not in use")
        yield m, case, directory


def thin(lab, kernel, report):
    with on_pool(lab, kernel, report, "thin", False) as (m, case, _):
        with case("armed", essential=True):
            expect_places(m, "swap firmware console", f"/var/crash: lies on an LVM volume ({volumes.ROOT}), which",
                          "log, report and dump of a crash go into a swap partition, and the next boot fetches them")
            expect("the volume is of type thin" in m.must("kdump-lite status"), m.must("kdump-lite status"))
        with case("crash-to-swap"):
            m.restart(PANIC)
            expect_crash(m, "complete", SMALL | {"vmcore", "vmcore.mini"})
            expect("/dev/vdc" in m.must("cat /proc/swaps"), "swap is not in use")
            expect_places(m, "swap firmware console", "go into a swap partition")
        with case("without-swap"):
            m.must("swapoff -a")
            common.service(m, "reload")
            expect_places(m, "firmware console", LEFT)
            since = m.console.place
            m.restart(PANIC)
            expect_no_dump(m, since)
            expect([one["outcome"] for one in crashes(m)] == ["complete"], crashes(m))


def encrypted(lab, kernel, report):
    with on_pool(lab, kernel, report, "encrypted", True) as (m, case, directory):
        with case("armed", essential=True):
            findings = expect_places(m, "firmware console",
                                     f"/var/crash: lies on an LVM volume ({volumes.ROOT}) on an encrypted one, which",
                                     LEFT)
            expect("nothing of it is written in the clear" in m.must("kdump-lite status"), "status")
            expect(findings["target"]["level"] == "problem", findings["target"])
        with case("crash"):
            # What programs have in swap is theirs.
            m.must("swapoff -a")
            common.service(m, "reload")
            before = call("sha256sum", m.disk, directory / "swap.img")
            since = m.console.place
            m.restart(PANIC)
            expect_no_dump(m, since)
            expect(call("sha256sum", m.disk, directory / "swap.img") == before, "another disk has changed")
        with case("nothing-in-the-clear"):
            m.must("sync")
            for disk in ("pool.img", "swap.img"):
                expect(b"Trigger a crash" not in (directory / disk).read_bytes(), f"the log is in {disk}")


def plain(lab, kernel, report):
    """A disk that is full, then a file system that is corrupt, for which a second disk is mounted."""
    def case(name, essential=False):
        return report.case(f"{kernel.series} plain {name}", essential)

    def put(disk, _):
        disks.change(disk, write={"/etc/fstab": "/dev/vda / ext4 defaults 0 1\n"}, links=ENABLED)
        second = directory / "second.img"
        call("truncate", "-s", "1G", second)
        call("mkfs.ext4", "-q", "-b", "4096", second)
        return [second]

    name = f"{kernel.series}-plain"
    directory = lab.output / name
    directory.mkdir(exist_ok=True)
    with lab.machine(kernel, name, "crashkernel=192M", prepare=put) as m:
        m.wait_boot()
        with case("full-disk"):
            expect(common.status(m)["places"] == "path reserve console", common.status(m))
            # Also what only root may use.
            m.run(f"fallocate -l $(df --output=avail -B1 / | tail -1) {FILLER}; cat /dev/zero >{FILLER}2; sync", 180)
            expect(m.must("stat -f -c %a /").strip() == "0", m.run("df /"))
            finding = doctor(m)["target"]
            expect("only the reserve takes a crash" in finding["fact"], finding)
            sums = m.must(f"sha256sum {FILLER}2", 180)
            m.restart(PANIC)
            crash = expect_crash(m, "mini", SMALL | {"vmcore.mini"})
            expect("KeepFree=" in crash["dump_reason"], crash)
            expect(m.must(f"sha256sum {FILLER}2", 180) == sums, "another file has changed")
            m.must(f"rm {FILLER} {FILLER}2; rm -r /var/crash/2*")
        with case("corrupt-file-system"):
            m.must("mount /dev/vdb /var/crash")
            common.service(m, "restart")
            expect(common.status(m)["device"] == "/dev/vdb", common.status(m))
            # The superblock, the descriptors of groups and what follows.
            m.must("dd if=/dev/urandom of=/dev/vdb bs=4096 count=64 conv=fsync 2>&1")
            since = m.console.place
            m.restart(PANIC)
            expect("kdump-capture: saving to reserve" in m.console.text(since), "not in the reserve")
            result = m.run("e2fsck -fy -b 32768 -B 4096 /dev/vdb", 120)
            expect(result.code < 4, result)
            m.must("mount /dev/vdb /var/crash")
            common.service(m, "restart")
            m.must("systemctl start kdump-lite-announce.service")
            expect_crash(m, "mini", SMALL | {"vmcore.mini"})
