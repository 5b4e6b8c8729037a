// SPDX-License-Identifier: GPL-2.0-only
/*
 * A step where KVM offers none: breakpoints at the next instruction, in the
 * debug registers of this vCPU only, so that the others may run meanwhile.  A
 * BKPT in memory would stop them too.
 */
#include <errno.h>

#include "gdb/state.h"

/* For the callback of gdb_next(). */
struct reader {
	struct gdb *gdb;
	const struct vcpu *vcpu;
};

static bool read_memory(void *context, uint32_t va, uint8_t *data, size_t length)
{
	const struct reader *reader = context;

	return gdb_memory_read(reader->gdb, reader->vcpu, va, data, length) == length;
}

static int read_registers(const struct gdb *gdb, const struct vcpu *vcpu, struct gdb_next_cpu *cpu)
{
	uint64_t value;
	int err;

	for (unsigned int n = 0; n <= GDB_REG_CPSR; n++) {
		err = gdb_regs_get(&gdb->regs, vcpu->fd, n, &value);
		if (err)
			return err;
		if (n == GDB_REG_CPSR)
			cpu->cpsr = value;
		else
			cpu->r[n] = value;
	}
	return gdb_regs_spsr(vcpu->fd, cpu->cpsr, &cpu->spsr);
}

int gdb_step_aim(struct gdb *gdb, unsigned int n, struct kvm_armv7_guest_debug *debug)
{
	struct reader reader = { .gdb = gdb, .vcpu = &gdb->vm->vcpus[n] };
	struct gdb_next_cpu cpu = { .read = read_memory, .context = &reader };
	struct gdb_next next;
	int err = read_registers(gdb, reader.vcpu, &cpu);

	if (!err)
		err = gdb_next(&cpu, &next);
	for (unsigned int i = 0; !err && i < next.count; i++)
		err = gdb_points_add_break(&gdb->points, debug, next.at[i].va,
					   next.at[i].thumb ? 2 : 4);
	if (err)
		return err;
	debug->control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
	gdb->next[n] = next;
	return 0;
}

bool gdb_step_ends(const struct gdb *gdb, unsigned int n, uint32_t pc)
{
	for (unsigned int i = 0; i < gdb->next[n].count; i++) {
		if (gdb->next[n].at[i].va == pc)
			return true;
	}
	return false;
}
