/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * graphics.h - finds display devices, their drivers and holders, and releases them.
 *
 * A kernel that is started by kexec finds devices in the state in which the last kernel left them.
 * Most drivers reset a device at shutdown, but that of a display may fail: its firmware, memory and
 * screens are still in use. A driver that was taken off its device before has reset it.
 */
#pragma once

#include "base/base.h"

struct graphics_device {
	char *address; /* "0000:01:00.0" */
	char *driver;  /* the driver that is bound to it; NULL: none */
	char *module;  /* of the driver; NULL: built in */
};

struct graphics {
	struct graphics_device *devices;
	size_t n;
};

void graphics_done(struct graphics *g);

/* Finds all PCI devices of class 0x03 (display controller). It is no error when there are none. */
int graphics_find(int root_fd, struct graphics *ret);

/* What reports say about a driver and kexec. */
struct graphics_driver {
	const char *name;
	bool severe;         /* the machine may hang; else the screen may stay dark */
	bool waits;          /* taking it off waits for the users of the device, maybe for ever */
	bool foreign;        /* it gives the device to another program: it has nothing to reset */
	const char *trouble; /* NULL: none known */
};

/* NULL when there are no reports of the driver. */
const struct graphics_driver *graphics_driver(const char *name);

/* Finds the processes that hold a display device open, each as "Xorg (812)"; NULL: none. The caller
 * frees the list. Only root sees the processes of all users. */
int graphics_holders(int root_fd, char ***ret);

/* Seconds that a driver may take to let go. Firmware of a large display needs some. */
#define GRAPHICS_LIMIT 10.0

struct graphics_release {
	int root_fd;
	/* delete_module(2) that returns a negative errno; -ETIMEDOUT: it hangs in the kernel. */
	int (*delete_module)(const char *name, unsigned flags);
	unsigned pause; /* milliseconds between two tries */
	double limit;   /* seconds until a driver that does not let go is left behind */
	/* Gets a line for each thing that was done, and for each that failed. */
	void (*tell)(void *arg, bool failed, const char *text);
	void *arg;
};

/* Takes text consoles off their frame buffers and drivers off display devices, and unloads modules
 * that serve no other device. A driver that waits for its users loses its modules first, since the
 * kernel does not unload a module in use; if it keeps them, it keeps its devices too. A failure
 * does not stop the rest. Returns the number of failures. */
int graphics_release(const struct graphics_release *req);

/* The system call, in a child that is left behind after GRAPHICS_LIMIT. */
int graphics_delete_module(const char *name, unsigned flags);
