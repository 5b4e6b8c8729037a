// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU's calls. */
#include "fail-nth.h"

#include <signal.h>

#define ELEVEN 11 /* of the core registers: r11 */

static int init_features(struct world *w, uint32_t features)
{
	struct kvm_vcpu_init init;

	must(ioctl(w->vm, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] = features;
	return ioctl(w->vcpu, KVM_ARM_VCPU_INIT, &init);
}

static struct kvm_vcpu_init target;

static void ask_target(struct world *w)
{
	must(ioctl(w->vm, KVM_ARM_PREFERRED_TARGET, &target), "KVM_ARM_PREFERRED_TARGET");
}

static int init(struct world *w)
{
	return ioctl(w->vcpu, KVM_ARM_VCPU_INIT, &target);
}

static bool is_init(struct world *w)
{
	struct kvm_one_reg reg = { .id = KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE,
				   .addr = (uintptr_t)w->value };

	return ioctl(w->vcpu, KVM_GET_ONE_REG, &reg) == 0;
}

static void ask_pmu(struct world *w)
{
	ask_target(w);
	target.features[0] = 1 << KVM_ARM_VCPU_PMU_V3;
}

/* Without what failed before it cannot have become one without a PMU. */
static bool is_pmu(struct world *w)
{
	return init(w) == 0 && init_features(w, 0) < 0 && errno == EINVAL;
}

#define R11	 (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | ELEVEN)
#define D3	 (KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | 3)
#define CCSIDR_0 (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX)

#define PMCR ARM_CP15_REG32(0, 9, 12, 0)

static int get_core(struct world *w)
{
	return get_reg(w, R11);
}

static int get_vfp(struct world *w)
{
	return get_reg(w, D3);
}

static int get_demux(struct world *w)
{
	return get_reg(w, CCSIDR_0);
}

static int set_core_reg(struct world *w)
{
	w->value[8] = 0x600dd00d;
	return set_reg(w, R11, &w->value[8]);
}

static bool is_core_set(struct world *w)
{
	return !get_reg(w, R11) && w->value[0] == 0x600dd00d;
}

static int set_timer(struct world *w)
{
	uint64_t cval = 0x1234567;

	return set_reg(w, KVM_REG_ARM_TIMER_CVAL, &cval);
}

static int get_list(struct world *w)
{
	static struct {
		uint64_t n, reg[1024];
	} list;
	int ret;

	list.n = 1024;
	ret = ioctl(w->vcpu, KVM_GET_REG_LIST, &list);
	w->value[0] = (uint32_t)list.n;
	return ret;
}

static bool is_listed(struct world *w)
{
	return w->value[0] > 100 && w->value[0] < 1024;
}

static int get_state(struct world *w)
{
	return ioctl(w->vcpu, KVM_GET_MP_STATE, w->value);
}

static int set_state(struct world *w)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_STOPPED };

	return ioctl(w->vcpu, KVM_SET_MP_STATE, &state);
}

static int get_events(struct world *w)
{
	return ioctl(w->vcpu, KVM_GET_VCPU_EVENTS, w->value);
}

static int set_events(struct world *w)
{
	memset(w->value, 0, sizeof(w->value));
	return ioctl(w->vcpu, KVM_SET_VCPU_EVENTS, w->value);
}

static int set_debug(struct world *w)
{
	struct kvm_armv7_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE |
							  KVM_GUESTDBG_USE_HW };

	return ioctl(w->vcpu, KVM_ARMV7_SET_GUEST_DEBUG, &debug);
}

static int set_old_debug(struct world *w)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP };

	return ioctl(w->vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

static int set_mask(struct world *w)
{
	struct {
		struct kvm_signal_mask head;
		uint64_t set;
	} mask = { .head = { .len = 8 }, .set = 1ull << (SIGUSR1 - 1) };

	return ioctl(w->vcpu, KVM_SET_SIGNAL_MASK, &mask);
}

static int stats(struct world *w)
{
	return w->made = ioctl(w->vcpu, KVM_GET_STATS_FD, 0);
}

static bool has_stats(struct world *w)
{
	struct kvm_stats_header header;

	return pread(w->made, &header, sizeof(header), 0) == sizeof(header) && header.num_desc;
}

static int map(struct world *w)
{
	w->map_size = PAGE;
	w->map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, w->vcpu, 0);
	if (w->map == MAP_FAILED)
		return -1;
	((struct kvm_run *)w->map)->immediate_exit = 1;
	return 0;
}

static bool mapped(struct world *w)
{
	return w->run->immediate_exit == 1;
}

static char debug_file[64];

static void name_debugfs(struct world *w)
{
	sprintf(debug_file, "/sys/kernel/debug/kvm/%d-%d/vcpu0/debug", (int)getpid(), w->vm);
}

static int read_debugfs(struct world *w)
{
	int fd = open(debug_file, O_RDONLY | O_CLOEXEC), got, error;

	if (fd < 0)
		return -1;
	got = (int)read(fd, w->value, sizeof(w->value));
	error = errno;
	close(fd);
	errno = error;
	return got;
}

static bool has_text(struct world *w)
{
	return w->value[0];
}

/* ---- attributes ---- */

static int attr(struct world *w, unsigned long request, uint32_t group, uint64_t number)
{
	struct kvm_device_attr attr = { .group = group,
					.attr = number,
					.addr = (uintptr_t)w->value };

	return ioctl(w->vcpu, request, &attr);
}

static int set_pmu_irq(struct world *w)
{
	w->value[0] = 23;
	return attr(w, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ);
}

static bool has_pmu_irq(struct world *w)
{
	w->value[0] = 0;
	return !attr(w, KVM_GET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ) &&
	       w->value[0] == 23;
}

static void give_pmu_irq(struct world *w)
{
	must(set_pmu_irq(w), "KVM_ARM_VCPU_PMU_V3_IRQ");
}

static int get_pmu_irq(struct world *w)
{
	return attr(w, KVM_GET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ);
}

static int init_pmu(struct world *w)
{
	return attr(w, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT);
}

static int set_timer_irq(struct world *w)
{
	w->value[0] = 28;
	return attr(w, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_VTIMER);
}

static int get_timer_irq(struct world *w)
{
	return attr(w, KVM_GET_DEVICE_ATTR, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_VTIMER);
}

const struct call vcpu_calls[] = {
	CALL("KVM_ARM_VCPU_INIT", VCPU, init, .before = ask_target, .worked = is_init),
	CALL("KVM_ARM_VCPU_INIT-pmu", VCPU, init, .before = ask_pmu, .worked = is_pmu),
	CALL("KVM_ARM_VCPU_INIT-again", READY | HAS_DATA, init, .before = ask_target,
	     .worked = is_init),
	CALL("KVM_GET_ONE_REG-core", INIT, get_core),
	CALL("KVM_GET_ONE_REG-vfp", INIT, get_vfp),
	CALL("KVM_GET_ONE_REG-demux", INIT, get_demux),
	CALL("KVM_SET_ONE_REG-core", INIT, set_core_reg, .worked = is_core_set),
	CALL("KVM_SET_ONE_REG-timer", INIT, set_timer),
	CALL("KVM_GET_REG_LIST", INIT | HAS_PMU, get_list, .worked = is_listed),
	CALL("KVM_GET_MP_STATE", INIT, get_state),
	CALL("KVM_SET_MP_STATE", INIT, set_state),
	CALL("KVM_GET_VCPU_EVENTS", INIT, get_events),
	CALL("KVM_SET_VCPU_EVENTS", INIT, set_events),
	CALL("KVM_ARMV7_SET_GUEST_DEBUG", INIT, set_debug),
	CALL("KVM_SET_GUEST_DEBUG", INIT, set_old_debug),
	CALL("KVM_SET_SIGNAL_MASK", INIT, set_mask),
	CALL("KVM_GET_STATS_FD-vcpu", INIT, stats, .worked = has_stats),
	CALL("mmap", INIT, map, .worked = mapped, .only_nth = true),
	CALL("read-debugfs-vcpu", INIT, read_debugfs, .before = name_debugfs, .worked = has_text),
	CALL("PMU_V3_IRQ", READY | HAS_PMU, set_pmu_irq, .worked = has_pmu_irq),
	CALL("PMU_V3_IRQ-get", READY | HAS_PMU, get_pmu_irq, .before = give_pmu_irq),
	CALL("PMU_V3_INIT", READY | HAS_PMU, init_pmu, .before = give_pmu_irq),
	CALL("TIMER_IRQ-set", GIC, set_timer_irq),
	CALL("TIMER_IRQ-get", GIC, get_timer_irq),
	{ .name = NULL },
};
