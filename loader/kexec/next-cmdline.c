// SPDX-License-Identifier: GPL-2.0-or-later
/* next-cmdline.c - the command line of a kernel that is started by kexec, see next-cmdline.h. */
#include "loader/kexec/next-cmdline.h"

#include <errno.h>
#include <stdio.h>

#include "system/param.h"
#include "system/tree.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/text.h"

#define SYSTAB      "/sys/firmware/efi/systab"
#define RUNTIME_MAP "/sys/firmware/efi/runtime-map"
#define BOOT_PARAMS "/sys/kernel/boot_params/data"
#define RSDP        "acpi_rsdp"

/* Of struct boot_params (arch/x86/include/uapi/asm/bootparam.h, 6.12). */
#define BOOT_PARAMS_RSDP 0x70

/* Words that are never handed on: for a boot loader, or put in front by the kernel itself. */
static const char *const dropped[] = { "BOOT_IMAGE", "initrd", "elfcorehdr", "dmcryptkeys", NULL };

/* A command line taken apart: what the administrator gave, the marker and what follows it, and "--"
 * with what is for init. */
struct line {
	char **head, **tail, **init;
};

static void line_done(struct line *l)
{
	strv_freep(&l->head);
	strv_freep(&l->tail);
	strv_freep(&l->init);
}

static int line_split(const char *text, struct line *l)
{
	_cleanup_(strv_freep) char **words = NULL;
	char ***part = &l->head;
	int r;

	r = strv_split(&words, text, true);
	for (char **w = words; r == 0 && w && *w; w++) {
		if (part != &l->init && streq(*w, "--"))
			part = &l->init;
		else if (part == &l->head && param_matches(*w, NEXTLINE_MARKER))
			part = &l->tail;
		r = strv_push(part, *w);
	}
	return r;
}

static int add(char ***words, char *const *more)
{
	int r = 0;

	for (; r == 0 && more && *more; more++)
		r = strv_push(words, *more);
	return r;
}

/* The words of @head that are handed on. What is appended anyhow would pile up from one kexec to
 * the next. */
static int add_head(const struct next_cmdline_request *req, char *const *head, char *const *extra,
                    char ***words)
{
	int r = 0;

	for (; r == 0 && head && *head; head++)
		if (!param_matches_any(*head, (char *const *)dropped) &&
		    !param_matches_any(*head, req->remove) && !strv_contains(req->append, *head) &&
		    !strv_contains(extra, *head))
			r = strv_push(words, *head);
	return r;
}

int next_cmdline_build(const struct next_cmdline_request *req, char **ret)
{
	_cleanup_(line_done) struct line running = {}, base = {};
	_cleanup_(strv_freep) char **words = NULL, **extra = NULL;
	int r;

	r = line_split(req->running, &running);
	if (r == 0)
		r = line_split(req->base ? req->base : req->running, &base);
	if (r == 0 && req->extra)
		r = strv_split(&extra, req->extra, true);
	if (r == 0)
		r = add_head(req, base.head, extra, &words);
	/* Before the marker: a crash later takes off what is behind it. */
	if (r == 0 && req->rsdp && !param_in(req->rsdp, words) &&
	    !param_in(req->rsdp, req->append) && !param_in(req->rsdp, extra))
		r = strv_push(&words, req->rsdp);
	if (r == 0)
		r = add(&words, req->append);
	if (r == 0)
		r = add(&words, extra);
	if (r == 0 && !req->after_crash)
		r = add(&words, running.tail);
	if (r == 0)
		r = add(&words, base.init);
	return r < 0 ? errf(r, "no memory for a command line") : strv_join(words, " ", ret);
}

bool next_cmdline_returned(const char *running, uint64_t *ret_cpus)
{
	_cleanup_(line_done) struct line l = {};
	const char *value;

	if (line_split(running, &l) < 0 || !l.tail)
		return false;
	value = strchr(l.tail[0], '=');
	return value && text_to_u64(value + 1, 10, ret_cpus) == 0;
}

bool next_cmdline_parked(const char *running, uint64_t *ret_apicid)
{
	_cleanup_(line_done) struct line l = {};

	if (line_split(running, &l) < 0 || !strv_contains(l.tail, NEXTLINE_NO_BROADCAST))
		return false;
	for (char **w = l.tail; *w; w++)
		if (param_matches(*w, NEXTLINE_DISABLE_CPU))
			(void)text_to_u64(*w + strcspn(*w, "=") + 1, 10, ret_apicid);
	return true;
}

/* The word of the running kernel: it needed it, so the next one does. NULL when there is none. */
static int inherited_rsdp(const char *running, char **ret)
{
	_cleanup_(strv_freep) char **words = NULL;
	int r;

	r = strv_split(&words, running, true);
	for (char **w = words; r == 0 && w && *w && !streq(*w, "--") && !*ret; w++)
		if (param_matches(*w, RSDP)) {
			*ret = strdup(*w);
			r = *ret ? 0 : -ENOMEM;
		}
	return r;
}

/* Whether the boot parameters, which the next kernel gets a copy of, say where the tables are.
 * What cannot be read is no reason to add a word. */
static bool boot_params_tell(int root_fd)
{
	_cleanup_free_ char *data = NULL;
	struct cursor c;
	uint64_t rsdp;
	size_t len;

	if (tree_read(root_fd, BOOT_PARAMS, KIB(64), &data, &len) < 0)
		return true;
	c = cursor_over(data, len, BOOT_PARAMS);
	return cursor_seek(&c, BOOT_PARAMS_RSDP) < 0 || cursor_u64(&c, &rsdp) < 0 || rsdp != 0;
}

/* "ACPI20=0x7ff7e014", else "ACPI=": the table of version 2 has the addresses of 64 bits. */
static bool find_in_systab(const char *text, uint64_t *ret)
{
	static const char *const keys[] = { "ACPI20=", "ACPI=" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (const char *line = text; line; line = strchr(line, '\n')) {
			char number[32];
			size_t len;

			line += *line == '\n';
			if (strncmp(line, keys[i], strlen(keys[i])) != 0)
				continue;
			len = strcspn(line + strlen(keys[i]), "\n");
			snprintf(number, sizeof(number), "%.*s", (int)MIN(len, sizeof(number) - 1),
			         line + strlen(keys[i]));
			if (text_to_u64(number, 0, ret) == 0 && *ret)
				return true;
		}
	return false;
}

int next_cmdline_rsdp(int root_fd, const char *running, char **ret)
{
	_cleanup_free_ char *systab = NULL, *word = NULL;
	uint64_t rsdp;
	int r;

	r = inherited_rsdp(running, &word);
	if (r < 0)
		return errf(r, "no memory for a command line");
	/* With runtime services the kernel hands its EFI tables on, and they have the address. It
	 * shows their memory map for that purpose; with efi=noruntime or noefi there is no map
	 * (arch/x86/platform/efi/efi.c, drivers/firmware/efi/runtime-map.c, 6.12). */
	if (!word && !tree_exists(root_fd, RUNTIME_MAP) && !boot_params_tell(root_fd) &&
	    tree_read(root_fd, SYSTAB, KIB(64), &systab, NULL) == 0 &&
	    find_in_systab(systab, &rsdp) &&
	    asprintf(&word, RSDP "=0x%llx", (unsigned long long)rsdp) < 0) {
		word = NULL;
		return errf(-ENOMEM, "no memory for a command line");
	}
	*ret = TAKE_PTR(word);
	return 0;
}
