// SPDX-License-Identifier: GPL-2.0-or-later
/* arch.c - the table of architectures, see arch.h. */
#include "vmcore/arch/archs.h"

static const struct arch *const archs[] = { &arch_x86_64 };

const struct arch *arch_find(const struct dump *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (d->machine[0] ? streq(d->machine, archs[i]->machine)
		                  : d->elf_machine == archs[i]->elf_machine)
			return archs[i];
	return NULL;
}
