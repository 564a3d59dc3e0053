# SPDX-License-Identifier: GPL-2.0-or-later
"""A system on arm64 in which systemd runs: kdump-lite.service arms it, without /proc/kcore, which services do
not see; it crashes, is captured, and the service arms it again when it is back. Then it goes through a reboot by
kexec, with a kernel that was loaded as the units do it.
"""

import json
from dataclasses import replace

from cases import arches
from kit import foreign, stock, truth
from kit.image import extract
from kit.report import expect

RELEASE = "bookworm"

# What is told first is that the service is up, then as in all other guests.
SCRIPT = """#!/bin/sh
UNIT=kdump-lite-kexec.service
exec >/dev/console 2>&1
dmesg -n 1
set -- /var/crash/2*
if [ -d "$1" ]; then
	echo "LIST $(kdump-lite list --json | tr -d '\\n')"
	echo "ACTIVE $(systemctl is-active kdump-lite.service)"
	echo "FAILED $(systemctl list-units --failed --plain --no-legend | tr '\\n' ' ')"
	if [ -e /proc/device-tree/chosen/linux,booted-from-kexec ]; then
		echo "KEXEC $(nproc) CPUs"
		systemctl poweroff
		exit
	fi
	cd /run/systemd/system
	mkdir $UNIT.d
	printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/kdump-lite kexec load\\nExecStop=\\n' >$UNIT.d/vm.conf
	systemctl daemon-reload
	systemctl start $UNIT || { journalctl -b -u $UNIT; systemctl poweroff; exit; }
	echo "LOADED $(cat /sys/kernel/kexec_loaded)"
	systemctl kexec || systemctl poweroff
	exit
fi
read -r up idle </proc/uptime
echo "BEFORE $up"
systemctl enable --now kdump-lite.service || { journalctl -b -u kdump-lite.service; systemctl poweroff; exit; }
read -r up idle </proc/uptime
echo "AFTER $up"
echo "STATUS $(kdump-lite status --json | tr -d '\\n')"
udevadm settle
sleep 8
sync
"""


def armed_service(lab, kernel, report):
    # With 52 bits this kernel has a fault at a kexec, and none is loaded.
    row, name = replace(arches.CHECKED["arm64"], words="arm64.nolva"), "arm64 systemd"
    directory = lab.output / "armed-service"
    with report.case(f"{name} programs and kernel", essential=True):
        files = stock.kernel_of(row.arch, row.suite, row.package)
        tree = directory / "tree"
        foreign.make_debian(lab, row.arch, RELEASE, files, tree, SCRIPT + stock.TELL,
                            arches.SETTINGS.format(level=31))
        stock.initrd(row.arch, files[2], tree / f"boot/initrd.img-{files[0].release}",
                     stock.System(foreign.TO_DISK, foreign.DISK_MODULES))
    with report.case(f"{name} crash and back", essential=True):
        captured = stock.retried(lambda: arches.capture(lab, row, files, directory))
        told = truth.parse(captured.console)
        saved, = extract(captured.disk, "/var/crash", directory).glob("*Z-*")
        captured.disk.unlink()
    with report.case(f"{name} armed by the service", essential=True):
        status = arches.judge_load(captured, files[0])
    with report.case(f"{name} saved", essential=True):
        facts = arches.judge_saved(saved, files[0])
    with report.case(f"{name} back"):
        found, = json.loads(captured.told("LIST"))
        expect(found["outcome"] == "complete" and captured.told("ACTIVE") == "active"
               and captured.told("FAILED") == "", captured.console)
    with report.case(f"{name} kexec"):
        expect(captured.told("LOADED") == "1" and captured.told("KEXEC") == "2 CPUs", captured.console)
    with report.case(f"{name} report", essential=True):
        scores = arches.judge_report(saved, files[0], told)[:2]
    return [files[0].release, *arches.numbers_of(captured, status, facts)[1], *map(str, scores), "-"]
