// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-cli.c - the kdump-lite command as its users meet it: what it prints, where, and its exit
 * codes.
 *
 * Runs the program that was built beside the tests, on made-up systems given by --root=.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <jansson.h>

#include "tests/unit/temptree.h"

#define NAME_1 "20261123T140501Z-4f2a90c1"
#define NAME_2 "20261123T150501Z-4fbb0002"

static struct temptree tree;
static char program[4096];

/* Of the last run(). */
static char *out, *err;

static int find_program(void **state)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	assert_in_range(n, 1, sizeof(program) - 2);
	program[n] = '\0';
	/* BUILD/tests/unit/test-cli */
	for (int i = 0; i < 3; i++)
		*strrchr(program, '/') = '\0';
	strcat(program, "/kdump-lite");
	if (access(program, X_OK) < 0)
		fail_msg("%s is not there: make it first", program);
	return 0;
}

static int setup(void **state)
{
	temptree_make(&tree);
	temptree_dir(&tree, "root");
	return 0;
}

static int teardown(void **state)
{
	free(out);
	free(err);
	out = err = NULL;
	temptree_remove(&tree);
	return 0;
}

static void redirect(const char *name, int fd)
{
	int file = openat(tree.fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
}

/* The child: @env is a NULL-terminated list of NAME=value beside the usual. */
static void execute(const char *const *env, char *const *argv)
{
	int null = open("/dev/null", O_RDONLY);

	clearenv();
	setenv("PATH", "/usr/bin:/bin", 1);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C", 1);
	setenv("ASAN_OPTIONS", "detect_leaks=1", 1);
	for (; env && *env; env++)
		putenv((char *)*env);
	dup2(null, STDIN_FILENO);
	execv(program, argv);
	_exit(126);
}

static int wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	free(out);
	free(err);
	out = temptree_read(&tree, "out");
	err = temptree_read(&tree, "err");
	assert_null(strstr(err, "Sanitizer"));
	return WEXITSTATUS(status);
}

/* Runs kdump-lite with --root= and the words of @args; returns the exit code. */
static int run_env(const char *const *env, const char *args)
{
	char root[100], copy[500], *argv[20] = { program, root }, *save = NULL;
	size_t n = 2;
	pid_t pid;

	snprintf(root, sizeof(root), "--root=%s/root", tree.path);
	snprintf(copy, sizeof(copy), "%s", args);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		redirect("out", STDOUT_FILENO);
		redirect("err", STDERR_FILENO);
		execute(env, argv);
	}
	return wait_for(pid);
}

static int run(const char *args)
{
	return run_env(NULL, args);
}

/* The same without --root=, for verbs that do not take it. */
static int run_here(char *verb)
{
	char *argv[] = { program, verb, NULL };
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		redirect("out", STDOUT_FILENO);
		redirect("err", STDERR_FILENO);
		execute(NULL, argv);
	}
	return wait_for(pid);
}

/* Runs with stdout on a terminal, and puts what it got into @buf. */
static int run_on_terminal(const char *const *env, char *const *argv, char *buf, size_t size)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;
	pid_t pid;
	int r;

	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal), 0);
	assert_int_equal(unlockpt(terminal), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int side = open(ptsname(terminal), O_RDWR | O_NOCTTY);

		redirect("out", STDOUT_FILENO);
		redirect("err", STDERR_FILENO);
		if (side < 0 || dup2(side, STDOUT_FILENO) < 0)
			_exit(126);
		close(side);
		execute(env, argv);
	}
	/* EIO when the last writer has gone. */
	while ((n = read(terminal, buf + len, size - 1 - len)) > 0)
		len += n;
	buf[len] = '\0';
	r = wait_for(pid);
	close(terminal);
	return r;
}

static void make_crashes(void)
{
	temptree_text(&tree, "root/var/crash/" NAME_1 "/vmcore-dmesg.txt",
	              "[    1.000000] one \033[31m\n");
	temptree_text(&tree, "root/var/crash/" NAME_1 "/vmcore", "not a core");
	temptree_text(&tree, "root/var/crash/" NAME_1 "/crash.json",
	              "{\"outcome\":\"complete\",\"crash_time\":1795442701,\"kernel_release\":\"6."
	              "1.0-42-cloud-amd64\","
	              "\"panic_message\":\"Kernel panic - not syncing: sysrq triggered "
	              "crash\",\"level\":31,"
	              "\"codec\":\"lzo\",\"memory_size\":8192,\"pages\":{\"total\":2,\"saved\":1,"
	              "\"free\":1},"
	              "\"steps\":[{\"name\":\"dmesg\",\"seconds\":0.5}],\"vmcore_size\":10}");
	temptree_text(&tree, "root/var/crash/" NAME_2 "/vmcore-dmesg.txt",
	              "[    2.000000] two \033[31m\n");
}

static void help(void **state)
{
	assert_int_equal(run("--help"), 0);
	assert_non_null(strstr(out, "\n  list  "));
	assert_non_null(strstr(out, "\n  dmesg [CRASH]  "));
	assert_non_null(strstr(out, "\n  test-crash  "));
	assert_non_null(strstr(out, "--json"));
	assert_string_equal(err, "");
	assert_int_equal(run("--version"), 0);
	assert_non_null(strstr(out, "kdump-lite "));
}

static void usage_errors(void **state)
{
	assert_int_equal(run("lst"), 2);
	assert_string_equal(err, "kdump-lite: there is no verb lst, did you mean list?\n");
	assert_int_equal(run("show_config"), 2);
	assert_string_equal(
		err, "kdump-lite: there is no verb show_config, did you mean show-config?\n");
	assert_int_equal(run("frobnicate"), 2);
	assert_string_equal(err,
	                    "kdump-lite: there is no verb frobnicate, see kdump-lite --help\n");
	assert_int_equal(run("--frob"), 2);
	assert_int_equal(run("list too many"), 2);
	assert_int_equal(run("list --man"), 2);
	assert_int_equal(run("unload"), 2);
	assert_non_null(strstr(err, "--root="));
	assert_int_equal(run("dmesg --json"), 2);
}

static void no_crashes(void **state)
{
	assert_int_equal(run("list"), 1);
	assert_string_equal(out, "");
	assert_string_equal(err, "No crashes found.\n");
	assert_int_equal(run("list --quiet"), 1);
	assert_string_equal(err, "");
	assert_int_equal(run("list --json"), 1);
	assert_string_equal(out, "[]\n");
	assert_int_equal(run("info"), 1);
	assert_non_null(strstr(err, "/root/var/crash: no crashes found\n"));
	assert_int_equal(run("dmesg"), 1);
}

static void table(void **state)
{
	make_crashes();
	assert_int_equal(run("list"), 0);
	assert_string_equal(err, "");
	assert_string_equal(
		out, "WHEN                        ID       KERNEL               PANIC MESSAGE"
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
	assert_non_null(strstr(out, " Kernel panic - not syncing:... "));
	for (char *line = strtok_r(out, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		assert_in_range(strlen(line), 80, 104);
}

static void list_as_json(void **state)
{
	json_t *list;

	make_crashes();
	assert_int_equal(run("list --json"), 0);
	list = json_loads(out, 0, NULL);
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
	temptree_text(&tree, "root/var/crash/x/crash.json", "{");
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(out, " failed\n"));
	assert_non_null(strstr(err, "/root/var/crash/x: crash.json: line 1: "));
}

/* Ways to name a crash, and which one each means. */
static void which_crash(void **state)
{
	char path[300];

	make_crashes();
	assert_int_equal(run("info"), 0);
	assert_non_null(strstr(out, NAME_2));
	assert_int_equal(run("info last"), 0);
	assert_non_null(strstr(out, NAME_2));
	assert_int_equal(run("info " NAME_1), 0);
	assert_non_null(strstr(out, NAME_1));
	assert_int_equal(run("info 20261123T14"), 0);
	assert_non_null(strstr(out, NAME_1));
	assert_int_equal(run("info 4f2"), 0);
	assert_non_null(strstr(out, NAME_1));
	assert_int_equal(run("info 4f"), 1);
	assert_non_null(strstr(err, "fits " NAME_1 ", " NAME_2));
	assert_int_equal(run("info 5"), 1);
	assert_non_null(strstr(err, "no crash is called so"));
	snprintf(path, sizeof(path), "info %s/root/var/crash/%s/", tree.path, NAME_1);
	assert_int_equal(run(path), 0);
	assert_non_null(strstr(out, NAME_1));
	assert_int_equal(run("info ./nothing"), 1);
	assert_non_null(strstr(err, "kdump-lite info: ./nothing: cannot be opened"));
}

static void all_about_a_crash(void **state)
{
	json_t *o;

	make_crashes();
	assert_int_equal(run("info 4f2a"), 0);
	assert_non_null(strstr(out, "          Time: Mon 2026-11-23 14:05:01 UTC\n"));
	assert_non_null(
		strstr(out, " Panic message: Kernel panic - not syncing: sysrq triggered crash\n"));
	assert_non_null(strstr(out, "        Kernel: 6.1.0-42-cloud-amd64\n"));
	assert_non_null(strstr(out, "         Pages: in all                    2     8.0K\n"));
	assert_non_null(strstr(out, "                free                      1     4.0K\n"));
	assert_non_null(strstr(out, "         Steps: dmesg                0.500s\n"));
	assert_int_equal(run("info --json 4f2a"), 0);
	o = json_loads(out, 0, NULL);
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

	temptree_bytes(&tree, path, &core, sizeof(core));
}

static void a_dump_of_another_tool(void **state)
{
	char args[200];

	make_elf("core");
	snprintf(args, sizeof(args), "info %s/core", tree.path);
	assert_int_equal(run(args), 0);
	assert_non_null(strstr(out, "        Format: ELF\n"));
	assert_non_null(strstr(out, "        Memory: 8.0K\n"));
	assert_non_null(strstr(out, "        Remark: "));
	snprintf(args, sizeof(args), "dmesg %s/core", tree.path);
	assert_int_equal(run(args), 1);
	assert_non_null(strstr(err, "kdump-lite dmesg: "));
	temptree_text(&tree, "core", "nonsense");
	snprintf(args, sizeof(args), "info %s/core", tree.path);
	assert_int_equal(run(args), 1);
	assert_non_null(strstr(err, "/core: "));
}

static void log_of_a_crash(void **state)
{
	make_crashes();
	/* No dump: the text file, byte for byte. */
	assert_int_equal(run("dmesg"), 0);
	assert_string_equal(out, "[    2.000000] two \033[31m\n");
	assert_non_null(strstr(err, "no dump, this is vmcore-dmesg.txt\n"));
	/* A dump that is none: says so and goes on. */
	assert_int_equal(run("dmesg 4f2a"), 0);
	assert_string_equal(out, "[    1.000000] one \033[31m\n");
	assert_non_null(strstr(err, "going on with vmcore-dmesg.txt\n"));
	unlinkat(tree.fd, "root/var/crash/" NAME_1 "/vmcore-dmesg.txt", 0);
	assert_int_equal(run("dmesg 4f2a"), 1);
	assert_string_equal(out, "");
}

static void log_on_a_terminal(void **state)
{
	const char *const env[] = { "TERM=xterm", "PAGER=sed s/^/page:/", "SYSTEMD_PAGERSECURE=0",
		                    NULL };
	char root[100], buf[1000], *paged[] = { program, root, (char *)"dmesg", NULL };
	char *plain[] = { program, root, (char *)"dmesg", (char *)"--no-pager", NULL };

	make_crashes();
	snprintf(root, sizeof(root), "--root=%s/root", tree.path);
	assert_int_equal(run_on_terminal(env, plain, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "[    2.000000] two \\x1b[31m\r\n");
	assert_int_equal(run_on_terminal(env, paged, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "page:[    2.000000] two \\x1b[31m\r\n");
}

static void settings(void **state)
{
	temptree_text(&tree, "root/etc/kdump-lite.conf", "[Dump]\nLevel=17\nFoo=1\n");
	assert_int_equal(run("show-config"), 0);
	assert_non_null(strstr(out, "\nLevel=17\n"));
	assert_string_equal(err, "/etc/kdump-lite.conf:3: Foo: unknown setting, ignored\n");
	temptree_text(&tree, "root/etc/kdump-lite.conf", "[Dump]\nLevel=77\n");
	assert_int_equal(run("show-config"), 1);
	assert_string_equal(out, "");
	assert_string_equal(err, "kdump-lite show-config: /etc/kdump-lite.conf:2: Level=77: "
	                         "a number from 0 to 31 is expected\n");
	assert_int_equal(run("list"), 1);
	assert_non_null(strstr(err, "kdump-lite list: /etc/kdump-lite.conf:2: "));
	assert_int_equal(run("show-config --default"), 0);
	assert_non_null(strstr(out, "\n#Level=31\n"));
	assert_int_equal(run("show-config --man"), 0);
	assert_non_null(strstr(out, ".B Level=\n"));
}

static void target_elsewhere(void **state)
{
	temptree_text(&tree, "root/etc/kdump-lite.conf", "[Target]\nPath=/srv/dumps\n");
	temptree_text(&tree, "root/srv/dumps/" NAME_1 "/vmcore", "x");
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(out, "4f2a90c1"));
}

static void journal_gets_levels(void **state)
{
	char stream[64];
	const char *const env[] = { stream, NULL };
	struct stat st;

	temptree_text(&tree, "err", "");
	assert_int_equal(fstatat(tree.fd, "err", &st, 0), 0);
	snprintf(stream, sizeof(stream), "JOURNAL_STREAM=%llu:%llu", (unsigned long long)st.st_dev,
	         (unsigned long long)st.st_ino);
	assert_int_equal(run_env(env, "list"), 1);
	assert_string_equal(err, "<5>No crashes found.\n");
	snprintf(stream, sizeof(stream), "JOURNAL_STREAM=1:1");
	assert_int_equal(run_env(env, "list"), 1);
	assert_string_equal(err, "No crashes found.\n");
}

static void output_that_cannot_be_written(void **state)
{
	char root[100], *argv[] = { program, root, (char *)"show-config", NULL };
	int status;
	pid_t pid;

	snprintf(root, sizeof(root), "--root=%s/root", tree.path);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		redirect("err", STDERR_FILENO);
		dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
		execute(NULL, argv);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 1);
}

/* Without a terminal and without --yes it goes no further, armed or not. */
static void test_crash_refuses(void **state)
{
	int r = run_here((char *)"test-crash");

	assert_true(r == 1 || r == 3);
	assert_memory_equal(err, "kdump-lite test-crash: ", 23);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(help),
		TEST(usage_errors),
		TEST(no_crashes),
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
		TEST(target_elsewhere),
		TEST(journal_gets_levels),
		TEST(output_that_cannot_be_written),
		TEST(test_crash_refuses),
	};

	return cmocka_run_group_tests(tests, find_program, NULL);
}
