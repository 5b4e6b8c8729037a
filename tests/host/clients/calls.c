// SPDX-License-Identifier: GPL-2.0-only
/* One function for each kind of call; see clients.h for the arguments. */
#include "clients.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

long call_open(struct machine *m, const struct step *step)
{
	(void)step;
	m->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return m->kvm < 0 ? -errno : 0;
}

long call_kvm(struct machine *m, const struct step *step)
{
	return result(ioctl(m->kvm, step->a, (unsigned long)step->b));
}

long call_vm_cap(struct machine *m, const struct step *step)
{
	return result(ioctl(m->vm, KVM_CHECK_EXTENSION, (unsigned long)step->a));
}

long call_create_vm(struct machine *m, const struct step *step)
{
	m->vm = ioctl(m->kvm, KVM_CREATE_VM, (unsigned long)step->a);
	return result(m->vm);
}

long call_vcpu_mmap_size(struct machine *m, const struct step *step)
{
	int size = ioctl(m->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	(void)step;
	m->run_size = size > 0 ? (uint32_t)size : 0;
	return result(size);
}

long call_create_vcpu(struct machine *m, const struct step *step)
{
	m->vcpu[step->vcpu] = ioctl(m->vm, KVM_CREATE_VCPU, step->vcpu);
	return result(m->vcpu[step->vcpu]);
}

long call_mmap(struct machine *m, const struct step *step)
{
	void *run =
		mmap(NULL, m->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu[step->vcpu], 0);

	m->run[step->vcpu] = run;
	return run == MAP_FAILED ? -errno : 0;
}

long call_preferred_target(struct machine *m, const struct step *step)
{
	(void)step;
	return result(ioctl(m->vm, KVM_ARM_PREFERRED_TARGET, &m->init));
}

long call_vcpu_init(struct machine *m, const struct step *step)
{
	struct kvm_vcpu_init init = m->init;

	init.features[0] = (uint32_t)step->a;
	return result(ioctl(m->vcpu[step->vcpu], KVM_ARM_VCPU_INIT, &init));
}

static long set_memory(struct machine *m, const struct step *step, uint64_t ipa, void *memory)
{
	struct kvm_userspace_memory_region region = {
		.slot = (uint32_t)step->a,
		.flags = (uint32_t)step->b,
		.guest_phys_addr = ipa,
		.memory_size = step->c,
		.userspace_addr = (uintptr_t)memory,
	};

	return result(ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region));
}

long call_memory(struct machine *m, const struct step *step)
{
	return set_memory(m, step, RAM, m->ram);
}

long call_rom(struct machine *m, const struct step *step)
{
	return set_memory(m, step, ROM, m->rom);
}

long call_create_device(struct machine *m, const struct step *step)
{
	struct kvm_create_device device = {
		.type = (uint32_t)step->a,
		.flags = (uint32_t)step->b,
	};
	long ret = result(ioctl(m->vm, KVM_CREATE_DEVICE, &device));

	if (!ret && !step->b)
		m->gic = (int)device.fd;
	return ret;
}

long call_create_irqchip(struct machine *m, const struct step *step)
{
	(void)step;
	return result(ioctl(m->vm, KVM_CREATE_IRQCHIP, 0));
}

long call_device_addr(struct machine *m, const struct step *step)
{
	struct kvm_arm_device_addr addr = { .id = step->a, .addr = step->b };

	return result(ioctl(m->vm, KVM_ARM_SET_DEVICE_ADDR, &addr));
}

static long device_attr(struct machine *m, unsigned long request, const struct step *step,
			void *value)
{
	struct kvm_device_attr attr = {
		.group = (uint32_t)step->a,
		.attr = step->b,
		.addr = (uintptr_t)value,
	};

	return result(ioctl(m->gic, request, &attr));
}

long call_has_attr(struct machine *m, const struct step *step)
{
	return device_attr(m, KVM_HAS_DEVICE_ATTR, step, NULL);
}

long call_set_attr(struct machine *m, const struct step *step)
{
	uint64_t value = step->c; /* little-endian: also where 32 bits are read */

	return device_attr(m, KVM_SET_DEVICE_ATTR, step, &value);
}

long call_irq_line(struct machine *m, const struct step *step)
{
	struct kvm_irq_level level = { .irq = (uint32_t)step->a, .level = (uint32_t)step->b };

	return result(ioctl(m->vm, KVM_IRQ_LINE, &level));
}

long call_enable_cap(struct machine *m, const struct step *step)
{
	struct kvm_enable_cap cap = { .cap = (uint32_t)step->a, .args[0] = step->b };

	return result(ioctl(m->vm, KVM_ENABLE_CAP, &cap));
}

long call_reg_list(struct machine *m, const struct step *step)
{
	struct saved_vcpu *saved = &m->saved[step->vcpu];
	struct {
		struct kvm_reg_list head;
		uint64_t id[MAX_REGS];
	} list = { .head.n = step->a };
	long ret = result(ioctl(m->vcpu[step->vcpu], KVM_GET_REG_LIST, &list));

	if (!ret) {
		saved->count = (uint32_t)list.head.n;
		memcpy(saved->id, list.head.reg, saved->count * sizeof(uint64_t));
	}
	return ret;
}

static long one_reg(struct machine *m, int vcpu, unsigned long request, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return result(ioctl(m->vcpu[vcpu], request, &reg));
}

long call_get_reg(struct machine *m, const struct step *step)
{
	uint64_t value = 0;

	return one_reg(m, step->vcpu, KVM_GET_ONE_REG, step->a, &value);
}

long call_set_reg(struct machine *m, const struct step *step)
{
	uint64_t value = step->b;

	return one_reg(m, step->vcpu, KVM_SET_ONE_REG, step->a, &value);
}

long call_get_events(struct machine *m, const struct step *step)
{
	return result(
		ioctl(m->vcpu[step->vcpu], KVM_GET_VCPU_EVENTS, &m->saved[step->vcpu].events));
}

long call_set_events(struct machine *m, const struct step *step)
{
	return result(
		ioctl(m->vcpu[step->vcpu], KVM_SET_VCPU_EVENTS, &m->saved[step->vcpu].events));
}

long call_get_mp_state(struct machine *m, const struct step *step)
{
	struct kvm_mp_state *state = &m->saved[step->vcpu].state;
	long ret = result(ioctl(m->vcpu[step->vcpu], KVM_GET_MP_STATE, state));

	return ret ? ret : (long)state->mp_state;
}

long call_set_mp_state(struct machine *m, const struct step *step)
{
	struct kvm_mp_state state = { .mp_state = (uint32_t)step->a };

	return result(ioctl(m->vcpu[step->vcpu], KVM_SET_MP_STATE, &state));
}

long call_signal_mask(struct machine *m, const struct step *step)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} __attribute__((packed)) mask = { .head.len = 8 };

	return result(ioctl(m->vcpu[step->vcpu], KVM_SET_SIGNAL_MASK, &mask));
}

long call_vcpu(struct machine *m, const struct step *step)
{
	uint8_t room[1024] = { 0 };

	return result(ioctl(m->vcpu[step->vcpu], step->a, room));
}

/* A VMM's list has no core and VFP registers: it moves these by hand. */
static bool by_list(uint64_t id)
{
	uint32_t group = id >> 16 & 0xfff;

	return group != 0x10 && group != 0x12;
}

static long move_list(struct machine *m, const struct step *step, unsigned long request)
{
	struct saved_vcpu *saved = &m->saved[step->vcpu];
	long failed = 0;
	uint32_t n;

	for (n = 0; n < saved->count; n++)
		if (by_list(saved->id[n]))
			failed += one_reg(m, step->vcpu, request, saved->id[n], &saved->value[n]) !=
				  0;
	return failed;
}

long call_get_all(struct machine *m, const struct step *step)
{
	return move_list(m, step, KVM_GET_ONE_REG);
}

long call_set_all(struct machine *m, const struct step *step)
{
	return move_list(m, step, KVM_SET_ONE_REG);
}

static long move_core(struct machine *m, const struct step *step, unsigned long request)
{
	struct saved_vcpu *saved = &m->saved[step->vcpu];
	long failed = 0;
	uint32_t n;

	for (n = 0; n < saved->count; n++)
		if (!by_list(saved->id[n]))
			failed += one_reg(m, step->vcpu, request, saved->id[n], &saved->value[n]) !=
				  0;
	return failed;
}

long call_get_core_all(struct machine *m, const struct step *step)
{
	return move_core(m, step, KVM_GET_ONE_REG);
}

long call_set_core_all(struct machine *m, const struct step *step)
{
	return move_core(m, step, KVM_SET_ONE_REG);
}

static bool is_mmio(const struct kvm_run *run, bool write, uint64_t addr)
{
	return run->exit_reason == KVM_EXIT_MMIO && run->mmio.is_write == write &&
	       run->mmio.len == 4 && run->mmio.phys_addr == addr;
}

long call_run(struct machine *m, const struct step *step)
{
	struct kvm_run *run = m->run[step->vcpu];
	uint32_t value;
	long ret = result(ioctl(m->vcpu[step->vcpu], KVM_RUN, 0));

	if (ret)
		return ret;
	if (!is_mmio(run, true, UART))
		return EXIT(run->exit_reason);
	memcpy(&value, run->mmio.data, sizeof(value));
	return value;
}

long call_command(struct machine *m, const struct step *step)
{
	struct kvm_run *run = m->run[step->vcpu];
	uint32_t command = (uint32_t)step->a;
	long ret = result(ioctl(m->vcpu[step->vcpu], KVM_RUN, 0));

	if (ret)
		return ret;
	if (!is_mmio(run, false, UART + 4))
		return EXIT(run->exit_reason);
	memcpy(run->mmio.data, &command, sizeof(command));
	return call_run(m, step);
}

long call_event_type(struct machine *m, const struct step *step)
{
	(void)step;
	return m->run[0]->system_event.type;
}

long call_run_kicked(struct machine *m, const struct step *step)
{
	struct kvm_run *run = m->run[step->vcpu];
	long ret;

	run->immediate_exit = 1;
	ret = result(ioctl(m->vcpu[step->vcpu], KVM_RUN, 0));
	run->immediate_exit = 0;
	return ret;
}

long call_to_file(struct machine *m, const struct step *step)
{
	m->file[step->vcpu] = m->saved[step->vcpu];
	return 0;
}

long call_from_file(struct machine *m, const struct step *step)
{
	m->saved[step->vcpu] = m->file[step->vcpu];
	return 0;
}
