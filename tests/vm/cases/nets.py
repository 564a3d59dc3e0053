# SPDX-License-Identifier: GPL-2.0-or-later
"""What is left when disks fail: variables of the firmware, and a hardware watchdog."""

from cases import common, hooks, unclean
from cases.capture import named, run_rows
from cases.rows.checks import facts, same_log, says, whole
from cases.rows.kernel import nmi
from kit import disks
from kit.image import extract
from kit.machine import Hardware
from kit.report import expect
from kit.rig import DRIVE, Disk, Rig, Row
from kit.tool import call

ENABLED = "/etc/systemd/system/multi-user.target.wants/kdump-lite.service"
FSTAB = "LABEL=guest / ext4 defaults 0 1\n/dev/vdb /var/crash ext4 defaults,nofail 0 2\n"
SETTINGS = "/etc/kdump-lite.conf.d/50-test.conf"
WATCHDOG = "i6300esb"
WATCHED = "kdump-capture: a watchdog resets the machine when the capture stops for 60 s"

# Variables of the firmware, see capture/firmware.c.
VARIABLES = "/sys/firmware/efi/efivars"
PART, MOST = 1024 + 256, 8
FREE = 16 << 10  # what others leave
FILL = f"""
n=0
while read size blocks <<END && [ $((size * blocks)) -gt {FREE} ]
$(stat -f -c "%S %a" {VARIABLES})
END
do
	n=$((n + 1))
	{{ printf '\\007\\000\\000\\000'; head -c 2000 /dev/zero; }} >/run/variable
	cat /run/variable >{VARIABLES}/VmFiller$n-7bb2ad2a-0a5e-4b1f-9a3c-6f1f0c0f6d11 || exit
done
"""
COLLECTED = "/var/lib/systemd/pstore"


def free_of_firmware(m):
    size, blocks = m.must(f"stat -f -c '%S %a' {VARIABLES}").split()
    return int(size) * int(blocks)


def expect_no_records(m):
    """What is collected goes; efivarfs shows it until it is mounted anew."""
    m.must(f"umount {VARIABLES}; mount -t efivarfs efivarfs {VARIABLES}")
    found = m.must(f"ls {VARIABLES} | grep dump-type || true")
    expect(not found, f"variables are left: {found}")


class Nets:
    """One machine: a crash whose disk is gone, then one that is saved."""

    def __init__(self, m, case, lost):
        self.m, self.case, self.lost = m, case, lost

    def run(self):
        m = self.m
        with self.case("armed", essential=True):
            m.must(f"mount | grep -q ' {VARIABLES} ' || mount -t efivarfs efivarfs {VARIABLES}")
            m.must(FILL, timeout=120)
            hooks.put(m)
            m.must(f"mkdir -p $(dirname {SETTINGS}) && "
                   f"printf '[Capture]\\nFinalAction=reboot\\nDeviceTimeoutSec=2s\\n%s' '{hooks.SETTING}' >{SETTINGS}")
            common.service(m, "reload")
            status = common.status(m)
            expect(status["device"] == "/dev/vdb" and "firmware" in status["places"], status)
        free = free_of_firmware(m)
        with self.case("disk-gone", essential=True):
            self.crash_without_disk()
        with self.case("watchdog-first"):
            text = m.console.text(self.place)
            expect(0 <= text.find(WATCHED) < text.find("kdump-capture: place path"), "no watchdog is fed before")
        with self.case("hooks-of-a-failure"):
            for kind in hooks.KINDS:
                found = m.console.find(rf"{kind}\.d/10-trace: trace of ", self.place)
                expect(bool(found) == (kind != "post"), f"{kind}: {found}")
        with self.case("log-in-firmware"):
            self.log_in_firmware(free)
        with self.case("told"):
            self.told()
        with self.case("saved"):
            place = m.console.place
            m.restart("sync; echo c >/proc/sysrq-trigger")
            crash, = [row for row in common.parse(m.run("kdump-lite list --json")) if row["outcome"] == "complete"]
            expect(m.console.find(WATCHED, place), "no watchdog is fed")
            expect_no_records(m)
            name = crash["name"]
        m.shutdown()
        with self.case("hooks-of-a-dump"):
            hooks.expect_traces(extract(m.disk, f"/var/crash/{name}", m.directory), "pre", "post")

    def crash_without_disk(self):
        m = self.m
        self.place = m.console.place
        m.shell.send("sync; echo c >/proc/sysrq-trigger")
        m.wait_console("Linux version ", 60, self.place)
        # Nobody knows what is on it, and nothing of the reserve is left.
        size = self.lost.stat().st_size
        with open(self.lost, "r+b") as disk:
            disk.truncate(0)
            disk.truncate(size)
        m.wait_console("kdump-capture: the end of the log is in ", 120, self.place)
        m.wait_console("kdump-capture: rebooting", 60, self.place)
        m.wait_boot()

    def log_in_firmware(self, free):
        m = self.m
        _, said = m.console.find(r"the end of the log is in (\d+) variables", self.place)
        parts = min(free // 3 // PART, MOST)
        expect(0 < parts < MOST and int(said[1]) == parts, f"{said[1]} variables, not {parts} of {free} bytes")
        records = m.must(f"find {COLLECTED} -type f").split()
        expect(len(records) >= parts, f"systemd-pstore has collected {records}")
        text = m.must(f"cat {' '.join(records)}")
        for part in ("Panic#1 Part1\nsysrq triggered crash\n", "sysrq: Trigger a crash"):
            expect(part in text, f"{part!r} is not in what was collected: {text}")
        expect_no_records(m)

    def told(self):
        m = self.m
        lines, rows = unclean.told(m), unclean.boots(m)
        expect(len(lines) == 1 and "the firmware kept " in lines[0], lines)
        expect(len(rows) == 1 and rows[0]["armed"] is True, rows)
        expect("no-dump" in m.must("kdump-lite list"), "it is not in the list")
        # The capture kernel came up.
        expect(common.status(m)["gentler"] is None, common.status(m))


def nets(lab, kernel, report):
    def case(name, essential=False):
        return report.case(f"{kernel.series} nets {name}", essential)

    def put(disk, _):
        disks.change(disk, remove=["/etc/systemd/system/modprobe@.service"],
                     write={"/etc/fstab": FSTAB, f"/etc/modules-load.d/{WATCHDOG}.conf": WATCHDOG},
                     links={ENABLED: "/usr/lib/systemd/system/kdump-lite.service"})
        return [lost]

    name = f"{kernel.series}-nets"
    lost = lab.output / f"{name}.disk"
    call("truncate", "-s", "64M", lost)
    call("mkfs.ext4", "-q", lost)
    with lab.machine(kernel, name, "crashkernel=256M", (), Hardware(uefi=True, watchdog=True), put) as m:
        m.wait_boot()
        Nets(m, case, lost).run()


def stall(guest):
    guest.monitor.stall_disk(DRIVE)


def reset_by_watchdog(o):
    """It was fed until there had been no progress for a while, and no longer."""
    expect(o.console.index(WATCHED) < o.console.index("kdump-capture: saving to "), "it was not opened first")
    expect("no progress for 181 s, the watchdog is left to reset" in o.console, "it was not left to reset")
    expect(181 + 60 <= o.seconds, f"reset after {o.seconds:.0f} s")


BY_WATCHDOG = {"modules": (WATCHDOG,), "options": ("-device", WATCHDOG)}

# The kernel hangs, or the disk, long before the time is over. The last row only takes longer than a watchdog waits
# that nobody feeds.
WATCHED_ROWS = [
    Row("standing-panic", words="unknown_nmi_panic panic=0", plan={"TimeoutSec": "1200s"}, **BY_WATCHDOG, limit=150,
        way="", events=(("kdump-capture: filter: ", nmi),),
        then=(says(WATCHED, "end Kernel panic"), facts(outcome="mini", step="vmcore"))),
    Row("stalled-disk", plan={"DeviceTimeoutSec": "1s", "TimeoutSec": "1200s"}, **BY_WATCHDOG, limit=330, way="",
        events=(("kdump-capture: filter: ", stall),),
        then=(reset_by_watchdog, facts(outcome="mini", step="vmcore"), same_log)),
    Row("watched-slow-disk", plan={"TimeoutSec": "600s"}, **BY_WATCHDOG, limit=300,
        disk=Disk(limits="throttling.bps-write=200000"),
        then=(says(WATCHED), *whole, lambda o: expect(o.seconds > 90, f"only {o.seconds:.0f} s"))),
]


def watched(lab, kernel, report):
    rig = Rig(lab, kernel, lab.output / f"{kernel.series}-watched")
    rig.prepare()
    run_rows(rig, report, named(lab, WATCHED_ROWS))
