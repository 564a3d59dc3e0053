# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of which the VM test and the demo are made."""
