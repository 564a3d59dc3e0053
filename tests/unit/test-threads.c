// SPDX-License-Identifier: GPL-2.0-or-later
/* test-threads.c - how many CPUs the capture kernel gets. */
#include "loader/image/threads.h"
#include "tests/unit/check.h"

/* Debian 6.12, cloud, whose capture kernel takes 80M with our image unpacked. */
static const struct crashmem_need need = { .init_size = MIB(54),
	                                   .image_size = MIB(1),
	                                   .image_unpacked = MIB(1) };

static void check(const struct threads_request *req, uint64_t n, const char *why)
{
	char buf[THREADS_WHY_MAX];

	assert_int_equal(threads_choose(req, buf), n);
	assert_string_equal(buf, why);
}

static void takes_what_is_there_and_fits(void **state)
{
	struct settings s = {};
	struct crashmem mem = { .size = MIB(144), .piece = MIB(144) };
	struct threads_request req = { .settings = &s,
		                       .crashmem = &mem,
		                       .need = &need,
		                       .return_plan_spare = UINT64_MAX,
		                       .online = 1 };

	check(&req, 1, "all that are online");
	req.online = 8;
	check(&req, 8, "all that are online");
	req.online = 9;
	check(&req, 8, "more are of little use");
	/* Of 16M that are left each CPU but the first takes 8M. */
	mem.size = mem.piece = MIB(96);
	check(&req, 3, "for 8 it takes crashkernel=144M");
	req.online = 3;
	check(&req, 3, "all that are online");
	mem.size = mem.piece = MIB(84) - 1;
	check(&req, 1, "for 3 it takes crashkernel=96M");
	mem.size = mem.piece = MIB(70);
	check(&req, 1, "for 3 it takes crashkernel=96M");
	/* It runs with what is in another piece, too, but cannot be loaded there. */
	mem.size = MIB(512);
	check(&req, 3, "all that are online");
	mem.piece = MIB(54);
	check(&req, 1, "for 3 it takes crashkernel=528M");
}

static void leaves_the_way_back(void **state)
{
	struct settings s = {};
	struct crashmem mem = { .size = MIB(256), .piece = MIB(256) };
	struct threads_request req = {
		.settings = &s, .crashmem = &mem, .need = &need, .return_plan_spare = 0, .online = 4
	};

	check(&req, 1, "for 4 it takes crashkernel=288M");
	req.return_plan_spare = MIB(8);
	check(&req, 2, "for 4 it takes crashkernel=272M");
	req.return_plan_spare = MIB(24);
	check(&req, 4, "all that are online");
}

static void some_things_decide_alone(void **state)
{
	struct settings s = {};
	struct crashmem mem = { .size = MIB(256), .piece = MIB(256) };
	struct crashmem_need unknown = {};
	struct threads_request req = { .settings = &s,
		                       .crashmem = &mem,
		                       .need = &unknown,
		                       .return_plan_spare = UINT64_MAX,
		                       .online = 4 };

	check(&req, 1, "since the kernel does not tell what memory it takes");
	req.need = &need;
	req.confidential = true;
	check(&req, 1, "since a confidential guest may not get more started");
	/* A number in the settings is used as it is, where it can be. */
	s.capture.threads = 3;
	req.spin_table = true;
	check(&req, 1, "since no other kernel can start the others (spin-table)");
	req.spin_table = false;
	check(&req, 3, "as Threads= says");
	s.capture.threads = 16;
	check(&req, 4, "as Threads= says");
	/* But waking the boot CPU resets the machine. */
	req.parked = true;
	check(&req, 1, "since the boot CPU is parked");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_there_and_fits),
		cmocka_unit_test(leaves_the_way_back),
		cmocka_unit_test(some_things_decide_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
