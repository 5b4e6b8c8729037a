// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memmap.h"
#include "number.h"
#include "options.h"

#define U_BOOT "/usr/lib/u-boot/qemu_arm/u-boot.bin"

static int parse(struct options *options, const char *const *words)
{
	int count = 0;

	while (words[count])
		count++;
	return options_parse(options, count, (char *const *)words);
}

#define PARSE(options, ...) parse(options, (const char *const[]){ __VA_ARGS__, NULL })

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t size;
	} cases[] = {
		{ "0", 0, 0 },
		{ "1", 0, 1 },
		{ "1K", 0, 1024 },
		{ "3k", 0, 3072 },
		{ "256M", 0, 256ull << 20 },
		{ "3g", 0, 3ull << 30 },
		{ "0018446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "17179869184G", -ERANGE, 0 },
		{ "17179869183G", 0, 17179869183ull << 30 },
		{ "18014398509481984K", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "M", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "0x10M", -EINVAL, 0 },
		{ "1.5G", -EINVAL, 0 },
		{ "1MB", -EINVAL, 0 },
		{ "1KK", -EINVAL, 0 },
		{ "1T", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t size = 0;

		assert_int_equal(number_size(cases[i].text, &size), cases[i].err);
		if (!cases[i].err)
			assert_true(size == cases[i].size);
	}
}

static void defaults(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--kernel", "k"), 0);
	assert_string_equal(options.kernel, "k");
	assert_null(options.initrd);
	assert_null(options.dtb);
	assert_null(options.append);
	assert_null(options.channel);
	assert_null(options.dump_dtb);
	assert_null(options.restore);
	assert_false(options.migratable);
	assert_null(options.gdb);
	assert_null(options.control);
	assert_false(options.gdb_wait);
	assert_int_equal(options.cpus, 1);
	assert_int_equal(options.stop_timeout, 90);
	assert_true(options.memory == 256 << 20);
	assert_false(options.testdev);
	assert_false(options.rng);
}

static void every_option_both_ways(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--kernel=a=b", "--initrd", "i", "--append=", "--cpus",
			       "8", "--memory=3G", "--dtb", "d", "--channel", "fd:3", "--testdev",
			       "--dump-dtb", "-", "--gdb", "[::1]:0", "--gdb-wait", "--no-reboot",
			       "--rng", "--control", "c", "--stop-timeout", "0"),
			 0);
	assert_string_equal(options.kernel, "a=b");
	assert_string_equal(options.initrd, "i");
	assert_string_equal(options.append, "");
	assert_int_equal(options.cpus, 8);
	assert_true(options.memory == MAX_MEMORY);
	assert_string_equal(options.dtb, "d");
	assert_string_equal(options.channel, "fd:3");
	assert_true(options.testdev);
	assert_string_equal(options.dump_dtb, "-");
	assert_string_equal(options.gdb, "[::1]:0");
	assert_true(options.gdb_wait && options.no_reboot && options.rng);
	assert_int_equal(options.stop_timeout, 0);
	assert_string_equal(options.control, "c");
	assert_int_equal(PARSE(&options, "--kernel=k", "--disk=d", "--restore", "listen:s",
			       "--migratable"),
			 0);
	assert_string_equal(options.restore, "listen:s");
	assert_true(options.migratable && options.disks[0].comes_later);
	options_release(&options);
	assert_int_equal(PARSE(&options, "--kernel=k", "--disk=d", "--restore=f"), 0);
	assert_false(options.disks[0].comes_later);
	options_release(&options);
	/* A value may look like an option; the last of two options counts. */
	assert_int_equal(PARSE(&options, "--kernel", "--cpus", "--kernel", "z"), 0);
	assert_string_equal(options.kernel, "z");
	assert_int_equal(options.cpus, 1);
}

static void refuses(void **state)
{
	static const char *const bad[][4] = {
		{ NULL },
		{ "--cpus", "1" },
		{ "zImage" },
		{ "-k", "zImage" },
		{ "--kern", "zImage" },
		{ "--kernelx", "zImage" },
		{ "--", "zImage" },
		{ "--=x" },
		{ "--kernel" },
		{ "--kernel=k", "--memory" },
		{ "--kernel=k", "--testdev=1" },
		{ "--kernel=k", "--rng=1" },
		{ "--kernel=k", "--gdb" },
		{ "--kernel=k", "--gdb-wait" },
		{ "--kernel=k", "--restore" },
		{ "--kernel=k", "--restore=f", "--dump-dtb=d" },
		{ "--kernel=k", "--migratable=1" },
		{ "--kernel=k", "--gdb=1", "--gdb-wait=1" },
		{ "--kernel=k", "--cpus=0" },
		{ "--kernel=k", "--cpus=9" },
		{ "--kernel=k", "--cpus=-1" },
		{ "--kernel=k", "--cpus=" },
		{ "--kernel=k", "--cpus=2x" },
		{ "--kernel=k", "--cpus=4294967297" },
		{ "--kernel=k", "--cpus=18446744073709551617" },
		{ "--kernel=k", "--memory=16383K" },
		{ "--kernel=k", "--memory=16777217" },
		{ "--kernel=k", "--memory=3145729K" },
		{ "--kernel=k", "--memory=4G" },
		{ "--kernel=k", "--memory=0" },
		{ "--kernel=k", "--memory=-256M" },
		{ "--kernel=k", "--memory=18446744073709551616G" },
		{ "--kernel=k", "--memory=lots" },
		{ "--kernel=k", "--stop-timeout" },
		{ "--kernel=k", "--control" },
		{ "--kernel=k", "--stop-timeout=" },
		{ "--kernel=k", "--stop-timeout=-1" },
		{ "--kernel=k", "--stop-timeout=1s" },
		{ "--kernel=k", "--stop-timeout=86401" },
		{ "--kernel=k", "--disk" },
		{ "--kernel=k", "--disk=" },
		{ "--kernel=k", "--disk=,readonly" },
		{ "--kernel=k", "--disk=d,ro" },
		{ "--kernel=k", "--disk=d," },
		{ "--kernel=k", "--disk=d,readonly,," },
		{ "--kernel=k", "--disk=d,serial" },
		{ "--kernel=k", "--disk=d,serial=" },
		{ "--kernel=k", "--disk=d,serial=123456789012345678901" },
		{ "--kernel=k", "--disk=d,serial=a b" },
		{ "--kernel=k", "--firmware=f" },
		{ "--kernel=k", "--image=i", "--firmware=f" },
		{ "--firmware" },
		{ "--firmware=f", "--append=a" },
		{ "--firmware=f", "--initrd=i" },
		{ "--firmware=f", "--image=i", "--append=a" },
		{ "--firmware=f", "--image" },
		{ "--firmware=f", "--image=" },
		{ "--firmware=f", "--image=i,ro" },
		{ "--firmware=f", "--image=i", "--image=,readonly" },
		{ "--kernel=k", "--net" },
		{ "--kernel=k", "--net=" },
		{ "--kernel=k", "--net=tap" },
		{ "--kernel=k", "--net=users" },
		{ "--kernel=k", "--net=user,vhost=on" },
		{ "--kernel=k", "--net=user,tcp=" },
		{ "--kernel=k", "--net=user,tcp" },
		{ "--kernel=k", "--port" },
		{ "--kernel=k", "--port=name" },
		{ "--kernel=k", "--port=name=" },
		{ "--kernel=k", "--port==fd:3" },
		{ "--kernel=k", "--port=../a=fd:3" },
		{ "--kernel=k", "--port=a/b=fd:3" },
		{ "--kernel=k", "--net=tap=t,vhost" },
		{ "--kernel=k", "--net=tap=t,vhost=maybe" },
		{ "--kernel=k", "--net=tap=t,tcp=1" },
		{ "--kernel=k", "--net=user,mac=02:00:00:00:00" },
		{ "--kernel=k", "--net=user,mac=02:00:00:00:00:0" },
		{ "--kernel=k", "--net=user,mac=02:00:00:00:00:001" },
		{ "--kernel=k", "--net=user,mac=02-00-00-00-00-00" },
		{ "--kernel=k", "--net=user,mac=03:00:00:00:00:00" },
		{ "--kernel=k", "--net=user,mac=00:00:00:00:00:00" },
		{ "--kernel=k", "--net=user,mac=0g:00:00:00:00:01" },
		{ "--kernel=k", "--net=user", "--net=user,," },
	};
	struct options options;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(parse(&options, bad[i]) < 0);
		options_release(&options);
	}
	/* The nearest good values. */
	assert_int_equal(PARSE(&options, "--kernel=k", "--memory=16M", "--cpus=1"), 0);
	assert_int_equal(PARSE(&options, "--kernel=k", "--memory=16388K", "--cpus=8",
			       "--stop-timeout=86400"),
			 0);
}

static void disks(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--kernel=k", "--disk", "a.img", "--disk=b=c,readonly",
			       "--disk=d,,e,serial=12345678901234567890", "--disk=,,,serial=x,,y"),
			 0);
	assert_int_equal(options.nr_disks, 4);
	assert_string_equal(options.disks[0].path, "a.img");
	assert_false(options.disks[0].readonly);
	assert_null(options.disks[0].serial);
	assert_string_equal(options.disks[1].path, "b=c");
	assert_true(options.disks[1].readonly);
	assert_string_equal(options.disks[2].path, "d,e");
	assert_string_equal(options.disks[2].serial, "12345678901234567890");
	assert_string_equal(options.disks[3].path, ",");
	assert_string_equal(options.disks[3].serial, "x,y");
	options_release(&options);
	assert_int_equal(PARSE(&options, "--kernel=k", "--disk=none",
			       "--disk=none,readonly,serial=s", "--disk=./none"),
			 0);
	assert_null(options.disks[0].path);
	assert_null(options.disks[1].path);
	assert_true(options.disks[1].readonly);
	assert_string_equal(options.disks[1].serial, "s");
	assert_string_equal(options.disks[2].path, "./none");
	options_release(&options);
	assert_int_equal(PARSE(&options, "--kernel=k", "--disk=1", "--disk=2", "--disk=3",
			       "--disk=4", "--disk=5", "--disk=6", "--disk=7", "--disk=8"),
			 0);
	options_release(&options);
	assert_true(PARSE(&options, "--kernel=k", "--disk=1", "--disk=2", "--disk=3", "--disk=4",
			  "--disk=5", "--disk=6", "--disk=7", "--disk=8", "--disk=9") < 0);
	options_release(&options);
}

static void nets(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--kernel=k", "--net=tap=tap0", "--net=tap=t,vhost=on",
			       "--net=tap=t,mac=0A:1b:2C:3d:4E:5f,vhost=off",
			       "--net=user,tcp=8022:22,,80,udp=53,tcp=1"),
			 0);
	assert_int_equal(options.nr_nets, 4);
	assert_string_equal(options.nets[0].tap, "tap0");
	assert_int_equal(options.nets[0].vhost, NET_VHOST_AUTO);
	assert_false(options.nets[0].has_address);
	assert_int_equal(options.nets[1].vhost, NET_VHOST_ON);
	assert_int_equal(options.nets[2].vhost, NET_VHOST_OFF);
	assert_true(options.nets[2].has_address);
	assert_memory_equal(options.nets[2].address, "\x0a\x1b\x2c\x3d\x4e\x5f", 6);
	assert_null(options.nets[3].tap);
	assert_int_equal(options.nets[3].nr_forwards, 3);
	assert_string_equal(options.nets[3].forwards[0].ports, "8022:22,80");
	assert_false(options.nets[3].forwards[0].udp);
	assert_string_equal(options.nets[3].forwards[1].ports, "53");
	assert_true(options.nets[3].forwards[1].udp);
	assert_string_equal(options.nets[3].forwards[2].ports, "1");
	options_release(&options);
	assert_true(PARSE(&options, "--kernel=k", "--net=user", "--net=user", "--net=user",
			  "--net=user", "--net=user") < 0);
	options_release(&options);
}

static void ports(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--kernel=k", "--port=org.x-1_y=listen:/a=b", "--port",
			       "b=fd:3"),
			 0);
	assert_int_equal(options.nr_ports, 2);
	assert_string_equal(options.ports[0].name, "org.x-1_y");
	assert_string_equal(options.ports[0].target, "listen:/a=b");
	assert_string_equal(options.ports[1].name, "b");
	/* All ports are one device. */
	assert_int_equal(options_virtio_devices(&options), 1);
	options_release(&options);
	assert_true(PARSE(&options, "--kernel=k", "--port=a=fd:3", "--port=a=fd:4") < 0);
	options_release(&options);
	assert_true(PARSE(&options, "--kernel=k", "--port=1=x", "--port=2=x", "--port=3=x",
			  "--port=4=x", "--port=5=x", "--port=6=x", "--port=7=x", "--port=8=x",
			  "--port=9=x") < 0);
	options_release(&options);
}

/* Each kind has its limit, and all together have one. */
static void more_devices_than_slots(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--kernel=k", "--rng", "--disk=1", "--disk=2", "--disk=3",
			       "--disk=4", "--disk=5", "--disk=6", "--disk=7", "--disk=8",
			       "--vhost-user-blk=1", "--vhost-user-blk=2", "--vhost-user-blk=3",
			       "--net=tap=1", "--net=tap=2", "--net=tap=3", "--net=tap=4"),
			 0);
	assert_int_equal(options_virtio_devices(&options), 16);
	options_release(&options);
	assert_true(PARSE(&options, "--kernel=k", "--port=a=fd:3", "--rng", "--disk=1", "--disk=2",
			  "--disk=3", "--disk=4", "--disk=5", "--disk=6", "--disk=7", "--disk=8",
			  "--vhost-user-blk=1", "--vhost-user-blk=2", "--vhost-user-blk=3",
			  "--net=tap=1", "--net=tap=2", "--net=tap=3", "--net=tap=4") < 0);
	options_release(&options);
}

/* On a search path with and without a program passt. */
static void images(void **state)
{
	char folder[] = "/tmp/armvm-options-XXXXXX", program[64], path[128];
	const char *before = getenv("PATH");
	struct options options;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(program, sizeof(program), "%s/passt", folder);
	snprintf(path, sizeof(path), "/nonexistent:%s:/", folder);
	setenv("PATH", path, 1);
	assert_int_equal(PARSE(&options, "--firmware", "f", "--disk=d"), 0);
	assert_null(options.kernel);
	assert_string_equal(options.firmware, "f");
	assert_int_equal(options.nr_disks, 1);
	assert_int_equal(options.nr_nets, 0);
	options_release(&options);

	/* Without passt there is no network, also if a file of that name cannot be executed. */
	fd = open(program, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(PARSE(&options, "--image=j", "--disk=d", "--firmware=f", "--disk=e",
			       "--image=i,readonly,serial=s"),
			 0);
	assert_int_equal(options.nr_disks, 3);
	assert_string_equal(options.disks[0].path, "i");
	assert_string_equal(options.disks[0].serial, "s");
	assert_true(options.disks[0].readonly);
	assert_string_equal(options.disks[1].path, "d");
	assert_string_equal(options.disks[2].path, "e");
	assert_int_equal(options.nr_nets, 0);
	options_release(&options);

	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	assert_int_equal(PARSE(&options, "--image=i", "--firmware=f"), 0);
	assert_int_equal(options.nr_nets, 1);
	assert_null(options.nets[0].tap);
	options_release(&options);
	/* One's own network is the only one. */
	assert_int_equal(PARSE(&options, "--image=i", "--net=tap=t", "--firmware=f"), 0);
	assert_int_equal(options.nr_nets, 1);
	assert_string_equal(options.nets[0].tap, "t");
	options_release(&options);

	assert_true(PARSE(&options, "--image=0", "--disk=1", "--disk=2", "--disk=3", "--disk=4",
			  "--disk=5", "--disk=6", "--disk=7", "--disk=8", "--firmware=f") < 0);
	options_release(&options);
	/* Without --firmware it is U-Boot's, which this machine may have. */
	assert_int_equal(PARSE(&options, "--image=i"), access(U_BOOT, F_OK) ? -EINVAL : 0);
	options_release(&options);
	setenv("PATH", before, 1);
	unlink(program);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_option_both_ways),
		cmocka_unit_test(refuses),
		cmocka_unit_test(disks),
		cmocka_unit_test(ports),
		cmocka_unit_test(more_devices_than_slots),
		cmocka_unit_test(nets),
		cmocka_unit_test(images),
	};

	RUN_TESTS("options", tests);
}
