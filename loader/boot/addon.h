/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addon.h - files that systemd-stub adds to the unified kernel image that it is part of.
 *
 * Add-ons are PE files NAME.addon.efi without a kernel, which have a .cmdline, .initrd or .ucode.
 * Those in /loader/addons of the image's partition are for all its images, and those in a directory
 * beside an image, IMAGE.extra.d, for that one alone. Credentials and extensions lie beside them;
 * see systemd-stub(7).
 */
#pragma once

#include "base/base.h"

struct addons {
	char **images;   /* paths of the add-ons in their order */
	char **left_out; /* paths of credentials and extensions, of which the stub makes an initrd
	                  */
};

void addons_done(struct addons *a);

/* Finds the files for the unified image at @image. @uname is its section .uname, or NULL; add-ons
 * with another one are not for it. Signatures are not checked: with Secure Boot the stub passes
 * over add-ons that have none. An image outside of /efi, /boot and /boot/efi has no such files: the
 * package of a kernel may bring add-ons to choose from. The only error is -ENOMEM. */
int addons_find(int root_fd, const char *image, const char *uname, struct addons *ret);
