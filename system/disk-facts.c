// SPDX-License-Identifier: GPL-2.0-or-later
/* disk-facts.c - what tells a disk from a copy of it, see disk-facts.h. */
#include "system/disk-facts.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* Bytes of a value that count. A wwid of NVMe has up to 130. */
#define VALUE_MAX 160

/* /sys/class/block counts in these, whatever the disk has (block/genhd.c). */
#define SECTOR 512

/* Where drivers show who a disk is, below the directory of the disk. The first file that says
 * something counts (drivers/block/virtio_blk.c, drivers/nvme/host/sysfs.c,
 * drivers/scsi/scsi_sysfs.c, drivers/mmc/core/mmc.c, Linux 5.10 to 6.12). */
static const struct {
	const char *key, *file;
	size_t skip; /* bytes: the header of a page of vital product data */
} sources[] = {
	{ "wwid", "wwid" },     { "wwid", "device/wwid" },     { "wwid", "device/cid" },
	{ "serial", "serial" }, { "serial", "device/serial" }, { "serial", "device/vpd_pg80", 4 },
};

/* Parts of a path in which a number follows that drivers count up as they find devices. */
static const char *const counted[] = { "host",        "target",    "virtio", "nvme-subsys", "nvme",
	                               "mmc",         "usb",       "ata",    "session",     "port-",
	                               "end_device-", "expander-", "rport-" };

/* Text without white space at its ends; the rest of what a word of the plan cannot hold is "_". */
static void clean(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	memmove(s, s + strspn(s, " \t\n"), strlen(s + strspn(s, " \t\n")) + 1);
	for (; *s; s++)
		if (!isgraph((unsigned char)*s) || *s == '"' || *s == '\'')
			*s = '_';
}

int disk_facts_add(char ***facts, const char *key, const char *value)
{
	char copy[VALUE_MAX], word[VALUE_MAX + 16];

	snprintf(copy, sizeof(copy), "%s", value);
	clean(copy);
	if (!*copy)
		return 0;
	snprintf(word, sizeof(word), "%s=%s", key, copy);
	return strv_push(facts, word);
}

int disk_node(const char *name, char **ret)
{
	int r = text_printf(ret, "/dev/%s", name);

	/* "!" stands for "/" in names such as cciss!c0d0. */
	for (char *c = r < 0 ? NULL : *ret; c && *c; c++)
		if (*c == '!')
			*c = '/';
	return r;
}

const char *disk_facts_get(char *const *facts, const char *key)
{
	size_t len = strlen(key);

	for (; facts && *facts; facts++)
		if (strncmp(*facts, key, len) == 0 && (*facts)[len] == '=')
			return *facts + len + 1;
	return NULL;
}

/* Directory of the device in sysfs; with @ret_partition, that of its disk and the partition, 0 for
 * none. Negative, without a text that matters, when it is not there. */
static int find_directory(int root_fd, const char *name, char **ret, uint64_t *ret_partition)
{
	_cleanup_free_ char *directory = NULL;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	r = tree_realpath(root_fd, path, &directory);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/partition", directory);
	if (tree_read_u64(root_fd, path, ret_partition) == 0)
		*strrchr(directory, '/') = '\0';
	else
		*ret_partition = 0;
	*ret = TAKE_PTR(directory);
	return 0;
}

/* libata counts its ports over all controllers, and tells the number within this one too. */
static bool ata_port(int root_fd, const char *directory, size_t len, const char *part,
                     uint64_t *ret)
{
	char path[PATH_MAX];

	if (strncmp(part, "ata", 3) != 0 || !isdigit((unsigned char)part[3]))
		return false;
	snprintf(path, sizeof(path), "%.*s/ata_port/%s/port_no", (int)len, directory, part);
	return tree_read_u64(root_fd, path, ret) == 0;
}

/* Writes one part of a path: "host", "target:0:0", "0:0:0" of "2:0:0:0", "-1.2" of "1-1.2". */
static void print_part(FILE *f, const char *part)
{
	size_t digits = strspn(part, "0123456789");

	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		size_t len = strlen(counted[i]);

		if (strncmp(part, counted[i], len) == 0 && isdigit((unsigned char)part[len])) {
			fprintf(f, "%s%s", counted[i],
			        part + len + strspn(part + len, "0123456789"));
			return;
		}
	}
	/* The host of a SCSI device and the bus of a USB device; the 0000 of PCI stays. */
	if (digits && part[digits] == '-')
		part += digits;
	else if (digits && part[digits] == ':' && strspn(part, "0123456789:") == strlen(part))
		part += digits + 1;
	fputs(part, f);
}

/* The path below /sys/devices, without its end, the name of the disk. */
static int print_path(int root_fd, const char *directory, uint64_t partition, FILE *f)
{
	static const char devices[] = "/sys/devices/";
	const char *from = directory, *slash, *sep = "";

	if (strncmp(from, devices, strlen(devices)) == 0)
		from += strlen(devices);
	for (; (slash = strchr(from, '/')); from = slash + 1) {
		_cleanup_free_ char *part = strndup(from, slash - from);
		uint64_t port;

		if (!part)
			return oom("the path of a disk");
		if (streq(part, "block"))
			continue;
		fputs(sep, f);
		if (ata_port(root_fd, directory, slash - directory, part, &port))
			fprintf(f, "ata%" PRIu64, port);
		else
			print_part(f, part);
		sep = "/";
	}
	if (partition)
		fprintf(f, "%spart%" PRIu64, sep, partition);
	return 0;
}

int disk_facts_add_place(int root_fd, const char *name, char ***facts)
{
	_cleanup_free_ char *directory = NULL, *path = NULL;
	uint64_t partition;
	size_t len;
	FILE *f;
	int r = disk_facts_add(facts, "name", name);

	if (r < 0 || find_directory(root_fd, name, &directory, &partition) < 0)
		return r;
	f = open_memstream(&path, &len);
	if (!f)
		return oom("the path of a disk");
	r = print_path(root_fd, directory, partition, f);
	if (fclose(f) != 0)
		return oom("the path of a disk");
	/* Of a long path the end tells devices apart. */
	return r < 0 ? r
	             : disk_facts_add(facts, "path",
	                              len < VALUE_MAX ? path : path + len - VALUE_MAX + 1);
}

static int add_size(int root_fd, const char *name, char ***facts)
{
	char path[PATH_MAX], value[32];
	uint64_t sectors;

	snprintf(path, sizeof(path), "/sys/class/block/%s/size", name);
	if (tree_read_u64(root_fd, path, &sectors) < 0 || sectors == 0)
		return 0;
	snprintf(value, sizeof(value), "%" PRIu64, sectors * SECTOR);
	return disk_facts_add(facts, "size", value);
}

int disk_facts_add_identity(int root_fd, const char *name, char ***facts)
{
	_cleanup_free_ char *directory = NULL;
	uint64_t partition;
	int r = add_size(root_fd, name, facts);

	if (r < 0 || find_directory(root_fd, name, &directory, &partition) < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(sources) && r == 0; i++) {
		_cleanup_free_ char *text = NULL;
		char path[PATH_MAX];
		size_t len;

		snprintf(path, sizeof(path), "%s/%s", directory, sources[i].file);
		if (!disk_facts_get(*facts, sources[i].key) &&
		    tree_read(root_fd, path, KIB(4), &text, &len) == 0 && len > sources[i].skip)
			r = disk_facts_add(facts, sources[i].key, text + sources[i].skip);
	}
	return r;
}

static bool is_same(char *const *planned, char *const *seen, const char *key)
{
	const char *a = disk_facts_get(planned, key), *b = disk_facts_get(seen, key);

	return a && b && strcasecmp(a, b) == 0;
}

static void append(char *buf, size_t size, const char *fmt, ...) _printf_(3, 4);
static void append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

void disk_facts_compare(char *const *planned, char *const *seen, struct disk_fit *ret)
{
	static const char *const keys[] = { "partuuid", "wwid", "serial", "size", "path", "name" };
	struct disk_fit fit = { .placed = true, .named = true };

	fit.proven = is_same(planned, seen, "wwid") || is_same(planned, seen, "serial");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *a = disk_facts_get(planned, keys[i]),
			   *b = disk_facts_get(seen, keys[i]);

		if (a && !b)
			append(fit.unseen, sizeof(fit.unseen), "%s%s", *fit.unseen ? ", " : "",
			       keys[i]);
		if (!a || !b || strcasecmp(a, b) == 0)
			continue;
		append(fit.differs, sizeof(fit.differs), "%s%s is %s, not %s",
		       *fit.differs ? "; " : "", keys[i], b, a);
		if (streq(keys[i], "path"))
			fit.placed = false;
		else if (streq(keys[i], "name"))
			fit.named = false;
		else if (!streq(keys[i], "size") || !fit.proven)
			fit.other = true;
	}
	fit.proven = fit.proven && !fit.other;
	*ret = fit;
}
