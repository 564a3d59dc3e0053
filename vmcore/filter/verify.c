// SPDX-License-Identifier: GPL-2.0-or-later
/* verify.c - sees whether a dump holds what its readers need, see verify.h. */
#include "vmcore/filter/verify.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "vmcore/filter/lacking.h"

#define VERIFY_WINDOW MIB(1)

struct verify {
	const struct dump *dump;
	struct reader *reader; /* apart from the kspace's, whose page would be lost each time */
	struct survey survey;
	struct bitmap seen;
	struct verify_result *result;
};

static void verify_page(struct verify *v, enum survey_part part, uint64_t va, uint64_t pfn)
{
	struct verify_part *p = &v->result->parts[part];
	const uint8_t *data;
	size_t len;
	int r;

	if (bitmap_test(&v->seen, pfn))
		return;
	r = reader_span(v->reader, pfn << v->dump->page_shift, 1, &data, &len);
	if (r == -ENXIO) {
		v->result->outside++;
		return;
	}
	bitmap_set(&v->seen, pfn, pfn + 1);
	p->checked++;
	if (r == 0)
		return;
	p->missing++;
	if (!v->result->first[0])
		snprintf(v->result->first, sizeof(v->result->first),
		         "%s, page %#llx at %#llx: %.160s", survey_part_name(part),
		         (unsigned long long)pfn, (unsigned long long)va, err_text(r));
}

/* struct survey's pages. */
static void verify_pages(void *arg, enum survey_part part, uint64_t va, uint64_t pa, uint64_t size)
{
	struct verify *v = arg;
	unsigned shift = v->dump->page_shift;
	uint64_t first = pa >> shift, last = (pa + size - 1) >> shift;

	for (uint64_t pfn = first; pfn <= last && !survey_is_late(&v->survey); pfn++) {
		verify_page(v, part, va, pfn);
		va = ALIGN_DOWN(va, dump_page_size(v->dump)) + dump_page_size(v->dump);
	}
}

static int verify_run(struct verify *v, struct kspace *ks, double deadline,
                      const struct survey_tasks *tasks)
{
	struct verify_result *res = v->result;
	int r;

	v->survey = (struct survey){
		.ks = ks, .deadline = deadline, .tasks = tasks, .pages = verify_pages, .arg = v
	};
	r = survey_run(&v->survey);
	for (enum survey_part i = 0; i < SURVEY_PARTS; i++) {
		res->parts[i].unknown = v->survey.unknown[i];
		res->checked += res->parts[i].checked;
		res->missing += res->parts[i].missing;
	}
	res->broken = v->survey.broken;
	res->late = v->survey.late;
	res->log_records = v->survey.log_records;
	res->tasks = v->survey.n_tasks;
	res->cpus = v->dump->n_cpus;
	res->lacking = lacking_memory(ks);
	return r;
}

static void verify_done(struct verify *v)
{
	bitmap_done(&v->seen);
	reader_free(v->reader);
}

int verify_tasks(const struct dump *d, double deadline, const struct survey_tasks *tasks,
                 struct verify_result *ret)
{
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	struct verify_result result = {};
	_cleanup_(verify_done) struct verify v = { .dump = d, .result = &result };
	int r;

	if ((r = kspace_open(d, &ks)) < 0 || (r = reader_new(d, VERIFY_WINDOW, &v.reader)) < 0 ||
	    (r = dump_bitmap(d, &v.seen)) < 0 || (r = verify_run(&v, ks, deadline, tasks)) < 0)
		return r;
	*ret = result;
	return 0;
}

int verify_dump(const struct dump *d, double deadline, struct verify_result *ret)
{
	return verify_tasks(d, deadline, NULL, ret);
}

static bool has_no_log(const struct verify_result *v)
{
	return v->log_records == 0 && !v->late && !v->parts[SURVEY_LOG].unknown;
}

bool verify_finds_fault(const struct verify_result *v)
{
	return v->missing > 0 || has_no_log(v);
}

char *verify_words(const struct verify_result *v, char buf[static VERIFY_WORDS_MAX])
{
	char size[TEXT_SIZE_MAX];

	if (v->missing > 0)
		snprintf(buf, VERIFY_WORDS_MAX,
		         "%llu of %llu pages that readers need are missing: %s",
		         (unsigned long long)v->missing, (unsigned long long)v->checked, v->first);
	else if (has_no_log(v))
		snprintf(buf, VERIFY_WORDS_MAX, "no record of the kernel log can be read");
	else if (v->late)
		snprintf(buf, VERIFY_WORDS_MAX,
		         "ok as far as it was checked: %llu pages, for more was no time",
		         (unsigned long long)v->checked);
	else if (v->lacking > 0)
		snprintf(buf, VERIFY_WORDS_MAX,
		         "ok as far as it goes: %s of memory that was added later are not in it",
		         text_from_size(v->lacking, size));
	else
		snprintf(buf, VERIFY_WORDS_MAX, "ok");
	return buf;
}
