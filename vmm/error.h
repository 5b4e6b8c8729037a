/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Error messages.  The function that detects an error prints it; its callers
 * only pass the negative errno up.
 */
#ifndef ARMVM_ERROR_H
#define ARMVM_ERROR_H

#include <stdbool.h>

/* Exit statuses, documented in docs/armvm.md. */
enum status {
	STATUS_POWEROFF = 0, /* the guest powered itself off */
	STATUS_SETUP = 1,    /* wrong usage or failed setup: the guest never ran */
	STATUS_RESET = 2,    /* the guest asked for a reset */
	STATUS_FAILURE = 3,  /* the guest or KVM failed */
	STATUS_ESCAPE = 130, /* Ctrl-a x, or kill in gdb */
};

/* Print "armvm: MESSAGE" as one line on stderr. */
void error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Would error() not block?  Standard error may be a pipe that nobody reads. */
bool error_has_reader(void);

/* The same, followed by strerror(err) unless err is 0.  Returns -err, or -EINVAL for 0. */
int fail(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
