// SPDX-License-Identifier: GPL-2.0-or-later
/* dumpbox.c - kdump-lite on the memory of a crashed machine, see dumpbox.h. */
#include "tests/unit/dumpbox.h"

#include <stdio.h>
#include <sys/wait.h>

static void fill(struct synth *m, uint64_t pfn)
{
	uint8_t *page = synth_at(m, pfn * DUMPBOX_PAGE);

	if (pfn % 4 == 0)
		memset(page, 'a' + pfn % 26, DUMPBOX_PAGE);
	else if (pfn % 4 != 1)
		check_noise(page, DUMPBOX_PAGE, pfn);
}

static void make_pages(struct synth *m)
{
	uint64_t pfn = SYNTH_TEST_PFN;

	for (unsigned i = 0; i < DUMPBOX_USER; i++)
		synth_pages(m, &(struct synth_page){ pfn++, SYNTH_ANON, 0 }, 1);
	for (unsigned i = 0; i < DUMPBOX_CACHE; i++)
		synth_pages(m, &(struct synth_page){ pfn++, SYNTH_CACHE, 0 }, 1);
	for (unsigned i = 0; i < DUMPBOX_PRIVATE; i++)
		synth_pages(m, &(struct synth_page){ pfn++, SYNTH_PRIVATE_CACHE, 0 }, 1);
	synth_pages(m, &(struct synth_page){ SYNTH_HIGH_PFN, SYNTH_FREE, 8 }, 1);
	for (pfn = SYNTH_TEST_PFN; pfn < SYNTH_MAIN_END; pfn++)
		fill(m, pfn);
	for (pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_PFN + 512; pfn++)
		fill(m, pfn);
}

int dumpbox_setup(void **state)
{
	struct dumpbox *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	box_make(&b->box);
	snprintf(b->path, sizeof(b->path), "%s/root", b->box.tree.path);
	/* makedumpfile of Debian 12 knows nothing newer. */
	synth_init(&b->m, &(struct synth_options){ .era = "5.10" });
	make_pages(&b->m);
	b->dump = synth_dump(&b->m);
	temptree_bytes(&b->box.tree, "root/core", b->m.core, b->m.core_len);
	*state = b;
	return 0;
}

int dumpbox_teardown(void **state)
{
	struct dumpbox *b = *state;

	dump_free(b->dump);
	synth_done(&b->m);
	box_remove(&b->box);
	free(b);
	return 0;
}

int dumpbox_run(struct dumpbox *b, const char *command, ...)
{
	char text[2000], program[1000], line[8000];
	size_t len = 0;
	va_list args;
	int status;

	box_find_program(program, sizeof(program));
	va_start(args, command);
	vsnprintf(text, sizeof(text), command, args);
	va_end(args);
	len = snprintf(line, sizeof(line), "cd %s && TMPDIR=%s LC_ALL=C; export TMPDIR; { ",
	               b->path, b->path);
	for (const char *p = text; *p; p++)
		if (*p == '@')
			len += snprintf(line + len, sizeof(line) - len, "%s", b->path);
		else if (p[0] == '$' && p[1] == 'K' && ++p)
			len += snprintf(line + len, sizeof(line) - len, "%s --root=%s", program,
			                b->path);
		else
			line[len++] = *p;
	snprintf(line + len, sizeof(line) - len, "\n} >../out 2>../err </dev/null");
	status = system(line);
	assert_true(WIFEXITED(status));
	box_take_output(&b->box);
	return WEXITSTATUS(status);
}

struct dump *dumpbox_open(const struct dumpbox *b, const char *name)
{
	struct source *s;
	struct dump *d;
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", b->path, name);
	assert_int_equal(source_open(path, &s), 0);
	assert_int_equal(dump_open(s, &d), 0);
	return d;
}

unsigned dumpbox_check(struct dumpbox *b, const char *name)
{
	_cleanup_(dump_freep) struct dump *d = dumpbox_open(b, name);
	_cleanup_(reader_freep) struct reader *r = NULL, *original = NULL;
	unsigned there = 0;

	assert_int_equal(d->n_ram, b->dump->n_ram);
	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	assert_int_equal(reader_new(b->dump, MIB(1), &original), 0);
	for (size_t i = 0; i < d->n_ram; i++) {
		assert_int_equal(d->ram[i].start, b->dump->ram[i].start);
		/* Some versions of makedumpfile leave out the page that is only partly RAM. */
		assert_in_range(d->ram[i].end, b->dump->ram[i].end - 1, b->dump->ram[i].end);
		for (uint64_t pfn = d->ram[i].start; pfn < d->ram[i].end; pfn++) {
			uint8_t got[DUMPBOX_PAGE], expected[DUMPBOX_PAGE];

			if (reader_read(r, pfn * DUMPBOX_PAGE, got, DUMPBOX_PAGE) < 0)
				continue;
			there++;
			assert_int_equal(
				reader_read(original, pfn * DUMPBOX_PAGE, expected, DUMPBOX_PAGE),
				0);
			assert_memory_equal(got, expected, DUMPBOX_PAGE);
		}
	}
	assert_int_equal(d->notes_len, b->dump->notes_len);
	assert_memory_equal(d->notes, b->dump->notes, d->notes_len);
	return there;
}

bool dumpbox_has(const struct dumpbox *b, const char *name, uint64_t pfn)
{
	_cleanup_(dump_freep) struct dump *d = dumpbox_open(b, name);
	_cleanup_(reader_freep) struct reader *r = NULL;
	uint8_t byte;

	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	return reader_read(r, pfn * DUMPBOX_PAGE, &byte, 1) == 0;
}
