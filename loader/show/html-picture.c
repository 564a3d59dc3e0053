// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * html-picture.c - memory as bars, see html-parts.h.
 *
 * A bar is an SVG of 1000 units, which the page stretches; its colours are classes of the style.
 */
#include "loader/show/html-parts.h"
#include "base/text.h"

#define UNITS  1000.0
#define COLORS 9 /* c0 to c8; the last is a quiet one */

struct slice {
	const char *name;
	double size; /* bytes */
};

/* The whole, in the quiet colour; put_slices() covers it. */
static void put_bar(FILE *f)
{
	html_printf(f, "<svg viewBox=\"0 0 1000 26\" preserveAspectRatio=\"none\" "
	               "aria-hidden=\"true\"><rect class=c8 width=\"1000\" height=\"26\"/>");
}

static void put_slices(FILE *f, const struct slice *slices, size_t n, double total)
{
	double at = 0;

	for (size_t i = 0; i < n; i++) {
		double width = MIN(slices[i].size / total * UNITS, UNITS - at);

		if (width > 0)
			fprintf(f, "<rect class=c%zu x=\"%.1f\" width=\"%.1f\" height=\"26\"/>",
			        MIN(i, (size_t)COLORS - 1), at, width);
		at += MAX(width, 0);
	}
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

/* Bytes. */
static double row_of(const json_t *meminfo, const char *name)
{
	return json_number_value(json_object_get(meminfo, name)) * 1024;
}

static void put_uses(FILE *f, const json_t *meminfo)
{
	double total = row_of(meminfo, "MemTotal"), left = total;
	struct slice slices[ARRAY_SIZE(uses) + 2];
	char size[TEXT_SIZE_MAX];
	size_t n = 0;

	if (total < 1)
		return;
	for (; n < ARRAY_SIZE(uses); n++) {
		slices[n] = (struct slice){ uses[n].name, row_of(meminfo, uses[n].row) };
		left -= slices[n].size;
	}
	left -= row_of(meminfo, "MemFree");
	slices[n++] = (struct slice){ "other", MAX(left, 0) };
	slices[n++] = (struct slice){ "free", row_of(meminfo, "MemFree") };
	html_printf(f, "<figure><figcaption>What %s of memory were used for</figcaption>",
	            text_from_size(total, size));
	put_bar(f);
	put_slices(f, slices, n, total);
	html_printf(f, "</svg>");
	put_key(f, slices, n);
	html_printf(f, "</figure>\n");
}

/* How full a zone is, and the watermarks at which the kernel begins to free pages. */
static void put_zone(FILE *f, const json_t *zone)
{
	static const char *const marks[] = { "min", "low", "high" };
	double managed = json_number_value(json_object_get(zone, "managed"));
	double free = json_number_value(json_object_get(zone, "free"));
	const struct slice used = { "used", managed - free };

	if (managed < 1)
		return;
	html_printf(f, "<p class=zone>%s <small>node %d, %d%% free</small></p>",
	            html_string(zone, "name"),
	            (int)json_integer_value(json_object_get(zone, "node")),
	            (int)(100 * free / managed));
	put_bar(f);
	put_slices(f, &used, 1, managed);
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		double at = json_number_value(json_object_get(zone, marks[i])) / managed;

		/* Free memory is on the right. */
		if (at > 0 && at <= 1)
			fprintf(f, "<path class=tick d=\"M%.1f 0v26\"/>", UNITS * (1 - at));
	}
	html_printf(f, "</svg>");
}

static void put_zones(FILE *f, const json_t *zones)
{
	size_t i;
	json_t *zone;

	if (json_array_size(zones) == 0)
		return;
	html_printf(f, "<figure><figcaption>How full the zones were, and their watermarks min, low "
	               "and high</figcaption>");
	json_array_foreach((json_t *)zones, i, zone)
		put_zone(f, zone);
	html_printf(f, "</figure>\n");
}

void html_picture_memory(FILE *f, const json_t *memory)
{
	put_uses(f, json_object_get(memory, "meminfo"));
	put_zones(f, json_object_get(memory, "zones"));
}
