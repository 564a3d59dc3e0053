# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened when between a panic and the way out of the capture kernel, as the console told it."""

from kit.tool import Failed

# The ways out of the capture kernel.
REBOOT = "rebooting"
KEXEC = "going back by kexec"
OFF = "powering off"

EVENTS = [
    # An oops that is fatal starts the capture kernel at once, without the line about a panic, and from
    # an NMI nothing can be printed before.
    ("panic", r"sysrq: Trigger a crash|Kernel panic - not syncing|\] Oops: |\] BUG: kernel NULL"
              r"|kernel BUG at|BUG: TASK stack guard page|kdump-capture: started"),
    ("capture init", r"kdump-capture: started"),
    ("dmesg saved", r"kdump-capture: dmesg saved"),
    ("mini saved", r"kdump-capture: mini dump saved"),
    ("dump saved", r"kdump-capture: vmcore saved"),
    ("way out", rf"kdump-capture: ({REBOOT}|{KEXEC}|{OFF})"),
]
STEP_LIMIT = 120  # seconds from one event to the next


def follow(console, since, tell=lambda name, when: None):
    """Wait for all of it. Returns the time of the panic, seconds since then by event, and the way
    out. @tell gets that way as the name of the last event."""
    start, seconds, way = None, {}, None
    for name, pattern in EVENTS:
        found = console.wait(pattern, STEP_LIMIT, since)
        if not found:
            raise Failed(f"no sign of \"{name}\" on the console within {STEP_LIMIT} s")
        when, match = found
        start = start or when
        seconds[name] = when - start
        way = match[1] if match.re.groups else None
        tell(way or name, when)
    return start, seconds, way
