# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine under QEMU, with a console to watch and a root shell to command.

Mostly there is no boot loader: QEMU itself loads kernel and initrd, and does so again after each
reset, which is what a boot loader would do for a machine that comes back from a crash.
"""

import ctypes
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from kit.console import Console
from kit.monitor import Monitor
from kit.shell import Shell
from kit.tool import Failed

BOOT_LIMIT = 180  # seconds; some 15 under emulation on a machine with nothing else to do
OVMF = Path("/usr/share/OVMF")

PR_SET_PDEATHSIG = 1  # of prctl(2)


def die_with_parent():
    """No QEMU is left behind when the test itself is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(frozen=True)
class Hardware:
    """In what machines differ. With more than 3 GiB, RAM lies on both sides of a hole below 4 GiB."""
    uefi: bool = False
    memory: int = 2          # GiB
    watchdog: bool = False
    own_loader: bool = False  # the firmware boots from the first of the other disks
    parks: bool = False       # a CPU is to stay where a crash has parked it
    idle: bool = False        # a network card for which the kernels under test have no driver

    def options(self, directory):
        """Files that the machine writes into are made in a directory."""
        # A parked CPU must not leave its HLT, since the code behind it is overwritten. QEMU's emulation
        # lets it in rare cases when an interrupt of a device reaches it, and with logical
        # destinations each does: its APIC still has the name that the one of the new first CPU got.
        # With more than eight possible CPUs kernels use physical destinations.
        options = ["-smp", "2,maxcpus=9" if self.parks else "2", "-m", f"{self.memory}G"]
        if self.uefi:
            variables = directory / "efivars.fd"
            shutil.copyfile(OVMF / "OVMF_VARS_4M.fd", variables)
            flash = "if=pflash,format=raw"
            options += ["-machine", "q35",
                        "-drive", f"{flash},unit=0,readonly=on,file={OVMF}/OVMF_CODE_4M.fd",
                        "-drive", f"{flash},unit=1,file={variables}"]
        if self.idle:
            options += ["-device", "e1000,romfile="]
        if self.watchdog:
            options += ["-device", "i6300esb", "-watchdog-action", "reset"]
        return options


class Qemu:
    """A guest with a console and a monitor. To be used in a with statement, which ends it whatever
    happens."""

    def __init__(self, acceleration, directory, options, descriptors=()):
        self.directory = directory
        self._log = directory / "console.log"
        self.monitor = Monitor()
        command = [acceleration.program, *acceleration.options, "-nodefaults", "-display", "none", "-no-user-config",
                   *self.monitor.options, "-serial", "stdio", *options]
        self.started = time.monotonic()
        with open(self._log.with_suffix(".qemu"), "w") as errors:
            self._qemu = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors,
                                          stdout=subprocess.PIPE, preexec_fn=die_with_parent,
                                          pass_fds=[*descriptors, self.monitor.descriptor])
        # Nothing is to be waited for any more when emulation has failed.
        self.console = Console(self._qemu.stdout, self._log, acceleration.fault, self._qemu.kill)

    def __enter__(self):
        try:
            self.monitor.connect()
        except Failed as reason:
            self.__exit__(Failed, reason, None)
            raise
        return self

    def __exit__(self, kind, error, _):
        self._qemu.kill()
        self._qemu.wait()
        self.console.close()
        self.monitor.close()
        if isinstance(error, Failed):
            error.args = (f"{error}\n--- {self._log}, the last lines\n"
                          + "\n".join(self.console.tail()),)

    def type(self, data):
        """Bytes for the console, as a terminal sends them."""
        self._qemu.stdin.write(data)
        self._qemu.stdin.flush()

    def wait_console(self, pattern, timeout, since=0):
        found = self.console.wait(pattern, timeout, since)
        if not found:
            raise Failed(f"console: {pattern!r} did not come within {timeout} s")
        return found

    def wait_end(self, timeout=60):
        """Exit status of QEMU, which ends when the guest powers off."""
        try:
            return self._qemu.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"the guest did not power off within {timeout} s") from None


class Machine(Qemu):
    """A guest with a system on its disk, and a root shell in it."""

    def __init__(self, image, kernel, disks, acceleration, command_line, directory,
                 hardware=Hardware(), options=()):
        self.kernel, self.disk = kernel, disks[0]
        self.command_line = f"root=/dev/vda rw console=ttyS0 {command_line}".strip()
        ours, theirs = socket.socketpair()
        command = [*hardware.options(directory),
                   "-chardev", f"socket,id=shell,fd={theirs.fileno()}", "-serial", "chardev:shell"]
        for number, disk in enumerate(disks):
            boot = ",bootindex=0" if hardware.own_loader and number == 1 else ""
            command += ["-drive", f"file={disk},format=raw,if=none,id=disk{number},cache=unsafe",
                        "-device", f"virtio-blk-pci,drive=disk{number}{boot}"]
        if not hardware.own_loader:
            command += ["-kernel", image.boot_file("vmlinuz", kernel),
                        "-initrd", image.boot_file("initrd.img", kernel),
                        "-append", self.command_line]
        super().__init__(acceleration, directory, [*command, *options], [theirs.fileno()])
        self.ready = self.started  # when the shell last was
        theirs.close()
        self._socket = ours
        self.shell = Shell(ours)

    def __exit__(self, kind, error, traceback):
        super().__exit__(kind, error, traceback)
        self._socket.close()

    def run(self, command, timeout=60):
        return self.shell.run(command, timeout)

    def must(self, command, timeout=60):
        """stdout of a command that has to succeed."""
        result = self.run(command, timeout)
        if result.code != 0:
            raise Failed(f"in the guest: {result}")
        return result.out

    def wait_boot(self, timeout=BOOT_LIMIT):
        """Until systemd has done what it does at boot, from power on, a reset or a kexec."""
        last_words = self.shell.wait_ready(timeout)
        self.ready = time.monotonic()
        # Exit status and answer tell whether a service failed, which may be what a case is about.
        self.run("systemctl is-system-running --wait", timeout)
        return last_words

    def restart(self, command):
        """Give a command that makes the machine come up again. Returns whether it went through the
        firmware."""
        def boot():
            return self.must("cat /proc/sys/kernel/random/boot_id")

        before, resets = boot(), self.monitor.resets
        # A shell that ends is started anew, and so tells of a command that failed.
        self.shell.send(f"{command} || exit")
        last_words = self.wait_boot()
        if boot() == before:
            raise Failed(f"in the guest: {command}: the machine did not go down: {last_words}")
        return self.monitor.resets > resets

    def shutdown(self, timeout=60):
        self.shell.send("systemctl poweroff")
        self.wait_end(timeout)
