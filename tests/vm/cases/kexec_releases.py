# SPDX-License-Identifier: GPL-2.0-or-later
"""Reboots by kexec with what Debian 12 has not: newer systemd, add-ons of unified kernels, graphics."""

from cases import common, kexec_return
from cases.kexec_reboot import GRAPHICS, RESERVATION, Reboots, parameter, release, restart
from cases.kexec_return import look
from kit import disks, unpacked
from kit.archive import Archive, other_sources
from kit.machine import Hardware
from kit.report import expect
from kit.tool import call

# Since this version systemctl loads the kernel itself and has --kernel-cmdline=.
LOADS_ITSELF = 261


class OtherDebian(Reboots):
    """A guest of another release, with the kernel that ordinary machines have. @self.kernel becomes that."""
    command_line = RESERVATION
    hardware = Hardware()
    options = ()

    def __init__(self, lab, report, name, debian):
        self.image, kernel = lab.of_release(debian)
        super().__init__(lab, kernel, report, name)

    def run(self):
        with self.lab.machine(self.kernel, self.name, self.command_line, self.options, self.hardware,
                              image=self.image) as m:
            self.start(m)
            self.before, self.line = look(m), m.must("cat /proc/cmdline")
            self.cases(m)

    def expect_same(self, m, more=""):
        """The kernel that was running before, with the same command line and something behind it."""
        line = m.must("cat /proc/cmdline")
        # Which QEMU adds for its firmware.
        before = [word for word in self.line.split() if word != "initrd=initrd"]
        expect(line.split() == before + more.split(), f"before: {self.line}\nafter: {line}")
        kexec_return.expect_same(self.before, look(m), cpus=2)


class Systemd(OtherDebian):
    def __init__(self, lab, report, debian, version):
        self.version = version
        super().__init__(lab, report, f"systemd-{version}", debian)

    def cases(self, m):
        with self.case("is-the-one", essential=True):
            expect(m.must("systemctl --version").startswith(f"systemd {self.version} "), "it is another one")
        with self.case("plain-reboot-stays-plain", essential=True):
            self.offer(m)
            self.plain_reboot(m)
        with self.case("systemctl-kexec", essential=True):
            self.systemctl_kexec(m, self.kernel)
            self.expect_same(m)
        if self.version >= LOADS_ITSELF:
            with self.case("command-line-of-systemctl", essential=True):
                self.systemctl_kexec(m, self.kernel, "--kernel-cmdline=vm.user")
                self.expect_same(m, "vm.user")
        with self.case("crash-and-back"):
            self.crash(m)


class Graphics(OtherDebian):
    """Two displays: the firmware draws on one of them, and the kernel's console does so later."""
    hardware = Hardware(uefi=True)
    options = ("-device", "bochs-display", "-device", "virtio-gpu-pci")
    drivers = {"0x1111": "bochs-drm", "0x1050": "virtio-pci"}

    def __init__(self, lab, report):
        super().__init__(lab, report, "graphics", "trixie")

    def cases(self, m):
        with self.case("drivers-are-there", essential=True):
            self.expect_drivers(m)
        with self.case("unbound-before-kexec", essential=True):
            self.offer(m)
            self.systemctl_kexec(m, self.kernel)
            last = m.must(f"journalctl -b -1 -o cat --no-pager -u {GRAPHICS}").splitlines()
            for driver in self.drivers.values():
                expect(any(line.endswith(f"{driver} has let go of it") for line in last), "\n".join(last))
        with self.case("drivers-come-back"):
            self.expect_same(m)
            self.expect_drivers(m)

    def expect_drivers(self, m):
        for device, driver in self.drivers.items():
            found = m.must(f"for d in $(grep -lx {device} /sys/bus/pci/devices/*/device); do "
                           "basename $(readlink -f $(dirname $d)/driver); done").split()
            expect(found == [driver], f"{device}: {found}")
        expect("dummy" not in m.must("cat /sys/class/graphics/fb*/name"), "no frame buffer")


class Tables(Reboots):
    """Only the firmware tells where the tables of ACPI are, and without its services the running kernel, which is of a
    series that does not know it itself, does not tell the next one (see loader/kexec/next-cmdline.h)."""
    forgetful = "6.16"

    def run(self):
        running = unpacked.with_initrd(self.forgetful, self.lab.image.tree)
        load = f"kdump-lite kexec reboot {self.kernel.release}"
        with self.lab.machine(running, self.name, "efi=noruntime", hardware=Hardware(uefi=True)) as m:
            m.wait_boot()
            self.before = look(m)
            with self.case("lost-without", essential=True):
                place = m.console.place
                m.shell.send(f"{load} --append=acpi_rsdp=0")
                # Where this machine gets along with one CPU, others hang.
                for line in ("Starting new kernel", "A valid RSDP was not found", "Brought up 1 node, 1 CPU"):
                    m.wait_console(line, 90, place)
                m.monitor.reset()
                m.wait_boot()
                expect(release(m) == running.release, f"this is {release(m)}")
            with self.case("found-with", essential=True):
                restart(m, load, firmware=False)
                expect(release(m) == self.kernel.release and parameter(m, "acpi_rsdp"), m.must("cat /proc/cmdline"))
                kexec_return.expect_same(self.before, look(m), cpus=2)


class Addon(Reboots):
    """A unified kernel that gets crashkernel= from an add-on of its own, and more from one for all. systemd-boot
    and its stub are those of Debian 13: add-ons came with systemd 254."""

    def run(self):
        with self.lab.machine(self.kernel, self.name, "", hardware=Hardware(uefi=True, own_loader=True),
                              prepare=self.prepare) as m:
            self.start(m)
            with self.case("booted-with-add-ons", essential=True):
                before, line = look(m), m.must("cat /proc/cmdline")
                for word in (*RESERVATION.split(), "vm.all", "vm.unified"):
                    expect(word in line.split(), line)
            for name, option in (("named", "--entry=vm-unified"), ("default", "")):
                with self.case(f"loaded-with-add-ons-{name}", essential=True):
                    m.must(f"kdump-lite kexec load {option}")
                    answer = common.parse(m.run("kdump-lite kexec status --json"))
                    expect(answer["command_line"] == line.strip(), f"{answer}\nnow: {line}")
            with self.case("started-with-add-ons", essential=True):
                restart(m, "kdump-lite kexec exec --yes", firmware=False)
                after = m.must("cat /proc/cmdline")
                expect(after == line, f"before: {line}\nafter: {after}")
                kexec_return.expect_same(before, look(m), cpus=2)
                common.status(m)

    def prepare(self, disk, kernel):
        place = disk.parent
        stubs = newer_systemd_boot(place / "systemd-boot")
        unified = disks.unified(place / "unified.efi", *(self.lab.image.boot_file(kind, kernel)
                                                         for kind in ("vmlinuz", "initrd.img")),
                                "root=/dev/vda rw console=ttyS0 vm.unified", stubs)
        files = {
            "EFI/BOOT/BOOTX64.EFI": stubs / "systemd-bootx64.efi",
            "EFI/Linux/vm-unified.efi": unified,
            "EFI/Linux/vm-unified.efi.extra.d/crash.addon.efi":
                disks.addon(place / "crash.efi", RESERVATION, stubs),
            "loader/addons/all.addon.efi": disks.addon(place / "all.efi", "vm.all", stubs),
        }
        disks.change(disk, directories=["/efi"], write={
            "/etc/fstab": "/dev/vda / ext4 defaults 0 1\n/dev/vdb1 /efi vfat umask=0077 0 2\n"})
        esp = disks.esp_disk(place / "esp.img", files)
        for path in files.values():
            path.unlink()
        return [esp]


def newer_systemd_boot(directory):
    """Directory with the loader and the stubs of Debian 13."""
    debian = Archive("trixie-apt", other_sources(["trixie"]))
    debian.update()
    call("dpkg", "-x", debian.download("systemd-boot-efi", None, directory), directory)
    return directory / "usr/lib/systemd/boot/efi"


def kexec_systemd_257(lab, _, report):
    Systemd(lab, report, "trixie", 257).run()


def kexec_systemd_262(lab, _, report):
    Systemd(lab, report, "sid", 262).run()


def kexec_graphics(lab, _, report):
    Graphics(lab, report).run()


def kexec_tables(lab, kernel, report):
    Tables(lab, kernel, report, "tables").run()


def kexec_addon(lab, kernel, report):
    Addon(lab, kernel, report, "addon").run()
