// SPDX-License-Identifier: GPL-2.0-or-later
/* test-debug.c - kdump-lite debug, with debuggers that only tell how they were called. */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "tests/unit/dumpbox.h"
#include "vmcore/format/elf-header.h"

/* As the dump has it, and another one. */
#define BUILD_ID "d73ac4f1d8a1b5a8d0a1c0b5e6f7a8b9c0d1e2f3"
#define OTHER_ID "003ac4f1d8a1b5a8d0a1c0b5e6f7a8b9c0d1e2f3"

#define PATHS "PATH=@/bin:/usr/bin:/bin "

/* An ELF file with the sections that count. */
static void make_vmlinux(struct dumpbox *b, const char *path, const char *build_id, bool debug)
{
	static const char names[] = "\0.shstrtab\0.notes\0.debug_info";
	struct {
		Elf64_Ehdr header;
		Elf64_Shdr sections[4];
		Elf64_Nhdr note;
		char owner[4];
		uint8_t id[20];
		char names[sizeof(names)];
	} f = {
		.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
		                         ELFDATA2LSB, EV_CURRENT },
		            .e_type = ET_EXEC,
		            .e_machine = EM_X86_64,
		            .e_version = EV_CURRENT,
		            .e_shoff = offsetof(typeof(f), sections),
		            .e_ehsize = sizeof(Elf64_Ehdr),
		            .e_shentsize = sizeof(Elf64_Shdr),
		            .e_shnum = debug ? 4 : 3,
		            .e_shstrndx = 1 },
		.sections = { {},
		              { .sh_name = 1,
		                .sh_type = SHT_STRTAB,
		                .sh_offset = offsetof(typeof(f), names),
		                .sh_size = sizeof(names) },
		              { .sh_name = 11,
		                .sh_type = SHT_NOTE,
		                .sh_offset = offsetof(typeof(f), note),
		                .sh_size = sizeof(f.note) + sizeof(f.owner) + sizeof(f.id),
		                .sh_addralign = 4 },
		              { .sh_name = 18, .sh_type = SHT_PROGBITS } },
		.note = { sizeof(f.owner), sizeof(f.id), NT_GNU_BUILD_ID },
		.owner = "GNU",
	};
	char full[300];

	for (size_t i = 0; i < sizeof(f.id); i++)
		sscanf(build_id + 2 * i, "%2hhx", &f.id[i]);
	memcpy(f.names, names, sizeof(names));
	snprintf(full, sizeof(full), "root/%s", path);
	temptree_bytes(&b->box.tree, full, &f, sizeof(f));
}

/* @name prints its arguments, one word behind the other. */
static void make_program(struct dumpbox *b, const char *name, const char *script)
{
	assert_int_equal(dumpbox_run(b,
	                             "mkdir -p bin; printf '#!/bin/sh\\n%%s\\n' '%s' >bin/%s; "
	                             "chmod 755 bin/%s",
	                             script, name, name),
	                 0);
}

static void check_out(struct dumpbox *b, const char *format)
{
	char text[1000];

	snprintf(text, sizeof(text), format, b->path, b->path);
	if (!streq(b->box.out, text))
		fail_msg("\"%s\" instead of \"%s\", and \"%s\"", b->box.out, text, b->box.err);
}

static void check_err(struct dumpbox *b, const char *part)
{
	if (!strstr(b->box.err, part))
		fail_msg("\"%s\" is not in \"%s\"", part, b->box.err);
}

/* Of a dump, debug looks at little more than the name of its architecture. */
static void set_machine(const struct dumpbox *b, uint16_t machine)
{
	_cleanup_close_ int fd = openat(b->box.tree.fd, "root/core", O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, &machine, sizeof(machine), offsetof(Elf64_Ehdr, e_machine)),
	                 sizeof(machine));
}

/* A dump of a machine like this one. */
static int setup(void **state)
{
	struct utsname uts;

	dumpbox_setup(state);
	uname(&uts);
	set_machine(*state, elf_machine_by_name(uts.machine));
	return 0;
}

static void debuggers_get_dump_and_kernel(void **state)
{
	struct dumpbox *b = *state;

	make_program(b, "drgn", "echo drgn $*");
	make_vmlinux(b, "usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE, BUILD_ID, true);
	assert_int_equal(dumpbox_run(b, PATHS "$K debug --debugger=drgn ./core"), 0);
	check_out(b, "drgn -c %s/core -s %s/usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE "\n");
	/* What stands behind "--" is the debugger's. */
	assert_int_equal(dumpbox_run(b, PATHS "$K debug --debugger=drgn ./core -- -q --version"),
	                 0);
	check_out(b, "drgn -c %s/core -s %s/usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE
	             " -q --version\n");
	/* When both are there it is crash. */
	make_program(b, "crash", "echo crash $*");
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core -- -s"), 0);
	check_out(b, "crash -s %s/usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE " %s/core\n");
	/* Its exit code is that of the debugger. */
	make_program(b, "crash", "exit 7");
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core"), 7);
	assert_int_equal(dumpbox_run(b, PATHS "$K debug --dry-run ./core"), 0);
	check_out(b, "crash %s/usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE " %s/core\n");
}

static void crashes_go_by_their_names(void **state)
{
	struct dumpbox *b = *state;

	make_program(b, "crash", "echo crash $*");
	make_vmlinux(b, "boot/vmlinux-" SYNTH_RELEASE, BUILD_ID, true);
	assert_int_equal(dumpbox_run(b,
	                             "mkdir -p var/crash/20261123T140501Z-4f2a90c1 && "
	                             "cp core var/crash/20261123T140501Z-4f2a90c1/vmcore && " PATHS
	                             "$K debug 4f2a"),
	                 0);
	check_out(b, "crash %s/boot/vmlinux-" SYNTH_RELEASE
	             " %s/var/crash/20261123T140501Z-4f2a90c1/vmcore\n");
}

static void all_places_are_looked_at(void **state)
{
	static const char *const places[] = {
		"usr/lib/debug/.build-id/d7/3ac4f1d8a1b5a8d0a1c0b5e6f7a8b9c0d1e2f3.debug",
		"usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE,
		"usr/lib/debug/lib/modules/" SYNTH_RELEASE "/vmlinux",
		"usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE ".debug",
		"lib/modules/" SYNTH_RELEASE "/build/vmlinux",
		"boot/vmlinux-" SYNTH_RELEASE,
	};
	struct dumpbox *b = *state;

	make_program(b, "crash", "echo crash $*");
	/* From the last to the first, which is taken before those that are there already. */
	for (size_t i = ARRAY_SIZE(places); i-- > 0;) {
		make_vmlinux(b, places[i], BUILD_ID, true);
		assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core"), 0);
		if (!strstr(b->box.out, places[i]))
			fail_msg("%s is not in %s", places[i], b->box.out);
	}
}

static void kernels_that_do_not_fit_are_passed_over(void **state)
{
	struct dumpbox *b = *state;

	make_program(b, "crash", "echo crash $*");
	make_vmlinux(b, "usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE, OTHER_ID, true);
	make_vmlinux(b, "lib/modules/" SYNTH_RELEASE "/build/vmlinux", BUILD_ID, false);
	temptree_text(&b->box.tree, "root/boot/vmlinux-" SYNTH_RELEASE, "no ELF");
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core"), 1);
	check_err(b, "; /usr/lib/debug/boot/vmlinux-" SYNTH_RELEASE
	             ": is another build than the kernel of the dump; ");
	check_err(b, "/build/vmlinux: has no debugging information; ");
	check_err(b, ": is no ELF file; install ");
	/* --vmlinux= is used whatever its build id. */
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core --vmlinux=@/usr/lib/debug/boot/"
	                                      "vmlinux-" SYNTH_RELEASE),
	                 0);
	check_err(b, "is another build than the kernel of the dump, going on with it\n");
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core --vmlinux=nothing"), 1);
	check_err(b, "nothing: cannot be opened: ");
}

static void packages_are_named(void **state)
{
	static const char *const systems[][2] = {
		{ "ID=debian\n", "the package linux-image-" SYNTH_RELEASE "-dbg, or" },
		{ "NAME=\"x\"\nID=ubuntu\nID_LIKE=debian\n",
		  "the package linux-image-" SYNTH_RELEASE "-dbgsym, or" },
		{ "ID=\"fedora\"\n", "the package kernel-debuginfo-" SYNTH_RELEASE ", or" },
		{ "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
		  "the package kernel-debuginfo-" SYNTH_RELEASE ", or" },
		{ "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "-debuginfo, or" },
		{ "ID=unheard-of\n", "install the debugging information of the kernel, or" },
		{ "", "install the debugging information of the kernel, or" },
	};
	struct dumpbox *b = *state;

	make_program(b, "crash", "echo crash $*");
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		temptree_text(&b->box.tree, "root/etc/os-release", systems[i][0]);
		assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core"), 1);
		check_err(b, systems[i][1]);
	}
}

static void other_machines_need_drgn_and_their_package(void **state)
{
	static const char *const machines[][2] = {
		{ "x86_64", "amd64" },
		{ "aarch64", "arm64" },
		{ "riscv64", "riscv64" },
	};
	struct dumpbox *b = *state;
	struct utsname uts;
	char part[200];

	uname(&uts);
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		if (streq(machines[i][0], uts.machine))
			continue;
		set_machine(b, elf_machine_by_name(machines[i][0]));
		make_program(b, "crash", "echo crash $*");
		assert_int_equal(dumpbox_run(b, "rm -f @/bin/drgn; PATH=@/bin $K debug ./core"), 1);
		snprintf(part, sizeof(part), "drgn is not installed, which dumps of %s need here\n",
		         machines[i][0]);
		check_err(b, part);
		make_program(b, "drgn", "echo drgn $*");
		temptree_text(&b->box.tree, "root/etc/os-release", "ID=debian\n");
		assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core"), 1);
		snprintf(part, sizeof(part), "the package linux-image-" SYNTH_RELEASE "-dbg:%s, or",
		         machines[i][1]);
		check_err(b, part);
		temptree_text(&b->box.tree, "root/etc/os-release", "ID=opensuse\n");
		assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core --debugger=crash"), 1);
		snprintf(part, sizeof(part), "-debuginfo.%s, or", machines[i][0]);
		check_err(b, part);
		temptree_text(&b->box.tree, "root/etc/os-release", "ID=fedora\n");
		assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core"), 1);
		check_err(b, "the package kernel-debuginfo-" SYNTH_RELEASE ", or");
		assert_int_equal(dumpbox_run(b, PATHS "DEBUGINFOD_URLS=x $K debug ./core"), 0);
		check_out(b, "drgn -c %s/core\n");
	}
}

static void servers_are_asked(void **state)
{
	struct dumpbox *b = *state;

	make_program(b, "drgn", "echo drgn $*");
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core --debugger=drgn"), 1);
	assert_int_equal(dumpbox_run(b, PATHS "DEBUGINFOD_URLS=x $K debug ./core --debugger=drgn"),
	                 0);
	check_out(b, "drgn -c %s/core\n");
	make_program(b, "crash", "echo crash $*");
	make_program(b, "debuginfod-find", "echo /cache/$1/$2");
	assert_int_equal(dumpbox_run(b, PATHS "DEBUGINFOD_URLS=x $K debug ./core"), 0);
	check_out(b, "crash /cache/debuginfo/" BUILD_ID " %s/core\n");
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./core"), 1);
	make_program(b, "debuginfod-find", "exit 1");
	assert_int_equal(dumpbox_run(b, PATHS "DEBUGINFOD_URLS=x $K debug ./core"), 1);
	check_err(b, "with debugging information is not there; install ");
}

static void what_cannot_be_is_said(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "PATH=@/bin $K debug ./core"), 1);
	check_err(b, "kdump-lite debug: neither crash nor drgn is installed\n");
	assert_int_equal(dumpbox_run(b, "PATH=@/bin $K debug ./core --debugger=crash"), 1);
	check_err(b, "crash: is not installed\n");
	assert_int_equal(dumpbox_run(b, "$K debug ./core --debugger=gdb"), 1);
	check_err(b, "--debugger=gdb: crash or drgn is expected\n");
	make_program(b, "crash", "echo crash $*");
	assert_int_equal(dumpbox_run(b, PATHS "$K debug ./nothing"), 1);
	check_err(b, "./nothing: cannot be opened: ");
	assert_int_equal(dumpbox_run(b, "$K debug a b"), 1);
	check_err(b, "kdump-lite debug: a: is neither a crash in ");
	assert_int_equal(dumpbox_run(b, "$K list -- x"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, dumpbox_teardown)
		TEST(debuggers_get_dump_and_kernel),
		TEST(crashes_go_by_their_names),
		TEST(all_places_are_looked_at),
		TEST(kernels_that_do_not_fit_are_passed_over),
		TEST(packages_are_named),
		TEST(other_machines_need_drgn_and_their_package),
		TEST(servers_are_asked),
		TEST(what_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
