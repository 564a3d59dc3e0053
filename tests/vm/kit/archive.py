# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian archive as the guest sees it, through an apt of our own.

The guest is the release that the host runs, so that programs built on the host run in it. The
host's own apt may know neither backports nor, in a container, any list at all; hence a private
configuration below build/vm/apt that leaves the host's alone. Proxies configured on the host count.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from kit import places
from kit.tool import Failed, call

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
META_PACKAGE = "linux-image-cloud-amd64"
# The kernel of ordinary machines, with drivers for graphics.
ORDINARY_META_PACKAGE = "linux-image-amd64"

# Where the kernels under test come from, beside the release itself. The readers that judge the
# dumps are as old as the release and need not know much newer kernels; those of Debian 12 do.
MORE_KERNELS = {"bookworm": ["bookworm-backports"]}

# Where kernels come from that run without the user space of their release: the release before, and
# the newest of stable's.
OTHER_SUITES = ["bullseye", "trixie-backports"]


class Gone(Failed):
    """The archive no longer has this version of a package."""


@dataclass(frozen=True)
class Kernel:
    release: str  # uname -r
    package: str
    package_version: str

    @property
    def series(self):
        """The name under which the test speaks of it: 6.1"""
        return ".".join(self.release.split(".")[:2])


def codename():
    words = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines()
                 if "=" in line)
    if words.get("ID") != "debian" or "VERSION_CODENAME" not in words:
        raise Failed("/etc/os-release: not a Debian release, no guest can be made of it")
    return words["VERSION_CODENAME"]


def mirrors():
    """Addresses of the archive and of the security archive, those of the host where it has some."""
    archive, security = "http://deb.debian.org/debian", "http://deb.debian.org/debian-security"
    targets = call("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)",
                   "Identifier: Packages")
    for line in reversed(targets.splitlines()):
        address, suite = line.split()
        if not re.match(r"https?://[^ ]*/debian(-security)?/?$", address):
            continue
        if "security" in suite:
            security = address
        else:
            archive = address
    return archive, security


def sources():
    """Lines of a sources.list."""
    archive, security = mirrors()
    release = codename()
    suites = [release, f"{release}-updates", *MORE_KERNELS.get(release, [])]
    lines = [f"deb [signed-by={KEYRING}] {archive} {suite} main" for suite in suites]
    lines.append(f"deb [signed-by={KEYRING}] {security} {release}-security main")
    return "\n".join(lines) + "\n"


def other_sources(suites=OTHER_SUITES):
    """The same for other suites. Lists of a release that is not looked after any more have run out, and a
    mirror of unstable may be late; they are signed all the same."""
    return "".join(f"deb [signed-by={KEYRING} check-valid-until=no] {mirrors()[0]} {suite} main\n"
                   for suite in suites)


class Archive:
    def __init__(self, name="apt", source_list=None, architecture=None):
        self.directory = places.CACHE / name
        for name in ("lists/partial", "cache/archives/partial"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        self.source_list = self.directory / "sources.list"
        self.source_list.write_text(source_list or sources())
        self.options = []
        for option in (f"Dir::Etc::SourceList={self.source_list}",
                       "Dir::Etc::SourceParts=/dev/null",
                       "Dir::Etc::Preferences=/dev/null", "Dir::Etc::PreferencesParts=/dev/null",
                       f"Dir::State={self.directory}", f"Dir::State::Lists={self.directory}/lists",
                       "Dir::State::Status=/dev/null",
                       f"Dir::Cache={self.directory}/cache", "APT::Sandbox::User=root",
                       "APT::Default-Release=", "Acquire::Languages=none", "Acquire::Retries=3",
                       *(f"{key}={architecture}" for key in ("APT::Architecture", "APT::Architectures")
                         if architecture)):
            self.options += ["-o", option]

    def update(self):
        call("apt-get", *self.options, "update", "--error-on=any")

    def kernels(self, suites=None, meta_package=META_PACKAGE):
        """The stock kernels of today, oldest first; those of the guest if no suites are named."""
        found = []
        for release in suites or (None, *MORE_KERNELS.get(codename(), [])):
            target = ["-t", release] if release else []
            text = call("apt-cache", *self.options, *target, "show", "--no-all-versions",
                        meta_package)
            match = re.search(r"^Depends:.*\b(linux-image-(\d\S*)) \(= (\S+)\)", text, re.MULTILINE)
            if not match:
                raise Failed(f"{meta_package}: does not say which kernel it stands for")
            found.append(Kernel(match[2], match[1], match[3]))
        return list(dict.fromkeys(found))

    def kernel_of(self, series):
        """A kernel of a series, of which none needs to be today's."""
        text = call("apt-cache", *self.options, "search", "--names-only",
                    rf"^linux-image-{re.escape(series)}\..*-cloud-amd64$")
        if not text:
            raise Gone(f"kernel {series}: no longer in the archive")
        package = text.splitlines()[-1].split()[0]
        text = call("apt-cache", *self.options, "show", "--no-all-versions", package)
        return Kernel(package.removeprefix("linux-image-"), package,
                      re.search(r"^Version: (\S+)", text, re.MULTILINE)[1])

    def depends(self, package, version):
        """The packages that one depends on: (name, the version that it has to be or None)."""
        text = call("apt-cache", *self.options, "show", f"{package}={version}")
        match = re.search(r"^Depends: (.*)$", text, re.MULTILINE)
        return [(name, exact or None) for name, exact in
                re.findall(r"(?:^|, )([^ ,|]+)(?: \(= ([^)]+)\))?", match[1] if match else "")]

    def download(self, package, version, directory):
        """Path of the package file; without a version of the newest."""
        directory.mkdir(parents=True, exist_ok=True)
        wanted = f"{package}={version}" if version else package
        try:
            call("apt-get", *self.options, "download", wanted, cwd=directory, timeout=1200)
        except Failed as reason:
            if "was not found" in str(reason) or "Unable to locate" in str(reason):
                raise Gone(f"{wanted}: no longer in the archive") from None
            raise
        return next(directory.glob(f"{package}_*.deb"))

    def with_depends(self, packages):
        """Paths of the package files of these and of all that they depend on."""
        call("apt-get", *self.options, "clean")
        # Beside the status, which is nobody's, is a lock that all have in common.
        call("apt-get", *self.options, "-o", "DPkg::Lock::Timeout=600", "install", "-y", "--download-only",
             "--no-install-recommends", *packages, timeout=1800)
        return sorted((self.directory / "cache/archives").glob("*.deb"))
