// SPDX-License-Identifier: GPL-2.0-or-later
/* test-convert.c - kdump-lite convert: what comes out of what goes in, and how it says no. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/unit/dumpbox.h"
#include "vmcore/format/kdump-header.h"

/* The page that is only partly RAM is kept with the rest of zeroes. */
#define ALL SYNTH_PAGES

static void check_says(const struct dumpbox *b, const char *part)
{
	if (!strstr(b->box.err, part))
		fail_msg("\"%s\", not \"%s\"", b->box.err, part);
	assert_int_equal(strcspn(b->box.err, "\n") + 1, strlen(b->box.err));
}

static void check_prints(const struct dumpbox *b, const char *part)
{
	if (!strstr(b->box.out, part))
		fail_msg("\"%s\" is not in:\n%s", part, b->box.out);
}

static void check_gone(const struct dumpbox *b, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "root/%s", name);
	assert_false(temptree_exists(&b->box.tree, path));
	snprintf(path, sizeof(path), "root/%s.incomplete", name);
	assert_false(temptree_exists(&b->box.tree, path));
}

static uint64_t size_of(const struct dumpbox *b, const char *name)
{
	struct stat st;
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", b->path, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void formats_and_back(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K convert ./core a"), 0);
	assert_non_null(strstr(b->box.err, "a: "));
	assert_string_equal(b->box.out, "");
	assert_int_equal(dumpbox_check(b, "a"), ALL);
	assert_int_equal(dumpbox_run(b, "$K convert --quiet --format=elf ./a b"), 0);
	assert_string_equal(b->box.err, "");
	assert_int_equal(dumpbox_check(b, "b"), ALL);
	assert_int_equal(dumpbox_run(b, "$K convert -q --threads=3 ./b c"), 0);
	assert_int_equal(dumpbox_check(b, "c"), ALL);
	/* One thread writes pages in their order, so files can be compared. */
	assert_int_equal(dumpbox_run(b, "for i in a b; do $K convert -q --threads=1 --compression="
	                                "zlib:9 ./$i $i.1 || exit; done; cmp a.1 b.1"),
	                 0);
	assert_int_equal(dumpbox_check(b, "a.1"), ALL);
}

/* Messages do not go into the file that is made. */
static void closed_streams(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K convert ./core a <&- >&- 2>&-"), 0);
	assert_int_equal(dumpbox_check(b, "a"), ALL);
	/* What cannot be written is said before all the work is done. */
	assert_int_equal(dumpbox_run(b, "ln -s nowhere/else link; $K convert -q ./core link"), 1);
	check_says(b, "link: is a link that leads to nothing");
	assert_int_equal(dumpbox_run(b, "$K convert -q ./core ''"), 1);
	check_says(b, "the name of the output is empty");
	/* Nothing goes through a stream that is not there. */
	assert_int_equal(dumpbox_run(b, "$K convert -q ./core - >&-"), 1);
	assert_int_equal(dumpbox_run(b, "$K convert -q - b <&-"), 1);
}

static void compressions(void **state)
{
	static const char *const codecs[] = { "none", "lzo", "zlib:1", "zstd:-1", "snappy" };
	struct dumpbox *b = *state;
	uint64_t none = 0;

	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++) {
		char name[20];

		snprintf(name, sizeof(name), "c%zu", i);
		assert_int_equal(dumpbox_run(b, "$K convert -q --compression=%s ./%s %s", codecs[i],
		                             i ? "c0" : "core", name),
		                 0);
		assert_int_equal(dumpbox_check(b, name), ALL);
		if (i == 0)
			none = size_of(b, name);
		else
			assert_true(size_of(b, name) < none);
	}
}

/* A level, on top of what the dump lacks already. */
static void levels(void **state)
{
	const unsigned cache = DUMPBOX_CACHE + DUMPBOX_PRIVATE;
	struct dumpbox *b = *state;
	struct dump *d;

	assert_int_equal(dumpbox_run(b, "$K convert -q --level=8 ./core u"), 0);
	assert_int_equal(dumpbox_check(b, "u"), ALL - DUMPBOX_USER);
	assert_false(dumpbox_has(b, "u", SYNTH_TEST_PFN));
	assert_true(dumpbox_has(b, "u", SYNTH_TEST_PFN + DUMPBOX_USER));
	assert_int_equal(dumpbox_run(b, "$K convert -q --level=6 ./u v"), 0);
	assert_int_equal(dumpbox_check(b, "v"), ALL - DUMPBOX_USER - cache);
	d = dumpbox_open(b, "v");
	assert_int_equal(d->level, 14);
	dump_free(d);
	assert_int_equal(dumpbox_run(b, "$K convert -q --level=17 --format=elf ./v w"), 0);
	assert_int_equal(dumpbox_check(b, "w"), ALL - DUMPBOX_USER - cache - DUMPBOX_FREE);
	/* Without a level, missing pages stay missing. */
	assert_int_equal(dumpbox_run(b, "$K convert -q ./w x"), 0);
	assert_int_equal(dumpbox_check(b, "x"), ALL - DUMPBOX_USER - cache - DUMPBOX_FREE);
	assert_int_equal(dumpbox_run(b, "$K convert -q --level=31 ./core y && $K verify ./y"), 0);
	assert_int_equal(dumpbox_check(b, "y"), ALL - DUMPBOX_USER - cache - DUMPBOX_FREE);
}

/* What the report reads, and the same report of it. */
static void mini(void **state)
{
	struct dumpbox *b = *state;
	struct dump *d;

	assert_int_equal(dumpbox_run(b, "$K convert -q --mini ./core m"), 0);
	assert_in_range(dumpbox_check(b, "m"), 3, 100);
	assert_false(dumpbox_has(b, "m", SYNTH_TEST_PFN));
	d = dumpbox_open(b, "m");
	assert_int_equal(d->level, 31);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	dump_free(d);
	assert_int_equal(dumpbox_run(b, "for i in core m; do $K report ./$i | sed '/^Dump/,$d' >$i."
	                                "txt; done; cmp core.txt m.txt && wc -l <m.txt"),
	                 0);
	assert_true(atoi(b->box.out) > 5);
	assert_int_equal(dumpbox_run(b, "$K convert --mini --format=elf ./core n"), 2);
	assert_int_equal(dumpbox_run(b, "$K convert --mini --dry-run ./core"), 2);
}

/* Who reads a crash takes the mini dump where there is no vmcore, and says so. */
static void mini_of_a_crash(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "mkdir -p var/crash/one && $K convert -q --mini ./core "
	                                "var/crash/one/vmcore.mini && echo x >var/crash/one/"
	                                "vmcore.incomplete && $K list"),
	                 0);
	check_prints(b, " mini");
	assert_int_equal(dumpbox_run(b, "$K report one"), 0);
	check_prints(b, "one/vmcore.mini\n");
	check_prints(b,
	             "Remark: has only the pages that a report reads, the dump was not finished");
	assert_int_equal(dumpbox_run(b, "echo '{\"dump_reason\":\"left out, as it is known\"}' "
	                                ">var/crash/one/crash.json; $K info one; $K report one"),
	                 0);
	check_prints(b, "State: mini\n");
	check_prints(b, "No vmcore: left out, as it is known\n");
	check_prints(b, "Remark: left out, as it is known\n");
	assert_int_equal(dumpbox_run(b, "cp core var/crash/one/vmcore; $K report one"), 0);
	check_prints(b, "one/vmcore\n");
}

static void streams(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K convert -q --flatten --level=8 ./core f"), 0);
	assert_int_equal(dumpbox_check(b, "f"), ALL - DUMPBOX_USER);
	assert_int_equal(dumpbox_run(b, "head -c 12 f"), 0);
	assert_string_equal(b->box.out, "makedumpfile");
	assert_int_equal(dumpbox_run(b, "$K convert -q ./f p && head -c 5 p"), 0);
	assert_string_equal(b->box.out, "KDUMP");
	assert_int_equal(dumpbox_check(b, "p"), ALL - DUMPBOX_USER);
	assert_int_equal(dumpbox_run(b, "$K convert -q --format=elf ./core - | cat >e"), 0);
	assert_int_equal(dumpbox_check(b, "e"), ALL);
	assert_int_equal(dumpbox_run(b, "head -c 12 e"), 0);
	assert_string_equal(b->box.out, "makedumpfile");
}

static void pipes(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "cat core | $K convert -q - - | $K convert -q - a"), 0);
	assert_int_equal(dumpbox_check(b, "a"), ALL);
	/* A regular file on standard input or output needs no stream. */
	assert_int_equal(dumpbox_run(b, "$K convert -q - - <a >n && head -c 5 n"), 0);
	assert_string_equal(b->box.out, "KDUMP");
	assert_int_equal(dumpbox_check(b, "n"), ALL);
	/* But one that is appended to does. */
	assert_int_equal(dumpbox_run(b, "rm -f s; $K convert -q ./a - >>s && head -c 12 s"), 0);
	assert_string_equal(b->box.out, "makedumpfile");
	assert_int_equal(dumpbox_check(b, "s"), ALL);
	assert_int_equal(
		dumpbox_run(b, "mkfifo i o; cat a >i & cat o >t & $K convert -q i o; wait"), 0);
	assert_int_equal(dumpbox_check(b, "t"), ALL);
	/* What was kept of the pipes is gone. */
	assert_int_equal(dumpbox_run(b, "rm i o && ls"), 0);
	assert_string_equal(b->box.out, "a\ncore\nn\ns\nt\n");
}

static void files_of_crashes(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "mkdir -p var/crash/one && $K convert -q --level=31 ./core "
	                                "var/crash/one/vmcore && $K convert -q last l"),
	                 0);
	assert_int_equal(dumpbox_run(b, "$K convert -q one m"), 0);
	assert_int_equal(dumpbox_check(b, "l"), dumpbox_check(b, "m"));
}

static void refusals(void **state)
{
	static const struct {
		int code;
		const char *args, *says;
	} cases[] = {
		{ 1, "./core a", "a: is there already; --force replaces it" },
		{ 1, "./core core", "is there already" },
		{ 1, "--force ./core core",
		  "/root/core: is the dump that is read; choose another" },
		{ 1, "./core .", "is a directory" },
		{ 1, "./core none/x", "none/x.incomplete: cannot be created: No such file" },
		{ 1, "./none x", "./none: cannot be opened: No such file" },
		{ 1, "./text x", "./text: neither an ELF core nor a kdump-compressed file" },
		{ 1, "./core y", "y.incomplete: is there already" },
		{ 1, "--force ./y.incomplete y", "y.incomplete: is the dump that is read" },
		{ 1, "./core ./core x", "is not a part of a split dump" },
		{ 2, "--level=99 ./core x", "--level=99: a number from 0 to 31 is expected" },
		{ 2, "--level=-1 ./core x", "--level=-1: a number" },
		{ 2, "--threads=0 ./core x", "--threads=0: a number from 1 to 64" },
		{ 2, "--compression=gzip ./core x", "\"gzip\" is not a compression: use one of" },
		{ 2, "--compression=zstd:99 ./core x", "\"99\" is not a level of zstd" },
		{ 2, "--format=raw ./core x", "\"raw\" is not a format that can be written" },
		{ 2, "--format=elf --compression=lzo ./core x", "does not go with --format=elf" },
		{ 2, "./core", "it takes IN and OUT" },
		{ 2, "--raw ./core x", "--raw does not go with this verb" },
	};
	struct dumpbox *b = *state;

	temptree_text(&b->box.tree, "root/text", "no dump");
	assert_int_equal(
		dumpbox_run(b, "$K convert -q ./core a && cp a a.old && cp core y.incomplete"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(dumpbox_run(b, "$K convert %s", cases[i].args), cases[i].code);
		check_says(b, cases[i].says);
		check_gone(b, "x");
	}
	assert_int_equal(dumpbox_run(b, "cmp core y.incomplete && cmp a a.old"), 0);
	assert_int_equal(dumpbox_run(b, "$K convert --force -q --format=elf ./core a"), 0);
	assert_int_equal(dumpbox_run(b, "head -c 4 a"), 0);
	assert_string_equal(b->box.out, "\x7f"
	                                "ELF");
	assert_int_equal(dumpbox_run(b, "stat -c %%a a"), 0);
	assert_string_equal(b->box.out, "600\n");
	assert_int_equal(dumpbox_run(b, "$K convert ./core - 2>&1 >/dev/full"), 1);
	assert_non_null(strstr(b->box.out, "standard output: cannot be written: No space left"));
}

/* A dump that is cut off gives one that says so, of what is left. */
static void cut_input(void **state)
{
	struct dumpbox *b = *state;
	unsigned there;
	struct dump *d;

	assert_int_equal(dumpbox_run(b, "$K convert -q --threads=1 ./core a && "
	                                "head -c $(($(stat -c %%s a) * 2 / 3)) a >cut"),
	                 0);
	there = dumpbox_check(b, "cut");
	assert_in_range(there, ALL / 4, ALL - 100);
	assert_int_equal(dumpbox_run(b, "$K convert -q ./cut b"), 4);
	check_says(b, "b: is incomplete, ");
	assert_int_equal(dumpbox_check(b, "b"), there);
	d = dumpbox_open(b, "b");
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	dump_free(d);
	assert_int_equal(dumpbox_run(b, "$K convert -q --format=elf ./cut c"), 4);
	assert_int_equal(dumpbox_check(b, "c"), there);
	/* Also on the way through a pipe, and for that stream without its end. */
	assert_int_equal(dumpbox_run(b, "$K convert -q ./cut - | $K convert -q - d"), 4);
	assert_int_equal(dumpbox_check(b, "d"), there);
	assert_int_equal(dumpbox_run(b, "$K convert -q --flatten --threads=1 ./core f && head -c "
	                                "$(($(stat -c %%s f) * 2 / 3)) f | $K convert -q - g"),
	                 4);
	assert_in_range(dumpbox_check(b, "g"), ALL / 4, ALL - 100);
	assert_int_equal(dumpbox_run(b, "head -c 300 a | $K convert - h"), 1);
	check_says(b, "standard input: ends within its header");
	check_gone(b, "h");
}

static struct kdump_desc read_desc(int fd, const struct kdump_header *h, unsigned i)
{
	uint8_t bytes[KDUMP_DESC_SIZE];
	struct kdump_desc desc;

	assert_int_equal(
		pread(fd, bytes, sizeof(bytes), kdump_desc_offset(h) + i * KDUMP_DESC_SIZE),
		sizeof(bytes));
	kdump_desc_decode(bytes, h->swap, &desc);
	return desc;
}

/* True if no other page has its place in the file. */
static bool is_alone(int fd, const struct kdump_header *h, uint64_t offset)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ALL; i++)
		n += read_desc(fd, h, i).offset == offset;
	return n == 1;
}

/* Spoils the last page of a file that is compressed, and not shared. */
static void spoil_page(const struct dumpbox *b, const char *name)
{
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE], noise[8];
	struct kdump_header h;
	struct kdump_desc desc;
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", b->path, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, main, sizeof(main), 0), sizeof(main));
	assert_int_equal(kdump_header_decode_main(main, &h), 1);
	assert_int_equal(pread(fd, sub, sizeof(sub), h.block_size), sizeof(sub));
	assert_int_equal(kdump_header_decode_sub(sub, &h), 0);
	for (unsigned i = ALL; i > 0; i--) {
		desc = read_desc(fd, &h, i - 1);
		if (desc.flags != 0 && is_alone(fd, &h, desc.offset))
			break;
	}
	assert_int_not_equal(desc.flags, 0);
	memset(noise, 0xff, sizeof(noise));
	assert_int_equal(pwrite(fd, noise, sizeof(noise), desc.offset), sizeof(noise));
	close(fd);
}

/* A page that does not unpack costs that page, and the file that lacks it says so. */
static void broken_page(void **state)
{
	struct dumpbox *b = *state;
	struct dump *d;

	assert_int_equal(dumpbox_run(b, "$K convert -q --compression=zlib ./core a"), 0);
	spoil_page(b, "a");
	assert_int_equal(dumpbox_check(b, "a"), ALL - 1);
	assert_int_equal(dumpbox_run(b, "$K convert -q ./a b"), 4);
	check_says(b, "b: is incomplete, 1 pages of ");
	assert_int_equal(dumpbox_check(b, "b"), ALL - 1);
	d = dumpbox_open(b, "b");
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	dump_free(d);
	/* ELF would have zeroes there, if it were not known to be lost. */
	assert_int_equal(dumpbox_run(b, "$K convert -q --format=elf ./b c"), 4);
	check_says(b, "c: is incomplete, as ");
	assert_int_equal(dumpbox_check(b, "c"), ALL - 1);
	assert_int_equal(dumpbox_run(b, "$K convert -q --format=elf ./a d"), 4);
	check_says(b, "d: is incomplete, 1 pages of ");
	d = dumpbox_open(b, "d");
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	dump_free(d);
}

/* Without VMCOREINFO nothing can be judged, so all is kept. */
static void unknown_kernel(void **state)
{
	struct dumpbox *b = *state;

	b->m.no_vmcoreinfo = true;
	dump_free(b->dump);
	b->dump = synth_dump(&b->m);
	temptree_bytes(&b->box.tree, "root/core", b->m.core, b->m.core_len);
	assert_int_equal(dumpbox_run(b, "$K convert -q ./core a"), 0);
	assert_string_equal(b->box.err, "");
	assert_int_equal(dumpbox_check(b, "a"), ALL);
	assert_int_equal(dumpbox_run(b, "$K convert -q --level=31 ./core b"), 0);
	check_says(b, "./core: has no VMCOREINFO: all pages are kept");
	assert_int_equal(dumpbox_check(b, "b"), ALL);
}

static int unmount_and_teardown(void **state)
{
	dumpbox_run(*state, "umount m");
	return dumpbox_teardown(state);
}

/* Space ends: what there is stays when it can be used, under a name that says what it is. */
static void no_space(void **state)
{
	struct dumpbox *b = *state;

	if (geteuid() != 0 || dumpbox_run(b, "mkdir m && mount -t tmpfs -o size=2m none m") != 0)
		skip();
	assert_int_equal(dumpbox_run(b, "$K convert -q ./core m/a"), 4);
	assert_non_null(strstr(b->box.err, "m/a.incomplete: writing at offset "));
	assert_non_null(strstr(b->box.err, "No space left on device, "));
	assert_non_null(strstr(b->box.err, " are free there\n"));
	assert_non_null(strstr(
		b->box.err, "m/a.incomplete: is incomplete, but can be used as far as it goes; "));
	assert_false(temptree_exists(&b->box.tree, "root/m/a"));
	assert_true(dumpbox_check(b, "m/a.incomplete") > 1000);
	/* Readers take no room. */
	assert_int_equal(dumpbox_run(b, "$K info ./m/a.incomplete | grep 'incomplete'"), 0);
	/* Nothing is of use of a stream without its end. */
	assert_int_equal(dumpbox_run(b, "rm m/a.incomplete; $K convert -q --flatten ./core m/a"),
	                 1);
	check_says(b, "m/a.incomplete: cannot be written: No space left on device, ");
	check_gone(b, "m/a");
	assert_int_equal(dumpbox_run(b, "cat core | TMPDIR=@/m $K convert -q - a"), 1);
	check_says(b, "standard input: cannot be kept in ");
	check_says(b, "set TMPDIR");
	check_gone(b, "a");
}

/* A limit of the file size, which would kill it, ends the same way; sh counts in 512 bytes. */
static void too_large(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "(ulimit -f 4000; $K convert -q ./core a)"), 4);
	assert_non_null(strstr(b->box.err, "a.incomplete: writing at offset "));
	assert_non_null(strstr(b->box.err, "File too large\n"));
	assert_true(dumpbox_check(b, "a.incomplete") > 1000);
	assert_false(temptree_exists(&b->box.tree, "root/a"));
	/* Not even the headers. */
	assert_int_equal(dumpbox_run(b, "(ulimit -f 700; $K convert -q ./core b)"), 1);
	check_says(b, "File too large");
	check_gone(b, "b");
}

/* A signal while it writes: what stays is usable, and the exit code says so. It may be too late. */
static void interrupted(void **state)
{
	static const char *const signals[] = { "TERM", "HUP" };
	struct dumpbox *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		int code = dumpbox_run(b,
		                       "$K convert -q --compression=zlib:9 --threads=1 ./core a & "
		                       "while [ ! -e a.incomplete ] && [ ! -e a ]; do :; done; "
		                       "kill -%s $!; wait $!",
		                       signals[i]);

		if (code == 0) {
			assert_int_equal(dumpbox_check(b, "a"), ALL);
		} else if (code == 4) {
			assert_non_null(strstr(b->box.err, "convert: interrupted\n"));
			assert_non_null(strstr(b->box.err, "a.incomplete: is incomplete, but"));
			assert_true(dumpbox_check(b, "a.incomplete") > 0);
			assert_false(temptree_exists(&b->box.tree, "root/a"));
		} else {
			assert_int_equal(code, 1);
			check_says(b, "kdump-lite convert: interrupted");
			check_gone(b, "a");
		}
		assert_int_equal(dumpbox_run(b, "rm -f a a.incomplete"), 0);
	}
}

static void makedumpfile_reads(void **state)
{
	struct dumpbox *b = *state;

	if (dumpbox_run(b, "command -v makedumpfile") != 0)
		skip();
	assert_int_equal(
		dumpbox_run(b, "$K convert -q --flatten --level=8 --compression=zlib ./core f "
	                       "&& makedumpfile -R r <f"),
		0);
	assert_int_equal(dumpbox_check(b, "r"), ALL - DUMPBOX_USER);
	assert_int_equal(dumpbox_run(b, "$K convert -q --threads=1 ./f p && "
	                                "$K convert -q --threads=1 ./r q && cmp p q"),
	                 0);
	/* It filters again what was filtered here. */
	assert_int_equal(dumpbox_run(b, "makedumpfile -d 25 -l p m >log 2>&1"), 0);
	assert_int_equal(dumpbox_check(b, "m"), ALL - DUMPBOX_USER - DUMPBOX_FREE);
	assert_int_equal(dumpbox_run(b, "$K convert -q --format=elf --level=31 ./core e && "
	                                "makedumpfile -d 31 -c e n >log 2>&1"),
	                 0);
	dumpbox_check(b, "n");
}

/* Of an ELF core makedumpfile 1.7.2 leaves out the page that is only partly RAM, 1.7.6 keeps it.
 * Whoever reads what they wrote has all other pages. */
static unsigned check_its(struct dumpbox *b, const char *name)
{
	return dumpbox_check(b, name) - dumpbox_has(b, name, SYNTH_LOW_END - 1);
}

static void makedumpfile_writes(void **state)
{
	struct dumpbox *b = *state;

	if (dumpbox_run(b, "command -v makedumpfile") != 0)
		skip();
	assert_int_equal(dumpbox_run(b, "makedumpfile -F -d 8 -c core 2>log | $K convert -q - a"),
	                 0);
	assert_int_equal(check_its(b, "a"), ALL - 1 - DUMPBOX_USER);
	assert_int_equal(dumpbox_run(b, "makedumpfile -F -E -d 0 core 2>log | "
	                                "$K convert -q --level=16 - b"),
	                 0);
	assert_int_equal(check_its(b, "b"), ALL - 1 - DUMPBOX_FREE);
	/* A split dump is put together. */
	assert_int_equal(dumpbox_run(b, "makedumpfile --split -d 8 -l core s1 s2 >log 2>&1 && "
	                                "$K convert -q ./s2 ./s1 c"),
	                 0);
	assert_int_equal(check_its(b, "c"), ALL - 1 - DUMPBOX_USER);
	assert_int_equal(dumpbox_run(b, "$K convert -q ./s2 d"), 4);
}

static void dry_run(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K convert --dry-run --level=31 ./core x"), 0);
	assert_string_equal(b->box.err, "");
	assert_non_null(strstr(b->box.out, "\nprograms                          64 "));
	assert_non_null(strstr(b->box.out, "\nfree                             256 "));
	assert_non_null(strstr(b->box.out, "\n>  31 "));
	check_gone(b, "x");
	assert_int_equal(dumpbox_run(b, "$K convert --dry-run ./core"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(formats_and_back, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(closed_streams, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(compressions, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(levels, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(mini, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(mini_of_a_crash, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(streams, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(pipes, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(files_of_crashes, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(refusals, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(cut_input, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(broken_page, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(no_space, dumpbox_setup, unmount_and_teardown),
		cmocka_unit_test_setup_teardown(unknown_kernel, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(too_large, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(interrupted, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(makedumpfile_reads, dumpbox_setup,
		                                dumpbox_teardown),
		cmocka_unit_test_setup_teardown(makedumpfile_writes, dumpbox_setup,
		                                dumpbox_teardown),
		cmocka_unit_test_setup_teardown(dry_run, dumpbox_setup, dumpbox_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
