/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device-id.h - by what the capture kernel knows a block device again. */
#pragma once

#include "loader/system/device.h"

/* Fills spec and facts of a device of which node and number are known. */
int device_identify(int root_fd, struct device *d);
