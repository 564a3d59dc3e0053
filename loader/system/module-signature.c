// SPDX-License-Identifier: GPL-2.0-or-later
/* module-signature.c - whether a kernel wants signatures of its modules, see module-signature.h. */
#include "loader/system/module-signature.h"

#include "system/tree.h"
#include "base/text.h"

/* IMA may ask for signatures by its own policies. */
static bool asks_for_signatures(char *const *words)
{
	static const char *const parts[] = { "sig_enforce", "lockdown", "ima_" };

	for (char *const *w = words; w && *w; w++)
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
			if (strstr(*w, parts[i]))
				return true;
	return false;
}

bool modules_need_signatures(int root_fd, char *const *cmdline)
{
	_cleanup_free_ char *enforce = NULL, *lockdown = NULL, *running = NULL;
	_cleanup_(strv_freep) char **words = NULL;

	return tree_read_line(root_fd, "/sys/module/module/parameters/sig_enforce", &enforce) < 0 ||
	       !streq(enforce, "N") ||
	       tree_read_line(root_fd, "/sys/kernel/security/lockdown", &lockdown) < 0 ||
	       !strstr(lockdown, "[none]") ||
	       tree_read_line(root_fd, "/proc/cmdline", &running) < 0 ||
	       strv_split(&words, running, true) < 0 || asks_for_signatures(words) ||
	       asks_for_signatures(cmdline);
}
