# SPDX-License-Identifier: GPL-2.0-or-later
"""What several scenarios ask of the guest."""

import json

from kit.report import expect
from kit.tool import Failed

# Of the journal records, see kdump-lite(8).
CRASH_ID = "1498cd81893c40958d9d4eb539b7a05b"
TEST_ID = "faf4160f15da410589a4f61e5045dc5e"
UNCLEAN_ID = "abeb04f4433545f5a2d4307f05af0926"

NOT_ARMED = 3  # exit status of "kdump-lite status"


def parse(result):
    """The JSON that a command wrote."""
    try:
        return json.loads(result.out)
    except json.JSONDecodeError as reason:
        raise Failed(f"no JSON ({reason}): {result}") from None


def status(machine):
    """The JSON of an armed machine's status, without what is not about the loaded image."""
    result = machine.run("kdump-lite status --json")
    expect(result.code == 0, result)
    answer = parse(result)
    expect(answer["armed"] is True, result)
    expect(machine.must("cat /sys/kernel/kexec_crash_loaded").strip() == "1",
           "status says armed, but the kernel has no capture kernel loaded")
    answer.pop("target_free", None)
    answer.pop("crashes", None)
    return answer


def expect_not_armed(machine, reason):
    result = machine.run("kdump-lite status")
    expect(result.code == NOT_ARMED and reason in result.out, result)
    result = machine.run("kdump-lite status --json")
    answer = parse(result)
    expect(result.code == NOT_ARMED and answer["armed"] is False, result)
    expect(reason in answer["reason"], result)


def expect_no_crash(machine, reason):
    """test-crash has to refuse; if it does not, the machine goes down and nothing answers."""
    result = machine.run("kdump-lite test-crash --yes")
    expect(result.code == NOT_ARMED and reason in result.err, result)
    expect_one_line(result)


def expect_one_line(result):
    expect(result.err.count("\n") == 1 and result.err.endswith("\n"),
           f"not exactly one line of explanation: {result}")


def service(machine, verb):
    """systemctl for our service; says what the service said if that fails."""
    result = machine.run(f"systemctl {verb} kdump-lite.service", timeout=120)
    if result.code != 0:
        lines = journal_lines(machine, "-u kdump-lite.service")
        raise Failed("\n".join([f"in the guest: {result}", "--- journal", *lines]))


def journal_lines(machine, *arguments):
    """Messages of this boot."""
    return machine.must(f"journalctl -b -o cat --no-pager {' '.join(arguments)}").splitlines()
