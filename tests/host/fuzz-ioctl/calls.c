// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz-ioctl.h"

#include <errno.h>
#include <linux/kvm.h>
#include <linux/kvm_armv7.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#define RAM_BASE 0x40000000u
#define GICD	 0x08000000u
#define GICC	 0x08010000u
#define MMIO	 0x0a000000u

int call(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg), err = errno;

	__atomic_add_fetch(&counts->calls, 1, __ATOMIC_RELAXED);
	if (ret >= 0) {
		__atomic_add_fetch(&counts->worked, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&counts->by_number[_IOC_NR(request)], 1, __ATOMIC_RELAXED);
	}
	errno = err;
	return ret;
}

static void *number(uint32_t value)
{
	return (void *)(uintptr_t)value;
}

/* ---- values ---- */

static uint64_t some_ipa(void)
{
	switch (below(8)) {
	case 0:
		return (uint64_t)rnd() << 12;
	case 1:
		return rnd();
	case 2:
		return 0xfffffff000ull + ONE_OF(0, 0x1000, 1);
	default:
		return ONE_OF(RAM_BASE, RAM_BASE, RAM_BASE + 0x100000, RAM_BASE + 0x1000, 0, GICD,
			      GICC, MMIO, 0xfffff000);
	}
}

static uint64_t some_hva(void)
{
	if (!below(16))
		return ONE_OF(0, 0x1000, 0xbf000000, 0xc0000000, 0xffff0000, 0xfffff000, 1);
	return (uintptr_t)arena + PAGE * below(ARENA_PAGES);
}

static uint32_t some_size(void)
{
	return ONE_OF(0, PAGE, PAGE, 16 * PAGE, 0x100000, 0x200000, 0x40000000, 0xfffff000, 1,
		      PAGE + 1);
}

/*
 * Not near all ones: the emulated board hangs if a guest's CNTV_CVAL is (docs/emulator.md), and
 * CNTVOFF is what makes it so.
 */
static bool is_timer(uint64_t id)
{
	return id == KVM_REG_ARM_TIMER_CNT || id == KVM_REG_ARM_TIMER_CVAL;
}

static uint64_t some_reg(void)
{
	uint32_t noise = rnd();

	switch (below(10)) {
	case 0 ... 3:
		return KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | below(40);
	case 4:
		return KVM_REG_ARM | ONE_OF(KVM_REG_ARM_VFP | 0x1000, KVM_REG_ARM_VFP) |
		       (below(2) ? KVM_REG_SIZE_U32 : KVM_REG_SIZE_U64) | below(34);
	case 5:
		return ARM_CP15_REG32(noise & 7, noise >> 3 & 15, noise >> 7 & 15, noise >> 11 & 7);
	case 6:
		return ARM_CP15_REG32(0, ONE_OF(1, 2, 3, 5, 6, 10, 12, 13, 14), below(4), below(4));
	case 7:
		return KVM_REG_ARM | KVM_REG_SIZE_U32 | 14 << KVM_REG_ARM_COPROC_SHIFT |
		       (noise & 0x7fff);
	case 8:
		return below(2) ? KVM_REG_ARM_TIMER_CTL : ARM_CP15_REG64(below(8), below(16));
	default:
		return KVM_REG_ARM | (uint64_t)(noise & 7) << KVM_REG_SIZE_SHIFT |
		       (rnd() & 0x1fffffff);
	}
}

/* ---- one function for each kind of descriptor ---- */

static void call_system(int fd)
{
	switch (below(4)) {
	case 0:
		object_add(VM, call(fd, KVM_CREATE_VM, number(below(16) ? 0 : rnd())));
		break;
	case 1:
		call(fd, KVM_CHECK_EXTENSION, number(below(260)));
		break;
	case 2:
		call(fd, KVM_GET_VCPU_MMAP_SIZE, number(!below(8)));
		break;
	default:
		call(fd, KVM_GET_API_VERSION, number(!below(8)));
	}
}

static void set_memory(int fd)
{
	struct kvm_userspace_memory_region region = {
		.slot = below(8) ? below(6) : ONE_OF(31, 32, 507, 508, 0x10000, ~0u),
		.flags = below(4) ? 0 : ONE_OF(KVM_MEM_LOG_DIRTY_PAGES, KVM_MEM_READONLY, 3, ~0u),
		.guest_phys_addr = some_ipa(),
		.memory_size = some_size(),
		.userspace_addr = some_hva(),
	};

	call(fd, KVM_SET_USER_MEMORY_REGION, &region);
}

static void set_line(int fd)
{
	struct kvm_irq_level line = {
		.irq = below(4) << 24 | below(10) << 16 | below(1100) | (below(8) ? 0 : rnd()),
		.level = below(3),
	};

	call(fd, KVM_IRQ_LINE, &line);
}

static void create_device(int fd)
{
	struct kvm_create_device device = {
		.type = below(8) ? KVM_DEV_TYPE_ARM_VGIC_V2 : below(12),
		.flags = below(4) ? 0 : below(3),
	};

	if (call(fd, KVM_CREATE_DEVICE, &device) == 0 && !device.flags)
		object_add(DEVICE, device.fd);
}

static void set_events(int fd)
{
	uint32_t gsis = below(64);
	int event = below(8) ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : object_pick(OTHER);
	struct kvm_ioeventfd io = { .datamatch = below(4),
				    .addr = MMIO + below(3) * 4,
				    .len = ONE_OF(0, 1, 2, 4, 4, 8),
				    .fd = event,
				    .flags = below(8) };
	struct kvm_irqfd irq = {
		.fd = event, .gsi = gsis, .flags = below(4), .resamplefd = object_pick(OTHER)
	};

	if (below(2))
		call(fd, KVM_IOEVENTFD, &io);
	else
		call(fd, KVM_IRQFD, &irq);
	object_add(OTHER, event);
}

static void set_routing(int fd)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[8];
	} table = { .head = { .nr = below(10), .flags = !below(8) } };

	for (unsigned int n = 0; n < 8; n++) {
		table.entries[n].gsi = below(40);
		table.entries[n].type = ONE_OF(1, 1, 1, 2, 4);
		table.entries[n].u.irqchip.irqchip = !below(8);
		table.entries[n].u.irqchip.pin = below(40);
	}
	call(fd, KVM_SET_GSI_ROUTING, &table);
}

static void dirty_log(int fd)
{
	static uint8_t bitmap[0x10000];
	struct kvm_dirty_log get = { .slot = below(6), .dirty_bitmap = bitmap };
	struct kvm_clear_dirty_log clear = { .slot = below(6),
					     .num_pages = ONE_OF(1, 64, 256, ~0u),
					     .first_page = ONE_OF(0, 64, 1),
					     .dirty_bitmap = bitmap };

	if (below(2))
		call(fd, KVM_GET_DIRTY_LOG, &get);
	else
		call(fd, KVM_CLEAR_DIRTY_LOG, &clear);
}

static void call_vm(int fd)
{
	struct kvm_arm_device_addr address = { .id = below(3) | (below(8) ? 0 : rnd() & 0xffff0000),
					       .addr = some_ipa() };
	struct kvm_coalesced_mmio_zone zone = { .addr = MMIO + below(3) * 0x1000,
						.size = some_size() };
	struct kvm_enable_cap cap = { .cap = below(260), .flags = !below(4), .args = { below(3) } };
	struct kvm_msi msi = { .address_lo = GICD + 0x40, .data = below(200), .flags = below(2) };
	struct kvm_vcpu_init target;

	switch (below(16)) {
	case 0 ... 2:
		object_add(VCPU, call(fd, KVM_CREATE_VCPU, number(below(16) ? below(4) : rnd())));
		break;
	case 3 ... 5:
		set_memory(fd);
		break;
	case 6:
		set_line(fd);
		break;
	case 7:
		create_device(fd);
		break;
	case 8:
		call(fd, KVM_ARM_SET_DEVICE_ADDR, &address);
		break;
	case 9:
		if (below(2))
			call(fd, KVM_CREATE_IRQCHIP, NULL);
		else
			call(fd, KVM_ARM_PREFERRED_TARGET, &target);
		break;
	case 10:
		set_events(fd);
		break;
	case 11:
		set_routing(fd);
		break;
	case 12:
		dirty_log(fd);
		break;
	case 13:
		if (below(2))
			call(fd, KVM_ENABLE_CAP, &cap);
		else
			call(fd, KVM_SIGNAL_MSI, &msi);
		break;
	case 14:
		call(fd, below(2) ? KVM_REGISTER_COALESCED_MMIO : KVM_UNREGISTER_COALESCED_MMIO,
		     &zone);
		break;
	default:
		call(fd, KVM_CHECK_EXTENSION, number(below(260)));
	}
}

static void guest_debug(int fd)
{
	struct kvm_armv7_guest_debug debug = { .control = below(8) };
	struct kvm_guest_debug old = { .control = below(4) | ONE_OF(0, 0x10000, 0x80000) };

	debug.control |= ONE_OF(0, 0x10000, 0x20000, 0x30000, 0x80000, rnd());
	for (unsigned int n = 0; n < 6; n++) {
		debug.dbgbvr[n] = RAM_BASE + 4 * below(64);
		debug.dbgbcr[n] = ONE_OF(0, 0x1e7, rnd());
		debug.dbgwvr[n] = RAM_BASE + 4 * below(1024);
		debug.dbgwcr[n] = n < 4 ? ONE_OF(0, 0x1ff, rnd()) : 0;
	}
	if (below(3))
		call(fd, KVM_ARMV7_SET_GUEST_DEBUG, &debug);
	else
		call(fd, KVM_SET_GUEST_DEBUG, &old);
}

static void one_reg(int fd)
{
	uint64_t id = some_reg(), value[8] = { (uint64_t)rnd() << 32 | rnd() };
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	if (!below(3))
		value[0] = RAM_BASE + 4 * below(1024);
	if (is_timer(id))
		value[0] &= 0x00ffffffffffffffull;
	if (!below(32))
		reg.addr = some_hva();
	call(fd, below(3) ? KVM_SET_ONE_REG : KVM_GET_ONE_REG, &reg);
}

static void reg_list(int fd)
{
	static _Thread_local struct {
		uint64_t n, reg[1024];
	} list;
	struct kvm_one_reg reg;
	uint64_t value[8];

	list.n = ONE_OF(0, 1, 1024, ~0u);
	if (call(fd, KVM_GET_REG_LIST, &list) < 0 || list.n > 1024)
		return;
	/* Save a vCPU, and write it all back. */
	for (unsigned int n = 0; n < list.n; n++) {
		reg = (struct kvm_one_reg){ .id = list.reg[n], .addr = (uintptr_t)value };
		if (call(fd, KVM_GET_ONE_REG, &reg) == 0 && !is_timer(reg.id))
			call(fd, KVM_SET_ONE_REG, &reg);
	}
}

static void run(int fd)
{
	if (call(fd, KVM_RUN, number(!below(32))) == 0)
		__atomic_add_fetch(&counts->entered, 1, __ATOMIC_RELAXED);
}

static void call_vcpu(int fd)
{
	struct kvm_vcpu_init init = { .target = below(16) ? 0 : below(4),
				      .features = { below(8) ? 2 : rnd() & 15 } };
	struct {
		struct kvm_signal_mask head;
		uint64_t set;
	} mask = { .head = { .len = below(8) ? 8 : below(16) }, .set = rnd() & ~0x200ull };
	struct kvm_mp_state state = { .mp_state = below(8) ? ONE_OF(0, 5) : rnd() };
	uint8_t events[128] = { below(2), below(2), below(4) };

	switch (below(16)) {
	case 0 ... 4:
		run(fd);
		break;
	case 5 ... 7:
		one_reg(fd);
		break;
	case 8:
		if (!below(8))
			reg_list(fd);
		break;
	case 9 ... 10:
		call(fd, KVM_ARM_VCPU_INIT, &init);
		break;
	case 11:
		call(fd, below(2) ? KVM_GET_MP_STATE : KVM_SET_MP_STATE, &state);
		break;
	case 12 ... 13:
		guest_debug(fd);
		break;
	case 14:
		call(fd, KVM_SET_SIGNAL_MASK, below(2) ? &mask : NULL);
		break;
	default:
		call(fd, below(2) ? KVM_GET_VCPU_EVENTS : KVM_SET_VCPU_EVENTS, events);
	}
}

static void call_device(int fd)
{
	uint64_t value = below(2) ? some_ipa() : below(1100);
	struct kvm_device_attr attr = {
		.group = below(9),
		.attr = below(2) ? below(4) : (uint64_t)below(3) << 32 | (rnd() & 0xffc),
		.addr = below(16) ? (uintptr_t)&value : some_hva(),
		.flags = below(32) ? 0 : rnd(),
	};

	if (below(2)) { /* what makes a GIC */
		attr.group = ONE_OF(KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS,
				    KVM_DEV_ARM_VGIC_GRP_CTRL);
		attr.attr = attr.group == KVM_DEV_ARM_VGIC_GRP_ADDR ? below(2) : 0;
		value = attr.group == KVM_DEV_ARM_VGIC_GRP_NR_IRQS ? 64 : attr.attr ? GICC : GICD;
	}
	call(fd, ONE_OF(KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR), &attr);
}

void call_any(void)
{
	static _Thread_local uint8_t noise[1024];
	enum kind kind = ONE_OF(SYSTEM, VM, VM, VM, VCPU, VCPU, VCPU, VCPU, VCPU, DEVICE);
	int fd = object_pick(kind);

	if (!below(64)) { /* any number, with noise as its argument */
		for (unsigned int n = 0; n < sizeof(noise); n++)
			noise[n] = rnd();
		call(fd, _IOC(below(4), KVMIO, below(256), below(256)), noise);
		return;
	}
	switch (kind) {
	case SYSTEM:
		call_system(fd);
		break;
	case VM:
		call_vm(fd);
		break;
	case VCPU:
		call_vcpu(fd);
		break;
	default:
		call_device(fd);
	}
}

static void set_word(int vcpu, unsigned int word, uint32_t value)
{
	struct kvm_one_reg reg = { .id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word,
				   .addr = (uintptr_t)&value };

	call(vcpu, KVM_SET_ONE_REG, &reg);
}

void call_whole_vm(void)
{
	struct kvm_userspace_memory_region region = { .guest_phys_addr = RAM_BASE,
						      .memory_size = PAGE * ARENA_PAGES,
						      .userspace_addr = (uintptr_t)arena };
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GICD };
	struct kvm_arm_device_addr cpu = { .id = KVM_VGIC_V2_ADDR_TYPE_CPU, .addr = GICC };
	struct kvm_vcpu_init init;
	int vm, vcpu;

	vm = call(object_pick(SYSTEM), KVM_CREATE_VM, NULL);
	if (vm < 0)
		return;
	call(vm, KVM_SET_USER_MEMORY_REGION, &region);
	if (below(2)) {
		call(vm, KVM_CREATE_IRQCHIP, NULL);
		call(vm, KVM_ARM_SET_DEVICE_ADDR, &dist);
		call(vm, KVM_ARM_SET_DEVICE_ADDR, &cpu);
	}
	for (unsigned int n = 0; n <= below(2); n++) {
		vcpu = call(vm, KVM_CREATE_VCPU, number(n));
		if (vcpu < 0)
			continue;
		call(vm, KVM_ARM_PREFERRED_TARGET, &init);
		init.features[0] = 1 << KVM_ARM_VCPU_PSCI_0_2;
		call(vcpu, KVM_ARM_VCPU_INIT, &init);
		set_word(vcpu, 1, RAM_BASE);
		set_word(vcpu, 2, MMIO);
		set_word(vcpu, 15, RAM_BASE + PAGE * below(ARENA_PAGES));
		for (unsigned int runs = below(16); runs; runs--)
			run(vcpu);
		object_add(VCPU, vcpu);
	}
	object_add(VM, vm);
}
