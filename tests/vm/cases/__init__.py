# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenarios of the VM test: functions (lab, kernel, report) with machines of their own."""
