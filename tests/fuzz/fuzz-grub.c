// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-grub.c - a grub.cfg of any content, on a system without files.
 */
#include "loader/boot/grubcfg.h"
#include "base/err.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = calloc(1, size + 1);
	struct grub_menu menu;
	int r;

	fuzz_check(text);
	memcpy(text, data, size);
	r = grub_menu_make(-1, "/boot/grub/grub.cfg", text, strlen(text), &menu);
	if (r < 0) {
		fuzz_check(*err_text(r));
		return 0;
	}
	for (size_t i = 0; i < menu.n; i++)
		fuzz_check(menu.items[i].parent == GRUB_ITEM_TOP || menu.items[i].parent < i);
	grub_menu_done(&menu);
	return 0;
}
