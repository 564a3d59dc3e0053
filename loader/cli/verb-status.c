// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-status.c - status: armed or why not; reserved: the condition of the service. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "loader/kexec/returned.h"
#include "loader/cli/verb.h"
#include "loader/image/current.h"
#include "loader/crashes/crashes.h"
#include "loader/system/armed.h"
#include "loader/system/gentler.h"
#include "loader/system/room.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/text/json-kit.h"

struct status {
	bool is_armed;
	char *reason; /* why not; NULL when armed */
	struct armed armed;
	struct crashmem mem;
	struct returned returned;
	bool has_target;
	struct device target;
	char *remark;       /* on settings or target; NULL: none */
	bool compared;      /* what is armed with what a load would do now; root only */
	char **differences; /* NULL: none */
	char *gentler;      /* how the command line is gentler than usual; "" not */
	json_t *crashes;    /* how many of each state; NULL: not asked for, or not to be read */
};

static void status_done(struct status *s)
{
	free(s->reason);
	free(s->remark);
	strv_free(s->differences);
	free(s->gentler);
	armed_done(&s->armed);
	device_done(&s->target);
	json_decref(s->crashes);
}

/* A load that would fail is told as a difference: what is loaded may be good. */
static int compare(const struct cli *cli, const struct settings *settings, struct status *s)
{
	_cleanup_free_ char *text = NULL;
	struct utsname uts;
	const struct prepare_request req = prepare_here(cli->root_fd, settings, &uts);
	int r;

	if (!s->is_armed || geteuid() != 0)
		return 0;
	s->compared = true;
	r = current_look(&req, &s->armed, &s->differences);
	if (r == 0 || r == -ENOMEM)
		return r;
	if (asprintf(&text, "a load would fail: %s", err_text(r)) < 0) {
		text = NULL;
		return oom("the status");
	}
	return strv_push(&s->differences, text) < 0 ? oom("the status") : 0;
}

/* A loaded kernel counts even if the settings are bad now: then there is a remark. */
static int look(const struct cli *cli, struct status *s)
{
	_cleanup_(settings_done) struct settings settings = {};
	int r = armed_check(cli->root_fd, &s->armed, &s->mem), r_compare;
	struct gentler gentler;
	struct utsname uts;

	s->is_armed = r == 0;
	if (r < 0)
		s->reason = strdup(err_text(r));
	if (r < 0 && !s->reason)
		return -ENOMEM;
	uname(&uts);
	gentler_read(cli->root_fd, uts.release, &gentler);
	r = gentler_describe(&gentler, &s->gentler);
	if (r < 0)
		return r;
	if (returned_read(cli->root_fd, &s->returned) < 0)
		s->returned = (struct returned){};
	r = cli_settings(cli, &settings);
	if (r >= 0) {
		r = device_find_target(cli->root_fd, settings.path, &s->target);
		/* Free space is that of the armed device, or none. */
		s->has_target = r >= 0 && (!s->is_armed || streq(s->target.node, s->armed.device));
		r_compare = compare(cli, &settings, s);
		if (r_compare < 0)
			return r_compare;
		if (cli->json)
			(void)crashes_count(cli->root_fd, settings.path, &s->crashes);
	}
	/* The directory may be missing before a load, and only root should write there. */
	if (r < 0 && !s->compared && (s->is_armed || r != -ENOENT) &&
	    (r != -EACCES || geteuid() == 0))
		s->remark = strdup(err_text(r));
	return 0;
}

static void print_obstacle(const struct armed *a)
{
	_cleanup_free_ char *left = NULL;
	const char *remedy;

	if (armed_what_is_left(a, &left, &remedy) >= 0)
		printf("    target: none: %s; %s; %s\n", a->obstacle, left, remedy);
}

/* What is loaded, or why nothing is. */
static void print_armed(const struct status *s)
{
	char size[TEXT_SIZE_MAX], all[TEXT_SIZE_MAX], since[CLI_TIME_MAX];
	const struct armed *a = &s->armed;

	if (!s->is_armed) {
		printf("     armed: no: %s\n", s->reason);
		return;
	}
	printf("     armed: yes, since %s\n", cli_time(a->since, since));
	printf("    kernel: %s (%s)\n", a->kernel_release, a->kernel);
	printf("     image: %s, %s unpacked, built in %.2fs and loaded in %.2fs\n",
	       text_from_size(a->image_size, size), text_from_size(a->image_unpacked, all),
	       a->build_seconds, a->load_seconds);
	if (a->digest)
		printf("      call: kexec_load, for want of kexec_file_load; digest %08" PRIx64
		       "\n",
		       a->digest);
	printf("      CPUs: %" PRIu64 ", %s\n", a->cpus, a->cpus_why);
}

static void print_free(const struct status *s)
{
	char size[TEXT_SIZE_MAX], all[TEXT_SIZE_MAX], why[ROOM_WHY_MAX] = "";
	const char *left = "";

	if (room_is_gone(&s->target, why))
		left = s->is_armed && s->armed.reserve ? "; only the reserve takes a crash: "
		                                       : "; not enough for a log: ";
	printf("      free: %s of %s%s%s\n", text_from_size(s->target.free, size),
	       text_from_size(s->target.size, all), left, why);
}

static void print_text(const struct status *s)
{
	char size[TEXT_SIZE_MAX], returned[RETURNED_MAX];
	const struct armed *a = &s->armed;

	print_armed(s);
	if (s->mem.size)
		printf("  reserved: %s\n", text_from_size(s->mem.size, size));
	if (s->is_armed && !armed_has_target(a))
		print_obstacle(a);
	else if (s->is_armed)
		printf("    target: %s (%s, %s) %s\n", a->device, a->device_spec, a->fstype,
		       a->path);
	else if (s->has_target)
		printf("    target: %s (%s, %s) %s\n", s->target.node, s->target.spec,
		       s->target.fstype, s->target.path);
	if (s->has_target)
		print_free(s);
	if (s->is_armed && *a->places)
		printf("    places: %s\n", a->places);
	if (s->is_armed && a->reserve)
		printf("   reserve: %s\n", text_from_size(a->reserve, size));
	else if (s->is_armed && *a->reserve_why)
		printf("   reserve: none: %s\n", a->reserve_why);
	for (char **h = a->hooks; h && *h; h++)
		printf("%s%s%s", h == a->hooks ? "     hooks: " : " ", *h, h[1] ? "" : "\n");
	for (char **l = a->refused; l && *l; l++)
		printf("  left out: hook %s\n", *l);
	if (s->is_armed && *a->back_kernel && !*a->back_obstacle)
		printf("      back: by kexec, kernel %s\n", a->back_kernel);
	else if (s->is_armed && *a->back_obstacle)
		printf("      back: by firmware: %s\n", a->back_obstacle);
	if (s->is_armed && *a->back_lacks)
		printf("     lacks: %s\n", a->back_lacks);
	if (s->returned.by_kexec)
		printf("  returned: %s\n", returned_describe(&s->returned, returned));
	if (s->is_armed)
		printf("   command: %s\n", a->command_line);
	if (*s->gentler)
		printf("   gentler: %s, since the capture kernel did not come up with another\n",
		       s->gentler);
	for (char **d = s->differences; d && *d; d++)
		printf("   changed: %s\n", *d);
	if (s->differences)
		puts("            \"systemctl reload kdump-lite\" arms anew");
	if (s->is_armed && *a->left_out)
		printf("  left out: %s (the command line is too long)\n", a->left_out);
	if (s->remark)
		printf("    remark: %s\n", s->remark);
}

/* NULL, which json_pack() leaves out, when nothing was compared. */
static json_t *differences_json(const struct status *s)
{
	json_t *list = s->compared ? json_array() : NULL;

	for (char **d = s->differences; d && *d; d++)
		json_array_append_new(list, line_json(*d));
	return list;
}

static int print_status_json(const struct status *s)
{
	json_auto_t *object = s->is_armed ? armed_to_json(&s->armed) : json_object();
	bool degraded = returned_is_degraded(&s->returned);
	char text[RETURNED_MAX];
	json_auto_t *rest =
		json_pack("{s:b, s:s?, s:I, s:s?, s:b, s:s?, s:s?, s:o*, s:o*, s:O*}", "armed",
	                  s->is_armed, "reason", s->reason, "reservation", (json_int_t)s->mem.size,
	                  "remark", s->remark, "returned_by_kexec", s->returned.by_kexec,
	                  "degraded", degraded ? returned_describe(&s->returned, text) : NULL,
	                  "gentler", *s->gentler ? s->gentler : NULL, "target_free",
	                  s->has_target ? json_integer(s->target.free) : NULL, "changed",
	                  differences_json(s), "crashes", s->crashes);

	return json_object_update(object, rest) < 0 ? oom("JSON") : cli_print_json(object, 0);
}

static int run_status(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(status_done) struct status s = {};
	int r = look(cli, &s);

	if (r < 0)
		return r;
	if (cli->json)
		r = print_status_json(&s);
	else if (!cli->quiet)
		print_text(&s);
	if (r < 0)
		return r;
	return s.is_armed ? EXIT_SUCCESS : EXIT_NOT_ARMED;
}

/* systemd takes 1 to 254 of ExecCondition= as "skip the service", and logs our line. Where
 * crashkernel= was asked for and yielded nothing, load shall fail. */
static int run_reserved(const struct cli *cli, int argc, char *argv[])
{
	struct crashmem mem;
	int r = crashmem_read(cli->root_fd, &mem);

	if (r < 0)
		return r;
	r = crashmem_require(cli->root_fd, &mem);
	return r == -ENOSPC ? 0 : r;
}

const struct verb verb_status = {
	.name = "status",
	.help = "show whether the system is armed, or why not",
	.run = run_status,
	.takes = TAKES_JSON | TAKES_QUIET,
};

const struct verb verb_reserved = {
	.name = "reserved",
	.run = run_reserved,
};
