# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened when between a panic and the reboot, as the console told it."""

from kit.tool import Failed

EVENTS = [
    ("panic", r"sysrq: Trigger a crash|Kernel panic - not syncing"),
    ("capture init", r"kdump-capture: started"),
    ("dmesg saved", r"kdump-capture: dmesg saved"),
    ("dump saved", r"kdump-capture: vmcore saved"),
    ("rebooting", r"kdump-capture: rebooting"),
]
STEP_LIMIT = 120  # seconds from one event to the next


def follow(console, since, tell=lambda name, when: None):
    """Wait for all of it. Returns the time of the panic, and seconds since then by event."""
    start, seconds = None, {}
    for name, pattern in EVENTS:
        found = console.wait(pattern, STEP_LIMIT, since)
        if not found:
            raise Failed(f"no sign of \"{name}\" on the console within {STEP_LIMIT} s")
        start = start or found[0]
        seconds[name] = found[0] - start
        tell(name, found[0])
    return start, seconds
