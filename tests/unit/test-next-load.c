// SPDX-License-Identifier: GPL-2.0-or-later
/* test-next-load.c - loading the kernel for a reboot, with a made-up system call. */
#include <elf.h>
#include <errno.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <sys/stat.h>
#include <zlib.h>

#include "loader/kexec/next-load.h"
#include "tests/unit/machine.h"
#include "base/err.h"
#include "base/text.h"

#define RECORD "run/kdump-lite/next.json"
#define KERNEL "/boot/vmlinuz"

static struct world {
	struct temptree tree;
	struct next next;
	struct piece initrds[3];
	const char *machine, *cmdline;
	int results[3]; /* of the next calls */
	unsigned calls;
	unsigned long flags;
	char got_kernel[8192], got_image[256], got_cmdline[4096]; /* of the last call */
	size_t kernel_size, image_size;
} w;

static size_t take(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size, 0);
	struct stat st;

	assert_true(n >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, n);
	return n;
}

/* What the kernel does: a load that fails leaves the one before. */
static int fake_kexec(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	int r = w.calls < ARRAY_SIZE(w.results) ? w.results[w.calls] : 0;

	w.calls++;
	w.flags = flags;
	if (flags & KEXEC_FILE_UNLOAD) {
		temptree_text(&w.tree, "sys/kernel/kexec_loaded", "0\n");
		return 0;
	}
	w.kernel_size = take(kernel_fd, w.got_kernel, sizeof(w.got_kernel));
	w.image_size = image_fd < 0 ? 0 : take(image_fd, w.got_image, sizeof(w.got_image));
	snprintf(w.got_cmdline, sizeof(w.got_cmdline), "%s", cmdline);
	if (r == 0)
		temptree_text(&w.tree, "sys/kernel/kexec_loaded", "1\n");
	return r;
}

static int setup(void **state)
{
	w = (struct world){
		.next = { .id = (char *)"debian",
		          .title = (char *)"Debian 12",
		          .kernel = { .path = (char *)KERNEL },
		          .release = (char *)MACHINE_RELEASE },
		.initrds = { { .path = (char *)"/boot/ucode" },
		             { .path = (char *)"/boot/initrd" } },
		.machine = "x86_64",
		.cmdline = "root=/dev/vda1 quiet",
	};
	w.next.initrds = w.initrds;
	w.next.n_initrds = 2;
	temptree_make(&w.tree);
	temptree_text(&w.tree, "sys/kernel/kexec_loaded", "0\n");
	machine_bzimage(&w.tree, &KERNEL[1], MACHINE_RELEASE);
	temptree_text(&w.tree, "boot/ucode", "12345");
	temptree_text(&w.tree, "boot/initrd", "abcd");
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&w.tree);
	return 0;
}

static int load_to(bool dry_run, struct next_loaded *ret)
{
	struct next_load_request req = {
		.root_fd = w.tree.fd,
		.next = &w.next,
		.cmdline = w.cmdline,
		.machine = w.machine,
		.kexec = fake_kexec,
		.dry_run = dry_run,
	};

	w.calls = 0;
	return next_load(&req, ret);
}

static int load(void)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};

	return load_to(false, &n);
}

static void assert_loaded(int expected)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};

	assert_int_equal(next_loaded_check(w.tree.fd, &n), expected);
}

static void loads_and_remembers(void **state)
{
	_cleanup_(next_loaded_done) struct next_loaded now = {}, read = {};

	assert_loaded(-ENOENT);
	assert_int_equal(load_to(false, &now), 0);
	assert_int_equal(w.calls, 1);
	assert_int_equal(w.flags, 0);
	assert_int_equal(w.kernel_size, BZIMAGE_SIZE);
	/* The first is padded, so that the second is found behind it. */
	assert_int_equal(w.image_size, 12);
	assert_memory_equal(w.got_image, "12345\0\0\0abcd", 12);
	assert_string_equal(w.got_cmdline, "root=/dev/vda1 quiet");
	assert_int_equal(next_loaded_check(w.tree.fd, &read), 0);
	assert_string_equal(read.id, "debian");
	assert_string_equal(read.title, "Debian 12");
	assert_string_equal(read.kernel, KERNEL);
	assert_string_equal(read.kernel_release, MACHINE_RELEASE);
	assert_string_equal(read.command_line, "root=/dev/vda1 quiet");
	assert_int_equal(strv_length(read.initrds), 2);
	assert_string_equal(read.initrds[1], "/boot/initrd");
	assert_true(read.since > 1000000000);
	assert_string_equal(now.title, "Debian 12");
}

static void needs_no_initrd(void **state)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};

	w.next.n_initrds = 0;
	assert_int_equal(load(), 0);
	assert_int_equal(w.flags, KEXEC_FILE_NO_INITRAMFS);
	assert_int_equal(next_loaded_check(w.tree.fd, &n), 0);
	assert_null(n.initrds);
}

static void a_dry_run_changes_nothing(void **state)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};

	assert_int_equal(load_to(true, &n), 0);
	assert_int_equal(w.calls, 0);
	assert_string_equal(n.kernel, KERNEL);
	assert_int_equal(strv_length(n.initrds), 2);
	assert_false(temptree_exists(&w.tree, "run"));
	assert_int_equal(unlinkat(w.tree.fd, "boot/initrd", 0), 0);
	assert_fails(load_to(true, &n), -ENOENT, "/boot/initrd: No such file");
}

/* Each in one line that names the file, without asking the kernel; what was loaded stays. */
static void faults_are_found_before(void **state)
{
	char line[2048], path[128];

	assert_int_equal(load(), 0);
	w.next.kernel.path = (char *)"/boot/none";
	assert_fails(load(), -ENOENT, "/boot/none: No such file");
	w.next.kernel.path = (char *)"/boot";
	assert_fails(load(), -EINVAL, "/boot: is no file");
	w.next.kernel.path = (char *)"/boot/initrd";
	assert_fails(load(), -ENOEXEC, "/boot/initrd: is not a kernel that kexec can start");
	w.next.kernel.path = (char *)KERNEL;
	w.initrds[0].path = (char *)"/boot/none";
	assert_fails(load(), -ENOENT, "/boot/none: No such file");
	temptree_text(&w.tree, "boot/empty", "");
	w.initrds[0].path = (char *)"/boot/empty";
	assert_fails(load(), -ENODATA, "/boot/empty: is empty");
	w.initrds[0] = (struct piece){ .path = (char *)"/boot/initrd", .offset = 2, .size = 3 };
	assert_fails(load(), -ENODATA, "/boot/initrd: is shorter");
	w.initrds[0] = (struct piece){ .path = (char *)"/boot/initrd", .offset = 1, .size = 3 };
	memset(line, 'a', sizeof(line));
	line[2016] = '\0';
	w.cmdline = line;
	assert_int_equal(load(), 0);
	line[2016] = 'a';
	line[2019] = '\0';
	assert_fails(load(), -E2BIG, "the command line is 3 bytes too long (2020, at most 2017)");
	w.cmdline = "a";
	snprintf(path, sizeof(path), "%s%s", w.tree.path, KERNEL);
	assert_int_equal(truncate(path, BZIMAGE_SIZE - 1), 0);
	assert_fails(load(), -ENOEXEC, KERNEL ": is cut short");
	assert_int_equal(w.calls, 0);
	assert_loaded(0);
}

static void part_of_a_file(void **state)
{
	_cleanup_free_ char *image = temptree_read(&w.tree, &KERNEL[1]);
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	char uki[BZIMAGE_SIZE + 64] = {};

	memcpy(uki + 32, image, BZIMAGE_SIZE);
	memcpy(uki + 32 + BZIMAGE_SIZE, "wxyz", 4);
	temptree_bytes(&w.tree, "efi/linux.efi", uki, sizeof(uki));
	w.next.kernel = (struct piece){ .path = (char *)"/efi/linux.efi",
		                        .offset = 32,
		                        .size = BZIMAGE_SIZE };
	w.initrds[0] = (struct piece){ .path = (char *)"/efi/linux.efi",
		                       .offset = 32 + BZIMAGE_SIZE,
		                       .size = 4 };
	w.next.n_initrds = 1;
	assert_int_equal(load_to(true, &n), 0);
	assert_false(temptree_exists(&w.tree, "run"));
	next_loaded_done(&n);
	assert_int_equal(load_to(false, &n), 0);
	assert_int_equal(w.kernel_size, BZIMAGE_SIZE);
	assert_memory_equal(w.got_kernel, image, BZIMAGE_SIZE);
	assert_memory_equal(w.got_image, "wxyz", 4);
	assert_string_equal(n.kernel, "32+4096:/efi/linux.efi");
	/* A section that is cut off. */
	w.next.kernel.size = 2048;
	assert_fails(load(), -ENOEXEC, "/efi/linux.efi: is cut short");
}

static void pack(const char *path, const void *data, size_t len)
{
	char full[128];
	gzFile f;

	snprintf(full, sizeof(full), "%s/%s", w.tree.path, path);
	f = gzopen(full, "wb");
	assert_non_null(f);
	assert_int_equal(gzwrite(f, data, len), len);
	assert_int_equal(gzclose(f), Z_OK);
}

/* On x86 it can be seen before; elsewhere the kernel has to be asked. */
static void unwraps_what_the_kernel_does_not_take(void **state)
{
	_cleanup_free_ char *image = temptree_read(&w.tree, &KERNEL[1]);

	pack("boot/packed", image, BZIMAGE_SIZE);
	w.next.kernel.path = (char *)"/boot/packed";
	assert_int_equal(load(), 0);
	assert_int_equal(w.calls, 1);
	assert_memory_equal(w.got_kernel, image, BZIMAGE_SIZE);
	w.machine = "aarch64";
	w.results[0] = -EINVAL;
	assert_int_equal(load(), 0);
	assert_int_equal(w.calls, 2);
	assert_memory_equal(w.got_kernel, image, BZIMAGE_SIZE);
	w.results[0] = -ENOEXEC;
	assert_int_equal(load(), 0);
	assert_int_equal(w.calls, 2);
	/* Once more, not for ever. */
	w.results[1] = -ENOEXEC;
	assert_fails(load(), -ENOEXEC, "does not take this file");
	assert_int_equal(w.calls, 2);
	/* Nothing in it: the first answer counts. */
	w.next.kernel.path = (char *)"/boot/initrd";
	w.results[0] = -EINVAL;
	assert_fails(load(), -EINVAL, "/boot/initrd: the kernel does not accept the image");
	assert_int_equal(w.calls, 1);
	/* And on x86, something that is no kernel. */
	w.machine = "x86_64";
	pack("boot/packed", "nothing", 7);
	w.next.kernel.path = (char *)"/boot/packed";
	assert_fails(load(), -ENOEXEC, "/boot/packed: is not a kernel that kexec can start");
	assert_int_equal(w.calls, 0);
}

static void a_failure_leaves_what_was_loaded(void **state)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	w.results[0] = -ENOMEM;
	assert_fails(load(), -ENOMEM, KERNEL ": the kernel has not enough free memory");
	assert_null(strstr(err_text(-ENOMEM), "; the one loaded before"));
	assert_loaded(-ENOENT);
	w.results[0] = 0;
	assert_int_equal(load(), 0);
	before = temptree_read(&w.tree, RECORD);
	w.results[0] = -ENOMEM;
	w.next.title = (char *)"other";
	assert_fails(load(), -ENOMEM, "; the one loaded before still is");
	assert_loaded(0);
	after = temptree_read(&w.tree, RECORD);
	assert_string_equal(before, after);
}

static void unloads(void **state)
{
	assert_int_equal(next_unload(w.tree.fd, fake_kexec), 1);
	assert_int_equal(load(), 0);
	assert_int_equal(next_unload(w.tree.fd, fake_kexec), 0);
	assert_int_equal(w.flags, KEXEC_FILE_UNLOAD);
	assert_false(temptree_exists(&w.tree, RECORD));
	assert_loaded(-ENOENT);
	/* Of another program; and a record that cannot be understood. */
	temptree_text(&w.tree, "sys/kernel/kexec_loaded", "1\n");
	assert_loaded(-EEXIST);
	temptree_text(&w.tree, RECORD, "{ \"id\": 3 }");
	assert_loaded(-EEXIST);
	temptree_text(&w.tree, RECORD, "{ \"initrds\": [ 3 ] }");
	assert_loaded(-EEXIST);
	assert_int_equal(next_unload(w.tree.fd, fake_kexec), 0);
	assert_int_equal(unlinkat(w.tree.fd, "sys/kernel/kexec_loaded", 0), 0);
	assert_loaded(-EOPNOTSUPP);
}

/* Memory of a kernel, as /proc/kcore shows it: kexec_image, and a struct kimage further on. */
static void make_kcore(uint64_t kexec_image, uint64_t place_of_a_page)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr notes, text, heap;
		uint64_t words[64];
	} k = {
		.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64 },
		            .e_phoff = sizeof(k.header),
		            .e_phentsize = sizeof(Elf64_Phdr),
		            .e_phnum = 3 },
		.notes = { .p_type = PT_NOTE },
		.text = { .p_type = PT_LOAD,
		          .p_vaddr = 0xffffffff83000000,
		          .p_memsz = 4096,
		          .p_offset = offsetof(typeof(k), words) - 8 },
		.heap = { .p_type = PT_LOAD,
		          .p_vaddr = 0xffff888000000000,
		          .p_memsz = sizeof(k.words),
		          .p_offset = offsetof(typeof(k), words) },
		.words = { kexec_image, [32 + 4] = place_of_a_page },
	};

	temptree_bytes(&w.tree, "proc/kcore", &k, sizeof(k));
	temptree_text(&w.tree, "proc/kallsyms",
	              "ffffffff81000000 T _text\nffffffff83000000 B kexec_image_x\n"
	              "ffffffff83000008 B kexec_image\nffffffffc0000000 t kexec_image\t[x]\n");
}

#define KIMAGE (0xffff888000000000 + 32 * 8)

static void another_tool_has_loaded_one_since(void **state)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	json_auto_t *shown = NULL;

	make_kcore(KIMAGE, 0x1000);
	assert_int_equal(load(), 0);
	assert_loaded(0);
	make_kcore(KIMAGE, 0x2000);
	assert_loaded(-EEXIST);
	make_kcore(KIMAGE, 0x1000);
	assert_int_equal(next_loaded_check(w.tree.fd, &n), 0);
	shown = next_loaded_to_json(&n);
	assert_null(json_object_get(shown, "image"));
	/* What cannot be seen is believed. */
	make_kcore(0, 0x2000);
	assert_loaded(0);
	make_kcore(KIMAGE + 8, 0x2000);
	assert_loaded(0);
	make_kcore(KIMAGE, 0x2000);
	temptree_text(&w.tree, "proc/kallsyms", "0000000000000000 B kexec_image\n");
	assert_loaded(0);
	temptree_text(&w.tree, "proc/kcore", "");
	assert_loaded(0);
	/* And so is the record of a load that could not see. */
	assert_int_equal(load(), 0);
	make_kcore(KIMAGE, 0x2000);
	assert_loaded(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loads_and_remembers),
		TEST(needs_no_initrd),
		TEST(a_dry_run_changes_nothing),
		TEST(faults_are_found_before),
		TEST(part_of_a_file),
		TEST(unwraps_what_the_kernel_does_not_take),
		TEST(a_failure_leaves_what_was_loaded),
		TEST(unloads),
		TEST(another_tool_has_loaded_one_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
