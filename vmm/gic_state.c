// SPDX-License-Identifier: GPL-2.0-only
/* IHI 0048B, chapter 4; the order is that of docs/uapi.md, "The GIC device". */
#include <errno.h>
#include <jansson.h>
#include <sys/ioctl.h>

#include "error.h"
#include "gic.h"
#include "state.h"
#include "vm.h"

#define GICD_CTLR 0x000u
#define GICD_IIDR 0x008u
#define NR_SGIS	  16u

/* Registers with some bits for each interrupt; where clear is not 0, ones there clear them. */
static const struct {
	uint32_t offset;
	uint32_t bits_each;
	uint32_t clear;
	uint32_t irqs;
} arrays[] = {
	/* Their writes count once GICD_IIDR has been written. */
	{ 0x080, 1, 0, GIC_NR_IRQS },	  /* IGROUPR */
	{ 0x100, 1, 0x180, GIC_NR_IRQS }, /* ISENABLER */
	{ 0x800, 8, 0, GIC_NR_IRQS },	  /* ITARGETSR */
	/* It decides what pending means, so it comes first. */
	{ 0xc00, 2, 0, GIC_NR_IRQS },	  /* ICFGR */
	{ 0x200, 1, 0x280, GIC_NR_IRQS }, /* ISPENDR: an SGI without its sender, too */
	{ 0x300, 1, 0x380, GIC_NR_IRQS }, /* ISACTIVER */
	{ 0x400, 8, 0, GIC_NR_IRQS },	  /* IPRIORITYR */
	{ 0xf20, 8, 0xf10, NR_SGIS },	  /* SPENDSGIR: now with their senders */
};

/* CTLR, PMR, BPR, ABPR, APR0. */
static const uint32_t interface[] = { 0x00, 0x04, 0x08, 0x1c, 0xd0 };

/* A walk over all registers, which saves them to a list or loads them from there. */
struct walk {
	struct vm *vm;
	json_t *to;
	const json_t *from;
	size_t at;
};

static int access_register(struct vm *vm, unsigned long request, uint32_t group, unsigned int cpu,
			   uint32_t offset, uint32_t *value)
{
	struct kvm_device_attr attr = {
		.group = group,
		.attr = (uint64_t)cpu << KVM_DEV_ARM_VGIC_CPUID_SHIFT | offset,
		.addr = (uintptr_t)value,
	};

	return ioctl(vm->gic_fd, request, &attr) < 0 ? -errno : 0;
}

static int save_register(struct walk *walk, uint32_t group, unsigned int cpu, uint32_t offset)
{
	uint32_t value = 0;
	int err = access_register(walk->vm, KVM_GET_DEVICE_ATTR, group, cpu, offset, &value);

	if (err)
		return fail(-err, "KVM_GET_DEVICE_ATTR (vgic, register %#x)", offset);
	json_array_append_new(walk->to, json_integer(value));
	return 0;
}

static int load_register(struct walk *walk, uint32_t group, unsigned int cpu, uint32_t offset,
			 uint32_t clear)
{
	const json_t *member = json_array_get(walk->from, walk->at++);
	json_int_t wide = json_integer_value(member);
	uint32_t value = wide, ones = ~0u;
	int err = 0;

	if (!json_is_integer(member) || wide < 0 || wide > UINT32_MAX)
		return state_wrong("gic", "a register");
	if (clear)
		err = access_register(walk->vm, KVM_SET_DEVICE_ATTR, group, cpu, clear, &ones);
	if (!err)
		err = access_register(walk->vm, KVM_SET_DEVICE_ATTR, group, cpu, offset, &value);
	return err ? fail(-err, "--restore: KVM does not take %#x for the GIC's register %#x",
			  value, offset)
		   : 0;
}

static int step(struct walk *walk, uint32_t group, unsigned int cpu, uint32_t offset,
		uint32_t clear)
{
	return walk->to ? save_register(walk, group, cpu, offset)
			: load_register(walk, group, cpu, offset, clear);
}

/* The registers of interrupts 0 to 31 are each vCPU's own. */
static int walk_array(struct walk *walk, unsigned int n)
{
	uint32_t words = arrays[n].irqs * arrays[n].bits_each / 32;
	int err = 0;

	for (uint32_t word = 0; word < words; word++) {
		bool own = word * 32 / arrays[n].bits_each < SPI_ID_BASE;

		for (unsigned int cpu = 0; !err && cpu < (own ? walk->vm->cpus : 1); cpu++)
			err = step(walk, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, cpu,
				   arrays[n].offset + 4 * word,
				   arrays[n].clear ? arrays[n].clear + 4 * word : 0);
	}
	return err;
}

static int walk_all(struct walk *walk)
{
	int err = step(walk, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_IIDR, 0);

	if (!err)
		err = step(walk, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, GICD_CTLR, 0);
	for (unsigned int n = 0; !err && n < sizeof(arrays) / sizeof(arrays[0]); n++)
		err = walk_array(walk, n);
	for (unsigned int cpu = 0; cpu < walk->vm->cpus; cpu++) {
		for (size_t i = 0; !err && i < sizeof(interface) / sizeof(interface[0]); i++)
			err = step(walk, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, cpu, interface[i], 0);
	}
	return err;
}

struct json_t *gic_save(struct vm *vm)
{
	struct walk walk = { .vm = vm, .to = json_array() };

	if (walk_all(&walk)) {
		json_decref(walk.to);
		return NULL;
	}
	return walk.to;
}

int gic_load(struct vm *vm, const struct json_t *from)
{
	struct walk walk = { .vm = vm, .from = from };
	int err = walk_all(&walk);

	return err || json_array_size(from) == walk.at
		       ? err
		       : state_wrong("gic", "the number of registers");
}
