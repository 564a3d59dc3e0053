# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the way back: by kexec, or by the firmware."""

from cases.rows.checks import EARLIER, FACTS, NOW, PLACED, facts, has, nothing_saved, says, verified
from kit import oldmem
from kit.report import expect
from kit.rig import PLAN, Disk, Row

# The plan of the way back, as far as rows do not change it. The RAM is that of the old memory.
BACK = {"FinalAction": "kexec", "BackDevice": PLAN["Device"], "BackFileSystem": "ext4",
        "BackKernel": "/vmlinuz", "BackCommandLine": "console=ttyS0 panic=-1",
        "BackMemory": "0x100000-0xfffffff", "BackCommandLineLimit": "2047"}
AUTO = BACK | {"FinalAction": "auto"}
WITH_KERNEL = Disk(kernel="/vmlinuz")
# A kernel is loaded from a part of a larger machine.
ROOMY = {"memory": 1024, "words": "mem=256M", "disk": WITH_KERNEL, "way": "going back by kexec",
         "until": r"Command line: .*kdump_lite\.returned="}
FIRMWARE = {"disk": WITH_KERNEL, "way": "rebooting"}


def by_firmware(reason):
    """The way back is by the firmware, and why."""
    return (facts(outcome="complete", final_action="reboot", final_reason=has(reason)), verified)


def started_next(*words):
    """The kernel that was loaded runs, with words on its command line that tell it of its return."""
    def check(o):
        line = o.console.partition("kdump-capture: going back by kexec")[2].partition("Command line: ")[2]
        line = line.partition("\n")[0]
        for word in ("console=ttyS0", "kdump_lite.returned=1", "memmap=0xff00000@0x100000", *words):
            expect(word in line.split(), f"{word} is not on the next command line: {line}")
    return check


ROWS = [
    # The way back.
    Row("back", smoke=True, plan=BACK, **ROOMY,
        then=(facts(outcome="complete", final_action="kexec", final_reason=""), started_next())),
    Row("back-beside-a-clone", plan=BACK | PLACED | {"BackDeviceFacts": FACTS},
        **ROOMY | {"disk": Disk(size="128M", kernel="/vmlinuz", options="addr=5", clone="addr=4")},
        then=(facts(final_action="kexec", final_reason=""), started_next())),
    Row("back-without-boot-cpu", plan=BACK | {"BootAPICID": 7, "BackFewerCPUs": "fewer=7"}, **ROOMY,
        then=(facts(final_action="kexec", final_reason=has("the boot CPU stays off")), started_next("fewer=7"))),
    Row("back-other-cpu", rare=True, plan=AUTO | {"BootAPICID": 7}, **FIRMWARE,
        then=by_firmware("the crash was on the CPU with APIC ID 0, and the boot CPU (7) would not come up")),
    Row("back-obstacle", rare=True, plan=BACK | {"BackObstacle": "a reason of the loader's"}, **FIRMWARE,
        then=by_firmware("a reason of the loader's")),
    Row("back-running-cpu", rare=True, plan=BACK | {"CPUs": 3}, **FIRMWARE,
        then=by_firmware("only 2 of 3 CPUs reported that they stopped")),
    Row("back-little-memory", rare=True, plan=AUTO | {"BackNeed": 1 << 30}, **FIRMWARE,
        then=by_firmware("the production kernel needs 1.0G of memory")),
    Row("back-long-line", rare=True, plan=BACK | {"BackCommandLineLimit": 40}, **FIRMWARE,
        then=by_firmware("the command line with all memory on it has")),
    Row("back-no-kernel", "the kernel of the way back is missing",
        plan=BACK | {"BackKernel": "/nope"}, **FIRMWARE, then=by_firmware("/nope: No such file")),
    Row("back-no-vmcore", plan=BACK, change=(oldmem.no_magic,), log=False, **FIRMWARE,
        then=(facts(final_action="reboot", final_reason=has("whether all CPUs stopped is not known")),)),
    # Nothing can be saved, since there is a file where the directory should be.
    Row("back-from-failed-target", "the directory for crashes is a file",
        plan=BACK | {"Directory": "/vmlinuz"}, **ROOMY,
        then=(nothing_saved, says("vmlinuz: \"vmlinuz\" cannot be opened", "kdump-capture: going back by kexec"),
              started_next())),
    Row("back-crash-loop", plan=AUTO | {"CrashLoopBurst": 2, "CrashLoopIntervalSec": "10min"},
        change=(oldmem.vmcoreinfo({"CRASHTIME": NOW}),), way="rebooting",
        disk=Disk(kernel="/vmlinuz", directories=EARLIER),
        then=by_firmware("crash number 2 within CrashLoopIntervalSec=")),
    Row("back-no-crash-loop", plan=AUTO | {"CrashLoopBurst": 3, "CrashLoopIntervalSec": "10min"},
        change=(oldmem.vmcoreinfo({"CRASHTIME": NOW}),),
        **ROOMY | {"disk": Disk(kernel="/vmlinuz", directories=EARLIER)},
        then=(facts(final_action="kexec", final_reason=""), started_next())),
]
