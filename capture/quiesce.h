/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quiesce.h - devices to stop before another kernel takes over. */
#pragma once

#include "base/base.h"

/* Enables the PCI devices that no driver has touched in this kernel. Such a device may still write
 * to the memory of the crashed kernel. A kernel that is left clears bus mastering, but before Linux
 * 6.16 only of devices whose power state it knows (drivers/pci/pci-driver.c, 6.12,
 * pci_device_shutdown()); it knows that of a device that was enabled. Paths are below @root_fd.
 * Returns how many were enabled. A device that refuses is logged and passed over. */
unsigned quiesce_pci(int root_fd);
