// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-crash.c - a crash.json of any content: what is read of it can be written, and read again. */
#include <stdlib.h>

#include "config/crash.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = NULL, *again = NULL, *amended = NULL;
	struct crash c = {}, copy = {};

	(void)crash_from_text((const char *)data, size, &c);
	fuzz_check(crash_fill(&c) == 0);
	fuzz_check(crash_to_text(&c, &text) == 0);
	fuzz_check(crash_from_text(text, strlen(text), &copy) == 0 && crash_fill(&copy) == 0);
	fuzz_check(crash_to_text(&copy, &again) == 0 && strcmp(again, text) == 0);
	(void)crash_amend_text((const char *)data, size, &c, &amended);
	crash_done(&c);
	crash_done(&copy);
	return 0;
}
