// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-cli.c - the kdump-lite command as its users meet it: what it prints, where, and its exit
 * codes.
 *
 * Runs the program that was built beside the tests, on made-up systems given by --root=.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <jansson.h>

#include "loader/system/armed.h"
#include "tests/unit/run-cli.h"

#define NAME_1 "20261123T140501Z-4f2a90c1"
#define NAME_2 "20261123T150501Z-4fbb0002"

static struct box box;

static int setup(void **state)
{
	box_make(&box);
	return 0;
}

static int teardown(void **state)
{
	box_remove(&box);
	return 0;
}

/* On the system of the box. */
static int run_to(enum box_stdout where, const char *const *env, const char *args)
{
	char all[500];

	snprintf(all, sizeof(all), "--root=%s/root %s", box.tree.path, args);
	return box_run(&box, where, env, all);
}

static int run_env(const char *const *env, const char *args)
{
	return run_to(BOX_FILE, env, args);
}

static int run(const char *args)
{
	return run_to(BOX_FILE, NULL, args);
}

static void make_crashes(void)
{
	temptree_text(&box.tree, "root/var/crash/" NAME_1 "/vmcore-dmesg.txt",
	              "[    1.000000] one \033[31m\n");
	temptree_text(&box.tree, "root/var/crash/" NAME_1 "/vmcore", "not a core");
	temptree_text(&box.tree, "root/var/crash/" NAME_1 "/crash.json",
	              "{\"outcome\":\"complete\",\"crash_time\":1795442701,\"kernel_release\":\"6."
	              "1.0-42-cloud-amd64\","
	              "\"panic_message\":\"Kernel panic - not syncing: sysrq triggered "
	              "crash\",\"level\":31,"
	              "\"codec\":\"lzo\",\"memory_size\":8192,\"memory_lacking\":4096,\"pages\":{"
	              "\"total\":2,\"saved\":1,"
	              "\"free\":1},"
	              "\"steps\":[{\"name\":\"dmesg\",\"seconds\":0.5}],\"vmcore_size\":10}");
	temptree_text(&box.tree, "root/var/crash/" NAME_2 "/vmcore-dmesg.txt",
	              "[    2.000000] two \033[31m\n");
}

static void help(void **state)
{
	assert_int_equal(run("--help"), 0);
	assert_non_null(strstr(box.out, "\n  list  "));
	assert_non_null(strstr(box.out, "\n  dmesg [CRASH...]  "));
	assert_non_null(strstr(box.out, "\n  test-crash  "));
	assert_non_null(strstr(box.out, "--json"));
	assert_string_equal(box.err, "");
	assert_int_equal(run("--version"), 0);
	assert_non_null(strstr(box.out, "kdump-lite "));
}

static void usage_errors(void **state)
{
	assert_int_equal(run("lst"), 2);
	assert_string_equal(box.err, "kdump-lite: there is no verb lst, did you mean list?\n");
	assert_int_equal(run("show_config"), 2);
	assert_string_equal(
		box.err, "kdump-lite: there is no verb show_config, did you mean show-config?\n");
	assert_int_equal(run("frobnicate"), 2);
	assert_string_equal(box.err,
	                    "kdump-lite: there is no verb frobnicate, see kdump-lite --help\n");
	assert_int_equal(run("--frob"), 2);
	assert_int_equal(run("list too many"), 2);
	assert_int_equal(run("list --man"), 2);
	assert_int_equal(run("unload"), 2);
	assert_non_null(strstr(box.err, "--root="));
}

static void no_crashes(void **state)
{
	assert_int_equal(run("list"), 1);
	assert_string_equal(box.out, "");
	assert_string_equal(box.err, "No crashes found.\n");
	assert_int_equal(run("list --quiet"), 1);
	assert_string_equal(box.err, "");
	assert_int_equal(run("list --json"), 1);
	assert_string_equal(box.out, "[]\n");
	assert_int_equal(run("info"), 1);
	assert_non_null(strstr(box.err, "/root/var/crash: no crashes found\n"));
	assert_int_equal(run("dmesg"), 1);
}

/* In a log of our own, what has no mark is the kernel's; other tools mark nothing. */
static void log_as_json(void **state)
{
	static const struct {
		const char *crash_json, *kernel;
	} rows[] = {
		{ NULL, "null" },
		{ "{\"outcome\":\"dmesg-only\"}", "null" },
		{ "{\"outcome\":\"dmesg-only\",\"capture_version\":\"1\"}", "\"kern\"" },
	};
	char expected[500];

	make_crashes();
	temptree_text(&box.tree, "root/var/crash/" NAME_2 "/vmcore-dmesg.txt",
	              "[    1.500000] one\n               more\n"
	              "user  :notice: [   12.250000] two \033[31m\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].crash_json)
			temptree_text(&box.tree, "root/var/crash/" NAME_2 "/crash.json",
			              rows[i].crash_json);
		assert_int_equal(run("dmesg --json --quiet " NAME_2), 0);
		snprintf(expected, sizeof(expected),
		         "[\n  {\n    \"time\": 1.5,\n    \"facility\": %s,\n"
		         "    \"message\": \"one\\n               more\"\n  },\n"
		         "  {\n    \"time\": 12.25,\n    \"facility\": \"user\",\n"
		         "    \"message\": \"two \\\\x1b[31m\"\n  }\n]\n",
		         rows[i].kernel);
		assert_string_equal(box.out, expected);
	}
}

/* It may be forged, so it is no answer to who asks for the last one. */
static void crash_that_others_can_change_is_marked(void **state)
{
	make_crashes();
	temptree_text(&box.tree, "root/var/crash/20261124T000000Z-00000003/vmcore-dmesg.txt",
	              "[    3.000000] Kernel panic - not syncing: forged\n");
	assert_int_equal(fchmodat(box.tree.fd, "root/var/crash/20261124T000000Z-00000003", 0777, 0),
	                 0);
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(box.err, "Z-00000003: others than root can write there"));
	assert_int_equal(run("dmesg --quiet"), 0);
	assert_non_null(strstr(box.out, "two"));
	assert_int_equal(run("dmesg --quiet 00000003"), 0);
	assert_non_null(strstr(box.out, "forged"));
}

/* A clock that was wrong does not hide what happens later. */
static void crash_of_the_future_is_not_the_last(void **state)
{
	make_crashes();
	temptree_text(&box.tree, "root/var/crash/99991231T235959Z-00000003/vmcore-dmesg.txt",
	              "[    3.000000] later\n");
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(box.err, "Z-00000003: its time is in the future"));
	assert_int_equal(run("dmesg --quiet"), 0);
	assert_non_null(strstr(box.out, "two"));
}

static void stderr_is_escaped(void **state)
{
	assert_int_equal(run("dmesg x\033[31m\n<0>forged\xe2\x80\xae"), 1);
	assert_non_null(strstr(box.err, "x\\x1b[31m\\x0a<0>forged\\xe2\\x80\\xae: "));
}

/* What lies outside of the given root is not this system's, whatever links and paths say. */
static void root_confines(void **state)
{
	check_needs_new_calls();
	temptree_text(&box.tree, "etc/secret", "secret\n");
	temptree_link(&box.tree, "root/etc/kdump-lite.conf", "../../etc/secret");
	assert_int_equal(run("show-config"), 1);
	assert_null(strstr(box.err, "secret"));
	assert_int_equal(unlinkat(box.tree.fd, "root/etc/kdump-lite.conf", 0), 0);
	temptree_text(&box.tree, "conf/50-secret.conf", "[Dump]\nLevel=17\n");
	temptree_link(&box.tree, "root/etc/kdump-lite.conf.d", "../../conf");
	assert_int_equal(run("show-config"), 0);
	assert_null(strstr(box.out, "17"));
	temptree_text(&box.tree, "root/etc/kdump-lite.conf", "[Target]\nPath=/x/../../crash\n");
	temptree_text(&box.tree, "crash/" NAME_1 "/vmcore-dmesg.txt", "[    1.000000] secret\n");
	temptree_dir(&box.tree, "root/x");
	assert_int_equal(run("list"), 1);
	temptree_text(&box.tree, "root/crash/" NAME_2 "/vmcore-dmesg.txt", "[    1.000000] own\n");
	assert_int_equal(run("dmesg --quiet"), 0);
	assert_non_null(strstr(box.out, "own"));
}

static void table(void **state)
{
	make_crashes();
	assert_int_equal(run("list"), 0);
	assert_string_equal(box.err, "");
	assert_string_equal(
		box.out,
		"WHEN                        ID       KERNEL               PANIC MESSAGE"
		"                                     SIZE STATE\n"
		"Mon 2026-11-23 14:05:01 UTC 4f2a90c1 6.1.0-42-cloud-amd64 Kernel panic - not "
		"syncing: "
		"sysrq triggered crash  10B complete\n"
		"Mon 2026-11-23 15:05:01 UTC 4fbb0002 -                    -"
		"                                                    - dmesg-only\n");
}

static void table_that_fits(void **state)
{
	const char *const env[] = { "COLUMNS=104", NULL };
	char *save = NULL;

	make_crashes();
	assert_int_equal(run_env(env, "list"), 0);
	assert_non_null(strstr(box.out, " Kernel panic - not syncing:... "));
	for (char *line = strtok_r(box.out, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		assert_in_range(strlen(line), 80, 104);
}

static void list_as_json(void **state)
{
	json_t *list;

	make_crashes();
	assert_int_equal(run("list --json"), 0);
	list = json_loads(box.out, 0, NULL);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")),
	                    NAME_1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "outcome")),
	                    "complete");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "outcome")),
	                    "dmesg-only");
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(list, 0), "vmcore_size")), 10);
	json_decref(list);
}

static void broken_metadata_is_said_once(void **state)
{
	temptree_text(&box.tree, "root/var/crash/x/crash.json", "{");
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(box.out, " failed\n"));
	assert_non_null(strstr(box.err, "/root/var/crash/x: crash.json: line 1: "));
}

/* Ways to name a crash, and which one each means. */
static void which_crash(void **state)
{
	char path[300];

	make_crashes();
	assert_int_equal(run("info"), 0);
	assert_non_null(strstr(box.out, NAME_2));
	assert_int_equal(run("info last"), 0);
	assert_non_null(strstr(box.out, NAME_2));
	assert_int_equal(run("info " NAME_1), 0);
	assert_non_null(strstr(box.out, NAME_1));
	assert_non_null(
		strstr(box.out, "4.0K more were added after the load and are not in the dump"));
	assert_int_equal(run("info 20261123T14"), 0);
	assert_non_null(strstr(box.out, NAME_1));
	assert_int_equal(run("info 4f2"), 0);
	assert_non_null(strstr(box.out, NAME_1));
	assert_int_equal(run("info 4f"), 1);
	assert_non_null(strstr(box.err, "info: 4f: more than one crash begins with it: " NAME_1
	                                ", " NAME_2));
	assert_int_equal(run("info 5"), 1);
	assert_non_null(strstr(box.err, "info: 5: is neither a crash in "));
	snprintf(path, sizeof(path), "info %s/root/var/crash/%s/", box.tree.path, NAME_1);
	assert_int_equal(run(path), 0);
	assert_non_null(strstr(box.out, NAME_1));
	assert_int_equal(run("info ./nothing"), 1);
	assert_non_null(strstr(box.err, "kdump-lite info: ./nothing: cannot be opened"));
}

static void all_about_a_crash(void **state)
{
	json_t *o;

	make_crashes();
	assert_int_equal(run("info 4f2a"), 0);
	assert_non_null(strstr(box.out, "          Time: Mon 2026-11-23 14:05:01 UTC\n"));
	assert_non_null(strstr(
		box.out, " Panic message: Kernel panic - not syncing: sysrq triggered crash\n"));
	assert_non_null(strstr(box.out, "        Kernel: 6.1.0-42-cloud-amd64\n"));
	assert_non_null(strstr(box.out, "         Pages: in all                    2     8.0K\n"));
	assert_non_null(strstr(box.out, "                free                      1     4.0K\n"));
	assert_non_null(strstr(box.out, "         Steps: dmesg                0.500s\n"));
	assert_int_equal(run("info --json 4f2a"), 0);
	o = json_loads(box.out, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "pages"), "free")),
	                 1);
	assert_non_null(strstr(json_string_value(json_object_get(o, "dump")), NAME_1 "/vmcore"));
	json_decref(o);
}

/* A core with two pages and nothing else. */
static void make_elf(const char *path)
{
	struct {
		Elf64_Ehdr ehdr;
		Elf64_Phdr phdr[2];
		char pages[8192];
	} core = {
		.ehdr = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_CORE,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
		},
		.phdr = {
			{ .p_type = PT_NOTE, .p_offset = sizeof(core.ehdr) + sizeof(core.phdr) },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W,
			  .p_offset = sizeof(core.ehdr) + sizeof(core.phdr), .p_paddr = 0x100000,
			  .p_filesz = sizeof(core.pages), .p_memsz = sizeof(core.pages) },
		},
	};

	temptree_bytes(&box.tree, path, &core, sizeof(core));
}

static void a_dump_of_another_tool(void **state)
{
	char args[200];

	make_elf("core");
	snprintf(args, sizeof(args), "info %s/core", box.tree.path);
	assert_int_equal(run(args), 0);
	assert_non_null(strstr(box.out, "        Format: ELF\n"));
	assert_non_null(strstr(box.out, "        Memory: 8.0K\n"));
	assert_non_null(strstr(box.out, "        Remark: "));
	snprintf(args, sizeof(args), "dmesg %s/core", box.tree.path);
	assert_int_equal(run(args), 1);
	assert_non_null(strstr(box.err, "kdump-lite dmesg: "));
	temptree_text(&box.tree, "core", "nonsense");
	snprintf(args, sizeof(args), "info %s/core", box.tree.path);
	assert_int_equal(run(args), 1);
	assert_non_null(strstr(box.err, "/core: "));
}

static void log_of_a_crash(void **state)
{
	make_crashes();
	/* No dump: the text file, byte for byte. */
	assert_int_equal(run("dmesg"), 0);
	assert_string_equal(box.out, "[    2.000000] two \033[31m\n");
	assert_non_null(strstr(box.err, "no dump, this is vmcore-dmesg.txt\n"));
	/* A dump that is none: says so and goes on. */
	assert_int_equal(run("dmesg 4f2a"), 0);
	assert_string_equal(box.out, "[    1.000000] one \033[31m\n");
	assert_non_null(strstr(box.err, "going on with vmcore-dmesg.txt\n"));
	unlinkat(box.tree.fd, "root/var/crash/" NAME_1 "/vmcore-dmesg.txt", 0);
	assert_int_equal(run("dmesg 4f2a"), 1);
	assert_string_equal(box.out, "");
}

static void log_on_a_terminal(void **state)
{
	const char *const env[] = { "TERM=xterm", "PAGER=sed s/^/page:/", "SYSTEMD_PAGERSECURE=0",
		                    NULL };

	make_crashes();
	assert_int_equal(run_to(BOX_TERMINAL, env, "dmesg --no-pager"), 0);
	assert_string_equal(box.out, "[    2.000000] two \\x1b[31m\r\n");
	assert_int_equal(run_to(BOX_TERMINAL, env, "dmesg"), 0);
	assert_string_equal(box.out, "page:[    2.000000] two \\x1b[31m\r\n");
}

static void settings(void **state)
{
	temptree_text(&box.tree, "root/etc/kdump-lite.conf", "[Dump]\nLevel=17\nFoo=1\n");
	assert_int_equal(run("show-config"), 0);
	assert_non_null(strstr(box.out, "\nLevel=17\n"));
	assert_string_equal(box.err, "/etc/kdump-lite.conf:3: Foo: unknown setting, ignored\n");
	temptree_text(&box.tree, "root/etc/kdump-lite.conf", "[Dump]\nLevel=77\n");
	assert_int_equal(run("show-config"), 1);
	assert_string_equal(box.out, "");
	assert_string_equal(box.err, "kdump-lite show-config: /etc/kdump-lite.conf:2: Level=77: "
	                             "a number from 0 to 31 is expected\n");
	assert_int_equal(run("show-config --default"), 0);
	assert_non_null(strstr(box.out, "\n#Level=31\n"));
	assert_int_equal(run("show-config --man"), 0);
	assert_non_null(strstr(box.out, ".B Level=\n"));
}

static void crashes_are_there_whatever_the_settings_say(void **state)
{
	static const char remark[] = "/etc/kdump-lite.conf:2: Level=77: a number from 0 to 31 is "
				     "expected; ignored\n";

	make_crashes();
	temptree_text(&box.tree, "root/etc/kdump-lite.conf", "[Dump]\nLevel=77\n");
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(box.out, "4f2a90c1"));
	assert_string_equal(box.err, remark);
	assert_int_equal(run("info " NAME_1), 0);
	assert_non_null(strstr(box.out, "4f2a90c1"));
	assert_string_equal(box.err, remark);
}

static void target_elsewhere(void **state)
{
	temptree_text(&box.tree, "root/etc/kdump-lite.conf", "[Target]\nPath=/srv/dumps\n");
	temptree_text(&box.tree, "root/srv/dumps/" NAME_1 "/vmcore", "x");
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(box.out, "4f2a90c1"));
}

static void journal_gets_levels(void **state)
{
	char stream[64];
	const char *const env[] = { stream, NULL };
	struct stat st;

	temptree_text(&box.tree, "err", "");
	assert_int_equal(fstatat(box.tree.fd, "err", &st, 0), 0);
	snprintf(stream, sizeof(stream), "JOURNAL_STREAM=%llu:%llu", (unsigned long long)st.st_dev,
	         (unsigned long long)st.st_ino);
	assert_int_equal(run_env(env, "list"), 1);
	assert_string_equal(box.err, "<5>No crashes found.\n");
	/* Inherited, but stderr goes elsewhere. */
	snprintf(stream, sizeof(stream), "JOURNAL_STREAM=%llu:%llu", (unsigned long long)st.st_dev,
	         (unsigned long long)st.st_ino + 1);
	assert_int_equal(run_env(env, "list"), 1);
	assert_string_equal(box.err, "No crashes found.\n");
}

static void output_that_cannot_be_written(void **state)
{
	assert_int_equal(run_to(BOX_FULL, NULL, "show-config"), 1);
	assert_string_equal(box.err, "kdump-lite show-config: the output cannot be written\n");
	make_crashes();
	assert_int_equal(run_to(BOX_FULL, NULL, "list --json"), 1);
}

/* Without a terminal and without --yes it goes no further, armed or not. */
static void test_crash_refuses(void **state)
{
	int r = box_run(&box, BOX_FILE, NULL, "test-crash");

	assert_true(r == 1 || r == 3);
	assert_memory_equal(box.err, "kdump-lite test-crash: ", 23);
}

/* The record of a load. */
static void make_armed(void)
{
	char release[] = "6.1", path[] = "/var/crash", node[] = "x\033";
	struct armed a = { .kernel_release = release, .path = path, .device = node };
	int root, fd;

	root = openat(box.tree.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	fd = record_open(root);
	assert_true(fd >= 0);
	assert_int_equal(armed_write(fd, &a), 0);
	close(fd);
	close(root);
}

/* One line for each check; the exit code says whether something does not work. */
static void doctor(void **state)
{
	json_t *list, *first;

	temptree_text(&box.tree, "root/sys/kernel/kexec_crash_size", "134217728\n");
	temptree_text(&box.tree, "root/sys/kernel/kexec_crash_loaded", "0\n");
	temptree_text(&box.tree, "root/proc/cmdline", "quiet\n");
	assert_int_equal(run("doctor"), 1);
	assert_non_null(strstr(box.out, "ok       settings: they can be read\n"));
	assert_non_null(strstr(box.out, "\nproblem  armed: no capture kernel is loaded; run "));
	assert_int_equal(run("doctor --quiet"), 1);
	assert_memory_equal(box.out, "problem  armed: ", 16);
	assert_int_equal(run("doctor --json"), 1);
	list = json_loads(box.out, 0, NULL);
	first = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(first, "check")), "settings");
	assert_string_equal(json_string_value(json_object_get(first, "level")), "ok");
	assert_true(json_is_null(json_object_get(first, "remedy")));
	json_decref(list);
	/* Armed, but not ideal: nothing that does not work. */
	temptree_text(&box.tree, "root/sys/kernel/kexec_crash_loaded", "1\n");
	make_armed();
	assert_int_equal(run("doctor"), 0);
	assert_non_null(strstr(box.out, "ok       armed: kernel 6.1 is loaded, dumps go to "
	                                "/var/crash on x\\x1b\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(help),
		TEST(usage_errors),
		TEST(no_crashes),
		TEST(log_as_json),
		TEST(crash_that_others_can_change_is_marked),
		TEST(crash_of_the_future_is_not_the_last),
		TEST(stderr_is_escaped),
		TEST(root_confines),
		TEST(table),
		TEST(table_that_fits),
		TEST(list_as_json),
		TEST(broken_metadata_is_said_once),
		TEST(which_crash),
		TEST(all_about_a_crash),
		TEST(a_dump_of_another_tool),
		TEST(log_of_a_crash),
		TEST(log_on_a_terminal),
		TEST(settings),
		TEST(crashes_are_there_whatever_the_settings_say),
		TEST(target_elsewhere),
		TEST(journal_gets_levels),
		TEST(output_that_cannot_be_written),
		TEST(test_crash_refuses),
		TEST(doctor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
