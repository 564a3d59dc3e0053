# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenarios of the VM test. Each is a function (lab, kernel, report) with a machine of its own."""
