# SPDX-License-Identifier: GPL-2.0-or-later
"""A system on arm64 in which systemd runs: kdump-lite.service arms it, without /proc/kcore, which services do
not see; it crashes, is captured, and the service arms it again when it is back.
"""

import json

from cases import arches
from kit import foreign, stock, truth
from kit.image import extract
from kit.report import expect

RELEASE = "bookworm"

# What is told first is that the service is up, then as in all other guests.
SCRIPT = """#!/bin/sh
exec >/dev/console 2>&1
dmesg -n 1
set -- /var/crash/2*
if [ -d "$1" ]; then
	echo "LIST $(kdump-lite list --json | tr -d '\\n')"
	echo "ACTIVE $(systemctl is-active kdump-lite.service)"
	echo "FAILED $(systemctl list-units --failed --plain --no-legend | tr '\\n' ' ')"
	systemctl poweroff
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
    row, name = arches.CHECKED["arm64"], "arm64 systemd"
    directory = lab.output / "armed-service"
    with report.case(f"{name} programs and kernel", essential=True):
        files = stock.kernel_of(row.arch, row.suite, row.package)
        tree = directory / "tree"
        foreign.make_debian(lab, row.arch, RELEASE, files, tree, SCRIPT + stock.TELL,
                            arches.SETTINGS.format(level=31))
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
    with report.case(f"{name} report", essential=True):
        scores = arches.judge_report(saved, files[0], told)[:2]
    return [files[0].release, *arches.numbers_of(captured, status, facts)[1], *map(str, scores), "-"]
