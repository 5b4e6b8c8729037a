// SPDX-License-Identifier: GPL-2.0-only
/* What `armvm debug` prints for the module's files. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug.h"

static const char file[] = "owner guest\n"
			   "cpu 1\n"
			   "moe 10\n"
			   "moe_cpu -\n"
			   "tde 0\n"
			   "active 1\n"
			   "held 0\n"
			   "user 0\n"
			   "mdbgen 1\n"
			   "oslock 0\n"
			   "vcr 0x00000000 effective 0x00000000\n"
			   "brp 0 value 0x40010004 control 0x000001e7 effective 1 physical 0\n"
			   "brp 5 value 0x0000002a control 0x003001e7 effective 0 physical 5\n"
			   "wrp 0 value 0x40012000 control 0x000001f5 effective 1 physical 0\n"
			   "wrp 1 value 0x00000000 control 0x00000000 effective 0 physical 1\n"
			   "traps 123\n"
			   "news from a later module\n";

/* Derived by hand from the file above. */
static const char wanted[] =
	"vCPU 0 (VM of descriptor 4)\n"
	"  owner        guest       the guest's points are loaded\n"
	"  cpu          1\n"
	"  moe          10          watchpoint\n"
	"  moe_cpu      -\n"
	"  tde          0           debug exceptions go to the guest directly\n"
	"  active       1           the guest has effective points\n"
	"  held         0\n"
	"  user         0\n"
	"  mdbgen       1           the guest has enabled monitor mode\n"
	"  oslock       0\n"
	"  vcr          0x00000000 effective 0x00000000\n"
	"  slot         value       control     on        the CPU\n"
	"  brp 0        0x40010004  0x000001e7  address   in slot 0\n"
	"  brp 5        0x0000002a  0x003001e7  context   not loaded\n"
	"  wrp 0        0x40012000  0x000001f5  stores    in slot 0\n"
	"  wrp 1        0x00000000  0x00000000  disabled  not loaded\n"
	"  traps        123\n"
	"  news         from a later module\n";

static char *out;
static size_t out_size;

static void print(const char *contents)
{
	FILE *stream = open_memstream(&out, &out_size);
	char *text = strdup(contents);

	debug_print(stream, "vCPU 0 (VM of descriptor 4)", text);
	fclose(stream);
	free(text);
}

static void one_vcpu(void **state)
{
	(void)state;
	print(file);
	assert_string_equal(out, wanted);
	free(out);
}

/* Effective slots that are not in the CPU, and one that is not effective. */
static void kept_out(void **state)
{
	static const char slots[] =
		"brp 0 value 0x40010004 control 0x000001e7 effective 1 physical 0\n"
		"wrp 1 value 0x00000000 control 0x00000000 effective 0 physical 1\n";
	static const struct {
		const char *lines, *says;
	} cases[] = {
		{ "held 0\nuser 0\n", "in slot 0" },
		{ "held 1\nuser 0\n", "not loaded" },
		{ "held 0\nuser 1\n", "suspended" },
		/* Both apply; the VMM's suspension is shown. */
		{ "held 1\nuser 1\n", "suspended" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512], brp[128];

		snprintf(text, sizeof(text), "%s%s", cases[i].lines, slots);
		snprintf(brp, sizeof(brp), "  brp 0        0x40010004  0x000001e7  address   %s\n",
			 cases[i].says);
		print(text);
		assert_non_null(strstr(out, brp));
		assert_non_null(strstr(out, "disabled  not loaded\n"));
		free(out);
	}
}

/* The VMM's slots have names of their own, and it is they that are in the CPU. */
static void of_the_vmm(void **state)
{
	static const char rows[] =
		"brp 0 value 0x40010004 control 0x000001e7 effective 1 physical -\n"
		"user_brp 0 value 0x40010000 control 0x000001e7 effective 1 physical 0\n"
		"user_brp 5 value 0x40010008 control 0x000001e7 effective 1 physical 15\n"
		"user_wrp 1 value 0x40012000 control 0x000001ef effective 1 physical 1\n";
	static const char held[] = "user_wrp 0 value 0x40012000 control 0x000001f7 effective 1 "
				   "physical -\n";
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "user 1\n%s", rows);
	print(text);
	assert_non_null(strstr(out,
			       "  brp 0        0x40010004  0x000001e7  address   suspended\n"
			       "  user_brp 0   0x40010000  0x000001e7  address   in slot 0\n"
			       "  user_brp 5   0x40010008  0x000001e7  address   in slot 15\n"
			       "  user_wrp 1   0x40012000  0x000001ef  loads     in slot 1\n"));
	free(out);
	snprintf(text, sizeof(text), "held 1\nuser 1\n%s", held);
	print(text);
	assert_non_null(
		strstr(out, "  user_wrp 0   0x40012000  0x000001f7  stores    not loaded\n"));
	free(out);
	/* The slots of a vCPU that never ran are not in any CPU. */
	print("user 0\nheld 0\nbrp 0 value 0x40010004 control 0x000001e7 effective 1 physical -\n");
	assert_non_null(strstr(out, "0x000001e7  address   not loaded\n"));
	free(out);
}

static void damaged(void **state)
{
	(void)state;
	print("\n\nowner\nbrp 0 value x\nwrp 99999999999999999999 value 0 control 0\n");
	assert_string_equal(out, "vCPU 0 (VM of descriptor 4)\n"
				 "  owner\n"
				 "  brp          0 value x\n"
				 "  wrp          99999999999999999999 value 0 control 0\n");
	free(out);
	print("");
	assert_string_equal(out, "vCPU 0 (VM of descriptor 4)\n");
	free(out);
}

static void make(const char *dir, const char *vm, const char *vcpu)
{
	char path[256];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", dir, vm);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, vm, vcpu);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/debug");
	stream = fopen(path, "w");
	assert_non_null(stream);
	fprintf(stream, "cpu %s\n", vm);
	fclose(stream);
}

static int print_process(const char *dir, long pid)
{
	FILE *stream = open_memstream(&out, &out_size);
	int count = debug_print_process(stream, dir, pid);

	fclose(stream);
	return count;
}

static void all_of_a_process(void **state)
{
	char dir[] = "/tmp/armvm-test-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	make(dir, "123-10", "vcpu10");
	make(dir, "123-10", "vcpu2");
	make(dir, "123-9", "vcpu0");
	make(dir, "1234-9", "vcpu0");
	make(dir, "23-9", "vcpu0");
	make(dir, "123-x", "vcpu0");
	make(dir, "124-9", "stats");
	/* In numerical order, and those of no other process. */
	assert_int_equal(print_process(dir, 123), 3);
	assert_string_equal(out, "vCPU 0 (VM of descriptor 9)\n  cpu          123-9\n"
				 "vCPU 2 (VM of descriptor 10)\n  cpu          123-10\n"
				 "vCPU 10 (VM of descriptor 10)\n  cpu          123-10\n");
	free(out);
	assert_int_equal(print_process(dir, 12), 0);
	assert_int_equal(out_size, 0);
	free(out);
	assert_int_equal(print_process(dir, 124), 0);
	free(out);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(print_process(dir, 123), -ENOENT);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_vcpu),	    cmocka_unit_test(kept_out),
		cmocka_unit_test(of_the_vmm),	    cmocka_unit_test(damaged),
		cmocka_unit_test(all_of_a_process),
	};

	RUN_TESTS("debug", tests);
}
