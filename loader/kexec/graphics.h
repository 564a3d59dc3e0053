/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * graphics.h - display devices, who drives and who holds them, and how to let go of them.
 *
 * A kernel that is started by kexec finds the devices as the last one left them. Most drivers have
 * a way to hand over, but that of a display may be long: firmware, memory and screens that are
 * still in use. A driver that was taken off its device before has undone what it did.
 */
#pragma once

#include "base/base.h"

struct graphics_device {
	char *address; /* "0000:01:00.0" */
	char *driver;  /* that is bound to it; NULL: none */
	char *module;  /* of the driver; NULL: built in */
};

struct graphics {
	struct graphics_device *devices;
	size_t n;
};

void graphics_done(struct graphics *g);

/* All PCI devices of class 0x03 (display controller). None is no error. */
int graphics_find(int root_fd, struct graphics *ret);

/* What is said about a driver and kexec. */
struct graphics_driver {
	const char *name;
	bool severe;         /* the machine may hang, else it may be without a picture */
	bool waits;          /* taking it off waits for those who hold the device, maybe for ever */
	bool foreign;        /* hands the device to somebody else: there is nothing to undo */
	const char *trouble; /* NULL: none known */
};

/* NULL when there is nothing to say. */
const struct graphics_driver *graphics_driver(const char *name);

/* Those who have a display device open, as "Xorg (812)"; NULL: nobody. Needs root to see the
 * processes of all users. */
int graphics_holders(int root_fd, char ***ret);

struct graphics_release {
	int root_fd;
	/* As delete_module(2), but returns a negative errno. */
	int (*delete_module)(const char *name, unsigned flags);
	unsigned pause; /* milliseconds between two tries */
	/* Told each thing that was done, and what could not be done. */
	void (*tell)(void *arg, bool failed, const char *text);
	void *arg;
};

/* Takes the text consoles off their frame buffers, the drivers off the display devices, and unloads
 * their modules where these serve nothing else. What fails does not keep the rest from being tried.
 * Returns the number of failures. */
int graphics_release(const struct graphics_release *req);

/* The system call. */
int graphics_delete_module(const char *name, unsigned flags);
