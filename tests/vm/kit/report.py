# SPDX-License-Identifier: GPL-2.0-or-later
"""One line per case, and the count at the end."""

import contextlib
import textwrap

from kit.tool import Failed


class Abandoned(Exception):
    """A case failed without which the rest of a scenario makes no sense."""


class Excused(Exception):
    """A scenario failed for a reason that is none of ours, and is to be run again."""


class Report:
    def __init__(self, excuse=lambda reason: None):
        self.passed = self.failed = 0
        self._excuse = excuse  # returns why a failure does not count, or None

    @contextlib.contextmanager
    def case(self, name, essential=False):
        try:
            yield
        except (Failed, LookupError, TypeError, ValueError) as reason:
            excuse = self._excuse(reason)
            if excuse:
                raise Excused(excuse) from None
            # The others come from looking for something in an answer that is made otherwise.
            self.fail(name, reason if isinstance(reason, Failed) else repr(reason))
            if essential:
                raise Abandoned from None
        else:
            self.passed += 1
            print(f"ok {name}", flush=True)

    def fail(self, name, reason):
        self.failed += 1
        print(f"not ok {name}\n{textwrap.indent(str(reason), '    ')}", flush=True)


def expect(condition, explanation):
    """An assertion that also holds under -O and ends the case instead of the test."""
    if not condition:
        raise Failed(str(explanation))


def print_table(titles, rows):
    lines = [titles] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths)).rstrip())
