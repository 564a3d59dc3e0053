// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-image.c - a kernel image of any content, packed or not, on machines of each kind.
 */
#include <sys/mman.h>

#include "loader/system/kernel.h"
#include "system/file.h"
#include "base/err.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const machines[] = { "x86_64", "aarch64", "riscv64" };
	_cleanup_close_ int fd = memfd_create("image", MFD_CLOEXEC);

	fuzz_check(fd >= 0 && file_write(fd, data, size) >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
		const struct kernel_place place = { fd, 0, size, machines[i], "", "image" };
		int r = kernel_look(&place, &k);

		fuzz_check(r < 0 ? *err_text(r) != '\0' : k.release && strlen(k.release) < 256);
	}
	return 0;
}
