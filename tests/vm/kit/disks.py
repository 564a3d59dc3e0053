# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks beside that of the guest's root, and changes to that one, made without mounting anything."""

import errno
import os
import re
import struct
from pathlib import Path

from kit.tool import Failed, call

ESP_START = 1 << 20     # bytes, where the partition begins
ESP_SIZE = 256 << 20    # of the whole disk; FAT wants some size to be FAT32
BOOT_SIZE = "192M"
SYSTEMD_BOOT = Path("/usr/lib/systemd/boot/efi")
LOADER = SYSTEMD_BOOT / "systemd-bootx64.efi"

GRUB = Path("/usr/lib/grub")
GRUB_BOOT_UUID = "5e3ad91c-6c2b-4d0e-9b0a-0f6d1d1f7a11"
GRUB_ESP_SIZE = 40 << 20
# What grub.cfg asks for, so that no module has to be on the disk.
GRUB_MODULES = ["part_msdos", "ext2", "normal", "configfile", "linux", "search", "search_fs_uuid", "echo", "test",
                "gzio", "loadenv", "all_video"]


def change(disk, directories=(), remove=(), write=None, links=None):
    """Change an ext4 file system: make directories, remove files, write files {path: text or bytes}, make links
    {path: target}."""
    written = disk.with_name("written")
    lines = [f"mkdir {path}" for path in directories]
    for number, (path, content) in enumerate((write or {}).items()):
        source = written.with_name(f"written-{number}")
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        # A new file is made in the current directory, whatever slashes are in its name.
        lines += [f"rm {path}", f"cd {Path(path).parent}", f"write {source} {Path(path).name}"]
    lines += [f"rm {path}" for path in remove]
    lines += [f"symlink {path} {target}" for path, target in (links or {}).items()]
    script = disk.with_name("change")
    script.write_text("\n".join(lines) + "\n")
    call("debugfs", "-w", "-f", script, disk)
    for source in disk.parent.glob("written-*"):
        source.unlink()
    script.unlink()


def fill(disk):
    """Leaves no free block in an ext4 file system."""
    empty, name = disk.with_name("empty"), "/filler"
    empty.write_bytes(b"")
    call("debugfs", "-w", "-R", f"write {empty} {name}", disk)
    empty.unlink()
    at = 0
    while free := _free(disk, "blocks"):
        # The map of the file takes some of them.
        count = free - 16 if free > 32 else 1
        call("debugfs", "-w", "-R", f"fallocate {name} {at} {at + count - 1}", disk)
        if _free(disk, "blocks") == free:
            raise Failed(f"{disk}: {free} blocks stay free")
        at += count


def use_inodes(disk, left):
    """Leaves so many free inodes in an ext4 file system."""
    change(disk, [f"/used-{number}" for number in range(_free(disk, "inodes") - left)])


def _free(disk, what):
    return int(re.search(rf"^Free {what}: *(\d+)$", call("dumpe2fs", "-h", disk), re.MULTILINE)[1])


def boot_disk(path, tree, *options):
    """An ext4 file system with the contents of a directory."""
    call("truncate", "-s", BOOT_SIZE, path)
    call("mkfs.ext4", "-q", "-L", "boot", *options, "-d", tree, path)
    return path


def copy_data(source, to, skip=0, seek=0, size=None):
    """Copies bytes of a file from @skip on into one that is there, from @seek on, without holes: there it has some."""
    end = source.stat().st_size if size is None else skip + size
    with open(source, "rb") as reader, open(to, "r+b") as writer:
        at = skip
        while at < end:
            try:
                at = os.lseek(reader.fileno(), at, os.SEEK_DATA)
            except OSError as reason:
                if reason.errno != errno.ENXIO:
                    raise
                return  # only a hole is left
            stop = min(os.lseek(reader.fileno(), at, os.SEEK_HOLE), end)
            while at < stop:
                at += os.copy_file_range(reader.fileno(), writer.fileno(), stop - at, at, seek + at - skip)


def partitioned(contents, path, uuids):
    """A disk on which each partition is a copy of @contents."""
    size = contents.stat().st_size
    with open(path, "wb") as disk:
        # The backup of the partition table is behind it all.
        disk.truncate(ESP_START + len(uuids) * size + ESP_START)
    table = "".join(f"start={(ESP_START + n * size) // 512}, size={size // 512}, uuid={uuid}\n"
                    for n, uuid in enumerate(uuids))
    call("sh", "-c", "echo \"$1\" | sfdisk -q --label gpt \"$0\"", path, table)
    for n in range(len(uuids)):
        copy_data(contents, path, seek=ESP_START + n * size)


def take_partition(path, number, contents):
    """Writes one of these partitions to @contents, which has its size."""
    size = contents.stat().st_size
    with open(contents, "wb") as disk:
        disk.truncate(size)
    copy_data(path, contents, skip=ESP_START + number * size, size=size)


def esp_disk(path, files):
    """A disk with an EFI system partition that holds @files, {path in it: path of the file}."""
    with open(path, "wb") as disk:
        disk.truncate(ESP_SIZE)
    call("sh", "-c", f"echo 'start={ESP_START // 512}, type=U' | sfdisk -q --label gpt \"$0\"", path)
    # The backup of the partition table behind it takes 33 sectors.
    _make_fat(path, ESP_START, ESP_SIZE - ESP_START - 34 * 512, files)
    return path


def _make_fat(path, start, size, files):
    """On a disk, from here on: a FAT file system that holds @files."""
    volume = f"{path}@@{start}"
    call("mformat", "-i", volume, "-F", "-T", size // 512, "::")
    made = set()
    for name, source in files.items():
        for parent in reversed(Path(name).parents):
            if parent not in made and parent != Path("."):
                call("mmd", "-i", volume, f"::{parent}")
                made.add(parent)
        call("mcopy", "-i", volume, source, f"::{name}")


def grub_disk(path, tree):
    """A disk whose second partition is /boot with the contents of a directory, started by GRUB with the
    grub/grub.cfg in it: from the boot sector, or from the first partition, an EFI system partition."""
    start, boot = ESP_START + GRUB_ESP_SIZE, boot_disk(path.with_suffix(".boot"), tree, "-U", GRUB_BOOT_UUID)
    with open(path, "wb") as disk:
        disk.truncate(start + boot.stat().st_size)
    table = f"start={ESP_START // 512}, size={GRUB_ESP_SIZE // 512}, type=ef\nstart={start // 512}, type=83\n"
    call("sh", "-c", "echo \"$1\" | sfdisk -q --label dos \"$0\"", path, table)
    copy_data(boot, path, seek=start)
    core = _grub_image(path, "i386-pc", "biosdisk")
    # As they are built, the code of the boot sector, which ends before the table, reads the next sector, and
    # the code in that reads the others.
    if 512 + core.stat().st_size > ESP_START:
        raise Failed("GRUB's image is too large for the gap before the first partition")
    with open(path, "r+b") as disk:
        disk.write((GRUB / "i386-pc/boot.img").read_bytes()[:440])
        disk.seek(512)
        disk.write(core.read_bytes())
    efi = _grub_image(path, "x86_64-efi", "fat")
    _make_fat(path, ESP_START, GRUB_ESP_SIZE, {"EFI/BOOT/BOOTX64.EFI": efi})
    for file in (boot, core, efi):
        file.unlink()
    return path


def _grub_image(disk, target, module):
    image, early = disk.with_suffix(f".{target}"), disk.with_suffix(".cfg")
    early.write_text(f"search.fs_uuid {GRUB_BOOT_UUID} root\nset prefix=($root)/grub\n")
    call("grub-mkimage", "-O", target, "-o", image, "-c", early, "-p", "/grub", module, *GRUB_MODULES)
    early.unlink()
    return image


def cpio(path, files):
    """An uncompressed archive in the format "newc", as an initrd: {path in it: text, or path of a file}."""
    def member(number, name, mode, content):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        return pad(head) + pad(content)

    def pad(data):
        return data + bytes(-len(data) % 4)

    names = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    members = [(name, 0o040755, b"") for name in sorted(names)]
    for name, content in files.items():
        copied = isinstance(content, Path)
        members.append((name, 0o100755, content.read_bytes() if copied else content.encode()))
    with open(path, "wb") as archive:
        for number, (name, mode, content) in enumerate(members, 1):
            archive.write(member(number, name, mode, content))
        archive.write(member(0, "TRAILER!!!", 0, b""))
    return path


def unified(path, kernel, initrd, options, stubs=SYSTEMD_BOOT):
    """A unified kernel image of these files."""
    return _add_sections(path, stubs / "linuxx64.efi.stub",
                         osrel="ID=vm\nPRETTY_NAME=\"Guest, unified\"\nVERSION_ID=1\n",
                         cmdline=options, linux=kernel, initrd=initrd)


def addon(path, options, stubs):
    """An add-on that adds to the command line of unified kernel images."""
    return _add_sections(path, stubs / "addonx64.efi.stub", cmdline=options)


def _add_sections(path, stub, **sections):
    """@sections: text or path of a file. They must not overlap in memory, so they come behind the stub's."""
    head = stub.read_bytes()[:4096]
    optional = struct.unpack_from("<I", head, 0x3c)[0] + 24  # header, as PE has it for 64 bits
    base, size = struct.unpack_from("<Q", head, optional + 24)[0], struct.unpack_from("<I", head, optional + 56)[0]
    address, command, total = base + -(-size // 0x10000) * 0x10000, ["objcopy"], 0
    texts = {}
    for name, content in sections.items():
        if isinstance(content, str):
            texts[name] = path.with_suffix(f".{name}")
            texts[name].write_text(content)
        source = texts.get(name, content)
        command += ["--add-section", f".{name}={source}", "--change-section-vma", f".{name}={address:#x}"]
        address += -(-source.stat().st_size // 0x10000) * 0x10000
        total += source.stat().st_size
    call(*command, stub, path)
    if path.stat().st_size < total:
        raise Failed(f"{path}: objcopy left something out")
    for source in texts.values():
        source.unlink()
    return path
