/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quiesce.h - devices to stop before another kernel takes over. */
#pragma once

#include "base/base.h"

/* Stops the bus masters that no driver has touched in this kernel: network cards, USB controllers
 * and others that still write to memory as the crashed kernel told them to. To enable a device and
 * to disable it again clears its bus mastering (drivers/pci/pci.c, do_pci_disable_device(), Linux
 * 6.12), also in lockdown. Bridges are left alone, since others are behind them, and so are disk
 * controllers, which their drivers reset; some do not answer a reset when they are cut off. Paths
 * are below @root_fd. Returns how many were stopped. */
unsigned quiesce_masters(int root_fd);

/* Enables the PCI devices that no driver has touched in this kernel. Such a device may still write
 * to the memory of the crashed kernel. A kernel that is left clears bus mastering, but before Linux
 * 6.16 only of devices whose power state it knows (drivers/pci/pci-driver.c, 6.12,
 * pci_device_shutdown()); it knows that of a device that was enabled. Paths are below @root_fd.
 * Returns how many were enabled. A device that refuses is logged and passed over. */
unsigned quiesce_pci(int root_fd);
