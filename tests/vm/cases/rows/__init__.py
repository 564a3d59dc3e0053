# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the capture rig, by what they are about."""

from cases.rows import back, kernel, memory, stores, target

ROWS = [*memory.ROWS, *target.ROWS, *stores.ROWS, *kernel.ROWS, *back.ROWS]
