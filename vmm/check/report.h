/* SPDX-License-Identifier: GPL-2.0-only */
/* What a developer needs to know of a machine that nobody else has. */
#ifndef ARMVM_CHECK_REPORT_H
#define ARMVM_CHECK_REPORT_H

/*
 * Print it to standard output, after the findings of `armvm check`.  It has nothing that names
 * the machine or its users: no host name, serial number, address or command line.
 */
void report_print(void);

#endif
