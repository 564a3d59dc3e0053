// SPDX-License-Identifier: GPL-2.0-or-later
/* bus.c - asks the service manager, see bus.h. */
#include "loader/kexec/bus.h"

#include "system/libraries.h"
#include "base/err.h"

#define MANAGER      "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define KEXEC_TARGET "kexec.target"

int bus_open(sd_bus **ret)
{
	int r = libsystemd_open();

	if (r < 0)
		return r;
	r = libsystemd.sd_bus_open_system(ret);
	return r < 0 ? errf(r, "the system bus cannot be reached: %s", strerror(-r)) : 0;
}

void bus_closep(sd_bus **bus)
{
	if (*bus)
		libsystemd.sd_bus_flush_close_unref(*bus);
}

static void error_done(sd_bus_error *error)
{
	libsystemd.sd_bus_error_free(error);
}

static void message_unrefp(sd_bus_message **message)
{
	libsystemd.sd_bus_message_unref(*message);
}

/* Gives @r, the error of a call, a text. */
static int call_failed(int r, const sd_bus_error *error)
{
	return errf(r, "the service manager answers: %s",
	            error->message ? error->message : strerror(-r));
}

int bus_start_kexec(sd_bus *bus)
{
	_cleanup_(error_done) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = libsystemd.sd_bus_call_method(bus, MANAGER, MANAGER_PATH, MANAGER ".Manager",
	                                      "StartUnit", &error, NULL, "ss", KEXEC_TARGET,
	                                      "replace-irreversibly");

	return r < 0 ? call_failed(r, &error) : 0;
}

/* 1: *@ret is the path of the object of the unit; 0: it is not loaded, so it has no job. */
static int find_unit(sd_bus *bus, const char *unit, char **ret)
{
	_cleanup_(error_done) sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_(message_unrefp) sd_bus_message *reply = NULL;
	const char *path;
	int r = libsystemd.sd_bus_call_method(bus, MANAGER, MANAGER_PATH, MANAGER ".Manager",
	                                      "GetUnit", &error, &reply, "s", unit);

	if (r < 0 && libsystemd.sd_bus_error_has_name(&error, MANAGER ".NoSuchUnit"))
		return 0;
	if (r >= 0)
		r = libsystemd.sd_bus_message_read(reply, "o", &path);
	if (r < 0)
		return call_failed(r, &error);
	*ret = strdup(path);
	return *ret ? 1 : oom("an answer");
}

static int get_text(sd_bus *bus, const char *object, const char *interface, const char *name,
                    char **ret)
{
	_cleanup_(error_done) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = libsystemd.sd_bus_get_property_string(bus, MANAGER, object, interface, name, &error,
	                                              ret);

	return r < 0 ? call_failed(r, &error) : 0;
}

/* 1: *@ret is the path of the unit's job; 0: it has none. The property then is 0 and "/". */
static int find_job(sd_bus *bus, const char *unit, char **ret)
{
	_cleanup_(error_done) sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_(message_unrefp) sd_bus_message *reply = NULL;
	const char *path;
	uint32_t number;
	int r = libsystemd.sd_bus_get_property(bus, MANAGER, unit, MANAGER ".Unit", "Job", &error,
	                                       &reply, "(uo)");

	if (r >= 0)
		r = libsystemd.sd_bus_message_read(reply, "(uo)", &number, &path);
	if (r < 0)
		return call_failed(r, &error);
	if (number == 0)
		return 0;
	*ret = strdup(path);
	return *ret ? 1 : oom("an answer");
}

int bus_job_type(sd_bus *bus, const char *unit, char **ret)
{
	_cleanup_free_ char *object = NULL, *job = NULL;
	int r;

	if ((r = find_unit(bus, unit, &object)) > 0)
		r = find_job(bus, object, &job);
	if (r < 0)
		return r;
	if (r > 0)
		return get_text(bus, job, MANAGER ".Job", "JobType", ret);
	*ret = strdup("");
	return *ret ? 0 : oom("an answer");
}

int bus_is_going_to_kexec(sd_bus *bus, bool *ret)
{
	_cleanup_free_ char *type = NULL;
	int r = bus_job_type(bus, KEXEC_TARGET, &type);

	if (r < 0)
		return r;
	*ret = streq(type, "start");
	return 0;
}

int bus_service_state(sd_bus *bus, const char *unit, char **ret_state, char **ret_result)
{
	_cleanup_free_ char *object = NULL, *state = NULL, *result = NULL;
	int r = find_unit(bus, unit, &object);

	if (r < 0)
		return r;
	if (r == 0)
		r = (state = strdup("inactive")) && (result = strdup("success")) ? 0
		                                                                 : oom("an answer");
	else if ((r = get_text(bus, object, MANAGER ".Unit", "ActiveState", &state)) == 0)
		r = get_text(bus, object, MANAGER ".Service", "Result", &result);
	if (r < 0)
		return r;
	*ret_state = TAKE_PTR(state);
	*ret_result = TAKE_PTR(result);
	return 0;
}
