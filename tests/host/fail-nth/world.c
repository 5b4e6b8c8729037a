// SPDX-License-Identifier: GPL-2.0-only
/* What a call finds, made anew for each failure. */
#include "fail-nth.h"

#include <sys/eventfd.h>
#include <sys/syscall.h>

extern const char guest_load[], guest_store[], guest_ldm[], guest_end[];
__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	"guest_load:\n"
	"	ldr	r5, [r1]\n"
	"	str	r5, [r2]\n"
	"	b	guest_load\n"
	"guest_store:\n"
	"	str	r5, [r1]\n"
	"	str	r5, [r2]\n"
	"	b	guest_store\n"
	"guest_ldm:\n"
	"	ldm	r1, {r5, r6}\n"
	"	str	r5, [r2]\n"
	"	b	guest_ldm\n"
	"guest_end:\n"
	".popsection\n");

static uint32_t entry_of(int pc)
{
	static const char *const at[] = { guest_load, guest_store, guest_ldm };

	return RAM_BASE + (uint32_t)(at[pc] - guest_load);
}

int set_reg(struct world *w, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return ioctl(w->vcpu, KVM_SET_ONE_REG, &reg);
}

int get_reg(struct world *w, uint64_t id)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)w->value };

	return ioctl(w->vcpu, KVM_GET_ONE_REG, &reg);
}

static void set_word(struct world *w, unsigned int word, uint32_t value)
{
	must(set_reg(w, KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | word, &value),
	     "KVM_SET_ONE_REG");
}

/* The next KVM_RUN would complete an access of the last one, and move PC. */
static void complete_access(struct world *w)
{
	if (w->run->exit_reason != KVM_EXIT_MMIO)
		return;
	w->run->immediate_exit = 1;
	ioctl(w->vcpu, KVM_RUN, 0);
	w->run->immediate_exit = 0;
}

void world_set_pc(struct world *w, int pc, uint32_t r1, uint32_t r5)
{
	complete_access(w);
	set_word(w, 1, r1);
	set_word(w, 2, MMIO);
	set_word(w, 5, r5);
	set_word(w, CORE_PC, entry_of(pc));
}

int set_slot_1(struct world *w, uint32_t ipa, uint32_t pages, uint32_t flags)
{
	return set_slot_flags(w->vm, 1, flags, ipa, w->data, pages * PAGE);
}

void world_add_data(struct world *w, uint32_t flags)
{
	must(set_slot_1(w, DATA, DATA_PAGES, flags), "slot 1");
}

static void *pages(uint32_t count)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	if (at == MAP_FAILED)
		must(-1, "mmap");
	return at;
}

static void load_or_unload(bool load)
{
	int fd;

	if (!load) {
		must(syscall(SYS_delete_module, "kvm_armv7", O_NONBLOCK), "delete_module");
		return;
	}
	if (!access("/dev/kvm", F_OK))
		return;
	fd = must(open(CODE, O_RDONLY | O_CLOEXEC), CODE);
	must(syscall(SYS_finit_module, fd, "", 0), "finit_module");
	close(fd);
}

static void add_vcpu(struct world *w, unsigned int has)
{
	struct kvm_vcpu_init init;

	must(ioctl(w->vm, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	w->vcpu = must(ioctl(w->vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	if (!(has & HAS_INIT))
		return;
	if (has & HAS_PMU)
		init.features[0] = 1 << KVM_ARM_VCPU_PMU_V3;
	must(ioctl(w->vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
	w->run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, w->vcpu, 0);
	if (w->run == MAP_FAILED)
		must(-1, "mmap of kvm_run");
	world_set_pc(w, PC_STORE, RAM_BASE + PAGE, 0);
}

static void add_gic(struct world *w, unsigned int has)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V2 };
	struct kvm_arm_device_addr dist = { .id = KVM_VGIC_V2_ADDR_TYPE_DIST, .addr = GICD };
	struct kvm_arm_device_addr cpu = { .id = KVM_VGIC_V2_ADDR_TYPE_CPU, .addr = GICC };
	struct kvm_device_attr init = { .group = KVM_DEV_ARM_VGIC_GRP_CTRL,
					.attr = KVM_DEV_ARM_VGIC_CTRL_INIT };

	must(ioctl(w->vm, KVM_CREATE_DEVICE, &device), "KVM_CREATE_DEVICE");
	w->gic = device.fd;
	must(ioctl(w->vm, KVM_ARM_SET_DEVICE_ADDR, &dist), "the distributor's address");
	must(ioctl(w->vm, KVM_ARM_SET_DEVICE_ADDR, &cpu), "the CPU interface's address");
	if (has & HAS_READY)
		must(ioctl(w->gic, KVM_SET_DEVICE_ATTR, &init), "KVM_DEV_ARM_VGIC_CTRL_INIT");
}

static void make_dirty(struct world *w)
{
	for (uint32_t page = 0; page <= 64; page += 64) {
		world_set_pc(w, PC_STORE, DATA + page * PAGE, 1);
		must(ioctl(w->vcpu, KVM_RUN, 0), "KVM_RUN");
	}
}

void world_new(struct world *w, unsigned int has)
{
	memset(w, 0, sizeof(*w));
	w->kvm = w->vm = w->vcpu = w->gic = w->made = -1;
	for (int n = 0; n < 2; n++)
		w->event[n] = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	w->ram = pages(2);
	w->data = pages(DATA_PAGES);
	memcpy(w->ram, guest_load, guest_end - guest_load);
	load_or_unload(has & HAS_KVM);
	if (has & HAS_KVM)
		w->kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	if (has & HAS_VM) {
		w->vm = must(ioctl(w->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
		must(set_slot(w->vm, 0, RAM_BASE, w->ram, 2 * PAGE), "slot 0");
	}
	if (has & HAS_VCPU)
		add_vcpu(w, has);
	if (has & HAS_GIC)
		add_gic(w, has);
	if (has & (HAS_DATA | HAS_LOG | HAS_DIRTY))
		world_add_data(w, has & HAS_DATA ? 0 : KVM_MEM_LOG_DIRTY_PAGES);
	if (has & HAS_DIRTY)
		make_dirty(w);
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

void world_end(struct world *w)
{
	if (w->map && w->map != MAP_FAILED)
		munmap(w->map, w->map_size);
	if (w->run)
		munmap(w->run, PAGE);
	close_one(w->made);
	close_one(w->event[0]);
	close_one(w->event[1]);
	close_one(w->gic);
	close_one(w->vcpu);
	close_one(w->vm);
	close_one(w->kvm);
	munmap(w->ram, 2 * PAGE);
	munmap(w->data, DATA_PAGES * PAGE);
}
