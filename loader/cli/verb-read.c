// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-read.c - kdump-lite read: memory of a dump, as hexadecimal numbers or as it is. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/crashes/subject.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/kernel/kspace.h"

#define ROW    16
#define WINDOW MIB(1)

struct read_options {
	bool by_virtual, raw;
};

static const struct option_row options[] = {
	{ "virtual", FIELD(struct read_options, by_virtual),
	  .help = "ADDR is a virtual address of the kernel, not a physical one" },
	{ "raw", FIELD(struct read_options, raw), .help = "write the bytes as they are" },
	{},
};

struct reading {
	const struct read_options *asked;
	const struct dump *dump;
	struct reader *reader;
	struct kspace *ks;  /* NULL: addresses are physical */
	uint64_t next, end; /* address of the next byte, and behind the last */

	uint64_t found, missing; /* bytes */

	/* The row that is being filled, of bytes from row_at on, and the one before. */
	uint8_t row[ROW], before[ROW];
	uint64_t row_at;
	unsigned row_len;
	bool has_before, starred;
};

static int parse_value(const char *what, const char *s, uint64_t *ret)
{
	bool hex = strncasecmp(s, "0x", 2) == 0;
	int r = hex ? text_to_u64(s + 2, 16, ret) : text_to_size(s, ret);

	if (r < 0 && !hex && *s && s[strspn(s, "0123456789abcdefABCDEF")] == '\0')
		return errf(-EINVAL, "%s \"%s\": hexadecimal numbers begin with 0x", what, s);
	return r < 0 ? errf(-EINVAL, "%s \"%s\": a number is expected, as 4096, 4K or 0x1000", what,
	                    s)
	             : 0;
}

/* A full row like the one before becomes a star, as in hexdump -C. */
static void row_print(struct reading *r)
{
	bool full = r->row_len == ROW;

	if (r->row_len == 0)
		return;
	if (full && r->has_before && memcmp(r->row, r->before, ROW) == 0) {
		if (!r->starred)
			printf("*\n");
		r->starred = true;
		r->row_len = 0;
		return;
	}
	printf("%016" PRIx64 " ", r->row_at);
	for (unsigned i = 0; i < ROW; i++) {
		if (i % 8 == 0)
			putchar(' ');
		if (i < r->row_len)
			printf("%02x ", r->row[i]);
		else
			printf("   ");
	}
	printf(" |");
	for (unsigned i = 0; i < r->row_len; i++)
		putchar(r->row[i] >= 0x20 && r->row[i] < 0x7f ? r->row[i] : '.');
	printf("|\n");
	memcpy(r->before, r->row, ROW);
	r->has_before = full;
	r->starred = false;
	r->row_len = 0;
}

static void put_bytes(struct reading *r, const uint8_t *data, size_t len)
{
	r->found += len;
	if (r->asked->raw) {
		fwrite(data, 1, len, stdout);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (r->row_len == 0)
			r->row_at = r->next + i;
		r->row[r->row_len++] = data[i];
		if (r->row_len == ROW)
			row_print(r);
	}
}

static void put_gap(struct reading *r, uint64_t len, const char *why)
{
	static const uint8_t zeroes[4096];

	r->missing += len;
	if (!r->asked->raw) {
		row_print(r);
		printf("%016" PRIx64 "  -- %" PRIu64 " bytes: %s --\n", r->next, len, why);
		r->has_before = r->starred = false;
		return;
	}
	for (size_t n; len > 0 && !ferror(stdout); len -= n) {
		n = MIN(len, sizeof(zeroes));
		fwrite(zeroes, 1, n, stdout);
	}
}

/* The bytes from @at on, as many as lie in a row; negative: none, for the reason that err_text()
 * has, and *ret_len is how many share it at least. */
static int look(struct reading *r, uint64_t at, const uint8_t **ret, size_t *ret_len)
{
	uint64_t page = dump_page_size(r->dump), left = r->end - at;
	size_t rest = MIN(left, page - at % page);
	struct leaf leaf;
	int e;

	*ret_len = rest;
	if (r->ks) {
		e = kspace_leaf(r->ks, at, &leaf);
		if (e == -EFAULT)
			return errf(e, "nothing is mapped there");
		if (e < 0)
			return e == -ENODATA || e == -ENXIO
			               ? errf(e, "its page tables are not in the dump")
			               : e;
		left = MIN(left, leaf.size - (at - leaf.va));
		at = leaf.pa + (at - leaf.va);
	}
	e = reader_span(r->reader, at, MIN(left, WINDOW), ret, ret_len);
	if (e < 0)
		*ret_len = rest;
	return e == -ENXIO                                        ? errf(e, "no memory is there")
	       : e == -ENODATA && r->dump->state == DUMP_COMPLETE ? errf(e, "left out of the dump")
	       : e == -ENODATA                                    ? errf(e, "left out or lost")
	                                                          : e;
}

/* Prints everything; gaps for the same reason are joined. */
static int read_all(struct reading *r)
{
	while (r->next < r->end && !ferror(stdout)) {
		const uint8_t *data;
		char why[256];
		size_t len;
		uint64_t gap;
		int e = look(r, r->next, &data, &len);

		if (e == -ENOMEM)
			return e;
		if (e == 0) {
			put_bytes(r, data, len);
			r->next += len;
			continue;
		}
		snprintf(why, sizeof(why), "%s", err_text(e));
		for (gap = len; r->next + gap < r->end; gap += len)
			if (look(r, r->next + gap, &data, &len) != e || !streq(err_text(e), why))
				break;
		put_gap(r, gap, why);
		r->next += gap;
	}
	row_print(r);
	if (!r->asked->raw)
		printf("%016" PRIx64 "\n", r->end);
	return 0;
}

static void reading_done(struct reading *r)
{
	kspace_free(r->ks);
	reader_free(r->reader);
}

/* The last two of the words are address and length. */
static int read_dump(const struct cli *cli, int argc, char *argv[], uint64_t start, uint64_t len)
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	_cleanup_(reading_done) struct reading reading = {
		.asked = cli->options,
		.next = start,
		.end = start + len,
	};
	struct dump *d;
	int r;

	if ((r = subject_open(cli, argc - 2, argv, &s)) < 0 || (r = subject_dump(&s, &d)) < 0 ||
	    (r = reader_new(d, WINDOW, &reading.reader)) < 0)
		return r;
	if (reading.asked->by_virtual && (r = kspace_open(d, &reading.ks)) < 0)
		return r;
	reading.dump = d;
	r = read_all(&reading);
	if (r < 0 || reading.missing == 0)
		return r;
	if (fflush(stdout) == 0)
		cli_log(LOG_WARNING,
		        "%s: %" PRIu64 " of %" PRIu64 " bytes at %#" PRIx64
		        " are not in the dump%s",
		        source_name(d->source), reading.missing, len, start,
		        reading.asked->raw ? ", zeroes stand for them" : "");
	return reading.found > 0 ? EXIT_INCOMPLETE : EXIT_FAILURE;
}

static int parse_range(const char *address, const char *length, uint64_t *ret, uint64_t *ret_len)
{
	int r;

	if ((r = parse_value("address", address, ret)) < 0 ||
	    (r = parse_value("length", length, ret_len)) < 0)
		return r;
	if (*ret + *ret_len < *ret)
		return errf(-EINVAL, "length \"%s\": goes past the last address", length);
	return 0;
}

static int run_read(const struct cli *cli, int argc, char *argv[])
{
	uint64_t start, len;
	int r = parse_range(argv[argc - 2], argv[argc - 1], &start, &len);

	if (r < 0) {
		cli_log(LOG_ERR, "kdump-lite read: %s", err_text(r));
		return EXIT_USAGE;
	}
	return read_dump(cli, argc, argv, start, len);
}

const struct verb verb_read = {
	.name = "read",
	.args = "DUMP... ADDR LEN",
	.help = "print memory of a dump, by its physical address",
	.min_args = 3,
	.max_args = SUBJECT_PARTS_MAX + 2,
	.page = "kdump-lite-convert(8)",
	.run = run_read,
	.takes = TAKES_ROOT,
	.options = options,
};
