# SPDX-License-Identifier: GPL-2.0-or-later
"""Small guests of any architecture: a stock kernel out of its package, busybox, and a script that tells
what there is and brings the kernel down. Nothing is installed, and nothing is compiled (kit/foreign.py does).
"""

import json
import lzma
from dataclasses import asdict, dataclass, replace

from kit import accel, corefile, places, unpacked
from kit.archive import Archive, Kernel, other_sources
from kit.machine import Qemu
from kit.tool import Failed, call


@dataclass(frozen=True)
class Arch:
    program: str     # of QEMU
    machine: tuple   # its options; of x86_64 the test has found out what runs best
    console: str
    suites: tuple    # of Debian, in which its kernels are
    device: bool = True  # QEMU can be told where VMCOREINFO is; otherwise it is found in memory
    triplet: str = ""    # of its cross compiler


ARCHES = {
    "amd64": Arch(accel.QEMU, (), "ttyS0", ("bullseye", "bookworm", "trixie", "trixie-backports")),
    "arm64": Arch("qemu-system-aarch64", ("-M", "virt", "-cpu", "max,pauth-impdef=on"), "ttyAMA0",
                  ("bookworm", "trixie", "trixie-backports"), triplet="aarch64-linux-gnu"),
    "riscv64": Arch("qemu-system-riscv64", ("-M", "virt", "-cpu", "rv64"), "ttyS0", ("trixie", "sid"), False,
                    "riscv64-linux-gnu"),
}

MEMORY = 384  # MiB
LIMIT = 240   # seconds until it is down

# The first of them tells QEMU where VMCOREINFO is, if the architecture's kernel has it.
MODULES = ("qemu_fw_cfg", "loop", "dummy")

SETUP = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for m in /modules/*; do insmod "$m"; done
dmesg -n 1
"""

# Memory of each class, then tasks that wait in several ways, and one that runs. What is told last, by
# builtins of the shell alone, is what changes fastest. "how" comes from the kernel's command line.
TELL = """mount -t tmpfs tmpfs /tmp
dd if=/dev/urandom of=/tmp/file bs=1M count=24
dd if=/dev/zero bs=40M count=1 | sleep 1000 &
mkfifo /tmp/fifo
cat /tmp/fifo &
sh -c 'while :; do :; done' &
sleep 3
[ "$how" != hung ] || echo 0 >/sys/devices/system/cpu/cpu1/online
tell() { while IFS= read -r line; do echo "$line"; done <"$1"; }
read -r up idle </proc/uptime
echo "UPTIME $up"
for t in /proc/[0-9]*/task/[0-9]*; do
	read -r name <$t/comm
	echo "TASK ${t##*/} $name"
	tell $t/stack
done
tell /proc/modules
tell /proc/meminfo
echo CRASHING
[ "$how" = hung ] || echo c >/proc/sysrq-trigger
while :; do :; done
"""


@dataclass(frozen=True)
class System:
    """What a guest is, beside its kernel."""
    script: str = TELL        # that runs once the modules are there
    modules: tuple = MODULES  # in the order in which they are loaded
    memory: int = MEMORY
    options: tuple = ("-no-reboot",)  # of QEMU


def archive_of(name):
    debian = Archive(f"apt-{name}", other_sources(ARCHES[name].suites), name)
    debian.update()
    return debian


def kernel_of(name, suite, package):
    """A kernel of an architecture, its image and the directory of its modules: that of the day on which it
    was first asked for."""
    known = places.CACHE / "stock" / f"{name}-{suite}-{package}.json"
    debian = None
    if not known.exists():
        debian = archive_of(name)
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(asdict(debian.kernels([suite], package)[0])))
    kernel = Kernel(**json.loads(known.read_text()))
    files = unpacked.unpack(kernel, debian)
    return kernel, files / "boot" / f"vmlinuz-{kernel.release}", files / "modules"


def busybox(name):
    """Path of a program without libraries; asked for once."""
    path = places.CACHE / "busybox" / name
    if not path.exists():
        temporary = path.with_suffix(".tmp")
        package = archive_of(name).download("busybox-static", None, temporary)
        call("dpkg", "-x", package, temporary)
        found = next(temporary.glob("**/bin/busybox"))
        found.rename(path)
        call("rm", "-r", temporary)
    return path


def _unpacked(path):
    """Contents of a module, which not every kernel unpacks itself."""
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def find_modules(directory, names):
    """Paths of those that the kernel has, in the order of their names."""
    found = {path.name.split(".")[0].replace("-", "_"): path for path in directory.glob("**/*.ko*")}
    return [found[name] for name in names if name in found]


def _entry(number, name, mode, data=b""):
    """Of a cpio archive in the format that kernels read (Documentation/driver-api/early-userspace)."""
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def initrd(name, modules, path, system=System()):
    files = [(directory, 0o040755, b"") for directory in ("bin", "proc", "sys", "dev", "tmp", "modules", "root")]
    files += [("bin/busybox", 0o100755, busybox(name).read_bytes()),
              ("init", 0o100755, (SETUP + system.script).encode())]
    files += [(f"modules/{number:02}.ko", 0o100644, _unpacked(module))
              for number, module in enumerate(find_modules(modules, system.modules))]
    entries = [_entry(number, *file) for number, file in enumerate(files, 1)]
    path.write_bytes(b"".join(entries) + _entry(0, "TRAILER!!!", 0))


class Unwell(Failed):
    """Emulation has failed the guest, as it does now and then while a kernel patches its own code."""


def retried(work, times=3):
    """What @work returns; it is done again when its guest was unwell."""
    for _ in range(times - 1):
        try:
            return work()
        except Unwell as reason:
            print(f"again: {str(reason).splitlines()[0]}", flush=True)
    return work()


START_LIMIT = 60  # seconds until a kernel says its first word


class Guest(Qemu):
    """A guest that tells of itself and is then brought down: told(), then what its console has and what
    the monitor makes of its memory."""

    def __init__(self, lab, name, vmlinuz, modules, directory, words="", device=True, system=System()):
        arch = ARCHES[name]
        directory.mkdir(parents=True, exist_ok=True)
        image = directory / "initrd.img"
        initrd(name, modules, image, system)
        how = lab.acceleration
        if arch.machine:
            how = replace(how, program=arch.program, options=["-accel", "tcg,thread=multi", *arch.machine])
        options = ["-smp", "2", "-m", f"{system.memory}M", *system.options, "-kernel", vmlinuz, "-initrd", image,
                   *(corefile.OPTIONS if device and arch.device else []),
                   "-append", f"console={arch.console} no_timer_check {words}".strip()]
        super().__init__(how, directory, options)

    def told(self):
        """When it has told all of itself, and is about to come down."""
        if not self.console.wait("Linux version", START_LIMIT):
            raise Unwell("the kernel did not start")
        found = self.wait_console("CRASHING|end Kernel panic", LIMIT)
        if found[1][0] != "CRASHING":
            raise Unwell("the guest came down before it was to")

    def until_down(self):
        self.wait_console("end Kernel panic", LIMIT)
