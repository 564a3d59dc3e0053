// SPDX-License-Identifier: GPL-2.0-or-later
/* json-kit.c - values of a dump as JSON, see json-kit.h. */
#include "vmcore/text/json-kit.h"

#include "base/printable.h"
#include "base/base.h"

static json_t *clean_json(const char *s, bool lines)
{
	_cleanup_free_ char *clean = NULL;

	if (!s || printable(s, strlen(s), lines, &clean) < 0)
		return json_null();
	return json_string(clean);
}

json_t *text_json(const char *s)
{
	return clean_json(s, true);
}

json_t *line_json(const char *s)
{
	return clean_json(s, false);
}

json_t *address_json(uint64_t address)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "0x%llx", (unsigned long long)address);
	return json_string(buf);
}
