# SPDX-License-Identifier: GPL-2.0-or-later
"""Ordinary reboots by kexec: clean, with the kernel that was asked for, and only when asked."""

from cases import common, kexec_return
from cases.kexec_return import look
from kit import disks, timeline
from kit.machine import Hardware
from kit.report import expect

RESERVATION = "crashkernel=256M"
WITNESS = "/var/vm-witness"
GRAPHICS = "kdump-lite-unbind-graphics.service"

# systemd-boot takes the default entry, which has two initrds. The first one is small and leaves a
# line in the kernel's log: initramfs-tools reads all files in this directory.
MARKER = {"conf/conf.d/vm-marker": "echo vm: the first of two initrds >/dev/kmsg\n"}
LOADER = "default vm-two.conf\ntimeout 0\n"
ENTRIES = {
    "vm-two": "linux /vm/linux\ninitrd /vm/marker.img\ninitrd /vm/initrd.img\n",
    "vm-one": "linux /vm/linux\ninitrd /vm/initrd.img\n",
    "vm-no-kernel": "linux /vm/nope\ninitrd /vm/initrd.img\n",
    "vm-no-initrd": "linux /vm/linux\ninitrd /vm/marker.img\ninitrd /vm/nope\n",
    "vm-cut": "linux /vm/cut\ninitrd /vm/initrd.img\n",
}


def watch_services(m):
    """A service that takes its time to stop: was it given it?"""
    m.must("systemd-run --quiet --unit=vm-witness --remain-after-exit "
           f"-p 'ExecStop=/bin/sh -c \"sleep 1; echo stopped >{WITNESS}\"' true")


def signs_of_uncleanness(m):
    """Lines by which journald, the kernel and fsck tell that the system went down without warning."""
    return m.must("{ journalctl -b -o cat --no-pager; dmesg; cat /run/initramfs/fsck.log; } 2>/dev/null | "
                  "grep -E 'corrupted or uncleanly shut down|recover(y complete|ing journal)|"
                  "not properly unmounted' || true").splitlines()


def expect_clean(m, unit):
    """The shutdown before this boot; @unit is the one that ends it."""
    signs = signs_of_uncleanness(m)
    expect(not signs, "\n".join(signs))
    last = m.must("journalctl -b -1 -o cat --no-pager -n 30")
    expect("Journal stopped" in last and unit in last, last)
    expect(m.run(f"cat {WITNESS}; rm -f {WITNESS}").out == "stopped\n", "a service was not stopped")


def restart(m, command, firmware):
    """A restart that has to be clean, and to go through the firmware or not."""
    watch_services(m)
    ran = m.restart(command)
    expect(ran == firmware, f"{command}: the firmware {'ran' if ran else 'did not run'}")
    expect_clean(m, "systemd-reboot.service" if firmware else "systemd-kexec.service")


def parameter(m, name):
    """A value on the command line of the kernel; None when it is not there."""
    words = dict(word.partition("=")[::2] for word in m.must("cat /proc/cmdline").split())
    return words.get(name)


def release(m):
    return m.must("uname -r").strip()


class Reboots:
    """One machine."""

    def __init__(self, lab, kernel, report, name):
        self.lab, self.kernel, self.report = lab, kernel, report
        self.scenario = f"kexec-{name}"
        self.name = f"{kernel.series}-{self.scenario}"

    def case(self, name, essential=False):
        return self.report.case(f"{self.kernel.series} {self.scenario} {name}", essential)

    def start(self, m):
        m.wait_boot()
        common.service(m, "enable --now")
        common.status(m)
        expect("kexec-tools" not in m.must("dpkg-query -W"), "kexec-tools is in the guest")

    def wrong_input(self, m, table):
        """Arguments of "kexec load", what the one line has to contain."""
        armed = common.status(m)
        m.must("head -c 1000000 $(ls /boot/vmlinuz-* | head -n 1) >/root/cut")
        for name, arguments, wanted in table:
            with self.case(f"wrong-{name}"):
                result = m.run(f"kdump-lite kexec load {arguments}")
                expect(result.code == 1 and not result.out, result)
                common.expect_one_line(result)
                for part in wanted:
                    expect(part in result.err, f"{part} is not in the explanation: {result}")
                expect(m.must("cat /sys/kernel/kexec_loaded") == "0\n", "something is loaded")
                expect(m.run("kdump-lite kexec status").code == 3, "status says otherwise")
                expect(common.status(m) == armed, f"not armed as before, but: {common.status(m)}")

    def offer(self, m, name=""):
        """For systemctl kexec, and the drivers of displays are to go before it."""
        unit = f"kdump-lite-kexec{name and '@'}{name}.service"
        m.must(f"systemctl enable --now {unit} 2>&1; systemctl enable {GRAPHICS} 2>&1")
        expect(m.must("cat /sys/kernel/kexec_loaded") == "0\n", "the unit has loaded the kernel")
        return unit

    def systemctl_kexec(self, m, kernel, options=""):
        """A kernel that is offered."""
        restart(m, f"systemctl kexec {options}", firmware=False)
        expect(release(m) == kernel.release, f"this is {release(m)}")
        common.status(m)
        last = m.must(f"journalctl -b -1 -o cat --no-pager -u {GRAPHICS}")
        expect(f"Finished {GRAPHICS}" in last, last)

    def plain_reboot(self, m):
        """Through the firmware, and by its shutdown nobody can tell that a kernel is offered."""
        restart(m, "reboot", firmware=True)
        expect(release(m) == self.kernel.release, release(m))
        expect(not m.must(f"journalctl -b -1 -o cat -u {GRAPHICS}").strip(), f"{GRAPHICS} ran")

    @property
    def other(self):
        """Another kernel, where there is one."""
        return self.lab.kernels[-1] if self.kernel != self.lab.kernels[-1] else self.lab.kernels[0]

    def crash(self, m):
        """Back by kexec, with files from other file systems than the one with the dump."""
        before = look(m)
        c, _ = kexec_return.crash(m, 0)
        kexec_return.expect_way(c, timeline.KEXEC, "kexec")
        kexec_return.expect_same(before, look(m), cpus=2)
        kexec_return.expect_armed(m)
        expect(signs_of_uncleanness(m), "a crash looks like a clean shutdown, so these tests are blind")


WRONG = [
    ("kernel", "/boot/nope", ["/boot/nope", "o such file"]),
    ("release", "9.9.9-nope", ["9.9.9-nope"]),
    ("no-kernel", "/etc/passwd", ["/etc/passwd"]),
    ("cut", "/root/cut", ["/root/cut"]),
    ("initrd", "/boot/vmlinuz-$(uname -r) --initrd=/boot/initrd.img-$(uname -r) --initrd=/boot/nope",
     ["/boot/nope", "o such file"]),
    ("long", "--append=$(printf '%3000s' x | tr ' ' x)", ["command line"]),
]

NO_LOADER = [("entry", "--entry", ["entr"]), ("named-entry", "--entry=vm-one", ["entr"])]

WRONG_ENTRIES = [
    ("entry", "--entry=nope", ["\"nope\"", "vm-two"]),
    ("entry-without-kernel", "--entry=vm-no-kernel", ["/vm/nope"]),
    ("entry-without-initrd", "--entry=vm-no-initrd", ["/vm/nope"]),
    ("entry-cut", "--entry=vm-cut", ["/vm/cut"]),
]


class Bios(Reboots):
    """GRUB and the like: no entries, /boot on a file system of its own."""

    def run(self):
        with self.lab.machine(self.kernel, self.name, RESERVATION, prepare=self.prepare) as m:
            self.start(m)
            self.wrong_input(m, WRONG + NO_LOADER)
            with self.case("kexec-reboot", essential=True):
                self.kexec_reboot(m)
            with self.case("systemctl-kexec", essential=True):
                self.offer(m, self.other.release)
                self.systemctl_kexec(m, self.other)
            with self.case("plain-reboot-stays-plain", essential=True):
                self.plain_reboot(m)
            with self.case("crash-and-back-from-boot"):
                self.crash(m)

    def prepare(self, disk, kernel):
        names = [path.name for path in (self.lab.image.tree / "boot").iterdir()]
        disks.change(disk, remove=[f"/boot/{name}" for name in names], write={
            "/etc/fstab": "/dev/vda / ext4 defaults 0 1\n/dev/vdb /boot ext4 defaults 0 2\n"})
        return [disks.boot_disk(disk.with_name("boot.img"), self.lab.image.tree / "boot")]

    def kexec_reboot(self, m):
        before, line = look(m), m.must("cat /proc/cmdline")
        restart(m, "kdump-lite kexec reboot", firmware=False)
        kexec_return.expect_same(before, look(m), cpus=2)
        after = m.must("cat /proc/cmdline")
        expect(after == line, f"before: {line}\nafter: {after}")


class Uefi(Reboots):
    """systemd-boot on an EFI system partition: entries of both types."""

    def run(self):
        hardware = Hardware(uefi=True, own_loader=True)
        with self.lab.machine(self.kernel, self.name, RESERVATION, hardware=hardware,
                              prepare=self.prepare) as m:
            self.start(m)
            with self.case("booted-by-loader", essential=True):
                self.before = look(m)
                self.expect_entry(m, "vm-two")
            self.wrong_input(m, WRONG + WRONG_ENTRIES)
            if self.lab.full:
                with self.case("default-entry-with-two-initrds", essential=True):
                    m.must("kdump-lite kexec load --entry")
                    self.expect_loaded(m, "vm-two", 2)
                    restart(m, "kdump-lite kexec exec --yes", firmware=False)
                    self.expect_entry(m, "vm-two")
            with self.case("systemctl-kexec-with-two-initrds", essential=True):
                m.must("systemctl enable --now kdump-lite-kexec.service 2>&1")
                restart(m, "systemctl kexec", firmware=False)
                self.expect_entry(m, "vm-two")
            if self.lab.full:
                with self.case("plain-reboot-stays-plain", essential=True):
                    restart(m, "systemctl reboot", firmware=True)
                    self.expect_entry(m, "vm-two")
            with self.case("named-entry", essential=True):
                restart(m, "kdump-lite kexec reboot --entry=vm-one --append=vm.more", firmware=False)
                self.expect_entry(m, "vm-one")
                expect(parameter(m, "vm.more") is not None, "what was appended is not there")
            with self.case("unified-image", essential=True):
                m.must("kdump-lite kexec load --entry=vm-unified")
                self.expect_loaded(m, "vm-unified", 1)
                restart(m, "systemctl kexec" if self.lab.full else "kdump-lite kexec exec --yes", firmware=False)
                self.expect_entry(m, "vm-unified")
            with self.case("crash-and-back-to-default-entry"):
                kexec_return.settings(m, "[Kexec]\nReturn=default\n")
                self.crash(m)
                self.expect_entry(m, "vm-two")

    def prepare(self, disk, kernel):
        tree, place = self.lab.image.tree, disk.parent
        options = f"root=/dev/vda rw console=ttyS0 {RESERVATION}"
        linux, initrd = (self.lab.image.boot_file(kind, kernel) for kind in ("vmlinuz", "initrd.img"))
        cut, loader = place / "cut", place / "loader.conf"
        cut.write_bytes(linux.read_bytes()[:1000000])
        loader.write_text(LOADER)
        marker = disks.cpio(place / "marker.img", MARKER)
        unified = disks.unified(place / "unified.efi", linux, initrd,
                                f"{options} vm.entry=vm-unified")
        files = {"EFI/BOOT/BOOTX64.EFI": disks.LOADER, "EFI/Linux/vm-unified.efi": unified,
                 "vm/linux": linux, "vm/initrd.img": initrd, "vm/marker.img": marker, "vm/cut": cut,
                 "loader/loader.conf": loader}
        for name, text in ENTRIES.items():
            entry = place / f"{name}.conf"
            entry.write_text(f"title {name}\nversion 1\n{text}options {options} vm.entry={name}\n")
            files[f"loader/entries/{name}.conf"] = entry
        disks.change(disk, directories=["/efi"], write={
            "/etc/fstab": "/dev/vda / ext4 defaults 0 1\n/dev/vdb1 /efi vfat umask=0077 0 2\n"})
        esp = disks.esp_disk(place / "esp.img", files)
        for path in files.values():
            if path.parent == place:
                path.unlink()
        return [esp]

    def expect_loaded(self, m, entry, initrds):
        answer = common.parse(m.run("kdump-lite kexec status --json"))
        expect(answer["loaded"] is True and answer["id"] == entry
               and len(answer["initrds"]) == initrds, answer)

    def expect_entry(self, m, entry):
        """This one is running, with all of its initrds, and nothing of the machine is missing."""
        expect(parameter(m, "vm.entry") == entry, m.must("cat /proc/cmdline"))
        marked = "vm: the first of two initrds" in m.must("dmesg")
        expect(marked == (entry == "vm-two"), "the first initrd of two "
               + ("was used" if marked else "was not used"))
        kexec_return.expect_same(self.before, look(m), cpus=2)


def kexec_bios(lab, kernel, report):
    Bios(lab, kernel, report, "bios").run()


def kexec_uefi(lab, kernel, report):
    Uefi(lab, kernel, report, "uefi").run()
