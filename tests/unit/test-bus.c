// SPDX-License-Identifier: GPL-2.0-or-later
/* test-bus.c - what is asked of the service manager, with a made-up one at the other end. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

#include "loader/kexec/bus.h"
#include "system/libraries.h"
#include "tests/unit/check.h"
#include "base/err.h"

#define ROOT    "/org/freedesktop/systemd1"
#define TARGET  ROOT "/unit/kexec_2etarget"
#define SERVICE ROOT "/unit/kdump_2dlite_2eservice"
#define JOB     ROOT "/job/7"

/* The manager, and what it has seen. */
static struct manager {
	int fds[2];
	pthread_t thread;
	sd_bus *bus; /* of the client */
	bool loaded, refuses;
	uint32_t job; /* 0: none */
	const char *job_type, *state, *result;
	char started[128];
} m;

static int on_start(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	const char *unit, *mode;

	if (m.refuses)
		return sd_bus_error_set(error, "org.freedesktop.systemd1.UnitMasked",
		                        "Unit kexec.target is masked.");
	if (sd_bus_message_read(call, "ss", &unit, &mode) < 0)
		return -EINVAL;
	snprintf(m.started, sizeof(m.started), "%s %s", unit, mode);
	return sd_bus_reply_method_return(call, "o", JOB);
}

static int on_get_unit(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	const char *unit;

	if (sd_bus_message_read(call, "s", &unit) < 0)
		return -EINVAL;
	if (m.loaded && streq(unit, "kexec.target"))
		return sd_bus_reply_method_return(call, "o", TARGET);
	if (m.loaded && streq(unit, "kdump-lite.service"))
		return sd_bus_reply_method_return(call, "o", SERVICE);
	return sd_bus_error_set(error, "org.freedesktop.systemd1.NoSuchUnit", "not loaded");
}

static int get_job(sd_bus *bus, const char *path, const char *interface, const char *property,
                   sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
	return sd_bus_message_append(reply, "(uo)", m.job, m.job ? JOB : "/");
}

static int get_type(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
	return sd_bus_message_append(reply, "s", m.job_type);
}

static int get_state(sd_bus *bus, const char *path, const char *interface, const char *property,
                     sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
	return sd_bus_message_append(reply, "s", streq(property, "Result") ? m.result : m.state);
}

static const sd_bus_vtable manager_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("StartUnit", "ss", "o", on_start, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("GetUnit", "s", "o", on_get_unit, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};
static const sd_bus_vtable unit_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Job", "(uo)", get_job, 0, 0),
	SD_BUS_PROPERTY("ActiveState", "s", get_state, 0, 0),
	SD_BUS_VTABLE_END,
};
static const sd_bus_vtable service_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Result", "s", get_state, 0, 0),
	SD_BUS_VTABLE_END,
};
static const sd_bus_vtable job_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("JobType", "s", get_type, 0, 0),
	SD_BUS_VTABLE_END,
};

/* Answers until the client has gone. Must not assert: that would jump out of the thread. */
static void *serve(void *arg)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	sd_id128_t id = {};
	int r;

	if (sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, m.fds[1], m.fds[1]) < 0 ||
	    sd_bus_set_server(bus, 1, id) < 0 || sd_bus_set_anonymous(bus, 1) < 0 ||
	    sd_bus_start(bus) < 0 ||
	    sd_bus_add_object_vtable(bus, NULL, ROOT, "org.freedesktop.systemd1.Manager",
	                             manager_table, NULL) < 0 ||
	    sd_bus_add_object_vtable(bus, NULL, TARGET, "org.freedesktop.systemd1.Unit", unit_table,
	                             NULL) < 0 ||
	    sd_bus_add_object_vtable(bus, NULL, SERVICE, "org.freedesktop.systemd1.Unit",
	                             unit_table, NULL) < 0 ||
	    sd_bus_add_object_vtable(bus, NULL, SERVICE, "org.freedesktop.systemd1.Service",
	                             service_table, NULL) < 0 ||
	    sd_bus_add_object_vtable(bus, NULL, JOB, "org.freedesktop.systemd1.Job", job_table,
	                             NULL) < 0)
		return NULL;
	do {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	} while (r >= 0);
	return NULL;
}

static int setup(void **state)
{
	m = (struct manager){ .job_type = "start" };
	assert_int_equal(libsystemd_open(), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, m.fds), 0);
	assert_int_equal(pthread_create(&m.thread, NULL, serve, NULL), 0);
	assert_true(sd_bus_new(&m.bus) >= 0);
	assert_true(sd_bus_set_fd(m.bus, m.fds[0], m.fds[0]) >= 0);
	assert_true(sd_bus_start(m.bus) >= 0);
	return 0;
}

static int teardown(void **state)
{
	sd_bus_flush_close_unref(m.bus);
	assert_int_equal(pthread_join(m.thread, NULL), 0);
	return 0;
}

static void starts_the_target(void **state)
{
	assert_int_equal(bus_start_kexec(m.bus), 0);
	assert_string_equal(m.started, "kexec.target replace-irreversibly");
	m.refuses = true;
	assert_true(bus_start_kexec(m.bus) < 0);
	assert_non_null(strstr(err_text(bus_start_kexec(m.bus)),
	                       "the service manager answers: Unit kexec.target is masked."));
}

static void sees_where_the_system_goes(void **state)
{
	bool going = true;

	assert_int_equal(bus_is_going_to_kexec(m.bus, &going), 0);
	assert_false(going);
	m.loaded = going = true;
	assert_int_equal(bus_is_going_to_kexec(m.bus, &going), 0);
	assert_false(going);
	m.job = 7;
	assert_int_equal(bus_is_going_to_kexec(m.bus, &going), 0);
	assert_true(going);
	m.job_type = "stop";
	assert_int_equal(bus_is_going_to_kexec(m.bus, &going), 0);
	assert_false(going);
}

static void expect_job(const char *expected)
{
	_cleanup_free_ char *type = NULL;

	assert_int_equal(bus_job_type(m.bus, "kdump-lite.service", &type), 0);
	assert_string_equal(type, expected);
}

static void tells_the_job_of_a_unit(void **state)
{
	expect_job("");
	m.loaded = true;
	expect_job("");
	m.job = 7;
	m.job_type = "restart";
	expect_job("restart");
}

static void tells_the_state_of_a_service(void **state)
{
	for (int loaded = 0; loaded < 2; loaded++) {
		_cleanup_free_ char *now = NULL, *result = NULL;

		m.loaded = loaded;
		m.state = "failed";
		m.result = "exit-code";
		assert_int_equal(bus_service_state(m.bus, "kdump-lite.service", &now, &result), 0);
		assert_string_equal(now, loaded ? "failed" : "inactive");
		assert_string_equal(result, loaded ? "exit-code" : "success");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(starts_the_target),
		TEST(sees_where_the_system_goes),
		TEST(tells_the_job_of_a_unit),
		TEST(tells_the_state_of_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
