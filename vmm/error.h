/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One message, then a negative errno on the way out: the function that finds
 * what is wrong says it, its callers only hand the number up.
 */
#ifndef ARMVM_ERROR_H
#define ARMVM_ERROR_H

/* Exit statuses, as docs/armvm.md promises them. */
enum status {
	STATUS_POWEROFF = 0, /* the guest switched itself off */
	STATUS_SETUP = 1,    /* usage or set-up: the guest never ran */
	STATUS_RESET = 2,    /* the guest asked for a reset */
	STATUS_FAILURE = 3,  /* the guest or KVM failed */
	STATUS_ESCAPE = 130, /* Ctrl-a x */
};

/* Print "armvm: MESSAGE" as one line on stderr. */
void error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, with ": what errno ERR means" where err is not 0; returns -err, or -EINVAL for 0. */
int fail(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
