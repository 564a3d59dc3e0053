// SPDX-License-Identifier: GPL-2.0-or-later
/* stub-arm64.c - the code that enters a kernel on arm64, see stub-arm64.h. */
#include "loader/segments/stub-arm64.h"

#include <endian.h>

#include "base/err.h"

/* Instructions, and the two addresses that they load. */
struct stub {
	uint32_t code[6];
	uint64_t tree, kernel;
};

int stub_arm64(uint64_t kernel, uint64_t tree, void **ret, size_t *ret_len)
{
	static const uint32_t code[] = {
		0x580000c0, /* ldr x0, tree */
		0x580000f0, /* ldr x16, kernel */
		0xd2800001, /* mov x1, #0 */
		0xd2800002, /* mov x2, #0 */
		0xd2800003, /* mov x3, #0 */
		0xd61f0200, /* br x16 */
	};
	struct stub *stub = malloc(sizeof(*stub));

	if (!stub)
		return oom("the code that enters a kernel");
	for (size_t i = 0; i < ARRAY_SIZE(code); i++)
		stub->code[i] = htole32(code[i]);
	stub->tree = htole64(tree);
	stub->kernel = htole64(kernel);
	*ret = stub;
	*ret_len = sizeof(*stub);
	return 0;
}
