// SPDX-License-Identifier: GPL-2.0-or-later
/* vmlinux.c - the kernel with its debugging information, see vmlinux.h. */
#include "loader/crashes/vmlinux.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>

#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

/* A build id is the SHA-1 of the file. */
#define BUILD_ID_DIGITS 40

/* %1$s is the release, %2$s the first two digits of the build id, %3$s the others. */
static const char *const places[] = {
	"/usr/lib/debug/.build-id/%2$s/%3$s.debug",    /* by build id, all of them */
	"/usr/lib/debug/boot/vmlinux-%1$s",            /* Debian, Ubuntu */
	"/usr/lib/debug/lib/modules/%1$s/vmlinux",     /* Fedora and RHEL */
	"/usr/lib/debug/usr/lib/modules/%1$s/vmlinux", /* the same with one /usr */
	"/usr/lib/debug/boot/vmlinux-%1$s.debug",      /* openSUSE */
	"/usr/lib/debug/usr/lib/modules/%1$s/vmlinux.debug",
	"/lib/modules/%1$s/build/vmlinux", /* built here */
	"/usr/lib/modules/%1$s/build/vmlinux",
	"/boot/vmlinux-%1$s",
};

/* %1$s is the release, %2$s its last part, "default" of 6.4.0-150600.23-default. */
static const struct package {
	const char *id; /* of os-release(5) */
	const char *name;
	char machine; /* stands before another machine's architecture; 0: the release has it */
} packages[] = {
	{ "debian", "linux-image-%1$s-dbg", ':' },    { "ubuntu", "linux-image-%1$s-dbgsym", ':' },
	{ "fedora", "kernel-debuginfo-%1$s" },        { "rhel", "kernel-debuginfo-%1$s" },
	{ "centos", "kernel-debuginfo-%1$s" },        { "suse", "kernel-%2$s-debuginfo", '.' },
	{ "opensuse", "kernel-%2$s-debuginfo", '.' },
};

/* Where Debian has other names than the kernel. */
static const char *const debian_machines[][2] = {
	{ "x86_64", "amd64" }, { "aarch64", "arm64" },   { "i686", "i386" },
	{ "armv7l", "armhf" }, { "ppc64le", "ppc64el" },
};

bool vmlinux_is_build_id(const char *text)
{
	return strlen(text) == BUILD_ID_DIGITS &&
	       strspn(text, "0123456789abcdef") == BUILD_ID_DIGITS;
}

/* The build id among the notes of @data in hexadecimal, when it is there. */
static void build_id_of_notes(Elf_Data *data, char ret[static BUILD_ID_DIGITS + 1])
{
	size_t at = 0, name, desc;
	GElf_Nhdr note;

	while ((at = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
		const char *bytes = data->d_buf;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
		    memcmp(bytes + name, "GNU", sizeof("GNU")) != 0 ||
		    note.n_descsz != BUILD_ID_DIGITS / 2)
			continue;
		for (size_t i = 0; i < note.n_descsz; i++)
			snprintf(ret + 2 * i, 3, "%02x", (uint8_t)bytes[desc + i]);
		return;
	}
}

struct facts {
	char build_id[BUILD_ID_DIGITS + 1]; /* empty: it has none */
	bool debug;                         /* there is debugging information */
};

static int read_facts(Elf *elf, struct facts *ret)
{
	Elf_Scn *section = NULL;
	struct facts f = {};
	size_t names;

	if (elf_kind(elf) != ELF_K_ELF || elf_getshdrstrndx(elf, &names) < 0)
		return -ENOEXEC;
	while ((section = elf_nextscn(elf, section))) {
		const char *name;
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (name && (streq(name, ".debug_info") || streq(name, ".zdebug_info")))
			f.debug = true;
		if (header.sh_type == SHT_NOTE && !*f.build_id) {
			Elf_Data *data = elf_getdata(section, NULL);

			if (data)
				build_id_of_notes(data, f.build_id);
		}
	}
	*ret = f;
	return 0;
}

int vmlinux_check(int root_fd, const char *path, const char *build_id)
{
	_cleanup_close_ int fd = -1;
	struct facts facts;
	Elf *elf;
	int r;

	fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errf(-errno, "%s: cannot be opened: %s", path, strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	r = read_facts(elf, &facts);
	elf_end(elf);
	if (r < 0)
		return errf(r, "%s: is no ELF file", path);
	if (vmlinux_is_build_id(build_id) && !streq(facts.build_id, build_id))
		return errf(-ENOEXEC, "%s: is another build than the kernel of the dump", path);
	if (!facts.debug)
		return errf(-ENOEXEC, "%s: has no debugging information", path);
	return 0;
}

int vmlinux_find(int root_fd, const char *release, const char *build_id, char **ret)
{
	bool by_id = vmlinux_is_build_id(build_id);
	char remarks[512] = "", first[3] = "";
	int r;

	/* It becomes part of a path. */
	if (!*release || strchr(release, '/'))
		return errf(-ENOENT, "the release of the kernel is not known");
	if (by_id)
		memcpy(first, build_id, 2);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *path = NULL;
		size_t used = strlen(remarks);

		if (strstr(places[i], "%3$s") && !by_id)
			continue;
		r = text_printf(&path, places[i], release, first, by_id ? build_id + 2 : "");
		if (r < 0)
			return r;
		/* Relative to the root that was opened. */
		r = vmlinux_check(root_fd, path + 1, build_id);
		if (r == 0) {
			*ret = TAKE_PTR(path);
			return 0;
		}
		if (r == -ENOEXEC)
			snprintf(remarks + used, sizeof(remarks) - used, "; /%s", err_text(r));
	}
	return errf(-ENOENT, "the kernel %s with debugging information is not there%s", release,
	            remarks);
}

/* The value of "KEY=value", without quotes, in os-release(5); its length, or 0: no such key. */
static size_t os_value(const char *text, const char *key, const char **ret)
{
	size_t len = strlen(key), n;

	for (const char *line = text; *line; line += *line == '\n') {
		if (strncmp(line, key, len) == 0 && line[len] == '=') {
			line += len + 1;
			line += strspn(line, "\"'");
			n = strcspn(line, "\"'\n");
			*ret = line;
			return n;
		}
		line += strcspn(line, "\n");
	}
	return 0;
}

/* That of the first of the words that is known: ID is one, ID_LIKE several. */
static const struct package *find_package(const char *words, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = MIN(strcspn(words + at, " "), len - at);

		for (size_t i = 0; i < ARRAY_SIZE(packages) && n > 0; i++)
			if (strlen(packages[i].id) == n &&
			    strncmp(packages[i].id, words + at, n) == 0)
				return &packages[i];
		at += n + 1;
	}
	return NULL;
}

static int name_package(const struct package *p, const char *release, const char *machine,
                        char **ret)
{
	const char *flavour = strrchr(release, '-');
	_cleanup_free_ char *name = NULL;
	int r = text_printf(&name, p->name, release, flavour ? flavour + 1 : "default");

	for (size_t i = 0; i < ARRAY_SIZE(debian_machines) && machine && p->machine == ':'; i++)
		if (streq(machine, debian_machines[i][0]))
			machine = debian_machines[i][1];
	if (r == 0 && machine && p->machine)
		return text_printf(ret, "%s%c%s", name, p->machine, machine);
	if (r == 0)
		*ret = TAKE_PTR(name);
	return r;
}

int vmlinux_package(int root_fd, const char *release, const char *machine, char **ret)
{
	static const char *const files[] = { "etc/os-release", "usr/lib/os-release" };
	static const char *const keys[] = { "ID", "ID_LIKE" };
	const struct package *package = NULL;
	_cleanup_free_ char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !text; i++)
		if (file_read(root_fd, files[i], KIB(64), &text, NULL) < 0)
			text = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(keys) && text && !package; i++) {
		const char *value;
		size_t n = os_value(text, keys[i], &value);

		package = n > 0 ? find_package(value, n) : NULL;
	}
	return package ? name_package(package, release, machine, ret) : text_printf(ret, "%s", "");
}
