# SPDX-License-Identifier: GPL-2.0-or-later
"""Hooks of each kind, which leave a trace in the log of the capture kernel and one beside the dump."""

from kit.report import expect

KINDS = ("pre", "post", "failed")
SETTING = "HookPrograms=cat\n"  # of [Capture]; the scripts run it

# Without the directory of a crash only the log tells.
SCRIPT = """#!/bin/sh
echo "trace of $KDUMP_LITE_OUTCOME"
[ -z "$KDUMP_LITE_DIRECTORY" ] || cat /proc/version >"$KDUMP_LITE_DIRECTORY/trace.KIND"
"""


def put(m):
    for kind in KINDS:
        directory = f"/etc/kdump-lite/{kind}.d"
        m.must(f"mkdir -p {directory} && cat >{directory}/10-trace <<'END'\n"
               f"{SCRIPT.replace('KIND', kind)}END\nchmod 755 {directory}/10-trace")


def expect_traces(saved, *kinds):
    """In the directory of a crash: of these kinds, and of no others."""
    log = (saved / "kexec-dmesg.log").read_text()
    for kind in KINDS:
        trace = saved / f"trace.{kind}"
        expect(trace.exists() == (kind in kinds), f"{kind}: {log}")
        expect((f"{kind}.d/10-trace: trace of " in log) == (kind in kinds), f"{kind}: {log}")
        expect(not trace.exists() or trace.read_text().startswith("Linux version "), f"{kind}: it did not run cat")
