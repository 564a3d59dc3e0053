// SPDX-License-Identifier: GPL-2.0-or-later
/* foreign.c - files that are taken for dumps, see foreign.h, by their first bytes. */
#include "vmcore/format/foreign.h"

#include <errno.h>

#include "base/err.h"

#define UNPACK(what, tool)                                                                         \
	"compressed by " what ": unpack it, or use a pipe, as in \"" tool                          \
	" FILE | kdump-lite report -\""

static const struct {
	const char *magic;
	size_t len;
	const char *what;
} kinds[] = {
#define MAGIC(bytes) bytes, sizeof(bytes) - 1
	{ MAGIC("\x1f\x8b"), UNPACK("gzip", "zcat") },
	{ MAGIC("\xfd"
	        "7zXZ"),
	  UNPACK("xz", "xzcat") },
	{ MAGIC("(\xb5/\xfd"), UNPACK("zstd", "zstdcat") },
	{ MAGIC("\x04\"M\x18"), UNPACK("lz4", "lz4cat") },
	{ MAGIC("BZh"), UNPACK("bzip2", "bzcat") },
	{ MAGIC("\x89LZO"), UNPACK("lzop", "lzop -dc") },
	/* libvirt src/qemu/qemu_saveimage.h; "Part" until the file is whole */
	{ MAGIC("LibvirtQemud"),
	  "the saved state of a virtual machine: make the dump by \"virsh dump "
	  "--memory-only\"" },
	/* QEMU migration/qemu-file-types.h QEMU_VM_FILE_MAGIC */
	{ MAGIC("QEVM"), "the saved state of a virtual machine: make the dump by QEMU's "
	                 "dump-guest-memory, or \"virsh dump --memory-only\"" },
	{ MAGIC("QFI\xfb"), "a disk image of QEMU" },
	{ MAGIC("EMiL"), "an image of LiME, which only memory forensics tools read" },
	{ MAGIC("AVML"), "an image of AVML, which only memory forensics tools read" },
	{ MAGIC("\xd0\xbe\xd2\xbe"),
	  "the saved state of a VMware machine: vmss2core makes a dump of it" },
	{ MAGIC("\xd1\xba\xd1\xba"),
	  "the saved state of a VMware machine: vmss2core makes a dump of it" },
	{ MAGIC("\xd2\xbe\xd2\xbe"),
	  "the saved state of a VMware machine: vmss2core makes a dump of it" },
	{ MAGIC("\xd3\xbe\xd3\xbe"),
	  "the saved state of a VMware machine: vmss2core makes a dump of it" },
	{ MAGIC("PAGEDU"), "a dump of Windows" },
	{ MAGIC("DISKDUMP"), "a dump of diskdump, which kdump has replaced" },
#undef MAGIC
};

/* So far into a file a stream is looked for, behind what a shell or ssh may have said first. */
#define BANNER_MAX KIB(4)

/* How a flattened file begins (makedumpfile.h MAKEDUMPFILE_SIGNATURE). */
#define FLATTENED "makedumpfile\0\0\0\0"

/* Where a flattened stream begins behind other text; 0: nowhere. */
static size_t find_stream(const uint8_t *head, size_t len)
{
	const uint8_t *at = memmem(head, len, FLATTENED, sizeof(FLATTENED) - 1);

	return at ? (size_t)(at - head) : 0;
}

int foreign_refuse(const struct source *s)
{
	static const char none[] = "neither an ELF core nor a kdump-compressed file";
	uint8_t head[BANNER_MAX] = {};
	size_t len = MIN(source_size(s), sizeof(head)), banner;

	if (len == 0)
		return errf(-EBADMSG, "%s: %s: it is empty", source_name(s), none);
	if (source_read(s, 0, head, len) < 0)
		return errf(-EBADMSG, "%s: %s", source_name(s), none);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].len <= len && memcmp(head, kinds[i].magic, kinds[i].len) == 0)
			return errf(-EBADMSG, "%s: %s, but %s", source_name(s), none,
			            kinds[i].what);
	banner = find_stream(head, len);
	if (banner > 0)
		return errf(-EBADMSG,
		            "%s: %s, but a flattened one behind %zu bytes of text, as ssh may add "
		            "them: cut them off by \"tail -c +%zu\"",
		            source_name(s), none, banner, banner + 1);
	return errf(-EBADMSG, "%s: %s", source_name(s), none);
}
