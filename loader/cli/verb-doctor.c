// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-doctor.c - doctor: runs all checks and says what they found. */
#include <stdio.h>

#include "base/printable.h"
#include "loader/cli/verb.h"
#include "loader/doctor/doctor.h"
#include "vmcore/text/json-kit.h"
#include "base/err.h"

static int print_text(const struct doctor_check *check, const struct doctor_finding *f)
{
	_cleanup_free_ char *fact = NULL;
	int r;

	/* Names of processes, lines of files: whatever somebody put there. */
	r = printable(f->fact, strlen(f->fact), false, &fact);
	if (r < 0)
		return r;
	printf("%-7s  %s: %s%s%s\n", doctor_levels[f->level], check->name, fact,
	       *f->remedy ? "; " : "", f->remedy);
	return 0;
}

static int add_json(json_t *array, const struct doctor_check *check, const struct doctor_finding *f)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:o, s:s?}", "check", check->name, "looks_at",
	                           check->looks_at, "level", doctor_levels[f->level], "fact",
	                           line_json(f->fact), "remedy", *f->remedy ? f->remedy : NULL);

	return json_array_append_new(array, object) < 0 ? oom("JSON") : 0;
}

static int run_doctor(const struct cli *cli, int argc, char *argv[])
{
	json_auto_t *array = cli->json ? json_array() : NULL;
	enum doctor_level worst = DOCTOR_OK;
	int r = 0;

	for (size_t i = 0; i < doctor_n_checks; i++) {
		struct doctor_finding f = {};

		doctor_run(&doctor_checks[i], cli->root_fd, &f);
		worst = MAX(worst, f.level);
		if (array)
			r = add_json(array, &doctor_checks[i], &f);
		else if (!cli->quiet || f.level >= DOCTOR_WARNING)
			r = print_text(&doctor_checks[i], &f);
		if (r < 0)
			return r;
	}
	if (array && (r = cli_print_json(array, 0)) < 0)
		return r;
	return worst == DOCTOR_PROBLEM ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.help = "check for faults that prevent dumps or kexec",
	.page = "kdump-lite-doctor(8)",
	.run = run_doctor,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET,
};
