// SPDX-License-Identifier: GPL-2.0-or-later
/* settings.c - the table of settings, and the files they are read from; see settings.h. */
#include "config/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "system/conffiles.h"
#include "system/file.h"
#include "config/ini.h"
#include "config/places.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/io/codec.h"

#define FILE_NAME     "kdump-lite.conf"
#define FILE_SIZE_MAX MIB(1)

struct loading {
	struct settings *settings;
	settings_warn_fn warn;
	void *arg;
	bool pass_over; /* what cannot be used */
};

/* Without memory for a line, at least the @fault is told. */
_printf_(3, 4) static void tell(const struct loading *l, const char *fault, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	if (!l->warn)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	l->warn(l->arg, text ?: fault);
}

static void remark(const struct loading *l, const struct ini_item *item, const char *what,
                   const char *fault)
{
	tell(l, fault, "%s:%u: %s: %s", item->path, item->line, what, fault);
}

/* What becomes of an error: the end, or a remark. A conffiles_fault_fn. */
static int end_or_remark(void *arg, int r)
{
	const struct loading *l = arg;

	if (r >= 0 || !l->pass_over || r == -ENOMEM)
		return r;
	tell(l, err_text(r), "%s; ignored", err_text(r));
	return 0;
}

static bool is_section(const char *section)
{
	for (size_t i = 0; i < settings_n_rows; i++)
		if (streq(settings_rows[i].section, section))
			return true;
	return false;
}

/* Says where the key belongs when it is just in the wrong section. */
static void unknown_key(const struct loading *l, const struct ini_item *item)
{
	const struct field *row = fields_find(settings_rows, settings_n_rows, NULL, item->key);
	char fault[128];

	if (row)
		snprintf(fault, sizeof(fault), "belongs in [%s] and is ignored in [%s]",
		         row->section, item->section);
	else
		snprintf(fault, sizeof(fault), "unknown setting, ignored");
	remark(l, item, item->key, fault);
}

/* An ini_fn. Names that start with X- are for the use of others, as in systemd. */
static int assign(void *arg, const struct ini_item *item)
{
	struct loading *l = arg;
	const struct field *row;
	int r;

	if (!item->key) {
		if (!is_section(item->section) && strncmp(item->section, "X-", 2) != 0)
			remark(l, item, item->section, "unknown section, ignored");
		return 0;
	}
	if (!item->section)
		return errf(-EINVAL,
		            "%s:%u: %s=: stands before the first section header, such as [%s]",
		            item->path, item->line, item->key, settings_rows[0].section);
	if (!is_section(item->section) || strncmp(item->key, "X-", 2) == 0)
		return 0;
	row = fields_find(settings_rows, settings_n_rows, item->section, item->key);
	if (!row) {
		unknown_key(l, item);
		return 0;
	}
	r = field_set(row, l->settings, item->value);
	if (r < 0)
		r = err_prefix(r, "%s:%u: %s=%s", item->path, item->line, item->key, item->value);
	return end_or_remark(l, r);
}

static bool is_masked(int root_fd, const char *path)
{
	static const char null[] = "/dev/null";
	char target[sizeof(null)];

	return readlinkat(root_fd, path, target, sizeof(target)) == sizeof(null) - 1 &&
	       memcmp(target, null, sizeof(null) - 1) == 0;
}

/* @path is relative to the root. A link to /dev/null stands for an empty file. */
static int load_file(int root_fd, const char *path, struct loading *l)
{
	_cleanup_free_ char *text = NULL, *shown = NULL;
	size_t len;
	int r = file_read_below(root_fd, path, FILE_SIZE_MAX, &text, &len);

	if (r == -ENODEV || is_masked(root_fd, path))
		return 0;
	if (r < 0)
		return errf(r, "/%s: cannot be read: %s", path, strerror(-r));
	r = text_printf(&shown, "/%s", path);
	return r < 0 ? r : ini_parse(shown, text, len, assign, l);
}

static int load_main_file(int root_fd, struct loading *l)
{
	_cleanup_free_ char *path = NULL;
	int r = conffiles_main(root_fd, FILE_NAME, &path);

	if (r < 0 || !path)
		return r;
	return load_file(root_fd, path, l);
}

static int load_drop_ins(int root_fd, struct loading *l)
{
	_cleanup_(strv_freep) char **paths = NULL;
	int r = conffiles_drop_ins(root_fd, FILE_NAME, end_or_remark, l, &paths);

	if (r < 0)
		return r;
	for (char **p = paths; p && *p; p++)
		if ((r = end_or_remark(l, load_file(root_fd, *p, l))) < 0)
			return r;
	return 0;
}

static int load_files(int root_fd, bool pass_over, settings_warn_fn warn, void *arg,
                      struct settings *ret)
{
	_cleanup_(settings_done) struct settings s = {};
	struct loading l = { .settings = &s, .warn = warn, .arg = arg, .pass_over = pass_over };
	int r;

	if ((r = settings_init(&s)) < 0 ||
	    (r = end_or_remark(&l, load_main_file(root_fd, &l))) < 0 ||
	    (r = load_drop_ins(root_fd, &l)) < 0)
		return r;
	*ret = TAKE_STRUCT(s);
	return 0;
}

int settings_init(struct settings *s)
{
	*s = (struct settings){};
	return fields_init(settings_rows, settings_n_rows, s);
}

bool settings_row_is_of_capture(const struct field *row)
{
	return row->offset < sizeof(struct capture_settings);
}

int settings_copy_capture(const struct capture_settings *from, struct capture_settings *to)
{
	for (size_t i = 0; i < settings_n_rows; i++) {
		int r;

		if (!settings_row_is_of_capture(&settings_rows[i]))
			continue;
		r = field_copy(&settings_rows[i], from, to);
		if (r < 0)
			return r;
	}
	return 0;
}

int settings_load(int root_fd, settings_warn_fn warn, void *arg, struct settings *ret)
{
	return load_files(root_fd, false, warn, arg, ret);
}

int settings_load_usable(int root_fd, settings_warn_fn warn, void *arg, struct settings *ret)
{
	return load_files(root_fd, true, warn, arg, ret);
}

void settings_done(struct settings *s)
{
	fields_done(settings_rows, settings_n_rows, s);
}

const char *const settings_final_actions[] = {
	[FINAL_AUTO] = "auto",         [FINAL_KEXEC] = "kexec", [FINAL_REBOOT] = "reboot",
	[FINAL_POWEROFF] = "poweroff", [FINAL_HALT] = "halt",   NULL
};

static const char *const returns[] = {
	[RETURN_CRASHED] = "crashed", [RETURN_DEFAULT] = "default", NULL
};

static int check_compress(const char *value)
{
	const struct codec *codec;
	int level;

	return codec_parse(value, &codec, &level);
}

const struct field settings_rows[] = {
	{ "Path", PATH_AT(struct settings, path), "Target", "/var/crash",
	  .help = "Directory for crashes; each crash gets a directory in it. It must be on "
	          "a file system of a local disk or partition. The capture kernel finds the "
	          "file system by its UUID." },
	{ "Target", TEXT_AT(struct capture_settings, target), "Target", "auto",
	  .check = places_check,
	  .help = "Where a crash may go, in the order in which the capture kernel tries: path is "
	          "the directory Path=, reserve the blocks of Reserve=, swap the swap partitions, "
	          "from where the next boot fetches it, PARTUUID=UUID or /dev/NAME is a partition "
	          "that \"kdump-lite format\" has made for crashes, firmware stands for variables "
	          "of the EFI "
	          "firmware, which take the end of the log, and console for the end of the log "
	          "and the report on the console. The last two are used when no other place "
	          "took the log. auto is all of them in this order, but no partition. The log "
	          "goes to the first place that takes it, and all else after it; a dump to the "
	          "first that has room for it." },
	{ "Reserve", SIZE_AT(struct settings, reserve), "Target", "32M", .zero = "no",
	  .min = MIB(1), .max = UINT64_C(1) << 50,
	  .help = "Size of the file .reserve in Path=. Its blocks are on the disk before a "
	          "crash. When the file system cannot be mounted, or has no room, the "
	          "capture kernel saves the log, the report and a small dump there, and the "
	          "whole dump where it fits. The next start of the service moves them into "
	          "a directory of Path=. ext4 and xfs can have such a file, also on a plain LVM "
	          "volume, which the capture kernel does not set up." },
	{ "KeepFree", SIZE_AT(struct capture_settings, keep_free), "Target", "auto", .zero = "auto",
	  .min = KIB(1), .max = UINT64_C(1) << 50,
	  .help = "Free space that dumps leave on the file system. auto is 5 % of its size, but "
	          "at most 1G. When a dump does not fit beside it, the oldest crashes are "
	          "pruned, as kdump-lite prune does. A dump that does not fit then is made at "
	          "level 31, or left out when there is a mini dump. A dump that reaches this "
	          "limit ends there, and is marked incomplete." },
	{ "MaxUse", SIZE_AT(struct capture_settings, max_use), "Target", "no", .zero = "no",
	  .min = MIB(1), .max = UINT64_C(1) << 60,
	  .help = "Size of all crashes together. When there is more, the oldest are pruned." },
	{ "MaxDumps", NUMBER_AT(struct capture_settings, max_dumps), "Target", "no", .zero = "no",
	  .min = 1, .max = 1000000,
	  .help = "Number of crashes with a dump. When there are more, the dumps of the oldest "
	          "are deleted; log and report stay. The newest dump stays in any case, and so "
	          "does the newest one that is complete." },

	{ "Level", NUMBER_AT(struct capture_settings, level), "Dump", "31", .max = 31,
	  .help = "Pages to leave out of the dump, a sum of: 1 pages of zeroes, 2 page "
	          "cache without private data, 4 page cache with private data, 8 memory of "
	          "programs, 16 free pages. 0 saves all memory, 31 only memory of the "
	          "kernel." },
	{ "Compress", TEXT_AT(struct capture_settings, compress), "Dump", "lzo",
	  .check = check_compress,
	  .help = "Compression of the pages in the dump: one of " SETTINGS_CODECS ". A level "
	          "may follow after a colon, as in zstd:3. Higher levels make smaller files "
	          "and take longer." },
	{ "Threads", NUMBER_AT(struct capture_settings, threads), "Dump", "auto", .zero = "auto",
	  .min = 1, .max = 1024,
	  .help = "Number of threads that compress pages. The capture kernel starts as many "
	          "CPUs. auto uses all online CPUs, at most eight, as far as the reserved "
	          "memory suffices for them and for the return by kexec; kdump-lite status "
	          "shows the number." },

	{ "KeepPerFingerprint", NUMBER_AT(struct capture_settings, keep_per_fingerprint), "Dump",
	  "3", .max = 1000,
	  .help = "When there are so many complete dumps with the fingerprint of this crash, "
	          "no other is written: the log, the report and a mini dump with the pages of "
	          "the report are saved, and the system is back sooner. A crash by SysRq, as of "
	          "kdump-lite test-crash, always gets its dump. 0 turns this off." },

	{ "Kernel", PATH_AT(struct settings, kernel), "Capture", "",
	  .help = "Kernel image of the capture kernel. When empty, the running kernel. Its "
	          "modules must be installed in the usual place." },
	{ "Modules", WORDS_AT(struct settings, modules), "Capture", "",
	  .help = "Kernel modules to load in the capture kernel, in addition to those of "
	          "the target. Their dependencies are added. Options that modprobe.d(5) has for "
	          "the "
	          "modules that are loaded count; those of the command line win." },
	{ "HookPrograms", WORDS_AT(struct settings, hook_programs), "Capture", "",
	  .help = "Programs that hooks run, by name or path; they are put into the capture "
	          "image with the libraries that they need. The interpreter of a script need not "
	          "be named." },
	{ "CommandLine", TEXT_AT(struct settings, command_line), "Capture", "",
	  .help = "Command line of the capture kernel. When empty, that of the running "
	          "kernel. Parameters that harm a capture kernel, such as crashkernel=, root= and "
	          "all that turn an event into a panic, are always removed, and parameters that it "
	          "needs are added. Where it gets too long, added ones that a capture is "
	          "possible without are left out. After a boot that was armed and ended without "
	          "a shutdown, a dump and a trace of the capture kernel, the next load leaves "
	          "console= out; after another one irqpoll and reset_devices too, and then the "
	          "capture kernel gets one CPU. After a fourth the usual command line comes "
	          "again, for good. One with which a crash was saved, also by kdump-lite "
	          "test-crash, stays. Another kernel starts again with the usual one; doctor "
	          "tells how to do so at once." },
	{ "CommandLineRemove", WORDS_AT(struct settings, command_line_remove), "Capture", "",
	  .help = "More parameters to remove: name removes the parameter with any value, "
	          "name=value only with this value, and name* all parameters that begin "
	          "with name. This also removes parameters that kdump-lite adds." },
	{ "CommandLineAppend", WORDS_AT(struct settings, command_line_append), "Capture", "",
	  .help = "Parameters to add. They replace parameters of the same name that "
	          "kdump-lite adds, as in panic=30." },
	{ "DeviceTimeoutSec", SECONDS_AT(struct capture_settings, device_timeout), "Capture", "30s",
	  .min = 1, .max = 3600,
	  .help = "How long the capture kernel waits for the device of the target. A device of "
	          "which nothing but the place differs from what was there at the load, the bus "
	          "or the name, is taken when the time is over." },
	{ "TimeoutSec", SECONDS_AT(struct capture_settings, timeout), "Capture", "auto",
	  .zero = "auto", .min = 10, .max = 7 * 24 * 3600,
	  .help = "Time limit for the whole capture. When it is over, the final action is "
	          "taken, even if the dump is incomplete. auto is 40 seconds for each GB of "
	          "memory, as much as it takes to write all of it to a slow disk and to read it "
	          "back, or more when one of the last five complete dumps was slower; at least 5 "
	          "minutes and at most 4 hours." },
	{ "FinalAction", CHOICE_AT(struct capture_settings, final_action), "Capture", "auto",
	  .choices = settings_final_actions,
	  .help = "What the capture kernel does when the dump was saved, or could not be "
	          "saved. auto starts the production kernel by kexec, without the firmware, "
	          "when nothing is lost by it, and reboots otherwise. kexec also does so "
	          "when the system then lacks a CPU or may ask for a passphrase. reboot, "
	          "poweroff and halt do what they say. crash.json and the journal have the "
	          "reason." },

	{ "Return", CHOICE_AT(struct settings, return_to), "Kexec", "crashed", .choices = returns,
	  .help = "Which kernel to start by kexec after a crash. crashed is the kernel that "
	          "crashed, with its initrd and command line. default is the default entry "
	          "of the boot loader, which must have boot loader entries (see "
	          "kdump-lite-kexec(8))." },
	{ "CrashLoopBurst", NUMBER_AT(struct capture_settings, loop_burst), "Kexec", "3",
	  .max = 1000,
	  .help = "After this number of crashes within CrashLoopIntervalSec=, the system "
	          "reboots through the firmware, since hardware may be broken. 0 turns this "
	          "off." },
	{ "CrashLoopIntervalSec", SECONDS_AT(struct capture_settings, loop_interval), "Kexec",
	  "30min", .min = 1, .max = 7 * 24 * 3600, .help = "Time span for CrashLoopBurst=." },
	{ "CommandLineRemove", WORDS_AT(struct settings, kexec_remove), "Kexec", "",
	  .help = "Parameters to remove from the command line of a kernel that is started "
	          "by kexec, after a crash or by kdump-lite kexec: name removes the "
	          "parameter with any value, name=value only with this value, and name* all "
	          "parameters that begin with name." },
	{ "CommandLineAppend", WORDS_AT(struct settings, kexec_append), "Kexec", "",
	  .help = "Parameters to add to this command line, such as reset_devices for a "
	          "controller that fails after a kexec." },
};

const size_t settings_n_rows = ARRAY_SIZE(settings_rows);
