/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers beyond what gdb knows of Arm: those of all modes' banks, whatever the vCPU's mode is,
 * and coprocessor 15's.
 */
#ifndef ARMVM_GDB_SYSREGS_H
#define ARMVM_GDB_SYSREGS_H

#include <stdbool.h>
#include <stdint.h>

struct gdb_sysreg {
	const char *name;
	const char *group; /* "banked" or "cp15" */
	uint64_t id;	   /* of KVM_GET_ONE_REG */
};

#define GDB_SYSREGS 57u

extern const struct gdb_sysreg gdb_sysregs[GDB_SYSREGS];

/* In bytes: 4 or 8. */
unsigned int gdb_sysreg_size(const struct gdb_sysreg *reg);

#endif
