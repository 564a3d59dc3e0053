# SPDX-License-Identifier: GPL-2.0-or-later
"""What cannot work has to be refused with one clear line, and to leave things as they are."""

import re

from cases import common, hooks, standing
from kit.image import extract
from kit.report import expect

NO_RESERVATION = "no memory is reserved for a capture kernel: add crashkernel="
TOO_SMALL = "the memory reserved for the capture kernel is too small"
REMEDY = r"put crashkernel=(\d+)M on the kernel command line"

DROP_IN = "/etc/kdump-lite.conf.d/50-test.conf"


def no_reservation(lab, kernel, report):
    def case(name):
        return report.case(f"{kernel.series} no-reservation {name}")

    with standing.reserved(lab, kernel, "no-reservation", 0) as m:
        with case("service-skipped"):
            common.service(m, "enable --now")
            state = m.must("systemctl show -P ActiveState -P Result kdump-lite.service").split()
            expect(sorted(state) == ["exec-condition", "inactive"], f"not skipped: {state}")
            journal = common.journal_lines(m, "-u kdump-lite.service")
            expect(len([line for line in journal if NO_RESERVATION in line]) == 1, journal)
        with case("status"):
            common.expect_not_armed(m, NO_RESERVATION)
        with case("load"):
            result = m.run("kdump-lite load")
            expect(result.code == 1 and NO_RESERVATION in result.err, result)
            common.expect_one_line(result)
        with case("test-crash"):
            common.expect_no_crash(m, NO_RESERVATION)


def small_reservation(lab, kernel, report):
    def case(name):
        return report.case(f"{kernel.series} small-reservation {name}")

    with standing.reserved(lab, kernel, "small-reservation", 32) as m:
        with case("service-fails"):
            expect(m.run("systemctl enable --now kdump-lite.service").code != 0, "it started")
            journal = common.journal_lines(m, "-u kdump-lite.service")
            lines = [line for line in journal if TOO_SMALL in line]
            expect(len(lines) == 1, journal)
            remedy = re.search(REMEDY, lines[0])
            expect(remedy and 64 <= int(remedy[1]) <= 128, f"no good advice: {lines[0]}")
        with case("load"):
            result = m.run("kdump-lite load")
            expect(result.code == 1 and TOO_SMALL in result.err, result)
            common.expect_one_line(result)
        with case("status"):
            common.expect_not_armed(m, "no capture kernel is loaded")
        with case("test-crash"):
            common.expect_no_crash(m, "not armed")


# All that an enabled service brings along, and what is enabled beside it.
UNITS = ["kdump-lite.service", "kdump-lite-announce.service", "kdump-lite-mark.service", "kdump-lite-swap.service",
         "kdump-lite-prune.timer", "kdump-lite-reload.path", "kdump-lite-kexec.service"]

# Name, what is done before, contents of the drop-in, and what the one line has to contain.
BAD = [
    ("bad-value", "", "[Dump]\nLevel=32\n", [f"{DROP_IN}:2: ", "Level"]),
    ("missing-kernel", "", "[Capture]\nKernel=/boot/nope\n", ["/boot/nope"]),
    ("no-kernel", "", "[Capture]\nKernel=/etc/passwd\n", ["/etc/passwd"]),
    ("missing-module", "", "[Capture]\nModules=nope\n", ["nope"]),
    ("tmpfs-target", "", "[Target]\nPath=/run/crash\n", ["/run/crash", "tmpfs"]),
    ("read-only-target", "mount --bind /srv /srv && mount -o remount,bind,ro /srv",
     "[Target]\nPath=/srv/crash\n", ["/srv/crash", "ead-only"]),
    ("unreadable-setting", "", None, [DROP_IN]),
    # Only the kernel finds this one out, after it has let go of the image before: a bzImage that
    # wants to lie at a multiple of 1 GiB, of which there is none in the reserved memory.
    ("refused-by-the-kernel",
     "cp /boot/vmlinuz-$(uname -r) /boot/odd && printf '\\000\\000\\000\\100' | "
     "dd of=/boot/odd bs=1 seek=$((0x230)) conv=notrunc",
     "[Capture]\nKernel=/boot/odd\n", ["armed again"]),
]


def bad_settings(lab, kernel, report):
    def case(name, essential=False):
        return report.case(f"{kernel.series} bad-settings {name}", essential)

    def write(m, text):
        if text is None:  # a link to itself: there is no reading it, for root neither
            m.must(f"ln -sfn {DROP_IN} {DROP_IN}")
        else:
            m.must(f"rm -f {DROP_IN}; printf '{text}' >{DROP_IN}".replace("\n", "\\n"))

    with standing.reserved(lab, kernel, "bad-settings", 192) as m:
        with case("armed-before", essential=True):
            m.must("mkdir -p /etc/kdump-lite.conf.d")
            common.service(m, "enable --now")
            armed = common.status(m)
        with case("unknown-key"):
            write(m, "[Dump]\nColour=blue\n")
            result = m.run("kdump-lite reload")
            expect(result.code == 0, result)
            expect(f"{DROP_IN}:2: " in result.err and "Colour" in result.err, result)
            common.expect_one_line(result)
            armed = common.status(m)
        for name, before, text, wanted in BAD:
            with case(name):
                if before:
                    m.must(before)
                write(m, text)
                result = m.run("kdump-lite reload")
                expect(result.code == 1, result)
                common.expect_one_line(result)
                for part in wanted:
                    expect(part in result.err, f"{part} is not in the explanation: {result}")
                expect_same_as_service(m, result)
                m.must(f"rm -f {DROP_IN}")
                expect(common.status(m) == armed, f"not armed as before, but: {common.status(m)}")
        with case("container"):
            expect_skipped(m)
            expect(common.status(m) == armed, f"not armed as before, but: {common.status(m)}")
        with case("still-captures"):
            hooks.put(m)
            write(m, f"[Capture]\nFinalAction=poweroff\n{hooks.SETTING}")
            m.must("kdump-lite reload")
            m.shell.send("kdump-lite test-crash --yes")
            m.wait_end(120)
            saved, = extract(m.disk, "/var/crash", m.directory).glob("*Z-*")
            hooks.expect_traces(saved, "pre", "post")


def expect_same_as_service(m, by_hand):
    """The service fails for the same reason, and says so in the same line."""
    def told():
        m.must("journalctl --sync")
        return common.journal_lines(m, "-u kdump-lite.service -t kdump-lite")

    before = len(told())
    expect(m.run("systemctl reload kdump-lite.service").code != 0, "the service has loaded")
    line = by_hand.err.rstrip("\n").replace("kdump-lite reload: ", "kdump-lite load: ")
    expect(told()[before:] == [line], f"by hand: {line}\nas a service: {told()[before:]}")


def expect_skipped(m):
    """A container leaves the kernel of its host alone."""
    told = m.must(f"/usr/lib/vm/container {' '.join(UNITS)}", timeout=120)
    found = [dict(line.split("=", 1) for line in block.splitlines()) for block in told.strip().split("\n\n")]
    expect([unit["Id"] for unit in found] == UNITS, told)
    for unit in found:
        expect(unit["ActiveState"] == "inactive" and unit["ConditionResult"] == "no"
               and unit["Result"] == "success", f"not skipped: {unit}")
