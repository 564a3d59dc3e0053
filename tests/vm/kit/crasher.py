# SPDX-License-Identifier: GPL-2.0-or-later
"""The module that brings a stock kernel down in known ways, compiled with Debian's headers."""

import fcntl
import hashlib
import shutil

from kit import places
from kit.archive import Archive
from kit.tool import Failed, call, make

SOURCE = places.PROJECT / "tests/vm/crasher"
HEADERS = places.CACHE / "headers"


def _unpack(debian, kernel, directory):
    """The headers, and what of their packages they are of no use without."""
    version = kernel.package_version
    headers = f"linux-headers-{kernel.release}"
    needed = [(name, exact) for name, exact in debian.depends(headers, version)
              if name.startswith(("linux-headers-", "linux-kbuild-"))]
    for name, exact in [(headers, version), *needed]:
        package = debian.download(name, exact, directory)
        call("dpkg-deb", "-x", package, directory)
        package.unlink()
    tree = directory / "usr/src" / headers
    # All other paths in it are relative.
    top = tree / "Makefile"
    top.write_text(top.read_text().replace("include /usr/src/", f"include {directory}/usr/src/"))


def build(kernel):
    """The bytes of the module. Who asks first makes it."""
    HEADERS.mkdir(parents=True, exist_ok=True)
    with open(HEADERS / "lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        return _build(kernel)


def _build(kernel):
    sources = {name: (SOURCE / name).read_bytes() for name in ("Kbuild", "crasher.c")}
    directory = HEADERS / f"{kernel.release}_{kernel.package_version}"
    key = hashlib.sha256(b"".join(sources.values())).hexdigest()[:12]
    module = directory / key / "crasher.ko"
    if module.exists():
        return module.read_bytes()
    tree = directory / "usr/src" / f"linux-headers-{kernel.release}"
    if not (tree / "Makefile").exists():
        shutil.rmtree(directory, ignore_errors=True)
        debian = Archive()
        debian.update()
        _unpack(debian, kernel, directory)
    work = directory / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name, content in sources.items():
        (work / name).write_bytes(content)
    # BTF of modules is made with a program and a vmlinux that are not there.
    make("-C", tree, f"M={work}", "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules")
    call("strip", "--strip-debug", work / "crasher.ko")
    if not (work / "crasher.ko").exists():
        raise Failed(f"{work}: no crasher.ko came of it")
    work.rename(module.parent)
    return module.read_bytes()
