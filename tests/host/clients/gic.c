// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of the GIC's device, as a VMM resets, saves and loads them: arrays with a field
 * for each interrupt, of which the first 32 interrupts' words are each vCPU's own.
 */
#include "clients.h"

#include <string.h>
#include <sys/ioctl.h>

#define GICD_CPENDSGIR 0xf10u
#define GICD_SPENDSGIR 0xf20u

/* Of a CPU interface, all that a GICv2 has as state. */
static const uint32_t gicc_offset[GICC_REGS] = { 0x00, 0x04, 0x08, 0x1c, 0xd0, 0xd4, 0xd8, 0xdc };

static long access(struct machine *m, unsigned long request, uint32_t group, uint32_t cpu,
		   uint32_t offset, uint32_t *value)
{
	struct kvm_device_attr attr = {
		.group = group,
		.attr = (uint64_t)cpu << KVM_DEV_ARM_VGIC_CPUID_SHIFT | offset,
		.addr = (uintptr_t)value,
	};

	return ioctl(m->gic, request, &attr) ? -errno : 0;
}

typedef long word_fn(struct machine *m, uint32_t cpu, uint32_t offset);

static long word_get(struct machine *m, uint32_t cpu, uint32_t offset)
{
	return access(m, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu, offset,
		      &m->gic_state.dist[cpu][offset / 4]);
}

static long word_put(struct machine *m, uint32_t cpu, uint32_t offset)
{
	/* The senders of pending SGIs are read where writing clears them. */
	uint32_t from = offset & ~0xfu;
	uint32_t *value = &m->gic_state.dist[cpu][offset / 4];

	if (from == GICD_SPENDSGIR)
		value = &m->gic_state.dist[cpu][(offset - GICD_SPENDSGIR + GICD_CPENDSGIR) / 4];
	return access(m, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu, offset, value);
}

static long word_clear(struct machine *m, uint32_t cpu, uint32_t offset)
{
	uint32_t all = ~0u;

	return access(m, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu, offset, &all);
}

/* How many words of the array failed: step->b bits for each of step->c interrupts. */
static long each_word(struct machine *m, const struct step *step, word_fn *word)
{
	uint32_t offset = (uint32_t)step->a, irq, cpu;
	long failed = 0;

	for (irq = 0; irq < step->c; irq += 32 / (uint32_t)step->b, offset += 4)
		for (cpu = 0; cpu < (irq < 32 ? MAX_VCPUS : 1); cpu++)
			failed += word(m, cpu, offset) != 0;
	return failed;
}

long call_gicd_get(struct machine *m, const struct step *step)
{
	return each_word(m, step, word_get);
}

long call_gicd_put(struct machine *m, const struct step *step)
{
	return each_word(m, step, word_put);
}

long call_gicd_clear(struct machine *m, const struct step *step)
{
	return each_word(m, step, word_clear);
}

long call_gicd_value(struct machine *m, const struct step *step)
{
	long ret = word_get(m, 0, (uint32_t)step->a);

	return ret ? ret : (long)m->gic_state.dist[0][step->a / 4];
}

long call_gicd_ctlr(struct machine *m, const struct step *step)
{
	(void)step;
	return word_put(m, 0, 0);
}

static long move_gicc(struct machine *m, const struct step *step, unsigned long request)
{
	uint32_t n;
	long failed = 0;

	for (n = 0; n < GICC_REGS; n++)
		failed += access(m, request, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, (uint32_t)step->vcpu,
				 gicc_offset[n], &m->gic_state.cpu[step->vcpu][n]) != 0;
	return failed;
}

long call_gicc_get(struct machine *m, const struct step *step)
{
	return move_gicc(m, step, KVM_GET_DEVICE_ATTR);
}

long call_gicc_put(struct machine *m, const struct step *step)
{
	return move_gicc(m, step, KVM_SET_DEVICE_ATTR);
}

/* All is 0, but for SGIs, which are enabled and edge-triggered, and GICC_ABPR. */
long call_gic_fresh(struct machine *m, const struct step *step)
{
	int cpu;

	(void)step;
	memset(&m->gic_state, 0, sizeof(m->gic_state));
	for (cpu = 0; cpu < MAX_VCPUS; cpu++) {
		m->gic_state.dist[cpu][0x100 / 4] = 0xffff;
		m->gic_state.dist[cpu][0xc00 / 4] = 0xaaaaaaaa;
		m->gic_state.cpu[cpu][3] = 1;
	}
	return 0;
}

long call_gic_to_file(struct machine *m, const struct step *step)
{
	(void)step;
	m->gic_file = m->gic_state;
	return 0;
}

long call_gic_from_file(struct machine *m, const struct step *step)
{
	(void)step;
	m->gic_state = m->gic_file;
	return 0;
}

long call_gic_differs(struct machine *m, const struct step *step)
{
	const uint32_t *file = (const uint32_t *)&m->gic_file;
	const uint32_t *state = (const uint32_t *)&m->gic_state;
	long differ = 0;
	uint32_t n;

	(void)step;
	for (n = 0; n < sizeof(m->gic_file) / sizeof(*file); n++)
		differ += file[n] != state[n];
	return differ;
}
