// SPDX-License-Identifier: GPL-2.0-only
/* `armvm check`: one line per item and, below it, how to fix what is wrong. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "check/report.h"
#include "commands.h"
#include "error.h"

void check_found(struct finding *finding, enum verdict verdict, const char *fmt, ...)
{
	va_list ap;

	*finding = (struct finding){ .verdict = verdict };
	va_start(ap, fmt);
	vsnprintf(finding->what, sizeof(finding->what), fmt, ap);
	va_end(ap);
}

void check_fix(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(finding->fix, sizeof(finding->fix), fmt, ap);
	va_end(ap);
}

static void print_finding(const char *item, const struct finding *finding)
{
	static const char *const words[] = {
		[FOUND_OK] = "ok",
		[FOUND_MISSING] = "MISSING",
		[FOUND_LIMIT] = "limit",
		[FOUND_UNKNOWN] = "unknown",
	};

	printf("%-12s %-8s %s\n", item, words[finding->verdict], finding->what);
	if (*finding->fix)
		printf("%21s -> %s\n", "", finding->fix);
}

int command_check(int argc, char *const *argv)
{
	struct finding cpu, kernel, mode, gic, breakpoints, monitor, module, dev;
	bool report = argc && !strcmp(argv[0], "--report"), runs;

	if (argc > report) {
		error("check: %s: the only option is --report", argv[report]);
		return STATUS_SETUP;
	}
	if (report)
		puts("Report of armvm " ARMVM_VERSION
		     ".  Nothing in it names this machine or its users.\n");
	check_cpu(&cpu);
	check_kernel(&kernel);
	check_boot_mode(&mode);
	check_gic(&gic);
	check_debug(&breakpoints, &monitor);
	/* Opening the device loads the module, if it is installed. */
	check_dev_kvm(&dev);
	check_module(&module);
	print_finding("CPU", &cpu);
	print_finding("kernel", &kernel);
	print_finding("boot mode", &mode);
	print_finding("GIC", &gic);
	print_finding("breakpoints", &breakpoints);
	print_finding("monitor mode", &monitor);
	print_finding("module", &module);
	print_finding("/dev/kvm", &dev);
	/* If /dev/kvm creates a virtual machine, all the other items are good enough. */
	runs = dev.verdict == FOUND_OK;
	printf("\n%s\n",
	       runs ? "This machine can run guests." : "This machine cannot run guests now.");
	if (report)
		report_print();
	return runs && !ferror(stdout) && !fflush(stdout) ? 0 : 1;
}
