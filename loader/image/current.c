// SPDX-License-Identifier: GPL-2.0-or-later
/* current.c - compares what is armed with what a load would do now, see current.h. */
#include "loader/image/current.h"

#include <errno.h>

#include "loader/image/facts.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

static int add(char ***list, const char *text)
{
	return strv_push(list, text) < 0 ? oom("a list of differences") : 0;
}

static int compare_image(int root_fd, const struct initramfs *now, char ***list)
{
	_cleanup_free_ char *image = NULL;
	size_t len;

	if (tree_read(root_fd, ARMED_DIRECTORY "/" ARMED_IMAGE, MIB(512), &image, &len) == 0 &&
	    len == now->len && memcmp(image, now->data, len) == 0)
		return 0;
	return add(list, "the capture image has changed");
}

int current_compare(int root_fd, const struct prepared *now, char ***list)
{
	_cleanup_free_ char *facts = NULL;
	int r = tree_read(root_fd, ARMED_DIRECTORY "/" ARMED_FACTS, MIB(16), &facts, NULL);

	if (r == -ENOENT)
		return add(list, "another version of kdump-lite has armed");
	if (r < 0 || (r = facts_compare(facts, now->facts, list)) < 0)
		return r;
	return now->image.data && !*list ? compare_image(root_fd, &now->image, list) : 0;
}

int current_look(const struct prepare_request *req, const struct armed *armed, char ***list)
{
	_cleanup_(prepared_done) struct prepared now = PREPARED_NULL;
	struct prepare_request only_decide = *req;
	int r;

	only_decide.like = armed;
	r = prepare(&only_decide, &now);
	return r < 0 ? r : current_compare(req->root_fd, &now, list);
}
