// SPDX-License-Identifier: GPL-2.0-only
/* `armvm check`: one line per item, and below it how to mend what is not right. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "check/check.h"
#include "commands.h"
#include "error.h"

void found(struct finding *finding, enum verdict verdict, const char *fmt, ...)
{
	va_list ap;

	*finding = (struct finding){ .verdict = verdict };
	va_start(ap, fmt);
	vsnprintf(finding->what, sizeof(finding->what), fmt, ap);
	va_end(ap);
}

void mend(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(finding->mend, sizeof(finding->mend), fmt, ap);
	va_end(ap);
}

static void print(const char *item, const struct finding *finding)
{
	static const char *const words[] = {
		[FOUND_OK] = "ok",
		[FOUND_MISSING] = "MISSING",
		[FOUND_LIMIT] = "limit",
		[FOUND_UNKNOWN] = "unknown",
	};

	printf("%-12s %-8s %s\n", item, words[finding->verdict], finding->what);
	if (*finding->mend)
		printf("%21s -> %s\n", "", finding->mend);
}

int command_check(int argc, char *const *argv)
{
	struct finding cpu, mode, gic, breakpoints, monitor, module, dev;
	bool runs;

	if (argc) {
		error("check: %s: takes no arguments", argv[0]);
		return STATUS_SETUP;
	}
	check_cpu(&cpu);
	check_boot_mode(&mode);
	check_gic(&gic);
	check_debug(&breakpoints, &monitor);
	check_module(&module);
	check_dev_kvm(&dev);
	print("CPU", &cpu);
	print("boot mode", &mode);
	print("GIC", &gic);
	print("breakpoints", &breakpoints);
	print("monitor mode", &monitor);
	print("module", &module);
	print("/dev/kvm", &dev);
	/* /dev/kvm that makes a virtual machine proves all the others. */
	runs = dev.verdict == FOUND_OK;
	printf("\n%s\n",
	       runs ? "This machine can run guests." : "This machine cannot run guests now.");
	return runs && !ferror(stdout) && !fflush(stdout) ? 0 : 1;
}
