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
static void row_print(struct reading *rd)
{
	bool full = rd->row_len == ROW;

	if (rd->row_len == 0)
		return;
	if (full && rd->has_before && memcmp(rd->row, rd->before, ROW) == 0) {
		if (!rd->starred)
			printf("*\n");
		rd->starred = true;
		rd->row_len = 0;
		return;
	}
	printf("%016" PRIx64 " ", rd->row_at);
	for (unsigned i = 0; i < ROW; i++) {
		if (i % 8 == 0)
			putchar(' ');
		if (i < rd->row_len)
			printf("%02x ", rd->row[i]);
		else
			printf("   ");
	}
	printf(" |");
	for (unsigned i = 0; i < rd->row_len; i++)
		putchar(rd->row[i] >= 0x20 && rd->row[i] < 0x7f ? rd->row[i] : '.');
	printf("|\n");
	memcpy(rd->before, rd->row, ROW);
	rd->has_before = full;
	rd->starred = false;
	rd->row_len = 0;
}

static void put_bytes(struct reading *rd, const uint8_t *data, size_t len)
{
	rd->found += len;
	if (rd->asked->raw) {
		fwrite(data, 1, len, stdout);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (rd->row_len == 0)
			rd->row_at = rd->next + i;
		rd->row[rd->row_len++] = data[i];
		if (rd->row_len == ROW)
			row_print(rd);
	}
}

static void put_gap(struct reading *rd, uint64_t len, const char *why)
{
	static const uint8_t zeroes[4096];

	rd->missing += len;
	if (!rd->asked->raw) {
		row_print(rd);
		printf("%016" PRIx64 "  -- %" PRIu64 " bytes: %s --\n", rd->next, len, why);
		rd->has_before = rd->starred = false;
		return;
	}
	for (size_t n; len > 0 && !ferror(stdout); len -= n) {
		n = MIN(len, sizeof(zeroes));
		fwrite(zeroes, 1, n, stdout);
	}
}

/* The bytes from @at on, as many as lie in a row; negative: none, for the reason that err_text()
 * has, and *ret_len is how many share it at least. */
static int look(struct reading *rd, uint64_t at, const uint8_t **ret, size_t *ret_len)
{
	uint64_t page = dump_page_size(rd->dump), left = rd->end - at;
	size_t rest = MIN(left, page - at % page);
	struct leaf leaf;
	int r;

	*ret_len = rest;
	if (rd->ks) {
		r = kspace_leaf(rd->ks, at, &leaf);
		if (r == -EFAULT)
			return errf(r, "nothing is mapped there");
		if (r < 0)
			return r == -ENODATA || r == -ENXIO
			               ? errf(r, "its page tables are not in the dump")
			               : r;
		left = MIN(left, leaf.size - (at - leaf.va));
		at = leaf.pa + (at - leaf.va);
	} else if (rd->asked->by_virtual) {
		uint64_t len;

		if (!dump_by_segment(rd->dump, at, &at, &len))
			return errf(-EFAULT, "nothing is mapped there");
		left = MIN(left, len);
	}
	r = reader_span(rd->reader, at, MIN(left, WINDOW), ret, ret_len);
	if (r < 0)
		*ret_len = rest;
	return r == -ENXIO                                         ? errf(r, "no memory is there")
	       : r == -ENODATA && rd->dump->state == DUMP_COMPLETE ? errf(r, "left out of the dump")
	       : r == -ENODATA                                     ? errf(r, "left out or lost")
	                                                           : r;
}

/* Prints everything; gaps for the same reason are joined. */
static int read_all(struct reading *rd)
{
	while (rd->next < rd->end && !ferror(stdout)) {
		const uint8_t *data;
		char why[256];
		size_t len;
		uint64_t gap;
		int r = look(rd, rd->next, &data, &len);

		if (r == -ENOMEM)
			return r;
		if (r == 0) {
			put_bytes(rd, data, len);
			rd->next += len;
			continue;
		}
		snprintf(why, sizeof(why), "%s", err_text(r));
		for (gap = len; rd->next + gap < rd->end; gap += len)
			if (look(rd, rd->next + gap, &data, &len) != r || !streq(err_text(r), why))
				break;
		put_gap(rd, gap, why);
		rd->next += gap;
	}
	row_print(rd);
	if (!rd->asked->raw)
		printf("%016" PRIx64 "\n", rd->end);
	return 0;
}

static void reading_done(struct reading *rd)
{
	kspace_free(rd->ks);
	reader_free(rd->reader);
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
	if (reading.asked->by_virtual && (r = kspace_open(d, &reading.ks)) < 0) {
		if (r == -ENOMEM || !d->has_va)
			return r;
		cli_log(LOG_WARNING, "%s: addresses are those of the file's segments", err_text(r));
	}
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
