// SPDX-License-Identifier: GPL-2.0-or-later
/* stub.c - the code that enters a kernel, see stub.h. */
#include "segments/stub.h"

#include <endian.h>

#include "base/err.h"

/* Instructions, and the two addresses that they load. */
struct stub {
	uint32_t code[6];
	uint64_t tables, kernel;
};

int stub_arm64(uint64_t kernel, uint64_t tables, void **ret, size_t *ret_len)
{
	static const uint32_t code[] = {
		0x580000c0, /* ldr x0, tables */
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
	stub->tables = htole64(tables);
	stub->kernel = htole64(kernel);
	*ret = stub;
	*ret_len = sizeof(*stub);
	return 0;
}

int stub_x86_64(uint64_t kernel, uint64_t tables, void **ret, size_t *ret_len)
{
	static const uint8_t code[] = {
		0x48, 0xbe, 0, 0, 0, 0, 0, 0, 0, 0, /* mov $tables, %rsi */
		0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, /* mov $kernel, %rax */
		0xff, 0xe0,                         /* jmp *%rax */
	};
	uint8_t *stub = malloc(sizeof(code));

	if (!stub)
		return oom("the code that enters a kernel");
	kernel = htole64(kernel);
	tables = htole64(tables);
	memcpy(stub, code, sizeof(code));
	memcpy(stub + 2, &tables, sizeof(tables));
	memcpy(stub + 12, &kernel, sizeof(kernel));
	*ret = stub;
	*ret_len = sizeof(code);
	return 0;
}
