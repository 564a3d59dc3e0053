// SPDX-License-Identifier: GPL-2.0-or-later
/* synth-kernel.c - a crashed kernel with symbols and types, see synth-kernel.h. */
#include "tests/unit/synth-kernel.h"

#define POSSIBLE UINT64_C(0x21000)
#define ONLINE   UINT64_C(0x21800)
#define OFFSETS  UINT64_C(0x22000)

void synth_kernel_init(struct synth_kernel *k)
{
	memset(k, 0, sizeof(*k));
	synth_init(&k->m, NULL);
	synth_btf_init(&k->btf);
	k->s8 = synth_btf_int(&k->btf, "signed char", 1);
	k->u32 = synth_btf_int(&k->btf, "unsigned int", 4);
	k->u64 = synth_btf_int(&k->btf, "long unsigned int", 8);
	k->pointer = synth_btf_type(&k->btf, NULL, SYNTH_PTR, 0, 0);
	k->list = synth_btf_array(&k->btf, k->u64, 2);
	synth_btf_struct(&k->btf, "cpumask", 0, 8);
	synth_kernel_symbol(k, "_stext", SYNTH_VA(0));
	synth_kernel_symbol(k, "__start_BTF", SYNTH_VA(SYNTH_BTF));
	synth_kernel_symbol(k, "__cpu_possible_mask", SYNTH_VA(POSSIBLE));
	synth_kernel_symbol(k, "__cpu_online_mask", SYNTH_VA(ONLINE));
	synth_kernel_symbol(k, "__per_cpu_offset", SYNTH_VA(OFFSETS));
	synth_kernel_put(k, SYNTH_VA(POSSIBLE), 3, 8);
	synth_kernel_put(k, SYNTH_VA(ONLINE), 1, 8);
	for (unsigned cpu = 0; cpu < 2; cpu++)
		synth_kernel_put(k, SYNTH_VA(OFFSETS) + 8 * cpu, SYNTH_CPU_OFFSET(cpu), 8);
}

void synth_kernel_done(struct synth_kernel *k)
{
	kview_free(k->view);
	kspace_free(k->ks);
	dump_free(k->dump);
	synth_done(&k->m);
}

void synth_kernel_put(struct synth_kernel *k, uint64_t va, uint64_t v, size_t size)
{
	uint8_t bytes[8];

	synth_put(bytes, v, size, false);
	synth_store(&k->m, va, bytes, size);
}

void synth_kernel_text(struct synth_kernel *k, uint64_t va, const char *s)
{
	synth_store(&k->m, va, s, strlen(s) + 1);
}

void synth_kernel_ring(struct synth_kernel *k, const uint64_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		synth_kernel_put(k, at[i], at[(i + 1) % n], 8);
		synth_kernel_put(k, at[i] + 8, at[(i + n - 1) % n], 8);
	}
}

void synth_kernel_symbol(struct synth_kernel *k, const char *name, uint64_t va)
{
	size_t i = k->n++;

	assert_true(i < SYNTH_MAX_SYMBOLS);
	for (; i > 0 && k->symbols[i - 1].address > va; i--)
		k->symbols[i] = k->symbols[i - 1];
	k->symbols[i] = (struct synth_symbol){ name, 'D', va };
}

void synth_kernel_drop(struct synth_kernel *k, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		if (!streq(k->symbols[i].name, name))
			k->symbols[n++] = k->symbols[i];
	assert_true(n < k->n);
	k->n = n;
}

uint32_t synth_kernel_struct(struct synth_kernel *k, const char *name, uint32_t size,
                             const struct synth_field *fields)
{
	unsigned n = 0;
	uint32_t id;

	while (fields[n].name)
		n++;
	id = synth_btf_struct(&k->btf, name, n, size);
	for (unsigned i = 0; i < n; i++)
		synth_btf_member(&k->btf, fields[i].name, fields[i].type, fields[i].offset * 8);
	return id;
}

void synth_kernel_enum(struct synth_kernel *k, const char *name, const char *const *enumerators)
{
	unsigned n = 0;

	while (enumerators[n])
		n++;
	synth_btf_type(&k->btf, name, SYNTH_ENUM, n, 4);
	for (unsigned i = 0; i < n; i++)
		synth_btf_enumerator(&k->btf, enumerators[i], i);
}

struct dump *synth_kernel_dump(struct synth_kernel *k)
{
	struct synth_tables tables = { .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };
	size_t len;
	uint8_t *bytes = synth_btf_bytes(&k->btf, &len);

	assert_true(SYNTH_BTF + len <= POSSIBLE);
	synth_store(&k->m, SYNTH_VA(SYNTH_BTF), bytes, len);
	free(bytes);
	synth_kernel_symbol(k, "__stop_BTF", SYNTH_VA(SYNTH_BTF) + len);
	synth_tables(&k->m, &tables, k->symbols, k->n);
	k->dump = synth_dump(&k->m);
	return k->dump;
}

const struct kview *synth_kernel_open(struct synth_kernel *k)
{
	k->ks = synth_kspace(synth_kernel_dump(k));
	assert_int_equal(kview_open(k->ks, &k->view), 0);
	return k->view;
}
