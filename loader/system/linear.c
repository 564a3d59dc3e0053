// SPDX-License-Identifier: GPL-2.0-or-later
/* linear.c - from a plain LVM volume to its disk, see linear.h. */
#include "loader/system/linear.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "config/store.h"
#include "system/tree.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

#define SECTOR     512
#define TABLE_SIZE KIB(256)

void linear_done(struct linear *l)
{
	free(l->list);
	*l = (struct linear){};
}

/* Prints what the kernel has put behind the header. */
static int print_table(const struct dm_ioctl *io, char **ret)
{
	const char *data = (const char *)io + io->data_start;
	size_t size = io->target_count ? io->data_size - io->data_start : 0, at = 0, len;
	_cleanup_free_ char *text = NULL;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return oom("the table of a volume");
	for (uint32_t i = 0; i < io->target_count && at + sizeof(struct dm_target_spec) < size;
	     i++) {
		struct dm_target_spec spec;
		const char *params = data + at + sizeof(spec);

		memcpy(&spec, data + at, sizeof(spec));
		fprintf(f, "%llu %llu %.16s %.*s\n", (unsigned long long)spec.sector_start,
		        (unsigned long long)spec.length, spec.target_type,
		        (int)(size - at - sizeof(spec)), params);
		at = spec.next;
	}
	if (fclose(f) != 0)
		return oom("the table of a volume");
	*ret = TAKE_PTR(text);
	return 0;
}

int linear_table(int root_fd, dev_t number, char **ret)
{
	_cleanup_close_ int fd = tree_open(root_fd, "/dev/mapper/control", O_RDONLY);
	_cleanup_free_ struct dm_ioctl *io = calloc(1, TABLE_SIZE);

	if (fd < 0)
		return fd;
	if (!io)
		return oom("the table of a volume");
	*io = (struct dm_ioctl){
		.version = { DM_VERSION_MAJOR, 0, 0 },
		.data_size = TABLE_SIZE,
		.data_start = sizeof(*io),
		.flags = DM_STATUS_TABLE_FLAG,
		.dev = number,
	};
	if (ioctl(fd, DM_TABLE_STATUS, io) < 0)
		return errf(-errno, "/dev/mapper/control: %s", strerror(errno));
	/* Of a volume without a table, the kernel says that there are no data. */
	if (io->target_count > 0 &&
	    (io->flags & DM_BUFFER_FULL_FLAG || io->data_start < offsetof(struct dm_ioctl, data) ||
	     io->data_size > TABLE_SIZE || io->data_start > io->data_size))
		return errf(-EMSGSIZE, "the table of the volume is too long");
	return print_table(io, ret);
}

static int parse_line(const char *line, struct linear *l)
{
	struct linear_segment s;
	unsigned major, minor;
	char type[32] = "";
	int r;

	if (sscanf(line, "%" SCNu64 " %" SCNu64 " %31s %u:%u %" SCNu64, &s.start, &s.size, type,
	           &major, &minor, &s.offset) != 6 ||
	    !streq(type, "linear"))
		return errf(-EOPNOTSUPP,
		            "the volume is of type %s; blocks have a fixed place "
		            "only where all of it is linear",
		            *type ? type : "unknown");
	if (s.start > INT64_MAX / SECTOR || s.size > INT64_MAX / SECTOR ||
	    s.offset > INT64_MAX / SECTOR)
		return errf(-ERANGE, "the table of the volume has a number that is too large");
	s.start *= SECTOR;
	s.size *= SECTOR;
	s.offset *= SECTOR;
	s.disk = makedev(major, minor);
	r = array_grow(&l->list, l->n, "the table of a volume");
	if (r < 0)
		return r;
	l->list[l->n++] = s;
	return 0;
}

int linear_parse(const char *table, struct linear *ret)
{
	_cleanup_(linear_done) struct linear l = {};
	_cleanup_free_ char *copy = strdup(table);
	char *save = NULL;

	if (!copy)
		return oom("the table of a volume");
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		int r = parse_line(line, &l);

		if (r < 0)
			return r;
	}
	if (l.n == 0)
		return errf(-EOPNOTSUPP, "the volume has no table");
	*ret = TAKE_STRUCT(l);
	return 0;
}

/* Adds the pieces of @e on the disk, which must be *@disk, or becomes it. */
static int translate(const struct linear *l, struct store_extent e, char ***ret, dev_t *disk)
{
	for (size_t i = 0; i < l->n && e.size > 0; i++) {
		const struct linear_segment *s = &l->list[i];
		_cleanup_free_ char *word = NULL;
		uint64_t in = e.offset - s->start, n, to;
		int r;

		if (e.offset < s->start || in >= s->size)
			continue;
		n = MIN(e.size, s->size - in);
		to = s->offset + in;
		if (n % STORE_BLOCK || to % STORE_BLOCK)
			return errf(-EOPNOTSUPP, "its blocks are not at whole blocks of the disk");
		if (*disk && *disk != s->disk)
			return errf(-EOPNOTSUPP, "its blocks lie on several disks");
		*disk = s->disk;
		r = text_printf(&word, "%" PRIu64 "+%" PRIu64, to, n);
		if (r < 0 || (r = strv_push(ret, word)) < 0)
			return r;
		e.offset += n;
		e.size -= n;
		i = (size_t)-1; /* segments may come in any order */
	}
	return e.size ? errf(-EOPNOTSUPP, "its blocks lie beyond the volume") : 0;
}

int linear_translate(int root_fd, const struct linear *l, char ***extents, struct device *ret_disk)
{
	_cleanup_(strv_freep) char **list = NULL;
	_cleanup_free_ struct store_extent *e = NULL;
	dev_t disk = 0;
	size_t n;
	int r = store_parse_extents(*extents, &e, &n);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = translate(l, e[i], &list, &disk);
	if (r < 0 || (r = device_find_node(root_fd, "the reserve", disk, ret_disk)) < 0)
		return r;
	strv_free(*extents);
	*extents = TAKE_PTR(list);
	return 0;
}
