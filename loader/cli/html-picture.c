// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * html-picture.c - memory as bars, see html-parts.h.
 *
 * A bar is an SVG of 1000 units, which the page stretches; its colours are classes of the style.
 */
#include "loader/cli/html-parts.h"
#include "vmcore/base/text.h"

#define UNITS  1000.0
#define COLORS 9 /* c0 to c8; the last is a quiet one */

struct slice {
	const char *name;
	double size; /* bytes */
};

static void put_bar(FILE *f, const struct slice *slices, size_t n, double total)
{
	double at = 0;

	html_printf(f,
	            "<svg viewBox=\"0 0 1000 26\" preserveAspectRatio=\"none\" aria-hidden=true>");
	for (size_t i = 0; i < n; i++) {
		double width = MIN(slices[i].size / total * UNITS, UNITS - at);

		if (width > 0)
			fprintf(f, "<rect class=c%zu x=\"%.1f\" width=\"%.1f\" height=\"26\"/>",
			        MIN(i, (size_t)COLORS - 1), at, width);
		at += MAX(width, 0);
	}
	html_printf(f, "</svg>");
}

static void put_key(FILE *f, const struct slice *slices, size_t n)
{
	html_printf(f, "<ul class=key>");
	for (size_t i = 0; i < n; i++) {
		char size[TEXT_SIZE_MAX];

		if (slices[i].size >= 1)
			html_printf(f, "<li class=c%zu>%s <small>%s</small>",
			            MIN(i, (size_t)COLORS - 1), slices[i].name,
			            text_from_size(slices[i].size, size));
	}
	html_printf(f, "</ul>");
}

/* Rows of /proc/meminfo that have nothing in common; kB. */
static const struct {
	const char *row, *name;
} uses[] = {
	{ "AnonPages", "anonymous" },       { "Cached", "page cache" },
	{ "Buffers", "buffers" },           { "SReclaimable", "slab, reclaimable" },
	{ "SUnreclaim", "slab" },           { "PageTables", "page tables" },
	{ "KernelStack", "kernel stacks" },
};

/* The rows may be members, or elements that have a name and a value. */
static double row_of(const json_t *meminfo, const char *name)
{
	size_t i;
	json_t *row;

	if (json_is_object(meminfo))
		return json_number_value(json_object_get(meminfo, name));
	json_array_foreach(
		(json_t *)meminfo, i,
		row) if (streq(html_string(row, "name"),
	                       name)) return json_number_value(json_object_get(row, "value"));
	return 0;
}

void html_picture_memory(FILE *f, const json_t *memory)
{
	const json_t *meminfo = json_object_get(memory, "meminfo");
	double total = row_of(meminfo, "MemTotal") * 1024, left = total;
	struct slice slices[ARRAY_SIZE(uses) + 2];
	char size[TEXT_SIZE_MAX];
	size_t n = 0;

	if (total < 1)
		return;
	for (; n < ARRAY_SIZE(uses); n++) {
		slices[n] = (struct slice){ uses[n].name, row_of(meminfo, uses[n].row) * 1024 };
		left -= slices[n].size;
	}
	left -= row_of(meminfo, "MemFree") * 1024;
	slices[n++] = (struct slice){ "other", MAX(left, 0) };
	slices[n++] = (struct slice){ "free", row_of(meminfo, "MemFree") * 1024 };
	html_printf(f, "<figure><figcaption>What %s of memory were used for</figcaption>",
	            text_from_size(total, size));
	put_bar(f, slices, n, total);
	put_key(f, slices, n);
	html_printf(f, "</figure>\n");
}
