// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-layouts.c - crash directories and dumps of other tools, as list, info, report and dmesg see
 * them, and what crashes have in common.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>

#include <jansson.h>

#include "loader/crashes/reportfile.h"
#include "tests/unit/dumpbox.h"

#define PANIC "EXT4-fs (device sda1): panic forced after error"
#define PRINT "panic: EXT4-fs (device X): panic forced after error"

/* The file core has the log of a panic. */
static int setup(void **state)
{
	static const char *const lines[] = { "Linux version " SYNTH_RELEASE " (gcc)",
		                             "Kernel panic - not syncing: " PANIC };
	struct synth_log log;
	struct dumpbox *b;
	int r = dumpbox_setup(state);

	b = *state;
	synth_log_init(&log, &b->m, 6, 12);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		synth_log_add(&log, i, lines[i], strlen(lines[i]), SYNTH_FINAL);
	dump_free(b->dump);
	b->dump = synth_dump(&b->m);
	temptree_bytes(&b->box.tree, "root/core", b->m.core, b->m.core_len);
	assert_int_equal(dumpbox_run(b, "mkdir -p var/crash"), 0);
	return r;
}

static void check(struct dumpbox *b, const char *part)
{
	if (!strstr(b->box.out, part))
		fail_msg("\"%s\" is not in \"%s\", and \"%s\"", part, b->box.out, b->box.err);
}

/* All verbs make the same of @crash. */
static void check_dump(struct dumpbox *b, const char *crash, const char *format)
{
	char line[100];

	assert_int_equal(dumpbox_run(b, "$K info %s", crash), 0);
	check(b, " Panic message: " PANIC "\n");
	check(b, "  " PRINT "\n");
	check(b, "        Kernel: " SYNTH_RELEASE "\n");
	snprintf(line, sizeof(line), "        Format: %s\n", format);
	check(b, line);
	assert_int_equal(dumpbox_run(b, "$K report %s", crash), 0);
	check(b, PANIC "\n\n   Fingerprint: ");
	check(b, "  " PRINT "\n");
	assert_int_equal(dumpbox_run(b, "$K dmesg %s", crash), 0);
	check(b, "Kernel panic - not syncing: " PANIC "\n");
	assert_string_equal(b->box.err, "");
}

static void dumps_of_makedumpfile(void **state)
{
	static const struct {
		const char *how, *format;
	} dumps[] = {
		{ "makedumpfile -c core x", "kdump" },
		{ "makedumpfile -l -d 31 core x", "kdump" },
		{ "makedumpfile -E core x", "ELF" },
		{ "makedumpfile -F -l core >x", "kdump" },
		{ "makedumpfile -F -E core >x", "ELF" },
	};
	struct dumpbox *b = *state;

	if (system("command -v makedumpfile >/dev/null") != 0)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		assert_int_equal(dumpbox_run(b, "rm -f x; %s 2>log", dumps[i].how), 0);
		check_dump(b, "./x", dumps[i].format);
	}
}

/* As dump-guest-memory and "virsh dump --memory-only" write it (dump/dump.c of QEMU 8): section
 * header first, then the program headers; no virtual addresses; nobody's fault in e_ehsize. */
static void elf_of_qemu(void **state)
{
	struct dumpbox *b = *state;
	size_t base = 192 + 16 * sizeof(Elf64_Phdr);
	Elf64_Ehdr *from = (Elf64_Ehdr *)b->m.core, *to;
	Elf64_Phdr *phdr;
	uint8_t *file;

	assert_in_range(from->e_phnum, 2, 16);
	file = calloc(1, base + b->m.core_len);
	assert_non_null(file);
	to = (Elf64_Ehdr *)file;
	phdr = (Elf64_Phdr *)(file + 192);
	*to = *from;
	to->e_ehsize = 8;
	to->e_phoff = 192;
	to->e_shoff = sizeof(*to);
	to->e_shnum = 1;
	to->e_shentsize = sizeof(Elf64_Shdr);
	memcpy(phdr, b->m.core + from->e_phoff, from->e_phnum * sizeof(*phdr));
	for (unsigned i = 0; i < from->e_phnum; i++) {
		phdr[i].p_offset += base;
		phdr[i].p_vaddr = 0;
		phdr[i].p_flags = 0;
	}
	memcpy(file + base, b->m.core, b->m.core_len);
	temptree_bytes(&b->box.tree, "root/guest", file, base + b->m.core_len);
	free(file);
	check_dump(b, "./guest", "ELF");
}

/* Of the names QEMU's kdump formats have the machine only; its stream is "flattened", the raw
 * formats are not. */
static void kdump_of_qemu(void **state)
{
	static const char *const codecs[] = { "zlib", "lzo", "snappy" };
	struct dumpbox *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++) {
		assert_int_equal(
			dumpbox_run(b,
		                    "$K convert -q --force --level=1 --compression=%s "
		                    "./core guest && dd if=/dev/zero of=guest bs=1 seek=12 "
		                    "count=260 conv=notrunc 2>log",
		                    codecs[i]),
			0);
		check_dump(b, "./guest", "kdump");
	}
	assert_int_equal(dumpbox_run(b, "rm guest; $K convert -q --flatten --level=1 "
	                                "--compression=zlib ./core guest"),
	                 0);
	check_dump(b, "./guest", "kdump");
}

static void directories_of_other_tools(void **state)
{
	static const struct {
		const char *name, *dump, *log;
	} layouts[] = {
		{ "127.0.0.1-2026-11-23-14:05:01", "vmcore", "vmcore-dmesg.txt" },
		{ "127.0.0.1-2026-11-23-14:05:02", "vmcore.flat", "vmcore-dmesg.txt" },
		{ "202611231406", "dump.202611231406", "dmesg.202611231406" },
		{ "202611231407", "vmcore.202611231407", "dmesg.202611231407" },
		{ "2026-11-23-14-08", "vmcore", "dmesg" },
	};
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K convert -q --flatten ./core flat && touch "
	                                "var/crash/kexec_cmd var/crash/kdump_lock"),
	                 0);
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		char path[100];

		assert_int_equal(dumpbox_run(b,
		                             "cd var/crash && mkdir %s && cp ../../%s %s/%s && "
		                             "$K dmesg @/core >%s/%s",
		                             layouts[i].name,
		                             strstr(layouts[i].dump, "flat") ? "flat" : "core",
		                             layouts[i].name, layouts[i].dump, layouts[i].name,
		                             layouts[i].log),
		                 0);
		/* By its path, and by its name in the list. */
		snprintf(path, sizeof(path), "./var/crash/%s", layouts[i].name);
		check_dump(b, path, strstr(layouts[i].dump, "flat") ? "kdump" : "ELF");
		check_dump(b, layouts[i].name, strstr(layouts[i].dump, "flat") ? "kdump" : "ELF");
		assert_int_equal(dumpbox_run(b, "$K list"), 0);
		check(b, layouts[i].name);
		check(b, " unknown ");
		/* Without the dump the log tells. */
		assert_int_equal(dumpbox_run(b, "rm var/crash/%s/%s; $K info %s", layouts[i].name,
		                             layouts[i].dump, layouts[i].name),
		                 0);
		check(b, "         State: dmesg-only\n");
		check(b, "        Kernel: " SYNTH_RELEASE "\n");
		check(b, "  " PRINT "\n");
		assert_int_equal(dumpbox_run(b, "$K dmesg -q %s", layouts[i].name), 0);
		check(b, PANIC);
	}
	assert_int_equal(dumpbox_run(b, "$K list --group"), 0);
	check(b, "    5 ");
	assert_int_equal(dumpbox_run(b, "mkdir var/crash/half var/crash/other && cp core "
	                                "var/crash/half/vmcore-incomplete && touch "
	                                "var/crash/other/dump.2026x && $K info half"),
	                 0);
	check(b, "         State: incomplete\n");
	assert_int_equal(dumpbox_run(b, "$K info ./var/crash/other"), 1);
}

static void make_crash(struct dumpbox *b, const char *name, int time, const char *print)
{
	char path[100], text[300], with[150] = "";

	if (print)
		snprintf(with, sizeof(with),
		         "\"fingerprint\":\"%s\",\"fingerprint_text\":\"kind %s\",", print, print);
	snprintf(path, sizeof(path), "root/var/crash/%s/crash.json", name);
	snprintf(text, sizeof(text),
	         "{%s\"kernel_release\":\"6.1\",\"panic_message\":\"a\",\"crash_time\":%d}", with,
	         time);
	temptree_text(&b->box.tree, path, text);
}

static void crashes_are_counted(void **state)
{
	struct dumpbox *b = *state;
	json_t *list, *first;

	make_crash(b, "a", 1000, "00000000000000aa");
	make_crash(b, "b", 2000, "00000000000000bb");
	make_crash(b, "c", 3000, "00000000000000bb");
	make_crash(b, "d", 4000, NULL);
	make_crash(b, "e", 5000, NULL);
	make_crash(b, "f", 6000, NULL);
	assert_int_equal(dumpbox_run(b, "TZ=UTC $K list --group"), 0);
	assert_string_equal(
		b->box.out,
		"COUNT LAST                        ID FINGERPRINT      CRASH\n"
		"    2 Thu 1970-01-01 00:50:00 UTC c  00000000000000bb kind 00000000000000bb\n"
		"    1 Thu 1970-01-01 00:16:40 UTC a  00000000000000aa kind 00000000000000aa\n"
		"    3 Thu 1970-01-01 01:40:00 UTC f  -                without a fingerprint\n");
	assert_int_equal(dumpbox_run(b, "$K list --group --json"), 0);
	list = json_loads(b->box.out, 0, NULL);
	assert_int_equal(json_array_size(list), 3);
	first = json_array_get(list, 0);
	assert_int_equal(json_integer_value(json_object_get(first, "count")), 2);
	assert_int_equal(json_integer_value(json_object_get(first, "first")), 2000);
	assert_int_equal(json_integer_value(json_object_get(first, "last")), 3000);
	assert_string_equal(json_string_value(json_array_get(json_object_get(first, "crashes"), 1)),
	                    "c");
	json_decref(list);
	/* In the list where there is room for it. */
	assert_int_equal(dumpbox_run(b, "$K list"), 0);
	check(b, " STATE  FINGERPRINT\n");
	check(b, " failed 00000000000000bb\n");
	assert_int_equal(dumpbox_run(b, "COLUMNS=78 $K list"), 0);
	check(b, " STATE\n");
	assert_null(strstr(b->box.out, "00bb"));
	assert_int_equal(dumpbox_run(b, "rm -r var/crash/*; $K list --group --json"), 1);
	assert_string_equal(b->box.out, "[]\n");
	assert_int_equal(dumpbox_run(b, "$K info --group"), 2);
}

#define DIRECTORY "root/var/crash/20261123T140501Z-4f2a90c1"

/* What the capture kernel had no time for. */
static void missing_reports_are_made(void **state)
{
	struct dumpbox *b = *state;
	struct crash c;
	char *text;
	int fd;

	temptree_bytes(&b->box.tree, DIRECTORY "/vmcore", b->m.core, b->m.core_len);
	temptree_text(
		&b->box.tree, DIRECTORY "/crash.json",
		"{\"outcome\":\"complete\",\"of tomorrow\":[1,2],\"kernel_release\":\"6.1\"}");
	assert_int_equal(crash_load(b->box.tree.fd, DIRECTORY, &c), 0);
	fd = openat(b->box.tree.fd, DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(reportfile_complete(fd, &c, 60), 0);
	assert_string_equal(c.fingerprint_text, PRINT);
	crash_done(&c);
	text = temptree_read(&b->box.tree, DIRECTORY "/report.txt");
	assert_non_null(strstr(text, PANIC "\n\n   Fingerprint: "));
	free(text);
	/* Nothing else in crash.json is touched, known or not. */
	text = temptree_read(&b->box.tree, DIRECTORY "/crash.json");
	assert_non_null(strstr(text, "\"fingerprint_text\": \"" PRINT "\""));
	assert_non_null(strstr(text, "\"of tomorrow\": ["));
	assert_null(strstr(text, "vmcore_size"));
	free(text);
	assert_int_equal(dumpbox_run(b, "$K info"), 0);
	check(b, "4f2a90c1/report.txt\n");
	/* A report that is there stays. */
	temptree_text(&b->box.tree, DIRECTORY "/report.txt", "the first");
	temptree_text(&b->box.tree, DIRECTORY "/crash.json", "{\"outcome\":\"complete\"}");
	assert_int_equal(crash_load(b->box.tree.fd, DIRECTORY, &c), 0);
	assert_int_equal(reportfile_complete(fd, &c, 60), 0);
	assert_string_equal(c.fingerprint_text, PRINT);
	crash_done(&c);
	text = temptree_read(&b->box.tree, DIRECTORY "/report.txt");
	assert_string_equal(text, "the first");
	free(text);
	close(fd);
}

/* The facts of an unreadable dump come from the log. A broken crash.json is always reported. */
static void logs_tell_when_dumps_do_not(void **state)
{
	struct dumpbox *b = *state;
	struct crash c;
	char *text;
	int fd;

	temptree_text(&b->box.tree, DIRECTORY "/vmcore", "no dump");
	temptree_text(&b->box.tree, DIRECTORY "/vmcore-dmesg.txt",
	              "[ 1.0] Kernel panic - not syncing: " PANIC "\n");
	temptree_text(&b->box.tree, DIRECTORY "/crash.json", "{");
	assert_int_equal(crash_load(b->box.tree.fd, DIRECTORY, &c), 0);
	fd = openat(b->box.tree.fd, DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(reportfile_complete(fd, &c, 60) < 0);
	assert_string_equal(c.fingerprint_text, PRINT);
	crash_done(&c);
	text = temptree_read(&b->box.tree, DIRECTORY "/crash.json");
	assert_string_equal(text, "{");
	free(text);
	assert_false(temptree_exists(&b->box.tree, DIRECTORY "/report.txt"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, dumpbox_teardown)
		TEST(dumps_of_makedumpfile),
		TEST(elf_of_qemu),
		TEST(kdump_of_qemu),
		TEST(directories_of_other_tools),
		TEST(crashes_are_counted),
		TEST(missing_reports_are_made),
		TEST(logs_tell_when_dumps_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
