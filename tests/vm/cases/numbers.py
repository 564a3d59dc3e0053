# SPDX-License-Identifier: GPL-2.0-or-later
"""What the main job measures: one row per number, with the budget that it must keep."""

from dataclasses import dataclass

from kit.report import expect

MIB = 1 << 20


@dataclass(frozen=True)
class Number:
    title: str
    unit: str
    scale: float
    emulated: float = None  # budget when the machine is emulated, None for none
    native: float = None    # budget when it runs by KVM

    def show(self, value):
        return f"{value / self.scale:.2f} {self.unit}"


NUMBERS = [
    Number("image", "MiB", MIB, 3 * MIB, 3 * MIB),
    Number("reload", "s", 1, 12, 2),
    Number("panic to dmesg", "s", 1),
    Number("panic to mini", "s", 1),
    Number("panic to dump", "s", 1, 20, 8),
    Number("panic to back", "s", 1),
    Number("peak memory", "MiB", MIB, 16 * MIB, 16 * MIB),
    Number("dump", "MiB", MIB),
]

# Times up to the dump say more when nothing else runs, those of a whole way back take long.
CAPTURE = [number for number in NUMBERS if number.title != "panic to back"]
OF_DUMP = [number for number in NUMBERS
           if number.title not in ("reload", "panic to dmesg", "panic to mini", "panic to dump")]


def titles(chosen):
    return ("kernel", "reserved", *(number.title for number in chosen))


def check(numbers, native, case, chosen):
    """@case makes a case of the report from its name."""
    for number in chosen:
        limit = number.native if native else number.emulated
        if limit is None:
            continue
        with case("budget-" + number.title.replace(" ", "-")):
            expect(number.title in numbers, "not measured")
            value = numbers[number.title]
            expect(0 < value <= limit,
                   f"{number.show(value)} is more than the budget of {number.show(limit)}")


def row(kernel, reservation, numbers, chosen):
    """For the table with their titles()."""
    return [kernel.series, f"{reservation} MiB"] + [
        number.show(numbers[number.title]) if number.title in numbers else "-"
        for number in chosen]
