# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's own monitor, for what a guest cannot do itself."""

import json
import os
import socket

from kit.tool import Failed


class Monitor:
    """Give .options to QEMU, then call."""

    def __init__(self, path):
        self._path = path
        path.unlink(missing_ok=True)
        self.options = ["-qmp", f"unix:{path},server=on,wait=off"]

    def dump_memory(self, file, timeout=120):
        """Stops the guest and writes its memory to an ELF file."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(os.fspath(self._path))
            with connection.makefile("rw") as stream:
                stream.readline()
                self._call(stream, "qmp_capabilities")
                self._call(stream, "stop")
                self._call(stream, "dump-guest-memory", paging=False, protocol=f"file:{file}")

    @staticmethod
    def _call(stream, command, **arguments):
        stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        stream.flush()
        for line in stream:
            answer = json.loads(line)
            if "return" in answer:
                return
            if "error" in answer:
                raise Failed(f"QEMU: {command}: {answer['error']['desc']}")
        raise Failed(f"QEMU: {command}: no answer")
