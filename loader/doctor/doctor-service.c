// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor-service.c - whether the service arms at each boot, and what it last said. */
#include "loader/doctor/doctor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "loader/kexec/bus.h"
#include "system/libraries.h"
#include "system/tree.h"
#include "base/err.h"

#define UNIT "kdump-lite.service"

static void journal_closep(sd_journal **journal)
{
	if (*journal)
		libsystemd.sd_journal_close(*journal);
}

static bool match(sd_journal *journal, const char *field)
{
	return libsystemd.sd_journal_add_match(journal, field, strlen(field)) >= 0;
}

/* The field that limits a search to this boot. */
static bool match_boot(sd_journal *journal)
{
	_cleanup_free_ char *id = NULL;
	char field[64] = "_BOOT_ID=", *end = field + strlen(field);

	if (tree_read_line(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &id) < 0)
		return false;
	for (const char *c = id; *c && end < field + sizeof(field) - 1; c++)
		if (*c != '-')
			*end++ = *c;
	return match(journal, field);
}

/* The last error that the service has told in this boot; NULL: none is known. */
static char *last_error(void)
{
	_cleanup_(journal_closep) sd_journal *journal = NULL;
	static const char name[] = "MESSAGE=";
	const void *data;
	size_t len;

	if (libsystemd.sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0 ||
	    !match(journal, "_SYSTEMD_UNIT=" UNIT) || !match(journal, "PRIORITY=3") ||
	    !match_boot(journal) || libsystemd.sd_journal_seek_tail(journal) < 0 ||
	    libsystemd.sd_journal_previous(journal) <= 0 ||
	    libsystemd.sd_journal_get_data(journal, "MESSAGE", &data, &len) < 0 ||
	    len < strlen(name))
		return NULL;
	return strndup((const char *)data + strlen(name), len - strlen(name));
}

int doctor_service_judge(const struct doctor_service *s, struct doctor_finding *f)
{
	const char *message = s->message ?: "the journal does not have the reason";

	if (streq(s->state, "failed"))
		return doctor_found(f, DOCTOR_PROBLEM,
		                    "correct it, then \"systemctl restart kdump-lite\"",
		                    UNIT " has failed: %s", message);
	if (streq(s->state, "inactive") && streq(s->result, "exec-condition"))
		return doctor_found(f, DOCTOR_WARNING,
		                    "correct it, then \"systemctl restart kdump-lite\"",
		                    UNIT " was skipped: %s", message);
	if (!s->enabled)
		return doctor_found(f, DOCTOR_WARNING, "systemctl enable --now kdump-lite",
		                    UNIT " is not enabled: nothing is loaded at the next boot");
	if (streq(s->state, "inactive"))
		return doctor_found(f, DOCTOR_WARNING, "systemctl start kdump-lite",
		                    UNIT " is enabled, but not active");
	return doctor_found(f, DOCTOR_OK, NULL, UNIT " is enabled%s%s", *s->state ? " and " : "",
	                    s->state);
}

/* A system that does not run, as in an image, has nobody to ask. */
static bool is_running_system(int root_fd)
{
	struct stat a, b;

	return fstat(root_fd, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int doctor_service(int root_fd, struct doctor_finding *f)
{
	_cleanup_free_ char *state = NULL, *result = NULL, *message = NULL;
	_cleanup_(bus_closep) sd_bus *bus = NULL;
	struct doctor_service s = { .enabled = doctor_unit_enabled(root_fd, UNIT),
		                    .state = "",
		                    .result = "" };
	int r;

	if (is_running_system(root_fd)) {
		if ((r = bus_open(&bus)) < 0 ||
		    (r = bus_service_state(bus, UNIT, &state, &result)) < 0)
			return r;
		message = last_error();
		s.state = state;
		s.result = result;
		s.message = message;
	}
	return doctor_service_judge(&s, f);
}
