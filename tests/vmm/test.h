/* SPDX-License-Identifier: GPL-2.0-only */
/* What every test program includes first, and the line it ends with. */
#ifndef TESTS_VMM_TEST_H
#define TESTS_VMM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* The body of main(): prints "PASS vmm/NAME (N cases)" or "FAIL .." and returns 0 or 1. */
#define RUN_TESTS(name, tests)                                                      \
	do {                                                                        \
		int failed_ = cmocka_run_group_tests_name(name, tests, NULL, NULL); \
		printf("%s vmm/%s (%zu cases)\n", failed_ ? "FAIL" : "PASS", name,  \
		       sizeof(tests) / sizeof(tests[0]));                           \
		return failed_ != 0;                                                \
	} while (0)

#endif
