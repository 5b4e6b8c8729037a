/* SPDX-License-Identifier: GPL-2.0-only */
/* The items of `armvm check`.  Each probe fills one finding and prints nothing. */
#ifndef ARMVM_CHECK_H
#define ARMVM_CHECK_H

#include <stdint.h>

enum verdict {
	FOUND_OK,
	FOUND_MISSING, /* guests cannot run */
	FOUND_LIMIT,   /* guests run, but with less */
	FOUND_UNKNOWN, /* user space cannot tell on this machine */
};

struct finding {
	enum verdict verdict;
	char what[160]; /* what was found */
	char fix[400];	/* how to fix it; empty if there is nothing to fix */
};

void check_found(struct finding *finding, enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void check_fix(struct finding *finding, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* cpuinfo.c; /proc/cpuinfo */
void check_cpu(struct finding *finding);
/* boot_mode.c; the kernel's log, and which timer interrupt the kernel took */
void check_boot_mode(struct finding *finding);
/* gic_node.c; the device tree */
void check_gic(struct finding *finding);
/* breakpoints.c; ptrace() of a child */
void check_debug(struct finding *breakpoints, struct finding *monitor);
/* The same, from register 0 of PTRACE_GETHBPREGS. */
void check_debug_info(uint32_t info, struct finding *breakpoints, struct finding *monitor);
/* kernel.c; uname() and the file of the kernel's options */
void check_kernel(struct finding *finding);
/* module.c; /sys/module and /lib/modules */
void check_module(struct finding *finding);
/* kvm.c; /dev/kvm */
void check_dev_kvm(struct finding *finding);

#endif
