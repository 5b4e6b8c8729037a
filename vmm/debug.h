/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module's debugfs says of a guest's debug registers, for people. */
#ifndef ARMVM_DEBUG_H
#define ARMVM_DEBUG_H

#include <stdio.h>

/*
 * One vCPU: text is the contents of its file "debug", which is changed; name is
 * the heading.  A line of a kind that is not known is printed as it is.
 */
void debug_print(FILE *out, const char *name, char *text);

/*
 * Each vCPU of each virtual machine of process pid, in order.  dir is
 * "/sys/kernel/debug/kvm".  Returns how many vCPUs there were or, after one
 * message, a negative errno.
 */
int debug_print_process(FILE *out, const char *dir, long pid);

#endif
