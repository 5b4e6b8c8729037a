/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's registers as gdb numbers them, and the target description that lists them in order. */
#ifndef ARMVM_GDB_REGS_H
#define ARMVM_GDB_REGS_H

#include <stdint.h>

#include "gdb/packet.h"
#include "gdb/sysregs.h"

#define GDB_REG_PC   15u
#define GDB_REG_CPSR 16u
/* As many as gdb knows of Arm, and as many as there can be. */
#define GDB_REGS_MAX	 50u
#define GDB_REGS_ALL_MAX (GDB_REGS_MAX + GDB_SYSREGS)

/* Which registers there are: the core's, and of VFP and others those that the vCPU has. */
struct gdb_regs {
	unsigned int dregs; /* number of D registers: 0, 16 or 32 */
	unsigned int nr_sys;
	uint8_t sys[GDB_SYSREGS]; /* indices of gdb_sysregs */
};

void gdb_regs_init(struct gdb_regs *regs, int vcpu_fd);
/* Those that one packet reads all at once; the others follow them, and are read one by one. */
unsigned int gdb_regs_count(const struct gdb_regs *regs);
/* 4 or 8; 0 if there is no such register. */
unsigned int gdb_regs_size(const struct gdb_regs *regs, unsigned int n);
/* r8 to r14 are those of the vCPU's mode.  Both return 0 or a negative errno. */
int gdb_regs_get(const struct gdb_regs *regs, int vcpu_fd, unsigned int n, uint64_t *value);
int gdb_regs_set(const struct gdb_regs *regs, int vcpu_fd, unsigned int n, uint64_t value);
/* SPSR of the vCPU's mode, 0 if the mode has none.  Returns 0 or a negative errno. */
int gdb_regs_spsr(int vcpu_fd, uint32_t cpsr, uint32_t *spsr);
/* Append target.xml (gdb manual, "Target Descriptions"). */
void gdb_regs_describe(const struct gdb_regs *regs, struct gdb_reply *xml);

#endif
