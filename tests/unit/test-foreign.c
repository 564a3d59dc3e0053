// SPDX-License-Identifier: GPL-2.0-or-later
/* test-foreign.c - files that are no dumps are called by their name. */
#include <errno.h>

#include "tests/unit/synth.h"

static void files_are_called_by_their_name(void **state)
{
	static const struct {
		const char *head;
		size_t len;
		const char *error;
	} files[] = {
#define FILE_OF(bytes) bytes, sizeof(bytes) - 1
		{ FILE_OF(""), "file: it is empty" },
		{ FILE_OF("x"), "synth: neither an ELF core nor a kdump-compressed file" },
		{ FILE_OF("\x1f\x8b\x08"), "compressed by gzip: unpack it, or use a pipe, as in "
		                           "\"zcat FILE | kdump-lite report -\"" },
		{ FILE_OF("\xfd"
		          "7zXZ\0"),
		  "xzcat" },
		{ FILE_OF("(\xb5/\xfd"), "zstdcat" },
		{ FILE_OF("LibvirtQemudSave"), "virsh dump --memory-only" },
		{ FILE_OF("LibvirtQemudPart"), "virsh dump --memory-only" },
		{ FILE_OF("QEVM\0\0\0\3"), "dump-guest-memory" },
		{ FILE_OF("EMiL\1\0\0\0"), "LiME" },
		{ FILE_OF("\xd2\xbe\xd2\xbe"), "vmss2core" },
		{ FILE_OF("Welcome\nmakedumpfile\0\0\0\0"),
		  "a flattened one behind 8 bytes of text, as "
		  "ssh may add them: cut them off by \"tail -c "
		  "+9\"" },
#undef FILE_OF
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct dump *d = NULL;

		check_case("%s", files[i].error);
		assert_fails(synth_open(files[i].head, files[i].len, &d), -EBADMSG, files[i].error);
		assert_null(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_called_by_their_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
