// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-fingerprint.c - the log of a kernel: its crash has a kind, calls and a hash, or none. */
#include "tests/fuzz/fuzz.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/log/title.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *log = malloc(size + 1), *title = NULL;
	struct fingerprint f;
	char buf[8];

	if (!log)
		return 0;
	memcpy(log, data, size);
	log[size] = '\0';
	if (fingerprint_of_log(log, &f) == 0) {
		size_t loose = strlen(f.loose_text);

		/* The looser one is the beginning of the other. */
		fuzz_check(loose > 0 && loose <= strlen(f.text) &&
		           strncmp(f.text, f.loose_text, loose) == 0);
		fuzz_check(strlen(f.hash) == 16 && strlen(f.loose) == 16);
		for (const char *s = f.text; *s; s++)
			fuzz_check(*s >= ' ' && *s <= '~');
	}
	if (title_of_log(log, &title) == 0)
		fuzz_check(!strchr(title, '\n'));
	crash_kind_normalise(log, buf, sizeof(buf));
	fuzz_check(strlen(buf) < sizeof(buf));
	return 0;
}
