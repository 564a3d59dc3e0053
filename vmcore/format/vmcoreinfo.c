// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcoreinfo.c - the facts that a kernel leaves, see vmcoreinfo.h. */
#include "vmcore/format/vmcoreinfo.h"

#include <stdio.h>

#include "base/text.h"

bool vmcoreinfo_string(const struct vmcoreinfo *vi, const char *key, const char **ret,
                       size_t *ret_len)
{
	const char *end = vi->len > 0 ? vi->text + vi->len : vi->text;
	size_t key_len = strlen(key);

	for (const char *line = vi->text; line < end;) {
		const char *eol = memchr(line, '\n', end - line) ?: end;

		if ((size_t)(eol - line) > key_len && line[key_len] == '=' &&
		    memcmp(line, key, key_len) == 0) {
			*ret = line + key_len + 1;
			*ret_len = eol - *ret;
			return true;
		}
		line = eol + 1;
	}
	return false;
}

const char *vmcoreinfo_copy(const struct vmcoreinfo *vi, const char *key, char *buf, size_t size)
{
	const char *value;
	size_t len;

	if (!vmcoreinfo_string(vi, key, &value, &len))
		len = 0;
	len = MIN(len, size - 1);
	if (len > 0)
		memcpy(buf, value, len);
	buf[len] = '\0';
	return buf;
}

bool vmcoreinfo_plain(const struct vmcoreinfo *vi, const char *key, int base, uint64_t *ret)
{
	char buf[32];

	vmcoreinfo_copy(vi, key, buf, sizeof(buf));
	return text_to_u64(buf, base, ret) == 0;
}

bool vmcoreinfo_get(const struct vmcoreinfo *vi, const char *kind, const char *name, uint64_t *ret)
{
	char key[96], buf[32];
	uint64_t v;
	bool minus;

	if (snprintf(key, sizeof(key), "%s(%s)", kind, name) >= (int)sizeof(key))
		return false;
	if (streq(kind, "SYMBOL"))
		return vmcoreinfo_plain(vi, key, 16, ret);
	if (!streq(kind, "NUMBER"))
		return vmcoreinfo_plain(vi, key, 10, ret);
	vmcoreinfo_copy(vi, key, buf, sizeof(buf));
	minus = buf[0] == '-';
	if (text_to_u64(buf + minus, strncmp(buf, "0x", 2) == 0 ? 16 : 10, &v) < 0)
		return false;
	*ret = minus ? -v : v;
	return true;
}
