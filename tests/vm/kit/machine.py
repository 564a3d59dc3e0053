# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine under QEMU, with a console to watch and a root shell to command.

There is no boot loader: QEMU itself loads kernel and initrd, and does so again after each reset,
which is what a boot loader would do for a machine that comes back from a crash.
"""

import ctypes
import signal
import socket
import subprocess
import time

from kit.accel import QEMU
from kit.console import Console
from kit.shell import Shell
from kit.tool import Failed

BOOT_LIMIT = 180  # seconds; some 15 under emulation on a machine with nothing else to do


PR_SET_PDEATHSIG = 1  # of prctl(2)


def die_with_parent():
    """No QEMU is left behind when the test itself is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """To be used in a with statement, which ends QEMU whatever happens."""

    def __init__(self, image, kernel, disk, acceleration, command_line, log, options=()):
        self._log = log
        self.command_line = f"root=/dev/vda rw console=ttyS0 {command_line}".strip()
        ours, theirs = socket.socketpair()
        command = [QEMU, *acceleration.options, "-smp", "2", "-m", "2G", "-nodefaults",
                   "-display", "none", "-no-user-config",
                   "-serial", "stdio",
                   "-chardev", f"socket,id=shell,fd={theirs.fileno()}", "-serial", "chardev:shell",
                   "-drive", f"file={disk},format=raw,if=virtio,cache=unsafe",
                   "-kernel", image.boot_file("vmlinuz", kernel),
                   "-initrd", image.boot_file("initrd.img", kernel),
                   "-append", self.command_line, *options]
        self.started = time.monotonic()
        with open(log.with_suffix(".qemu"), "w") as errors:
            self._qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors,
                                          stdout=subprocess.PIPE, pass_fds=[theirs.fileno()],
                                          preexec_fn=die_with_parent)
        theirs.close()
        self.console = Console(self._qemu.stdout, log)
        self._socket = ours
        self.shell = Shell(ours)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        self._qemu.kill()
        self._qemu.wait()
        self.console.close()
        self._socket.close()
        if isinstance(error, Failed):
            error.args = (f"{error}\n--- {self._log}, the last lines\n"
                          + "\n".join(self.console.tail()),)

    def run(self, command, timeout=60):
        return self.shell.run(command, timeout)

    def must(self, command, timeout=60):
        """stdout of a command that has to succeed."""
        result = self.run(command, timeout)
        if result.code != 0:
            raise Failed(f"in the guest: {result}")
        return result.out

    def wait_console(self, pattern, timeout, since=0):
        found = self.console.wait(pattern, timeout, since)
        if not found:
            raise Failed(f"console: {pattern!r} did not come within {timeout} s")
        return found

    def wait_boot(self, timeout=BOOT_LIMIT):
        """Until systemd has done what it does at boot, from power on or from a reset."""
        self.shell.wait_ready(timeout)
        # Exit status and answer tell whether a service failed, which may be what a case is about.
        self.run("systemctl is-system-running --wait", timeout)

    def shutdown(self, timeout=60):
        self.shell.send("systemctl poweroff")
        try:
            self._qemu.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"the guest did not power off within {timeout} s") from None
