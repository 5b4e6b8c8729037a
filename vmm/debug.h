/* SPDX-License-Identifier: GPL-2.0-only */
/* The debug registers of guests, as the module's debugfs shows them, for people to read. */
#ifndef ARMVM_DEBUG_H
#define ARMVM_DEBUG_H

#include <stdio.h>

/*
 * Print one vCPU.  text is the contents of its file "debug" and is modified;
 * name is the heading.  A line of an unknown kind is printed unchanged.
 */
void debug_print(FILE *out, const char *name, char *text);

/*
 * Print each vCPU of each virtual machine of process pid, in order.  dir is
 * "/sys/kernel/debug/kvm".  Returns the number of vCPUs or, after one message,
 * a negative errno.
 */
int debug_print_process(FILE *out, const char *dir, long pid);

#endif
