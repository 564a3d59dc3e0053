# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests whose root lies on a volume of device mapper, which their initrd sets up.

The host may have no device mapper. So the metadata of a volume group are written here, in the format of
lib/format_text/ of LVM 2.03, for the lvm in the initrd. Thin and encrypted roots are set up by dmsetup: blocks that
are not written yet are those of the guest's usual disk, an external origin (Documentation/admin-guide/device-mapper/
thin-provisioning.rst).
"""

import re
import shutil
import struct
import zlib
from pathlib import Path

from kit import disks, places
from kit.archive import Archive
from kit.image import Image
from kit.tool import call

PACKAGES = ["lvm2", "libaio1", "libdevmapper-event1.02.1", "libedit2", "libbsd0", "libmd0"]
TOOLS = places.CACHE / "volume-tools"
LIBRARIES = "lib/x86_64-linux-gnu"

GROUP, VOLUME = "vm", "root"
ROOT = f"/dev/mapper/{GROUP}-{VOLUME}"
SECTOR = 512

# Of the volume group.
EXTENT = 4 << 20   # bytes
START = 1 << 20    # of the first
METADATA = 4096    # where their area begins
PV_UUID = "vm0000-0000-0000-0000-0000-0000-pv0000"

# Of the pool.
POOL = 1 << 30     # bytes
POOL_METADATA = 8 << 20

SCRIPT = """#!/bin/sh
[ "$1" = prereqs ] && exit 0
make() {
	dmsetup create "$@"
	dmsetup mknodes
}
"""
LINEAR = SCRIPT + """
lvm vgchange -a y
dmsetup mknodes
"""
# A new disk begins with zeroes, as a new pool has to.
ENCRYPT = f"""
new=$(dd if=/dev/vdb bs=16 count=1 2>/dev/null)
make secret -u CRYPT-LUKS2-{'0' * 32}-secret --table "0 {POOL // SECTOR} crypt aes-cbc-plain64 {'5a' * 32} 0 /dev/vdb 0"
[ "$new" ] || dd if=/dev/zero of=/dev/mapper/secret bs=4096 count=1
below=/dev/mapper/secret
"""
THIN = f"""
make {GROUP}-meta -u LVM-meta --table "0 {POOL_METADATA // SECTOR} linear $below 0"
make {GROUP}-data -u LVM-data --table "0 {(POOL - POOL_METADATA) // SECTOR} linear $below {POOL_METADATA // SECTOR}"
make {GROUP}-pool -u LVM-pool --table "0 {(POOL - POOL_METADATA) // SECTOR} thin-pool /dev/mapper/{GROUP}-meta \
/dev/mapper/{GROUP}-data 128 0 1 skip_block_zeroing"
dmsetup message {GROUP}-pool 0 "create_thin 0"
make {GROUP}-{VOLUME} -u LVM-root --table "0 @SECTORS@ thin /dev/mapper/{GROUP}-pool 0 /dev/vda"
"""


def tools():
    """A directory with the files of these packages, which is kept."""
    if not TOOLS.exists():
        debian, temporary = Archive(), TOOLS.with_suffix(".tmp")
        debian.update()
        shutil.rmtree(temporary, ignore_errors=True)
        for package in PACKAGES:
            call("dpkg", "-x", debian.download(package, None, temporary / "packages"), temporary / "root")
        (temporary / "root").rename(TOOLS)
        shutil.rmtree(temporary)
    return TOOLS


def with_libraries(program, *trees):
    """A program and the libraries that it needs, as {path in usr: path of the file in one of the trees}."""
    found, todo = {}, [program]
    while todo:
        name = todo.pop()
        path = next(path for tree in trees for path in (tree / name, tree / "usr" / name) if path.exists())
        found[f"usr/{name}"] = path
        for library in re.findall(r"NEEDED +(\S+)", call("objdump", "-p", path)):
            if f"usr/{LIBRARIES}/{library}" not in found:
                todo.append(f"{LIBRARIES}/{library}")
    return found


class _MappedRoot(Image):
    """Of a lab's image, with another initrd."""

    def __init__(self, image, directory):
        super().__init__(image.guest_root)
        self.directory = directory

    def boot_file(self, kind, kernel):
        usual = super().boot_file(kind, kernel)
        if kind != "initrd.img":
            return usual
        made = self.directory / f"initrd-{kernel.release}"
        files = self.initrd_files(kernel)
        files["scripts/local-top/ORDER"] = '/scripts/local-top/volumes "$@"\n'
        disks.cpio(made, files)
        with open(made, "ab") as archive:
            archive.write(usual.read_bytes())
        return made


class LinearRoot(_MappedRoot):
    """On a linear volume in two pieces, of which the first lies behind the other."""

    def initrd_files(self, kernel):
        return with_libraries("sbin/lvm", tools(), self.tree) | {"scripts/local-top/volumes": LINEAR}

    def copy(self, to):
        plain = super().copy(to.with_suffix(".plain"))
        disks.change(plain, write={"/etc/fstab": f"{ROOT} / ext4 defaults 0 1\n"})
        extents = plain.stat().st_size // EXTENT
        second = extents // 3
        pieces = [(0, extents - second, second), (extents - second, second, 0)]  # of the volume, how many, on the disk
        with open(to, "wb") as disk:
            disk.truncate(START + (extents + 1) * EXTENT)
            write_metadata(disk, extents, pieces)
        for start, size, place in pieces:
            disks.copy_data(plain, to, start * EXTENT, START + place * EXTENT, size * EXTENT)
        plain.unlink()
        return to


class ThinRoot(_MappedRoot):
    """On a thin volume, whose pool is on the second disk; that may be encrypted."""

    def __init__(self, image, directory, encrypted):
        super().__init__(image, directory)
        self._encrypted = encrypted

    def initrd_files(self, kernel):
        modules = self.tree / "usr/lib/modules" / kernel.release
        needed = dict(line.split(":", 1) for line in (modules / "modules.dep").read_text().splitlines())
        order = []
        for name in ("dm-crypt", "dm-thin-pool"):
            path = next(path for path in needed if Path(path).name.partition(".")[0] == name)
            order += [*reversed(needed[path].split()), path]
        order = list(dict.fromkeys(order))
        script = SCRIPT + "ln -s /usr/bin/kmod /volumes/insmod\n"
        script += "".join(f"/volumes/insmod /volumes/{Path(path).name}\n" for path in order)
        script += ENCRYPT if self._encrypted else "below=/dev/vdb\n"
        script += THIN.replace("@SECTORS@", str(self.file.stat().st_size // SECTOR))
        return {f"volumes/{Path(path).name}": modules / path for path in order} | {"scripts/local-top/volumes": script}

    @staticmethod
    def pool_disk(path):
        with open(path, "wb") as disk:
            disk.truncate(POOL)
        return path


def _checksum(data):
    """LVM's: the usual CRC-32 from another start, and not inverted."""
    return ~zlib.crc32(data, ~0xf597a6cf & 0xffffffff) & 0xffffffff


def write_metadata(disk, extents, pieces):
    size = START + extents * EXTENT
    segments = "".join(
        f"segment{number} {{\nstart_extent = {start}\nextent_count = {count}\ntype = \"striped\"\nstripe_count = 1\n"
        f"stripes = [\"pv0\", {place}]\n}}\n" for number, (start, count, place) in enumerate(pieces, 1))
    text = f"""{GROUP} {{
id = "vm0000-0000-0000-0000-0000-0000-vg0000"
seqno = 1
format = "lvm2"
status = ["RESIZEABLE", "READ", "WRITE"]
flags = []
extent_size = {EXTENT // SECTOR}
max_lv = 0
max_pv = 0
metadata_copies = 0
physical_volumes {{
pv0 {{
id = "{PV_UUID}"
device = "/dev/vda"
status = ["ALLOCATABLE"]
flags = []
dev_size = {size // SECTOR}
pe_start = {START // SECTOR}
pe_count = {extents}
}}
}}
logical_volumes {{
{VOLUME} {{
id = "vm0000-0000-0000-0000-0000-0000-lv0000"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
segment_count = {len(pieces)}
{segments}}}
}}
}}
contents = "Text Format Volume Group"
version = 1
description = ""
creation_host = "host"
creation_time = 1
""".encode() + b"\0"
    area = START - METADATA
    # Each list ends with zeroes: data areas, metadata areas; then version and flags of the extension.
    volume = struct.pack("<32sQ 4Q 4Q II 2Q", PV_UUID.replace("-", "").encode(), size, START, 0, 0, 0,
                         METADATA, area, 0, 0, 2, 1, 0, 0)
    label = (struct.pack("<I8s", 32, b"LVM2 001") + volume).ljust(SECTOR - 20, b"\0")
    header = struct.pack("<16sIQQ QQII", b" LVM2 x[5A%r0N*>", 1, METADATA, area, SECTOR, len(text),
                         _checksum(text), 0).ljust(SECTOR - 4, b"\0")
    disk.seek(SECTOR)
    disk.write(struct.pack("<8sQI", b"LABELONE", 1, _checksum(label)) + label)
    disk.seek(METADATA)
    disk.write(struct.pack("<I", _checksum(header)) + header + text)
