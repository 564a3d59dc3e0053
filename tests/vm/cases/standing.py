# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines that have booted and stand still. Scenarios go on from there instead of booting their own."""

import contextlib

from cases import common
from cases.kexec_return import settings
from kit import corefile, crasher, disks, tasks
from kit.machine import Hardware
from kit.report import expect

RESERVED = 192  # MiB, of the plain machine
LEVEL = 31      # at which the armed one dumps
MODULE = "/root/crasher.ko"
SIZE = "/sys/kernel/kexec_crash_size"


def plain(lab, kernel):
    """With 2 GiB and memory reserved, and nothing done yet."""
    return lab.standing(kernel, f"{kernel.series}-plain", f"crashkernel={RESERVED}M", Hardware())


def armed(lab, kernel):
    """With 1 GiB, the crasher, and whatever dumps of all memory need. It powers off after a crash; nothing
    but workers comes and goes."""
    def put(disk, _):
        disks.change(disk, write={MODULE: crasher.build(kernel)})
        return []

    def ready(m):
        m.wait_boot()
        common.service(m, "enable --now")
        settings(m, f"[Dump]\nLevel={LEVEL}\n[Capture]\nFinalAction=poweroff\n")
        tasks.settle(m)

    # One kernel with four levels of page tables, the other with five.
    fewer = " no5lvl" if kernel == lab.kernels[0] else ""
    return lab.standing(kernel, f"{kernel.series}-armed", f"crashkernel=256M{fewer}", Hardware(memory=1), put,
                        [*corefile.OPTIONS, "-device", "virtio-balloon"], ready)


def forget_request(m):
    """As if nobody had asked for memory: for us, and in the mounts that the service has for itself."""
    m.must("sed 's/crashkernel=[^ ]*//' /proc/cmdline >/run/cmdline && mount --bind /run/cmdline /proc/cmdline")
    directory = "/run/systemd/system/kdump-lite.service.d"
    m.must(f"mkdir -p {directory} && printf '[Service]\\nBindReadOnlyPaths=/run/cmdline:/proc/cmdline\\n' "
           f">{directory}/cmdline.conf && systemctl daemon-reload")


@contextlib.contextmanager
def reserved(lab, kernel, name, mib, parameters=""):
    """A machine with so much memory reserved, and nothing done yet. To boot it takes a while, so that mostly
    it is the plain machine, which gives back what it has too much."""
    name = f"{kernel.series}-{name}"
    if lab.full:
        reservation = f"crashkernel={mib}M" if mib else ""
        with lab.machine(kernel, name, f"{reservation} {parameters}".strip()) as m:
            m.wait_boot()
            yield m
        return
    with lab.resumed(plain(lab, kernel), name) as m:
        if mib != RESERVED:
            m.must(f"echo {mib << 20} >{SIZE}")
        if not mib:
            forget_request(m)
        expect(int(m.must(f"cat {SIZE}")) == mib << 20, f"not {mib}M are reserved")
        yield m
