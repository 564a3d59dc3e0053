# SPDX-License-Identifier: GPL-2.0-or-later
"""kdump-lite of any architecture, on a disk with the least that it needs: busybox, a kernel, some modules. Or on
one with Debian's packages as they are unpacked, in which systemd runs; nothing of them is configured.

What is built stays in build/TRIPLET, its libraries in build/sysroot/TRIPLET.
"""

import fcntl
import os
import re
import shutil
from pathlib import Path

from kit import places, stock
from kit.archive import Archive, other_sources
from kit.image import MASKED
from kit.tool import call, make

PROGRAMS = {"kdump-lite": "usr/bin", "kdump-capture": "usr/lib/kdump-lite"}
# Libraries that are opened when they are needed (system/libraries.h).
OPENED = ("libblkid.so.1", "libkmod.so.2", "libmount.so.1")
SETTINGS = "etc/kdump-lite.conf"
DIRECTORIES = ("bin", "boot", "dev", "etc", "proc", "run", "sys", "tmp", "usr/bin", "usr/lib/kdump-lite",
               "var/crash", "var/lib")

# Of a disk and its file system, in the order in which they are loaded.
DISK_MODULES = ("virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_mmio",
                "virtio_blk", "crc16", "mbcache", "jbd2", "crc32c_generic", "libcrc32c", "crc32c_cryptoapi", "ext4")

# The end of the initrd's script.
TO_DISK = """until mount -t ext4 /dev/vda /root; do sleep 0.2; done
for d in proc sys dev; do mount -o move /$d /root/$d; done
exec switch_root /root /init
"""

# Of Debian, with all that they depend on.
PACKAGES = ("systemd-sysv", "udev", "kmod", "e2fsprogs", "base-files", "base-passwd", "bash", "dash", "coreutils",
            "util-linux", "grep", "sed", "procps", "libjansson4", "liblzo2-2", "libelf1", "libfdt1")
UNIT = """[Service]
ExecStart=/usr/lib/vm/script
KillMode=process
[Unit]
After=multi-user.target kdump-lite.service
"""


def _make(triplet, *goals):
    # Who comes first makes it.
    with open(places.CACHE / f"{triplet}.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        make("-C", places.PROJECT, f"-j{os.cpu_count()}", f"ARCH_TRIPLET={triplet}", "SANITIZE=0", "PREFIX=/usr",
             "SYSCONFDIR=/etc", *goals, timeout=1800)


def fetch(name):
    """The libraries to build with, which need nothing of this project."""
    triplet = stock.ARCHES[name].triplet
    _make(triplet, places.BUILD / "sysroot" / triplet)


def build(name):
    """Directory of the programs, and the root of their libraries."""
    triplet = stock.ARCHES[name].triplet
    if not triplet:
        return places.BUILD, Path("/")
    _make(triplet, "all")
    return places.BUILD / triplet, places.BUILD / "sysroot" / triplet


def _needed(program):
    return re.findall(r"\(NEEDED\)[^\[]*\[(.*)\]", call("readelf", "-d", program))


def _copy_libraries(programs, root, tree):
    """All that the programs need; each lies in the tree where it lies in the root."""
    directories = [path for lib in ("lib", "usr/lib") for path in (root / lib).glob("*-linux-gnu")]
    linker = re.search(r"interpreter: /(.*)\]", call("readelf", "-l", programs[0]))[1]
    wanted = [*OPENED, *(name for program in programs for name in _needed(program))]
    done = {linker: root / linker}
    while wanted:
        name = wanted.pop()
        if name not in done:
            done[name] = next(path / name for path in directories if (path / name).exists())
            wanted += _needed(done[name])
    for source in done.values():
        target = tree / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755)


def _copy_modules(lab, kernel, modules, tree):
    """Those of the disk as the package has them, and the lists by which they are found, made by the guest
    root's depmod."""
    staging = lab.image.tree / "tmp" / tree.parent.name
    target = staging / "lib/modules" / kernel.release
    target.mkdir(parents=True)
    for source in [*stock.find_modules(modules, DISK_MODULES), *modules.glob("modules.*")]:
        path = target / source.relative_to(modules)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    call("chroot", lab.image.tree, "depmod", "-b", f"/tmp/{staging.name}", kernel.release)
    shutil.copytree(target, tree / "lib/modules" / kernel.release)
    shutil.rmtree(staging)


def make_tree(lab, name, files, tree, script, settings):
    """@files: those of stock.kernel_of(). @script: /init, @settings: /etc/kdump-lite.conf."""
    kernel, image, modules = files
    shutil.rmtree(tree, ignore_errors=True)
    for directory in DIRECTORIES:
        (tree / directory).mkdir(parents=True)
    shutil.copyfile(stock.busybox(name), tree / "bin/busybox")
    (tree / "init").write_text(script)
    (tree / SETTINGS).write_text(settings)
    built, root = build(name)
    triplet = stock.ARCHES[name].triplet
    for program, where in PROGRAMS.items():
        call(f"{triplet}-strip" if triplet else "strip", "-o", tree / where / program, built / program)
    for path in (tree / "bin/busybox", tree / "init"):
        path.chmod(0o755)
    _copy_libraries([tree / where / program for program, where in PROGRAMS.items()], root, tree)
    for file in image.parent.iterdir():
        shutil.copyfile(file, tree / "boot" / file.name)
    _copy_modules(lab, kernel, modules, tree)


def _install_packages(name, release, tree):
    """Unpacked once, and kept as an archive."""
    kept = places.CACHE / "stock" / f"{name}-{release}.tar"
    if not kept.exists():
        unpacked = kept.with_suffix(".tmp")
        shutil.rmtree(unpacked, ignore_errors=True)
        for directory in ("bin", "sbin", "lib"):
            (unpacked / "usr" / directory).mkdir(parents=True)
            (unpacked / directory).symlink_to(f"usr/{directory}")
        debian = Archive(f"apt-root-{name}", other_sources([release]), name)
        debian.update()
        for package in debian.with_depends(PACKAGES):
            call("sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -C "$1" -x --keep-directory-symlink', package, unpacked)
        for file in ("passwd", "group"):
            shutil.copyfile(unpacked / f"usr/share/base-passwd/{file}.master", unpacked / "etc" / file)
        for path in ("usr/share/doc", "usr/share/locale", "usr/share/man"):
            shutil.rmtree(unpacked / path, ignore_errors=True)
        call("tar", "-C", unpacked, "-cf", kept.with_suffix(".new"), ".")
        kept.with_suffix(".new").rename(kept)
        shutil.rmtree(unpacked)
    call("tar", "-C", tree, "-xf", kept)


def make_debian(lab, name, release, files, tree, script, settings):
    """The same with a Debian of this release that runs a script when it is up."""
    kernel, image, modules = files
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    _install_packages(name, release, tree)
    build(name)
    call(places.PROJECT / "tests/packages/install", "emulate")
    _make(stock.ARCHES[name].triplet, "install", f"DESTDIR={tree}")
    (tree / "etc/kdump-lite.conf.d").mkdir()
    (tree / "etc/kdump-lite.conf.d/vm.conf").write_text(settings)
    (tree / "etc/machine-id").write_text("0123456789abcdef" * 2 + "\n")
    (tree / "init").symlink_to("usr/lib/systemd/systemd")
    system = tree / "etc/systemd/system"
    (tree / "usr/lib/vm").mkdir()
    (tree / "usr/lib/vm/script").write_text(script)
    (tree / "usr/lib/vm/script").chmod(0o755)
    (system / "vm.service").write_text(UNIT)
    (system / "multi-user.target.wants").mkdir(exist_ok=True)
    (system / "multi-user.target.wants/vm.service").symlink_to("../vm.service")
    (system / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
    for unit in MASKED:
        (system / unit).unlink(missing_ok=True)
        (system / unit).symlink_to("/dev/null")
    shutil.copytree(places.FIXTURES / "etc/systemd/journald.conf.d", tree / "etc/systemd/journald.conf.d")
    for file in image.parent.iterdir():
        shutil.copyfile(file, tree / "boot" / file.name)
    _copy_modules(lab, kernel, modules, tree)


def make_disk(tree, path, size="1G"):
    path.unlink(missing_ok=True)
    call("truncate", "-s", size, path)
    call("mkfs.ext4", "-q", "-L", "root", "-d", tree, path)
    return path
