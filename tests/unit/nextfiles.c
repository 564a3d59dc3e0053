// SPDX-License-Identifier: GPL-2.0-or-later
/* nextfiles.c - the files of a next kernel, see nextfiles.h. */
#include "tests/unit/nextfiles.h"

#include <stdio.h>

void assert_files(const struct next *n, const char *expected)
{
	char files[2048];
	size_t len;
	char *text = piece_to_text(&n->kernel);

	len = snprintf(files, sizeof(files), "%s", text);
	free(text);
	for (size_t i = 0; i < n->n_initrds; i++) {
		text = piece_to_text(&n->initrds[i]);
		len += snprintf(files + len, sizeof(files) - len, " %s", text);
		free(text);
	}
	assert_string_equal(files, expected);
}

const struct machine_uki next_uki = {
	.osrel = "ID=x\nPRETTY_NAME=\"X 1\"",
	.cmdline = "root=/dev/vda1\n",
	.uname = NEXT_RELEASE,
	.ucode = "microcode",
	.initrd = "cpio archive",
	.release = NEXT_RELEASE,
};
