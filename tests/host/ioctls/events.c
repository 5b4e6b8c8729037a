// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_VCPU_EVENTS and KVM_SET_VCPU_EVENTS, the PSCI version, KVM_ENABLE_CAP, and the calls that
 * arm refuses.
 */
#include "guest-debug.h"

#include <string.h>
#include <unistd.h>

#define ID_PSCI_VERSION	 0x4030000000140000ull
#define ID_WORKAROUND_1	 0x4030000000140001ull
#define ID_WORKAROUND_2	 0x4030000000140002ull
#define FN_VERSION	 0x84000000u
#define FN_FEATURES	 0x8400000au
#define FN_SMCCC_VERSION 0x80000000u
#define FN_ARCH		 0x80000001u
#define FN_WORKAROUND_1	 0x80008000u
#define FN_WORKAROUND_2	 0x80007fffu
#define NOT_SUPPORTED	 0xffffffffu
#define PSR_A		 0x100u

static struct kvm_vcpu_events get_events(const struct debug_vm *g)
{
	struct kvm_vcpu_events events;

	memset(&events, 0xa5, sizeof(events));
	ioctl(g->vcpu, KVM_GET_VCPU_EVENTS, &events);
	return events;
}

static int set_serror(const struct debug_vm *g)
{
	struct kvm_vcpu_events events = { .exception.serror_pending = 1 };

	return ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static void refused_events(const struct debug_vm *g)
{
	static const struct kvm_vcpu_events none;
	struct kvm_vcpu_events events = { .exception.serror_pending = 1 };

	REFUSED(EFAULT, ioctl(g->vcpu, KVM_GET_VCPU_EVENTS, NULL), "KVM_GET_VCPU_EVENTS to NULL");
	REFUSED(EFAULT, ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, NULL), "KVM_SET_VCPU_EVENTS from NULL");
	REFUSED(EFAULT, ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, cut_off(&events, sizeof(events))),
		"KVM_SET_VCPU_EVENTS of all but one byte");
	events.exception.serror_has_esr = 1;
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, &events), "an SError with a syndrome");
	events = none;
	events.exception.pad[4] = 1;
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, &events), "an event in the padding");
	events = none;
	events.reserved[11] = 1 << 24;
	REFUSED(EINVAL, ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, &events), "a reserved event");
	events = get_events(g);
	claim(!memcmp(&events, &none, sizeof(none)), "after that, no event is pending");
	WORKS(ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, at_the_end(&none, sizeof(none))),
	      "no event can be set");
}

/* An asynchronous abort waits until the guest unmasks it, and is taken once. */
static void serror(struct debug_vm *g)
{
	struct kvm_vcpu_events none = { .exception.serror_pending = 0 };

	begin(g, AT(device), PSR_SVC_IF);
	WORKS(set_serror(g), "an SError becomes pending");
	claim(get_events(g).exception.serror_pending == 1, "it reads as pending");
	claim(stores(g, REACHED) && get_events(g).exception.serror_pending == 1,
	      "a guest that masks it does not take it");
	WORKS(ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, &none), "an event that is not set");
	claim(get_events(g).exception.serror_pending == 1, "cancels nothing");
	begin(g, AT(unmask), PSR_SVC_IF);
	claim(stores(g, DATA_ABT) && (reg(g, ID_DFSR) & 0x40f) == 0x406,
	      "a guest that unmasks it takes an asynchronous abort: DFSR %#x", reg(g, ID_DFSR));
	claim(!get_events(g).exception.serror_pending, "it is no longer pending");
	begin(g, AT(unmask), PSR_SVC_IF);
	claim(stores(g, REACHED), "and is taken once");
	set_serror(g);
	begin(g, AT(wfi), PSR_SVC_IF);
	claim(stores(g, REACHED), "a guest that masks one does not wait in WFI");
	debug_vm_reset(g);
	claim(!get_events(g).exception.serror_pending, "KVM_ARM_VCPU_INIT drops it");
}

/* An access without a device: user space answers it with an external abort. */
static void external_abort(struct debug_vm *g)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	uint32_t data = 0x77777777;
	unsigned int n;

	for (n = 0; n < 2; n++) {
		uint32_t pc = n ? AT(device) : AT(device_load);

		begin(g, pc, PSR_SVC_IF & ~PSR_A);
		claim(go(g) == KVM_EXIT_MMIO, "the guest %s a device",
		      n ? "stores to" : "loads from");
		memcpy(g->run->mmio.data, &data, sizeof(data));
		WORKS(ioctl(g->vcpu, KVM_SET_VCPU_EVENTS, &events), "an external abort instead");
		claim(!get_events(g).exception.ext_dabt_pending, "it never reads as pending");
		claim(stores(g, DATA_ABT) && core(g, LR_ABT) == pc + 8 && core(g, 2) == 0x2222 &&
			      (reg(g, ID_DFSR) & 0x40f) == 8 && reg(g, ID_DFAR) == MMIO,
		      "the guest takes it there: LR %#x, DFSR %#x, DFAR %#x", core(g, LR_ABT),
		      reg(g, ID_DFSR), reg(g, ID_DFAR));
	}
}

static uint32_t psci(struct debug_vm *g, uint32_t function, uint32_t argument)
{
	begin(g, AT(psci), PSR_SVC_IF);
	set_core(g->vcpu, 0, function);
	set_core(g->vcpu, 1, argument);
	return stores(g, REACHED) ? core(g, 0) : 0xdead;
}

static void psci_version(struct debug_vm *g)
{
	uint64_t version = 0, other;
	int vm, vcpu;

	claim(!get_reg(g->vcpu, ID_PSCI_VERSION, &version) && version == 0x10000,
	      "the PSCI version is 1.0");
	claim(psci(g, FN_VERSION, 0) == 0x10000 && !psci(g, FN_FEATURES, FN_VERSION),
	      "a guest gets it");
	version = 2;
	WORKS(set_reg(g->vcpu, ID_PSCI_VERSION, &version), "setting PSCI 0.2");
	claim(!get_reg(g->vcpu, ID_PSCI_VERSION, &other) && other == 2, "it reads back");
	claim(psci(g, FN_VERSION, 0) == 2 && psci(g, FN_FEATURES, FN_VERSION) == NOT_SUPPORTED,
	      "a guest gets 0.2, without PSCI_FEATURES");
	debug_vm_reset(g);
	claim(!get_reg(g->vcpu, ID_PSCI_VERSION, &other) && other == 2,
	      "KVM_ARM_VCPU_INIT does not change it");
	for (version = 0; version < 0x10002; version += version == 3 ? 0xfffd : 1) {
		if (version == 2)
			continue;
		if (version == 0x10000)
			WORKS(set_reg(g->vcpu, ID_PSCI_VERSION, &version), "setting PSCI 1.0");
		else
			REFUSED(EINVAL, set_reg(g->vcpu, ID_PSCI_VERSION, &version),
				"setting PSCI version %#llx", (unsigned long long)version);
	}
	version = 0x100000002;
	REFUSED(EINVAL, set_reg(g->vcpu, ID_PSCI_VERSION, &version), "setting it to 0x100000002");
	claim(psci(g, FN_VERSION, 0) == 0x10000, "a guest gets 1.0 again");

	vm = new_vm();
	vcpu = new_vcpu(vm, 0, NULL);
	claim(!get_reg(vcpu, ID_PSCI_VERSION, &version) && version == 1 &&
		      !set_reg(vcpu, ID_PSCI_VERSION, &version),
	      "without the feature PSCI_0_2 it is 0.1");
	version = 2;
	REFUSED(EINVAL, set_reg(vcpu, ID_PSCI_VERSION, &version), "setting PSCI 0.2 there");
	version = 0x10000;
	REFUSED(EINVAL, set_reg(vcpu, ID_PSCI_VERSION, &version), "setting PSCI 1.0 there");
	close(vcpu);
	close(vm);
}

/* The answer of SMCCC_ARCH_FEATURES and the register have one cause; which it is, is the CPU's. */
static void workarounds(struct debug_vm *g)
{
	static const uint32_t answers[] = { NOT_SUPPORTED, 0, 1 };
	uint64_t level = ~0ull, value = ~0ull, n;

	claim(psci(g, FN_SMCCC_VERSION, 0) == 0x10001 && !psci(g, FN_ARCH, FN_SMCCC_VERSION) &&
		      !psci(g, FN_ARCH, FN_ARCH),
	      "SMCCC 1.1 has SMCCC_ARCH_FEATURES");
	claim(psci(g, FN_ARCH, FN_VERSION) == NOT_SUPPORTED &&
		      psci(g, FN_ARCH, FN_WORKAROUND_2) == NOT_SUPPORTED &&
		      psci(g, FN_WORKAROUND_2, 0) == NOT_SUPPORTED,
	      "which does not know others' functions, nor WORKAROUND_2");
	claim(!get_reg(g->vcpu, ID_WORKAROUND_1, &level) && level < 3, "WORKAROUND_1 is %llu",
	      (unsigned long long)level);
	claim(psci(g, FN_ARCH, FN_WORKAROUND_1) == answers[level % 3] &&
		      psci(g, FN_WORKAROUND_1, 0) == (level ? 0 : NOT_SUPPORTED),
	      "a guest that asks and calls gets that");
	for (n = 0; n <= level; n++)
		WORKS(set_reg(g->vcpu, ID_WORKAROUND_1, &n), "no more than that was promised: %llu",
		      (unsigned long long)n);
	REFUSED(EINVAL, set_reg(g->vcpu, ID_WORKAROUND_1, &n), "a guest that was promised more");
	claim(!get_reg(g->vcpu, ID_WORKAROUND_2, &value) && value == 1, "WORKAROUND_2 is unknown");
	WORKS(set_reg(g->vcpu, ID_WORKAROUND_2, &value), "setting that");
	value = 2;
	REFUSED(EINVAL, set_reg(g->vcpu, ID_WORKAROUND_2, &value), "setting it to available");
	value = 1 | 1 << 4;
	REFUSED(EINVAL, set_reg(g->vcpu, ID_WORKAROUND_2, &value), "or to enabled");
}

static void other_calls(const struct debug_vm *g)
{
	static const struct {
		const char *name;
		unsigned long request;
	} calls[] = {
		{ "KVM_GET_REGS", KVM_GET_REGS },   { "KVM_SET_REGS", KVM_SET_REGS },
		{ "KVM_GET_SREGS", KVM_GET_SREGS }, { "KVM_SET_SREGS", KVM_SET_SREGS },
		{ "KVM_GET_FPU", KVM_GET_FPU },	    { "KVM_SET_FPU", KVM_SET_FPU },
		{ "KVM_TRANSLATE", KVM_TRANSLATE }, { "KVM_ENABLE_CAP of a vCPU", KVM_ENABLE_CAP },
	};
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ONE_REG };
	uint64_t room[64] = { 0 };
	unsigned int n;

	for (n = 0; n < sizeof(calls) / sizeof(calls[0]); n++)
		REFUSED(EINVAL, ioctl(g->vcpu, calls[n].request, room), "%s", calls[n].name);
	REFUSED(EFAULT, ioctl(g->vm, KVM_ENABLE_CAP, NULL), "KVM_ENABLE_CAP of NULL");
	REFUSED(EINVAL, ioctl(g->vm, KVM_ENABLE_CAP, &cap), "enabling KVM_CAP_ONE_REG");
	cap.cap = ~0u;
	REFUSED(EINVAL, ioctl(g->vm, KVM_ENABLE_CAP, &cap),
		"enabling a capability that no one has");
}

void test_events(void)
{
	struct debug_vm g;

	debug_vm_open(&g);
	refused_events(&g);
	serror(&g);
	external_abort(&g);
	psci_version(&g);
	workarounds(&g);
	other_calls(&g);
	debug_vm_close(&g);
}
