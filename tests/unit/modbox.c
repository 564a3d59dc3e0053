// SPDX-License-Identifier: GPL-2.0-or-later
/* modbox.c - a machine with modules, see modbox.h. */
#include "tests/unit/modbox.h"

void modbox_begin(struct modbox *box, const struct synth_symbol *kernel, size_t n, bool layouts,
                  bool no_types)
{
	uint64_t list = 0;

	*box = (struct modbox){};
	synth_init(&box->m, NULL);
	synth_tables(&box->m, &(struct synth_tables){ .long_lengths = true }, kernel, n);
	for (size_t i = 0; i < n; i++)
		if (streq(kernel[i].name, "modules"))
			list = kernel[i].address;
	synth_modules_init(&box->modules, &box->m, list);
	box->modules.layouts = layouts;
	box->modules.no_types = no_types;
	synth_modules_types(&box->modules, &box->types);
}

static void close_all(struct modbox *box)
{
	btf_freep(&box->v.types);
	kallsyms_freep(&box->v.symbols);
	kspace_freep(&box->v.ks);
	dump_freep(&box->d);
}

void modbox_end(struct modbox *box)
{
	close_all(box);
	synth_done(&box->m);
}

void modbox_open(struct modbox *box)
{
	uint8_t *bytes;
	size_t len;

	close_all(box);
	box->d = synth_dump(&box->m);
	box->v.ks = synth_kspace(box->d);
	assert_int_equal(kallsyms_open(box->v.ks, &box->v.symbols), 0);
	bytes = synth_btf_bytes(&box->types, &len);
	assert_int_equal(btf_from_memory(bytes, len, &box->v.types), 0);
}

void modbox_put(struct modbox *box, uint64_t va, uint64_t v, size_t size)
{
	uint8_t bytes[8];

	synth_put(bytes, v, size, false);
	synth_store(&box->m, va, bytes, size);
}
