// SPDX-License-Identifier: GPL-2.0-or-later
/* ktype.c - the members of a structure, see ktype.h. */
#include "vmcore/view/ktype.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"

bool ktype_next_name(const char **names, char *ret, size_t size)
{
	size_t len = strcspn(*names, "|");

	if (len == 0)
		return false;
	snprintf(ret, size, "%.*s", (int)len, *names);
	*names += len;
	*names += **names == '|';
	return true;
}

static int ktype_find_structure(const struct btf *b, const char *names, char *ret, size_t size,
                                uint64_t *ret_size)
{
	const char *rest = names;

	while (ktype_next_name(&rest, ret, size))
		if (btf_size(b, ret, ret_size) == 0)
			return 0;
	return errf(-ENOENT, "the kernel has no structure %s", names);
}

static int ktype_find_member(const struct btf *b, const char *structure, const char *names,
                             struct btf_member *ret)
{
	const char *rest = names;
	struct btf_member m;
	char name[128];

	while (ktype_next_name(&rest, name, sizeof(name)))
		if (btf_member(b, structure, name, &m) == 0 && m.size <= KTYPE_MAX &&
		    m.offset <= KTYPE_MAX - m.size) {
			*ret = m;
			return 0;
		}
	return errf(-ENOENT, "the kernel has no %s.%s", structure, names);
}

int ktype_find(const struct btf *b, const char *structure, const char *const *members, unsigned n,
               struct ktype *ret)
{
	struct ktype t = { .n = n, .start = UINT64_MAX };
	char name[64];
	int r;

	if (n > KTYPE_MEMBERS)
		return errf(-EINVAL, "%u members of %s are more than can be wanted", n, structure);
	if (!b)
		return errf(-ENODATA, "the kernel's types are not known");
	r = ktype_find_structure(b, structure, name, sizeof(name), &t.size);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < t.n; i++) {
		struct btf_member *m = &t.members[i];
		bool optional = members[i][0] == '?';

		r = ktype_find_member(b, name, members[i] + optional, m);
		if (r < 0 && !optional)
			return r;
		if (r < 0)
			continue;
		t.known |= UINT32_C(1) << i;
		t.start = MIN(t.start, m->offset);
		t.end = MAX(t.end, m->offset + m->size);
	}
	t.start = MIN(t.start, t.end);
	*ret = t;
	return 0;
}
