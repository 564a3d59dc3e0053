# SPDX-License-Identifier: GPL-2.0-or-later
"""The disk of a guest: guest root + this project as "make install" leaves it + fixtures."""

import shutil
from pathlib import Path

from kit import places
from kit.tool import Failed, call, make

SIZE = "3G"

# What would only cost time or disturb the list of tasks between its printing and the crash. Nobody logs
# in, and a third of the time of an emulated boot goes into what has nothing to do with crashes.
MASKED = ["systemd-logind.service", "systemd-user-sessions.service", "systemd-update-utmp.service",
          "systemd-update-utmp-runlevel.service", "modprobe@.service", "sys-fs-fuse-connections.mount",
          "dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "apt-daily.timer",
          "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
          "fstrim.timer", "systemd-tmpfiles-clean.timer", "getty.target", "serial-getty@ttyS0.service"]

# They look for what the guest has not, at each boot and each reload of systemd.
MASKED_GENERATORS = ["bless-boot", "cryptsetup", "debug", "getty", "gpt-auto", "hibernate-resume",
                     "integritysetup", "rc-local", "run", "system-update", "sysv", "veritysetup"]


class Image:
    """The master copy of the disk, and the files that boot it."""

    def __init__(self, guest_root, prefix=""):
        self.guest_root = guest_root
        self.tree = places.CACHE / f"{prefix}tree"
        self.file = places.CACHE / f"{prefix}disk.img"

    def make(self):
        """Some seconds, so it is done anew each time instead of asking what has changed."""
        self.guest_root.unpack(self.tree)
        make("-C", places.PROJECT, "install", f"DESTDIR={self.tree}", "PREFIX=/usr",
             "SYSCONFDIR=/etc", "KEXEC_COMMAND=1", "SANITIZE=0")
        shutil.copytree(places.FIXTURES, self.tree, dirs_exist_ok=True)
        system = self.tree / "etc/systemd/system"
        wants = system / "multi-user.target.wants"
        wants.mkdir(exist_ok=True)
        (wants / "vm-shell.service").symlink_to("../vm-shell.service")
        generators = self.tree / "etc/systemd/system-generators"
        generators.mkdir(exist_ok=True)
        for path in [*(system / unit for unit in MASKED),
                     *(generators / f"systemd-{name}-generator" for name in MASKED_GENERATORS)]:
            path.unlink(missing_ok=True)
            path.symlink_to("/dev/null")
        self.file.unlink(missing_ok=True)
        call("truncate", "-s", SIZE, self.file)
        call("mkfs.ext4", "-q", "-L", "guest", "-d", self.tree, self.file)

    def copy(self, to: Path):
        call("cp", "--sparse=always", "--reflink=auto", self.file, to)
        return to

    def boot_file(self, kind, kernel):
        usual = self.tree / "boot" / f"{kind}-{kernel.release}"
        # Where Debian has the image only since its kernel packages were split.
        beside = self.tree / "usr/lib/modules" / kernel.release / kind
        return beside if beside.exists() and not usual.exists() else usual


def extract(disk, directory, to: Path):
    """Copy a directory out of a disk that no guest is using."""
    to.mkdir(parents=True, exist_ok=True)
    # What is there already would stay, of an attempt before.
    shutil.rmtree(to / Path(directory).name, ignore_errors=True)
    call("debugfs", "-R", f"rdump {directory} {to}", disk)
    found = to / Path(directory).name
    if not found.is_dir():
        raise Failed(f"{directory}: not on the disk of the guest")
    return found
