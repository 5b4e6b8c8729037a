// SPDX-License-Identifier: GPL-2.0-only
/* The module itself, /dev/kvm, and a VM's calls. */
#include "fail-nth.h"

#include <sys/syscall.h>

static void open_module(struct world *w)
{
	w->made = must(open(CODE, O_RDONLY | O_CLOEXEC), CODE);
}

static int load(struct world *w)
{
	return (int)syscall(SYS_finit_module, w->made, "", 0);
}

/* It makes a VM and a vCPU on each CPU. */
static int load_with_selftest(struct world *w)
{
	return (int)syscall(SYS_finit_module, w->made, "selftest=1", 0);
}

static bool loaded(struct world *w)
{
	(void)w;
	return !access("/dev/kvm", R_OK | W_OK);
}

static int create_vm(struct world *w)
{
	return w->made = ioctl(w->kvm, KVM_CREATE_VM, 0);
}

static int close_vm(struct world *w)
{
	int ret = close(w->vm);

	w->vm = -1;
	return ret;
}

static bool made_vm(struct world *w)
{
	int vcpu = ioctl(w->made, KVM_CREATE_VCPU, 0);

	close(vcpu);
	return vcpu >= 0;
}

/* ---- memory ---- */

static int add_slot(struct world *w)
{
	return set_slot_1(w, DATA, DATA_PAGES, 0);
}

/* What a vCPU loads there is what the process has there. */
static bool has_slot(struct world *w, uint32_t ipa)
{
	uint32_t got = 0, wanted = 0x12345678;

	memcpy(w->data, &wanted, 4);
	world_set_pc(w, PC_LOAD, ipa, 0);
	if (ioctl(w->vcpu, KVM_RUN, 0) < 0 || w->run->exit_reason != KVM_EXIT_MMIO)
		return false;
	memcpy(&got, w->run->mmio.data, 4);
	return w->run->mmio.phys_addr == MMIO && w->run->mmio.is_write && got == wanted;
}

static bool has_slot_1(struct world *w)
{
	return has_slot(w, DATA);
}

static int move_slot(struct world *w)
{
	return set_slot_1(w, DATA + 0x1000000, DATA_PAGES, 0);
}

static bool has_moved(struct world *w)
{
	return has_slot(w, DATA + 0x1000000);
}

static int delete_slot(struct world *w)
{
	return set_slot_1(w, DATA, 0, 0);
}

static bool has_no_slot(struct world *w)
{
	return set_slot_1(w, DATA, 0, 0) < 0 && errno == EINVAL;
}

static int get_log(struct world *w)
{
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = w->value };

	memset(w->value, 0, sizeof(w->value));
	return ioctl(w->vm, KVM_GET_DIRTY_LOG, &log);
}

static int log_on(struct world *w)
{
	return set_slot_1(w, DATA, DATA_PAGES, KVM_MEM_LOG_DIRTY_PAGES);
}

static bool has_log(struct world *w)
{
	return get_log(w) == 0;
}

static int log_off(struct world *w)
{
	return set_slot_1(w, DATA, DATA_PAGES, 0);
}

static bool has_no_log(struct world *w)
{
	return get_log(w) < 0 && errno == ENOENT;
}

/* A failed call has cleared nothing. */
static bool logged(struct world *w)
{
	return w->value[0] == 1 && w->value[2] == 1;
}

static int clear_log(struct world *w)
{
	struct kvm_clear_dirty_log log = { .slot = 1, .num_pages = 64, .dirty_bitmap = w->value };

	memset(w->value, 0xff, sizeof(w->value));
	return ioctl(w->vm, KVM_CLEAR_DIRTY_LOG, &log);
}

static bool cleared(struct world *w)
{
	return !get_log(w) && w->value[0] == 0 && w->value[2] == 1;
}

/* Its log needs more than a page: vmalloc() has it if kmalloc() fails. */
#define MANY 0x10000u

static void map_large(struct world *w)
{
	w->map_size = MANY * PAGE;
	w->map = mmap(NULL, w->map_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (w->map == MAP_FAILED)
		must(-1, "mmap");
}

static int add_large(struct world *w)
{
	return set_slot_flags(w->vm, 2, KVM_MEM_LOG_DIRTY_PAGES, 0x80000000u, w->map, w->map_size);
}

static bool has_large(struct world *w)
{
	return set_slot(w->vm, 2, 0x80000000u, w->map, 0) == 0;
}

/* What the process loses, the guest loses: the notifier has to manage without memory. */
static int lose_pages(struct world *w)
{
	return madvise(w->data, DATA_PAGES * PAGE, MADV_DONTNEED);
}

/* ---- others ---- */

static int create_vcpu(struct world *w)
{
	return w->made = ioctl(w->vm, KVM_CREATE_VCPU, 1);
}

static bool made_vcpu(struct world *w)
{
	struct kvm_vcpu_init init;

	return ioctl(w->vm, KVM_ARM_PREFERRED_TARGET, &init) == 0 &&
	       ioctl(w->made, KVM_ARM_VCPU_INIT, &init) == 0;
}

static int enable(struct world *w, uint32_t cap, uint64_t arg)
{
	struct kvm_enable_cap enable = { .cap = cap, .args = { arg } };

	return ioctl(w->vm, KVM_ENABLE_CAP, &enable);
}

static int enable_manual(struct world *w)
{
	return enable(w, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE);
}

static bool is_manual(struct world *w)
{
	return !get_log(w) && logged(w) && !get_log(w) && logged(w);
}

static int enable_nisv(struct world *w)
{
	return enable(w, KVM_CAP_ARM_NISV_TO_USER, 0);
}

static int preferred_target(struct world *w)
{
	return ioctl(w->vm, KVM_ARM_PREFERRED_TARGET, w->value);
}

static int vm_stats(struct world *w)
{
	return w->made = ioctl(w->vm, KVM_GET_STATS_FD, 0);
}

static void open_stats(struct world *w)
{
	must(vm_stats(w), "KVM_GET_STATS_FD");
}

static int read_stats(struct world *w)
{
	return (int)pread(w->made, w->value, sizeof(w->value), 0);
}

static bool has_stats(struct world *w)
{
	struct kvm_stats_header header;

	return pread(w->made, &header, sizeof(header), 0) == sizeof(header) && header.num_desc;
}

static int coalesced(struct world *w, unsigned long request)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = MMIO, .size = 4 };

	return ioctl(w->vm, request, &zone);
}

static int zone_add(struct world *w)
{
	return coalesced(w, KVM_REGISTER_COALESCED_MMIO);
}

static void has_zone(struct world *w)
{
	must(zone_add(w), "KVM_REGISTER_COALESCED_MMIO");
}

static int zone_remove(struct world *w)
{
	return coalesced(w, KVM_UNREGISTER_COALESCED_MMIO);
}

static int read_cpus(struct world *w)
{
	int fd = open("/sys/kernel/debug/kvm/cpus", O_RDONLY | O_CLOEXEC), got;

	if (fd < 0)
		return -1;
	got = (int)read(fd, w->value, sizeof(w->value));
	close(fd);
	return got;
}

static bool has_text(struct world *w)
{
	return w->value[0];
}

const struct call vm_calls[] = {
	CALL("load", 0, load_with_selftest, .again = load, .before = open_module, .worked = loaded,
	     .is_load = true),
	CALL("KVM_CREATE_VM", HAS_KVM, create_vm, .worked = made_vm),
	CALL("close-vm", VM, close_vm, .never_fails = true),
	CALL("slot-add", INIT, add_slot, .worked = has_slot_1),
	CALL("slot-move", INIT | HAS_DATA, move_slot, .worked = has_moved),
	CALL("slot-delete", INIT | HAS_DATA, delete_slot, .worked = has_no_slot),
	CALL("slot-log-on", INIT | HAS_DATA, log_on, .worked = has_log),
	CALL("slot-log-off", INIT | HAS_LOG | HAS_DIRTY, log_off, .worked = has_no_log),
	CALL("slot-large-log", VM, add_large, .before = map_large, .worked = has_large),
	CALL("KVM_GET_DIRTY_LOG", INIT | HAS_LOG | HAS_DIRTY, get_log, .worked = logged),
	CALL("KVM_CLEAR_DIRTY_LOG", INIT | HAS_LOG | HAS_DIRTY, clear_log, .worked = cleared),
	CALL("madvise", INIT | HAS_LOG | HAS_DIRTY, lose_pages, .worked = has_slot_1,
	     .never_fails = true),
	CALL("KVM_CREATE_VCPU", VM, create_vcpu, .worked = made_vcpu),
	CALL("KVM_ENABLE_CAP-manual", INIT | HAS_LOG | HAS_DIRTY, enable_manual,
	     .worked = is_manual),
	CALL("KVM_ENABLE_CAP-nisv", VM, enable_nisv),
	CALL("KVM_ARM_PREFERRED_TARGET", VM, preferred_target),
	CALL("KVM_GET_STATS_FD-vm", VM, vm_stats, .worked = has_stats),
	CALL("read-stats", VM, read_stats, .before = open_stats, .worked = has_stats),
	CALL("KVM_REGISTER_COALESCED_MMIO", VM, zone_add),
	CALL("KVM_UNREGISTER_COALESCED_MMIO", VM, zone_remove, .before = has_zone),
	CALL("read-debugfs-cpus", HAS_KVM, read_cpus, .worked = has_text),
	{ .name = NULL },
};
