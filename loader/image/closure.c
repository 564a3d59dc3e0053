// SPDX-License-Identifier: GPL-2.0-or-later
/* closure.c - shared libraries of a program, see closure.h. */
#include "loader/image/closure.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>

#include "loader/image/ldcache.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define STRINGS_MAX MIB(16)

void closure_done(struct closure *c)
{
	c->files = strv_free(c->files);
}

/* What the dynamic section of one file says. */
struct object {
	unsigned char class;
	uint16_t machine;
	char *interpreter; /* NULL: none */
	char **needed;
	char *rpath, *runpath; /* NULL: none */
};

static void object_done(struct object *o)
{
	free(o->interpreter);
	free(o->rpath);
	free(o->runpath);
	strv_free(o->needed);
}

/* Offset in the file of the address @vaddr. */
static int file_offset(Elf *elf, size_t n_phdrs, uint64_t vaddr, uint64_t *ret, uint64_t *ret_left)
{
	for (size_t i = 0; i < n_phdrs; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(elf, i, &p) || p.p_type != PT_LOAD || vaddr < p.p_vaddr ||
		    vaddr - p.p_vaddr >= p.p_filesz)
			continue;
		*ret_left = p.p_filesz - (vaddr - p.p_vaddr);
		return __builtin_add_overflow(p.p_offset, vaddr - p.p_vaddr, ret) ? -EBADMSG : 0;
	}
	return -EBADMSG;
}

/* String table of the dynamic section; checked by string_at(). */
struct strings {
	const char *data;
	size_t len;
};

static const char *string_at(const struct strings *s, uint64_t offset)
{
	if (offset >= s->len || !memchr(s->data + offset, '\0', s->len - offset))
		return NULL;
	return s->data + offset;
}

static int find_strings(Elf *elf, size_t n_phdrs, Elf_Data *dynamic, struct strings *ret)
{
	uint64_t address = 0, size = 0, offset, left;
	Elf_Data *data;
	GElf_Dyn dyn;

	for (int i = 0; gelf_getdyn(dynamic, i, &dyn) && dyn.d_tag != DT_NULL; i++) {
		if (dyn.d_tag == DT_STRTAB)
			address = dyn.d_un.d_ptr;
		if (dyn.d_tag == DT_STRSZ)
			size = dyn.d_un.d_val;
	}
	if (file_offset(elf, n_phdrs, address, &offset, &left) < 0 || size > left ||
	    size > STRINGS_MAX)
		return -EBADMSG;
	data = elf_getdata_rawchunk(elf, offset, size, ELF_T_BYTE);
	if (!data)
		return -EBADMSG;
	*ret = (struct strings){ .data = data->d_buf, .len = data->d_size };
	return 0;
}

/* Takes over one entry of a dynamic section. */
static int take_entry(const struct strings *strings, const GElf_Dyn *dyn, struct object *o)
{
	const char *text = string_at(strings, dyn->d_un.d_val);

	if (dyn->d_tag != DT_RPATH && dyn->d_tag != DT_RUNPATH && dyn->d_tag != DT_NEEDED)
		return 0;
	if (!text)
		return -EBADMSG;
	if (dyn->d_tag == DT_NEEDED)
		return strv_push(&o->needed, text);
	return text_replace(dyn->d_tag == DT_RPATH ? &o->rpath : &o->runpath, text);
}

static int read_dynamic(Elf *elf, size_t n_phdrs, const GElf_Phdr *p, struct object *o)
{
	Elf_Data *dynamic = elf_getdata_rawchunk(elf, p->p_offset, p->p_filesz, ELF_T_DYN);
	struct strings strings;
	GElf_Dyn dyn;
	int r;

	if (!dynamic)
		return -EBADMSG;
	r = find_strings(elf, n_phdrs, dynamic, &strings);
	for (int i = 0; r == 0 && gelf_getdyn(dynamic, i, &dyn) && dyn.d_tag != DT_NULL; i++)
		r = take_entry(&strings, &dyn, o);
	return r;
}

static int read_interpreter(Elf *elf, const GElf_Phdr *p, struct object *o)
{
	Elf_Data *data = p->p_filesz < PATH_MAX
	                         ? elf_getdata_rawchunk(elf, p->p_offset, p->p_filesz, ELF_T_BYTE)
	                         : NULL;

	if (!data || !memchr(data->d_buf, '\0', data->d_size))
		return -EBADMSG;
	return text_replace(&o->interpreter, data->d_buf);
}

static int read_elf(Elf *elf, struct object *o)
{
	size_t n_phdrs;
	GElf_Ehdr e;
	int r;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &e) ||
	    elf_getphdrnum(elf, &n_phdrs) < 0)
		return -EBADMSG;
	o->class = e.e_ident[EI_CLASS];
	o->machine = e.e_machine;
	for (size_t i = 0; i < n_phdrs; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(elf, i, &p))
			return -EBADMSG;
		r = p.p_type == PT_INTERP    ? read_interpreter(elf, &p, o)
		    : p.p_type == PT_DYNAMIC ? read_dynamic(elf, n_phdrs, &p, o)
		                             : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_object(int root_fd, const char *path, struct object *ret)
{
	_cleanup_(object_done) struct object o = {};
	_cleanup_close_ int fd = tree_open(root_fd, path, O_RDONLY);
	Elf *elf;
	int r;

	if (fd < 0)
		return fd;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return errf(-ENOEXEC, "libelf is too old");
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return errf(-ENOEXEC, "%s: %s", path, elf_errmsg(-1));
	r = read_elf(elf, &o);
	elf_end(elf);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return errf(-ENOEXEC, "%s: is no ELF program or library, or damaged", path);
	*ret = TAKE_STRUCT(o);
	return 0;
}

struct walk {
	int root_fd;
	struct ldcache cache;
	unsigned char class;
	uint16_t machine;
	char *home; /* where the interpreter really lies: one of its default directories; or NULL */
	struct closure *closure;
};

static void walk_done(struct walk *w)
{
	ldcache_done(&w->cache);
	free(w->home);
}

/* 1 when @path is a library for this program. */
static int fits(struct walk *w, const char *path)
{
	_cleanup_(object_done) struct object o = {};
	int r;

	if (!tree_exists(w->root_fd, path))
		return 0;
	r = read_object(w->root_fd, path, &o);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return o.class == w->class && o.machine == w->machine;
}

/* Tries the directories of "a:b:$ORIGIN/c"; @origin is the directory of the file that says so. */
static int search_path(struct walk *w, const char *list, const char *origin, const char *name,
                       char **ret)
{
	while (list && *list) {
		size_t len = strcspn(list, ":");
		_cleanup_free_ char *path = NULL;
		size_t skip = 0;
		int r;

		if (strncmp(list, "$ORIGIN", 7) == 0)
			skip = 7;
		else if (strncmp(list, "${ORIGIN}", 9) == 0)
			skip = 9;
		if (asprintf(&path, "%s%.*s/%s", skip ? origin : "", (int)(len - skip), list + skip,
		             name) < 0)
			return -ENOMEM;
		r = len ? fits(w, path) : 0;
		if (r > 0)
			*ret = TAKE_PTR(path);
		if (r != 0)
			return r;
		list += len + (list[len] == ':');
	}
	return 0;
}

static int search_cache(struct walk *w, const char *name, char **ret)
{
	_cleanup_(strv_freep) char **cached = NULL;
	int r = ldcache_find(&w->cache, name, &cached);

	if (r < 0)
		return r;
	for (char **c = cached; c && *c; c++) {
		r = fits(w, *c);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		w->closure->needs_cache = true;
		*ret = strdup(*c);
		return *ret ? 1 : oom("a path");
	}
	return 0;
}

/* Finds the library @name that @o at @path needs, in the order of ld.so(8); 1: it is there. */
static int search(struct walk *w, const struct object *o, const char *path, const char *name,
                  char **ret)
{
	static const char defaults[] = "/lib64:/usr/lib64:/lib:/usr/lib";
	_cleanup_free_ char *origin = strndup(path, strrchr(path, '/') - path);
	int r;

	if (!origin)
		return oom("a path");
	if (strchr(name, '/')) {
		*ret = strdup(name);
		return *ret ? 1 : oom("a path");
	}
	if ((r = search_path(w, o->runpath ?: o->rpath, origin, name, ret)) != 0 ||
	    (r = search_cache(w, name, ret)) != 0 ||
	    (r = search_path(w, defaults, "", name, ret)) != 0)
		return r;
	return search_path(w, w->home, "", name, ret);
}

static int visit(struct walk *w, const char *path, bool is_program);

/* True when a file of that name is packed already. The interpreter is also a library that others
 * name, and these may find it in another directory. */
static bool is_packed(const struct walk *w, const char *name)
{
	for (char **f = w->closure->files; f && *f; f++)
		if (streq(strrchr(*f, '/') + 1, name))
			return true;
	return false;
}

static int visit_needed(struct walk *w, const struct object *o, const char *path)
{
	for (char **n = o->needed; n && *n; n++) {
		_cleanup_free_ char *found = NULL;
		int r;

		if (is_packed(w, *n))
			continue;
		r = search(w, o, path, *n, &found);
		if (r < 0)
			return r;
		if (r == 0)
			return errf(-ENOENT, "%s: the library %s that it needs is not there", path,
			            *n);
		r = visit(w, found, false);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Debian and others keep libraries in a directory of the architecture. Its name is built into the
 * interpreter, which lies there as well. */
static int visit_interpreter(struct walk *w, const char *path)
{
	int r = visit(w, path, false);

	if (r < 0 || w->home)
		return r;
	r = tree_realpath(w->root_fd, path, &w->home);
	if (r < 0)
		return r;
	*strrchr(w->home, '/') = '\0';
	return 0;
}

/* Adds the file, unless it is the program itself, and what it needs. */
static int visit(struct walk *w, const char *path, bool is_program)
{
	_cleanup_(object_done) struct object o = {};
	int r;

	if (strv_contains(w->closure->files, path))
		return 0;
	r = read_object(w->root_fd, path, &o);
	if (r < 0)
		return r;
	if (is_program) {
		w->class = o.class;
		w->machine = o.machine;
	} else if (strv_push(&w->closure->files, path) < 0) {
		return oom("a list of files");
	}
	r = o.interpreter ? visit_interpreter(w, o.interpreter) : 0;
	return r < 0 ? r : visit_needed(w, &o, path);
}

int closure_add(int root_fd, const char *program, struct closure *c)
{
	_cleanup_(walk_done) struct walk w = { .root_fd = root_fd, .closure = c };
	int r = ldcache_open(root_fd, &w.cache);

	return r < 0 ? r : visit(&w, program, true);
}

/* The line "#!INTERPRETER WORDS" that a script begins with, in @line of that size; "" when it is no
 * script. */
#define SCRIPT_LINE 256 /* what the kernel reads of it: BINPRM_BUF_SIZE in 6.12 */
static int read_script_line(int root_fd, const char *path, char line[static SCRIPT_LINE])
{
	_cleanup_close_ int fd = tree_open(root_fd, path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : pread(fd, line, SCRIPT_LINE - 1, 0);

	if (fd < 0)
		return fd;
	if (n < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	line[n] = '\0';
	line[strncmp(line, "#!", 2) == 0 ? strcspn(line, "\n") : 0] = '\0';
	return 0;
}

/* The kernel follows as many scripts that are interpreters of others (exec_binprm(), 6.12). */
#define SCRIPT_DEPTH 5

static int add_executable(int root_fd, const char *path, struct closure *c, unsigned depth);

/* Adds the file, and what it needs. */
static int add_with_needs(int root_fd, const char *path, struct closure *c, unsigned depth)
{
	int r = strv_contains(c->files, path) ? 1 : add_executable(root_fd, path, c, depth);

	if (r != 0)
		return MIN(r, 0);
	return strv_push(&c->files, path) < 0 ? oom("a list of files") : 0;
}

static int add_command(int root_fd, const char *name, struct closure *c, unsigned depth)
{
	static const char *const directories[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

	if (strchr(name, '/'))
		return add_with_needs(root_fd, name, c, depth);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *path = NULL;
		int r = text_printf(&path, "%s/%s", directories[i], name);

		if (r < 0)
			return r;
		if (tree_exists(root_fd, path))
			return add_with_needs(root_fd, path, c, depth);
	}
	return errf(-ENOENT, "%s: is not in " CLOSURE_PATH, name);
}

/* env(1) starts the program that is named behind its options and variables. */
static int add_words_of_env(int root_fd, char *const *words, struct closure *c, unsigned depth)
{
	for (char *const *w = words; w && *w; w++)
		if (**w != '-' && !strchr(*w, '='))
			return add_command(root_fd, *w, c, depth);
	return 0;
}

static int add_executable(int root_fd, const char *path, struct closure *c, unsigned depth)
{
	_cleanup_(strv_freep) char **words = NULL;
	char line[SCRIPT_LINE], *slash;
	int r = read_script_line(root_fd, path, line);

	if (r < 0)
		return r;
	if (!*line)
		return closure_add(root_fd, path, c);
	if (depth == SCRIPT_DEPTH)
		return errf(-ELOOP, "%s: is one script too many that is run by another", path);
	r = strv_split(&words, line + 2, true);
	if (r < 0)
		return r;
	if (!words || *words[0] != '/')
		return errf(-ENOEXEC, "%s: the path of an interpreter is expected behind \"#!\"",
		            path);
	r = add_with_needs(root_fd, words[0], c, depth + 1);
	if (r < 0)
		return err_prefix(r, "%s", path);
	slash = strrchr(words[0], '/');
	return streq(slash, "/env") ? add_words_of_env(root_fd, words + 1, c, depth + 1) : 0;
}

int closure_add_executable(int root_fd, const char *path, struct closure *c)
{
	return add_executable(root_fd, path, c, 0);
}

int closure_add_command(int root_fd, const char *name, struct closure *c)
{
	return add_command(root_fd, name, c, 0);
}
