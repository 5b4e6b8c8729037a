// SPDX-License-Identifier: GPL-2.0-only
/* What armvm knows of the machine that it runs on. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#include "host.h"

static uint64_t available_of(const char *text)
{
	char path[] = "/tmp/armvm-test-XXXXXX";
	int fd = mkstemp(path);
	uint64_t available;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	available = host_available(path);
	close(fd);
	unlink(path);
	return available;
}

static void memory_that_is_left(void **state)
{
	(void)state;
	assert_true(
		available_of("MemTotal: 2063256 kB\nMemFree: 5 kB\nMemAvailable:   1234 kB\n") ==
		1234 << 10);
	assert_true(available_of("MemAvailable:    4194304 kB\n") == UINT64_C(4) << 30);
	assert_true(available_of("MemTotal: 2063256 kB\nMemFree: 5 kB\n") == 0);
	assert_true(host_available("/none") == 0);
}

static void cpus_that_armvm_may_use(void **state)
{
	cpu_set_t all, one;
	struct host host;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	host_ask(&host);
	assert_int_equal(host.cpus, CPU_COUNT(&all));
	assert_true(host.available > 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	host_ask(&host);
	assert_int_equal(host.cpus, 1);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_that_is_left),
		cmocka_unit_test(cpus_that_armvm_may_use),
	};

	RUN_TESTS("host", tests);
}
