# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things lie. All that is generated goes below build/."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
BUILD = PROJECT / "build"
CACHE = BUILD / "vm"
DEMO = BUILD / "demo"
FIXTURES = PROJECT / "tests/vm/fixtures"
