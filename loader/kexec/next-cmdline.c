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

/* Offset in struct boot_params (arch/x86/include/uapi/asm/bootparam.h, 6.12). */
#define BOOT_PARAMS_RSDP 0x70

/* Words that the next kernel never gets: a boot loader's, or put in front by the kernel. */
static const char *const dropped[] = { "BOOT_IMAGE", "initrd", "elfcorehdr", "dmcryptkeys", NULL };

/* The parts of a command line: the administrator's, those from the marker on, those for init. */
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
	int r = strv_split(&words, text, true);

	if (r < 0)
		return r;
	for (char **w = words; w && *w; w++) {
		if (part != &l->init && streq(*w, "--"))
			part = &l->init;
		else if (part == &l->head && param_matches(*w, NEXT_CMDLINE_MARKER))
			part = &l->tail;
		if ((r = strv_push(part, *w)) < 0)
			return r;
	}
	return 0;
}

static int add_words(char ***words, char *const *more)
{
	int r = 0;

	for (; r >= 0 && more && *more; more++)
		r = strv_push(words, *more);
	return r;
}

/* Adds the words of @head that the next kernel gets. Words that are appended anyway are left out:
 * they would pile up from one kexec to the next. */
static int add_head(const struct next_cmdline_request *req, char *const *head, char *const *extra,
                    char ***words)
{
	int r = 0;

	for (; r >= 0 && head && *head; head++)
		if (!param_matches_any(*head, (char *const *)dropped) &&
		    !param_matches_any(*head, req->remove) && !strv_contains(req->append, *head) &&
		    !strv_contains(extra, *head))
			r = strv_push(words, *head);
	return r;
}

/* Adds acpi_rsdp= unless it is given, before the marker: what is behind goes after a crash. */
static int add_rsdp(const struct next_cmdline_request *req, char *const *extra, char ***words)
{
	if (!req->rsdp || param_in(req->rsdp, *words) || param_in(req->rsdp, req->append) ||
	    param_in(req->rsdp, extra))
		return 0;
	return strv_push(words, req->rsdp);
}

/* The only error is -ENOMEM. */
static int collect_words(const struct next_cmdline_request *req, char ***ret)
{
	_cleanup_(line_done) struct line running = {}, base = {};
	_cleanup_(strv_freep) char **extra = NULL;
	int r;

	if ((r = line_split(req->running, &running)) < 0 ||
	    (r = line_split(req->base ? req->base : req->running, &base)) < 0)
		return r;
	if (req->extra && (r = strv_split(&extra, req->extra, true)) < 0)
		return r;
	if ((r = add_head(req, base.head, extra, ret)) < 0 || (r = add_rsdp(req, extra, ret)) < 0 ||
	    (r = add_words(ret, req->append)) < 0 || (r = add_words(ret, extra)) < 0)
		return r;
	if (!req->after_crash && (r = add_words(ret, running.tail)) < 0)
		return r;
	return add_words(ret, base.init);
}

int next_cmdline_build(const struct next_cmdline_request *req, char **ret)
{
	_cleanup_(strv_freep) char **words = NULL;

	return collect_words(req, &words) < 0 ? oom("a command line") : strv_join(words, " ", ret);
}

/* The last word of @words for the parameter @name, which is the one in force; or NULL. */
static const char *find_word(char *const *words, const char *name)
{
	const char *found = NULL;

	for (; words && *words; words++)
		if (param_matches(*words, name))
			found = *words;
	return found;
}

static bool is_empty(char *const *words)
{
	for (; words && *words; words++)
		if (!param_matches_any(*words, (char *const *)dropped))
			return false;
	return true;
}

int next_cmdline_losses(const char *running, const char *line, char ***notes)
{
	static const struct {
		const char *name, *follows;
	} kept[] = {
		{ "crashkernel", "no memory is reserved for a capture kernel" },
		{ "root", "the kernel may not find its root file system" },
	};
	_cleanup_(line_done) struct line now = {}, next = {};
	int r;

	if ((r = line_split(running, &now)) < 0 || (r = line_split(line, &next)) < 0)
		return oom("a command line");
	if (is_empty(next.head) && !is_empty(now.head) &&
	    (r = strv_push(notes, "the next command line is empty, the running one is not")) < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		const char *word = find_word(now.head, kept[i].name);
		_cleanup_free_ char *text = NULL;

		if (!word || find_word(next.head, kept[i].name))
			continue;
		if ((r = text_printf(&text,
		                     "the next command line lacks %s, so %s; CommandLineAppend= "
		                     "of [Kexec] can add it",
		                     word, kept[i].follows)) < 0 ||
		    (r = strv_push(notes, text)) < 0)
			return r;
	}
	return 0;
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

	if (line_split(running, &l) < 0 || !strv_contains(l.tail, NEXT_CMDLINE_NO_BROADCAST))
		return false;
	for (char **w = l.tail; *w; w++)
		if (param_matches(*w, NEXT_CMDLINE_DISABLE_CPU))
			(void)text_to_u64(*w + strcspn(*w, "=") + 1, 10, ret_apicid);
	return true;
}

/* Finds acpi_rsdp= of the running kernel, or NULL. If that needed it, the next one does too. */
static int inherited_rsdp(const char *running, char **ret)
{
	_cleanup_(strv_freep) char **words = NULL;
	int r = strv_split(&words, running, true);

	if (r < 0)
		return r;
	for (char **w = words; w && *w && !streq(*w, "--"); w++)
		if (param_matches(*w, RSDP)) {
			*ret = strdup(*w);
			return *ret ? 0 : -ENOMEM;
		}
	return 0;
}

/* True if the boot parameters, which are copied for the next kernel, have the address of the
 * tables. Also true if they cannot be read: that is no reason to add a word. */
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

/* Finds "ACPI20=0x7ff7e014", or else "ACPI=". Only the table of version 2 has 64-bit addresses. */
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
	int r = inherited_rsdp(running, &word);

	if (r < 0)
		return oom("a command line");
	/* With runtime services the next kernel gets the EFI tables, which have the address. The
	 * kernel exports its runtime map for this; with efi=noruntime or noefi there is none
	 * (arch/x86/platform/efi/efi.c, drivers/firmware/efi/runtime-map.c, 6.12). */
	if (!word && !tree_exists(root_fd, RUNTIME_MAP) && !boot_params_tell(root_fd) &&
	    tree_read(root_fd, SYSTAB, KIB(64), &systab, NULL) == 0 &&
	    find_in_systab(systab, &rsdp) &&
	    (r = text_printf(&word, RSDP "=0x%llx", (unsigned long long)rsdp)) < 0)
		return r;
	*ret = TAKE_PTR(word);
	return 0;
}
