// SPDX-License-Identifier: GPL-2.0-only
/* The table of calls: one of them at random, all that a VM needs, and what was counted. */
#include <errno.h>
#include <linux/kvm.h>
#include <linux/kvm_armv7.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "fuzz-ioctl.h"

#define CALL(kind, request, make, weight, answer) \
	[kind##_##request] = { kind, request, #kind " " #request, make, weight, answer },
const struct row rows[ROWS] = {
#include "calls.def"
};
#undef CALL

int call(const struct row *row, int fd, void *arg)
{
	int ret = ioctl(fd, row->request, arg), err = ret < 0 ? errno : 0;
	unsigned int n = row - rows;

	count(&counts->calls);
	count(&counts->made[n]);
	if (ret >= 0)
		count(&counts->worked);
	if (err == row->answer)
		count(&counts->answered[n]);
	errno = err;
	return ret;
}

/* Any number, with noise as its argument. */
static void call_unknown(int fd)
{
	const struct row row = { .request = _IOC(below(4), KVMIO, below(256), below(256)) };
	uint8_t noise[256];

	for (unsigned int n = 0; n < sizeof(noise); n++)
		noise[n] = rnd();
	count(&counts->calls);
	if (ioctl(fd, row.request, noise) >= 0)
		count(&counts->worked);
}

static const struct row *some_row(enum kind kind)
{
	unsigned int sum = 0, n, left;

	for (n = 0; n < ROWS; n++)
		sum += rows[n].kind == kind ? rows[n].weight : 0;
	left = below(sum);
	for (n = 0;; n++) {
		if (rows[n].kind != kind)
			continue;
		if (left < rows[n].weight)
			return &rows[n];
		left -= rows[n].weight;
	}
}

void call_any(void)
{
	enum kind kind = ONE_OF(SYSTEM, VM, VM, VM, VCPU, VCPU, VCPU, VCPU, VCPU, DEVICE);
	int fd = object_pick(kind);
	const struct row *row = some_row(kind);

	if (!below(64))
		call_unknown(fd);
	else
		row->make(row, fd);
}

static void set_word(int vcpu, unsigned int word, uint32_t value)
{
	struct kvm_one_reg reg = { .id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word,
				   .addr = (uintptr_t)&value };

	call(&rows[VCPU_KVM_SET_ONE_REG], vcpu, &reg);
}

/* A GIC that is complete, but for its initialisation. */
static void make_gic(int vm)
{
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GICD };
	struct kvm_arm_device_addr cpu = { .id = KVM_VGIC_V2_ADDR_TYPE_CPU, .addr = GICC };
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };

	if (below(2))
		call(&rows[VM_KVM_CREATE_IRQCHIP], vm, NULL);
	else if (call(&rows[VM_KVM_CREATE_DEVICE], vm, &device) == 0)
		object_add(DEVICE, device.fd);
	call(&rows[VM_KVM_ARM_SET_DEVICE_ADDR], vm, &dist);
	call(&rows[VM_KVM_ARM_SET_DEVICE_ADDR], vm, &cpu);
}

static void make_vcpu(int vm, unsigned int id)
{
	int vcpu = call(&rows[VM_KVM_CREATE_VCPU], vm, number(id));
	struct kvm_vcpu_init init = { 0 };

	if (vcpu < 0)
		return;
	call(&rows[VM_KVM_ARM_PREFERRED_TARGET], vm, &init);
	init.features[0] = 1 << KVM_ARM_VCPU_PSCI_0_2;
	call(&rows[VCPU_KVM_ARM_VCPU_INIT], vcpu, &init);
	set_word(vcpu, 1, RAM_BASE);
	set_word(vcpu, 2, MMIO);
	set_word(vcpu, 15, RAM_BASE + PAGE * below(ARENA_PAGES));
	/* What is only possible before the first KVM_RUN, and after the GIC's initialisation. */
	if (below(2))
		vcpu_attr(&rows[VCPU_KVM_SET_DEVICE_ATTR], vcpu);
	for (unsigned int runs = below(16); runs; runs--)
		run(&rows[VCPU_KVM_RUN], vcpu);
	if (below(2))
		irqfd(&rows[VM_KVM_IRQFD], vm);
	object_add(VCPU, vcpu);
}

void call_whole_vm(void)
{
	struct kvm_userspace_memory_region region = {
		.flags = below(2) ? 0 : KVM_MEM_LOG_DIRTY_PAGES,
		.guest_phys_addr = RAM_BASE,
		.memory_size = PAGE * ARENA_PAGES,
		.userspace_addr = (uintptr_t)arena,
	};
	int vm = call(&rows[SYSTEM_KVM_CREATE_VM], object_pick(SYSTEM), NULL);

	if (vm < 0)
		return;
	/* A page that cannot be written is enough for the slot to be refused. */
	if (below(2))
		arena_renew();
	call(&rows[VM_KVM_SET_USER_MEMORY_REGION], vm, &region);
	if (below(2))
		make_gic(vm);
	for (unsigned int n = 0; n <= below(2); n++)
		make_vcpu(vm, n);
	irq_line(&rows[VM_KVM_IRQ_LINE], vm);
	dirty_log(&rows[VM_KVM_GET_DIRTY_LOG], vm);
	dirty_log(&rows[VM_KVM_CLEAR_DIRTY_LOG], vm);
	object_add(VM, vm);
}

void calls_print(void)
{
	unsigned int made = 0, answered = 0;

	for (unsigned int n = 0; n < ROWS; n++) {
		printf("%s: %lu made, %lu answered %d\n", rows[n].name, counts->made[n],
		       counts->answered[n], rows[n].answer);
		made += counts->made[n] > 0;
		answered += counts->answered[n] > 0;
	}
	printf("coverage: of %u calls, %u made, %u answered as documented\n", ROWS, made, answered);
}
