# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands for the root shell on the second serial port of the guest (see vm-shell.service)."""

import secrets
import select
import shlex
import time
from dataclasses import dataclass

from kit.tool import Failed, Silent

READY = b"vm-shell ready\n"


@dataclass(frozen=True)
class Result:
    """What a command left."""
    command: str
    code: int
    out: str
    err: str

    def __str__(self):
        text = f"{self.command}: exit status {self.code}"
        for name, content in (("stdout", self.out), ("stderr", self.err)):
            if content:
                text += f"\n--- {name}\n{content.rstrip()}"
        return text


class Shell:
    def __init__(self, socket):
        self._socket = socket
        self._unread = b""

    def _read_until(self, mark, timeout, doing):
        end = time.monotonic() + timeout
        while mark not in self._unread:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                raise Silent(f"{doing}: no answer within {timeout} s")
            try:
                data = self._socket.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                raise Failed(f"{doing}: the virtual machine is gone")
            self._unread += data
        before, _, self._unread = self._unread.partition(mark)
        return before.decode(errors="replace")

    def wait_ready(self, timeout):
        """What was written before, such as why the last command failed."""
        return self._read_until(READY, timeout, "waiting for the root shell")

    def send(self, line):
        """For a command from which nothing comes back, such as one that ends the machine."""
        self._socket.sendall(line.encode() + b"\n")

    def run_and_end(self, command, last, timeout=60):
        """What a command wrote before the shell became another program, whose words get lost."""
        mark = secrets.token_hex(8)
        self.send(f"{command}; printf '{mark}'; exec {last}")
        return self._read_until(mark.encode(), timeout, f"in the guest: {command}")

    def run(self, command, timeout=60):
        """Run a command line, without a stdin: it might take what is meant for the shell."""
        mark = secrets.token_hex(8)
        self.send(f"eval {shlex.quote(command)} </dev/null 2>/run/vm-stderr; "
                  f"printf '{mark} %s {mark}' $?; cat /run/vm-stderr; printf '{mark}'")
        doing = f"in the guest: {command}"
        out = self._read_until(f"{mark} ".encode(), timeout, doing)
        code = self._read_until(f" {mark}".encode(), 10, doing)
        err = self._read_until(mark.encode(), 10, doing)
        return Result(command, int(code), out, err)
