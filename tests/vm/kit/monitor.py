# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's own monitor (QMP), for what a guest cannot do itself, and for what QEMU sees of it."""

import json
import queue
import socket
import threading
import time

from kit.tool import Failed

LIMIT = 120  # seconds for an answer; the longest is a dump of all memory


def plugged(drive):
    """QEMU's name of the device that has the drive."""
    return f"plugged-{drive}"


class Monitor:
    """Give .options and .descriptor to QEMU, then .connect()."""

    def __init__(self):
        self._ours, self._theirs = socket.socketpair()
        self.descriptor = self._theirs.fileno()
        self.options = ["-chardev", f"socket,id=monitor,fd={self.descriptor}",
                        "-mon", "chardev=monitor,mode=control"]
        self._answers = queue.Queue()
        self._resets = 0
        self._thread = threading.Thread(target=self._read, daemon=True)

    def connect(self):
        self._theirs.close()
        self._thread.start()
        self._call("qmp_capabilities")

    def close(self):
        self._ours.shutdown(socket.SHUT_RDWR)
        if self._thread.ident:
            self._thread.join(timeout=10)
        self._ours.close()

    @property
    def resets(self):
        """How often the machine went through its firmware since it was switched on."""
        return self._resets

    def stop(self):
        """Stops the guest."""
        self._call("stop")

    def reset(self):
        """As the button for it does."""
        self._call("system_reset")

    def inject_nmi(self):
        """An interrupt that nobody can mask, as the button for it on a server's front."""
        self._call("inject-nmi")

    def dump_memory(self, file, paging=False, **how):
        """Stops the guest and writes its memory to an ELF file, or in another format= of QEMU's."""
        self.stop()
        self._call("dump-guest-memory", paging=paging, protocol=f"file:{file}", **how)

    def plug_disk(self, drive):
        """A virtio disk of a drive that QEMU was given on its command line, as long as it runs."""
        self._call("device_add", driver="virtio-blk-pci", drive=drive, id=plugged(drive))

    def unplug_disk(self, drive):
        self._call("device_del", id=plugged(drive))

    def stall_disk(self, drive):
        """What the guest writes from now on does not come to an end."""
        others = dict.fromkeys(("bps", "bps_rd", "iops", "iops_rd", "iops_wr"), 0)
        self._call("block_set_io_throttle", device=drive, bps_wr=1, **others)

    def plug_memory(self, mib):
        """A module of memory, in a machine that has slots for it."""
        self._call("object-add", **{"qom-type": "memory-backend-ram", "id": "plugged-ram", "size": mib << 20})
        self._call("device_add", driver="pc-dimm", id="plugged-dimm", memdev="plugged-ram")

    def save(self, file):
        """Stops the guest and writes its memory and devices to a file, which QEMU's -incoming reads."""
        self.stop()
        self._call("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self._call("migrate", uri=f"exec:cat >'{file}'")
        state = self._wait("query-migrate", ("setup", "active", "device"))
        if state != "completed":
            raise Failed(f"QEMU: migrate: {state}")

    def go_on(self):
        """For a machine that reads what save() has written: from there on."""
        self._wait("query-status", ("inmigrate",))
        self._call("cont")

    def _wait(self, command, passing):
        """Until what the command tells of is in another state than these. Returns that."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            state = self._call(command)["status"]
            if state not in passing:
                return state
            time.sleep(0.05)
        raise Failed(f"QEMU: {command}: still {state} after {LIMIT} s")

    def balloon(self, size):
        """Asks the guest to give back memory until it has so many bytes."""
        self._call("balloon", value=size)

    def _read(self):
        try:
            with self._ours.makefile("r", encoding="utf-8") as stream:
                for line in stream:
                    message = json.loads(line)
                    if message.get("event") == "RESET":
                        self._resets += 1
                    elif "return" in message or "error" in message:
                        self._answers.put(message)
        except (OSError, ValueError):
            pass  # QEMU is gone, maybe in the middle of a line; who waits for an answer says so

    def _call(self, command, **arguments):
        message = json.dumps({"execute": command, "arguments": arguments})
        try:
            self._ours.sendall(message.encode() + b"\n")
            answer = self._answers.get(timeout=LIMIT)
        except (OSError, queue.Empty):
            raise Failed(f"QEMU: {command}: no answer") from None
        if "error" in answer:
            raise Failed(f"QEMU: {command}: {answer['error']['desc']}")
        return answer["return"]
