/* SPDX-License-Identifier: GPL-2.0-only */
/* What the selftest and its guest agree on.  The guest's assembly includes this, too. */
#ifndef KVM_ARMV7_SELFTEST_GUEST_H
#define KVM_ARMV7_SELFTEST_GUEST_H

/* The guest's physical addresses; its MMU stays off. */
#define SELFTEST_GICD	0x08000000
#define SELFTEST_GICC	0x08010000
#define SELFTEST_REPORT 0x10000000 /* nothing is there: a store returns to the host */
#define SELFTEST_RAM	0x80000000 /* a page of code, a page of data */
#define SELFTEST_DATA	0x80001000

/*
 * What the guest stores to SELFTEST_REPORT at the end of each step.  r1 has what it found and
 * r2 what it expected: SELFTEST_DIFFERS; for SELFTEST_EXCEPTION, the vector's number and LR.
 */
#define SELFTEST_GOOD	   1
#define SELFTEST_DIFFERS   2
#define SELFTEST_EXCEPTION 3

#ifndef __ASSEMBLY__
/* The guest's code; it is entered at its first byte, with r3 = the first word of its data. */
extern const char selftest_guest[], selftest_guest_end[];
#endif

#endif /* KVM_ARMV7_SELFTEST_GUEST_H */
