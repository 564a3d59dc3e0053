# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks beside that of the guest's root, and changes to that one, made without mounting anything."""

from pathlib import Path

from kit.tool import Failed, call

ESP_START = 1 << 20     # bytes, where the partition begins
ESP_SIZE = 256 << 20    # of the whole disk; FAT wants some size to be FAT32
BOOT_SIZE = "192M"
LOADER = Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
STUB = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")


def change(disk, directories=(), remove=(), write=None):
    """Change an ext4 file system: make directories, remove files, write files {path: text or bytes}."""
    written = disk.with_name("written")
    lines = [f"mkdir {path}" for path in directories]
    for number, (path, content) in enumerate((write or {}).items()):
        source = written.with_name(f"written-{number}")
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        # A new file is made in the current directory, whatever slashes are in its name.
        lines += [f"rm {path}", f"cd {Path(path).parent}", f"write {source} {Path(path).name}"]
    lines += [f"rm {path}" for path in remove]
    script = disk.with_name("change")
    script.write_text("\n".join(lines) + "\n")
    call("debugfs", "-w", "-f", script, disk)
    for source in disk.parent.glob("written-*"):
        source.unlink()
    script.unlink()


def boot_disk(path, tree):
    """An ext4 file system with the contents of a directory."""
    call("truncate", "-s", BOOT_SIZE, path)
    call("mkfs.ext4", "-q", "-L", "boot", "-d", tree, path)
    return path


def esp_disk(path, files):
    """A disk with an EFI system partition that holds @files, {path in it: path of the file}."""
    with open(path, "wb") as disk:
        disk.truncate(ESP_SIZE)
    call("sh", "-c", f"echo 'start={ESP_START // 512}, type=U' | sfdisk -q --label gpt \"$0\"", path)
    # The backup of the partition table behind it takes 33 sectors.
    volume = f"{path}@@{ESP_START}"
    call("mformat", "-i", volume, "-F", "-T", (ESP_SIZE - ESP_START) // 512 - 34, "::")
    made = set()
    for name, source in files.items():
        for parent in reversed(Path(name).parents):
            if parent not in made and parent != Path("."):
                call("mmd", "-i", volume, f"::{parent}")
                made.add(parent)
        call("mcopy", "-i", volume, source, f"::{name}")
    return path


def cpio(path, files):
    """An uncompressed archive in the format "newc", as an initrd: {path in it: text}."""
    def member(number, name, mode, content):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        return pad(head) + pad(content)

    def pad(data):
        return data + bytes(-len(data) % 4)

    names = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    members = [(name, 0o040755, b"") for name in sorted(names)]
    members += [(name, 0o100644, text.encode()) for name, text in files.items()]
    with open(path, "wb") as archive:
        for number, (name, mode, content) in enumerate(members, 1):
            archive.write(member(number, name, mode, content))
        archive.write(member(0, "TRAILER!!!", 0, b""))
    return path


def unified(path, kernel, initrd, options):
    """A unified kernel image of these files."""
    name = path.with_suffix(".cmdline")
    name.write_text(options)
    release = path.with_suffix(".osrel")
    release.write_text("ID=vm\nPRETTY_NAME=\"Guest, unified\"\nVERSION_ID=1\n")
    # Where the stub of this systemd leaves room; the sections must not overlap in memory.
    address, command = 0x20000, ["objcopy"]
    for section, source in [("osrel", release), ("cmdline", name), ("linux", kernel),
                            ("initrd", initrd)]:
        command += ["--add-section", f".{section}={source}",
                    "--change-section-vma", f".{section}={address:#x}"]
        address += -(-source.stat().st_size // 0x10000) * 0x10000
    call(*command, STUB, path)
    if path.stat().st_size < kernel.stat().st_size + initrd.stat().st_size:
        raise Failed(f"{path}: objcopy left something out")
    name.unlink()
    release.unlink()
    return path
