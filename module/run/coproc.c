// SPDX-License-Identifier: GPL-2.0-only
/*
 * CP15 accesses that trap.  The rows of hyp/cp15.def whose column trap is not NONE form a
 * table of encodings.  A trapped access without a row is UNDEFINED for the guest.
 */
#include <linux/bsearch.h>

#include "core/guest-regs.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "hyp/cp15.h"
#include "hyp/sysreg-bits.h"
#include "irq/ptimer.h"
#include "irq/vpmu.h"
#include "machine/cpu-ids.h"
#include "machine/diagnostic.h"
#include "machine/machine.h"
#include "memory/stage2.h"
#include "run/coproc.h"

#define ACCESS_RO 1
#define ACCESS_WO 2
#define ACCESS_RW 3

struct cp15_row;

/* value: of the write, or for the read; 32-bit accesses use the low word. */
struct cp15_access {
	const struct cp15_row *row;
	bool write;
	u64 value;
};

typedef void (*cp15_emulate)(struct vcpu *vcpu, struct cp15_access *acc);
typedef bool (*cp15_pl0)(const struct vcpu *vcpu, const struct cp15_access *acc);

struct cp15_row {
	u16 first, last; /* keys; they differ in a row of reserved encodings */
	u8 access;
	u16 member; /* offset in struct hyp_cp15, enum ptimer_reg or enum vpmu_reg */
	cp15_emulate emulate;
	cp15_pl0 pl0; /* may PL0 access it?  NULL: never */
	bool t15;     /* IMPLEMENTATION DEFINED: exists on some CPUs only */
};

static bool vcpu_in_user_mode(struct vcpu *vcpu)
{
	return (*vcpu_cpsr(vcpu) & PSR_MODE) == PSR_USR;
}

static void emulate_raz_wi(struct vcpu *vcpu, struct cp15_access *acc)
{
	acc->value = 0;
}

static u32 get_actlr(struct vcpu *vcpu)
{
	return vcpu->hyp->answers.actlr;
}

static void set_actlr(struct vcpu *vcpu, u32 value)
{
	vcpu->hyp->answers.actlr = value;
}

/* Writes are ignored, like Non-secure writes that NSACR does not permit. */
static void emulate_actlr(struct vcpu *vcpu, struct cp15_access *acc)
{
	acc->value = get_actlr(vcpu);
}

/* The CPU's register with the guest's number of CPUs, unless user space has set another. */
static u32 get_l2ctlr(struct vcpu *vcpu)
{
	u32 cpus = 0, value = 0, n;

	if (vcpu->l2ctlr_set)
		return vcpu->l2ctlr;
	if (midr_has_l2ctlr(cpu_ids.MIDR))
		value = read_cp15(L2CTLR) & ~L2CTLR_NUM_CPUS_MASK;
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		cpus += !!vcpu->vm->vcpus[n];
	return value | L2CTLR_NUM_CPUS(min(cpus, 4u));
}

static void set_l2ctlr(struct vcpu *vcpu, u32 value)
{
	vcpu->l2ctlr = value;
	vcpu->l2ctlr_set = true;
}

/* Writes are ignored. */
static void emulate_l2ctlr(struct vcpu *vcpu, struct cp15_access *acc)
{
	acc->value = get_l2ctlr(vcpu);
}

u32 coproc_get_vcpu_reg(struct vcpu *vcpu, u32 key)
{
	switch (key) {
#define CP15_VCPU32(name, opc1, crn, crm, opc2, access, trap, handler, user) \
	case CP15_KEY32_##name:                                              \
		return get_##handler(vcpu);
#include "hyp/cp15.def"
	default:
		return 0;
	}
}

void coproc_set_vcpu_reg(struct vcpu *vcpu, u32 key, u32 value)
{
	switch (key) {
#define CP15_VCPU32(name, opc1, crn, crm, opc2, access, trap, handler, user) \
	case CP15_KEY32_##name:                                              \
		set_##handler(vcpu, value);                                  \
		break;
#include "hyp/cp15.def"
	}
}

/*
 * Set/way operations reach one CPU's caches only, and the vCPU may migrate: clean and
 * invalidate all of the guest's memory by address instead.  Guests use set/way operations
 * when they switch their caches on or off, which HCR.TVM lets us see.
 */
static void emulate_set_way(struct vcpu *vcpu, struct cp15_access *acc)
{
	if (vcpu->hyp->hcr & HCR_TVM)
		return;
	stage2_flush_caches(vcpu->vm);
	vcpu->hyp->hcr |= HCR_TVM;
}

static bool vcpu_caches_on(struct vcpu *vcpu)
{
	return (vcpu->hyp->cp15.sctlr & (SCTLR_M | SCTLR_C)) == (SCTLR_M | SCTLR_C);
}

/* After a write that HCR.TVM trapped. */
static void update_tvm(struct vcpu *vcpu, bool were_on)
{
	if (vcpu_caches_on(vcpu) != were_on)
		stage2_flush_caches(vcpu->vm);
	if (vcpu_caches_on(vcpu))
		vcpu->hyp->hcr &= ~HCR_TVM;
}

static void emulate_switched32(struct vcpu *vcpu, struct cp15_access *acc)
{
	u32 *member = (void *)&vcpu->hyp->cp15 + acc->row->member;
	bool were_on = vcpu_caches_on(vcpu);

	if (!acc->write) {
		acc->value = *member;
		return;
	}
	*member = acc->value;
	update_tvm(vcpu, were_on);
}

/* In a 32-bit write to a 64-bit register, the high word of value is 0. */
static void emulate_switched64(struct vcpu *vcpu, struct cp15_access *acc)
{
	u64 *member = (void *)&vcpu->hyp->cp15 + acc->row->member;
	bool were_on = vcpu_caches_on(vcpu);

	if (!acc->write) {
		acc->value = *member;
		return;
	}
	*member = acc->value;
	update_tvm(vcpu, were_on);
}

static u32 read_cpu_id(u32 key)
{
	switch (key) {
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) \
	case CP15_KEY32_##name:                                   \
		return cpu_ids.name;
#include "hyp/cp15.def"
	default:
		return 0;
	}
}

/*
 * Guests see what the CPU has, but no ThumbEE (see hyp/cp14-other.c), no Virtualization
 * Extensions, no trace, a PMU only if the VMM wants one, and the debug registers that v7dbg offers.
 */
u32 coproc_read_id(struct vcpu *vcpu, u32 key)
{
	switch (key) {
	case CP15_KEY32_MPIDR:
		return vcpu->hyp->vmpidr;
	case CP15_KEY32_ID_PFR0:
		return read_cpu_id(key) & ~ID_PFR0_STATE3;
	case CP15_KEY32_ID_PFR1:
		return read_cpu_id(key) & ~ID_PFR1_VIRTUALIZATION;
	case CP15_KEY32_ID_DFR0:
		return v7dbg_id_dfr0(&machine.debug, read_cpu_id(key)) |
		       (vcpu->vpmu ? read_cpu_id(key) & ID_DFR0_PERFMON : 0);
	default:
		return read_cpu_id(key);
	}
}

void coproc_reset_answers(struct vcpu *vcpu)
{
	struct hyp_answers *answers = &vcpu->hyp->answers;
	u32 n;

	answers->on = true;
	answers->no_pmu = !vcpu->vpmu;
	answers->actlr = read_cp15(ACTLR);
	for (n = 0; n < HYP_ANSWERS_IDS; n++)
		answers->id[n] = coproc_read_id(vcpu, CP15_KEY32(0, 0, 1 + n / 8, n % 8));
}

static void emulate_id(struct vcpu *vcpu, struct cp15_access *acc)
{
	acc->value = coproc_read_id(vcpu, acc->row->first);
}

/* The register is the row's member. */
static void emulate_ptimer(struct vcpu *vcpu, struct cp15_access *acc)
{
	if (acc->write)
		ptimer_write(vcpu, acc->row->member, acc->value);
	else
		acc->value = ptimer_read(vcpu, acc->row->member);
}

/* The guest's CNTKCTL decides, whichever of UNDEFINED and the trap came first (B8.1.4). */
static bool pcount_open_to_pl0(const struct vcpu *vcpu, const struct cp15_access *acc)
{
	return vcpu->hyp->cp15.cntkctl & CNTKCTL_PL0PCTEN;
}

static bool ptimer_open_to_pl0(const struct vcpu *vcpu, const struct cp15_access *acc)
{
	return vcpu->hyp->cp15.cntkctl & CNTKCTL_PL0PTEN;
}

static void emulate_pmu(struct vcpu *vcpu, struct cp15_access *acc)
{
	if (!vcpu->vpmu)
		acc->value = 0;
	else if (acc->write)
		vpmu_write(vcpu, acc->row->member, acc->value);
	else
		acc->value = vpmu_read(vcpu, acc->row->member);
}

static bool pmu_open_to_pl0(const struct vcpu *vcpu, const struct cp15_access *acc)
{
	return vcpu->vpmu && vpmu_open_to_pl0(vcpu, acc->row->member, acc->write);
}

/* One for each word in cp15.def's column trap.  NONE makes no row. */
#define IF_TRAPPED_NONE(...)
#define IF_TRAPPED_PL1PCTEN(...) { __VA_ARGS__, .pl0 = pcount_open_to_pl0 },
#define IF_TRAPPED_PL1PCEN(...)	 { __VA_ARGS__, .pl0 = ptimer_open_to_pl0 },
#define IF_TRAPPED_T15(...)	 { __VA_ARGS__, .t15 = true },
#define IF_TRAPPED_TAC(...)	 { __VA_ARGS__ },
#define IF_TRAPPED_TID3(...)	 { __VA_ARGS__ },
#define IF_TRAPPED_TIDCP(...)	 { __VA_ARGS__ },
#define IF_TRAPPED_TPM(...)	 { __VA_ARGS__, .pl0 = pmu_open_to_pl0 },
#define IF_TRAPPED_TSW(...)	 { __VA_ARGS__ },
#define IF_TRAPPED_TVM(...)	 { __VA_ARGS__ },

#define ROW(trap, key, access, emulate) IF_TRAPPED_##trap(key, key, ACCESS_##access, 0, emulate)
#define ROW_MEMBER(trap, key, access, emulate, member) \
	IF_TRAPPED_##trap(key, key, ACCESS_##access, offsetof(struct hyp_cp15, member), emulate)

#define ROW_PTIMER(trap, key, access, reg) \
	IF_TRAPPED_##trap(key, key, ACCESS_##access, PTIMER_##reg, emulate_ptimer)

static const struct cp15_row rows[] = {
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	ROW_MEMBER(trap, CP15_KEY32_##name, access, emulate_switched32, member)
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	ROW_MEMBER(trap, CP15_KEY64_##name, access, emulate_switched64, member)
#define CP15_LOW32(name, opc1, crn, crm, opc2, access, trap, member) \
	ROW_MEMBER(trap, CP15_KEY32_##name, access, emulate_switched64, member)
#define CP15_PTIMER32(name, opc1, crn, crm, opc2, access, trap, reg, user) \
	ROW_PTIMER(trap, CP15_KEY32_##name, access, reg)
#define CP15_PTIMER64(name, opc1, crm, access, trap, reg, user) \
	ROW_PTIMER(trap, CP15_KEY64_##name, access, reg)
#define CP15_PMU32(name, opc1, crn, crm, opc2, access, trap, user)                           \
	IF_TRAPPED_##trap(CP15_KEY32_##name, CP15_KEY32_##name, ACCESS_##access, PMU_##name, \
			  emulate_pmu)
#define CP15_ID32(name, opc1, crn, crm, opc2, access, trap, user) \
	ROW(trap, CP15_KEY32_##name, access, emulate_id)
#define CP15_EMULATED32(name, opc1, crn, crm, opc2, access, trap, handler) \
	ROW(trap, CP15_KEY32_##name, access, emulate_##handler)
#define CP15_VCPU32(name, opc1, crn, crm, opc2, access, trap, handler, user) \
	ROW(trap, CP15_KEY32_##name, access, emulate_##handler)
#define CP15_RESERVED32(opc1, crn, crm, first, last, access, trap)                     \
	IF_TRAPPED_##trap(CP15_KEY32_RESERVED_##crm, CP15_KEY32_RESERVED_##crm##_LAST, \
			  ACCESS_##access, 0, emulate_raz_wi)
#include "hyp/cp15.def"
};

static int compare_row(const void *key, const void *element)
{
	const struct cp15_row *row = element;
	u32 wanted = *(const u32 *)key;

	return wanted < row->first ? -1 : wanted > row->last;
}

/* Returns false if the access is UNDEFINED.  The search is inline: this is every access. */
static bool emulate(struct vcpu *vcpu, u32 key, struct cp15_access *acc)
{
	acc->row = __inline_bsearch(&key, rows, ARRAY_SIZE(rows), sizeof(rows[0]), compare_row);
	if (!acc->row || !(acc->row->access & (acc->write ? ACCESS_WO : ACCESS_RO)))
		return false;
	if (acc->row->t15 && !midr_has_diagnostic(cpu_ids.MIDR))
		return false;
	/*
	 * HCR.TIDCP, HDCR.TPM and CNTHCTL trap accesses from PL0 too (B1.14.3, B1.14.9,
	 * B8.1.4).  There they are UNDEFINED unless the guest has opened them: the L2 registers
	 * belong to PL1.
	 */
	if (vcpu_in_user_mode(vcpu) && !(acc->row->pl0 && acc->row->pl0(vcpu, acc)))
		return false;
	acc->row->emulate(vcpu, acc);
	return true;
}

int coproc_handle_cp15_32(struct vcpu *vcpu)
{
	u32 hsr = vcpu->hyp->hsr, rt = HSR_RT(hsr);
	struct cp15_access acc = { .write = !(hsr & HSR_READ) };

	vcpu->hyp->answers.on = true; /* until the next entry finds a tracepoint enabled */
	trace_kvm_emulate_cp15_imp(HSR_OPC1(hsr), rt, HSR_CRN(hsr), HSR_CRM(hsr), HSR_OPC2(hsr),
				   acc.write);
	if (acc.write)
		acc.value = *vcpu_reg(vcpu, rt);
	if (!emulate(vcpu, CP15_KEY32(HSR_OPC1(hsr), HSR_CRN(hsr), HSR_CRM(hsr), HSR_OPC2(hsr)),
		     &acc)) {
		vcpu_inject(vcpu, V7DBG_EXC_UNDEF, 0);
		return 1;
	}
	if (!acc.write && rt != 15)
		*vcpu_reg(vcpu, rt) = acc.value;
	vcpu_skip_insn(vcpu);
	return 1;
}

int coproc_handle_cp15_64(struct vcpu *vcpu)
{
	u32 hsr = vcpu->hyp->hsr, rt = HSR_RT(hsr), rt2 = HSR_RT2(hsr);
	struct cp15_access acc = { .write = !(hsr & HSR_READ) };

	if (acc.write)
		acc.value = (u64)*vcpu_reg(vcpu, rt2) << 32 | *vcpu_reg(vcpu, rt);
	if (!emulate(vcpu, CP15_KEY64(HSR_OPC1_64(hsr), HSR_CRM(hsr)), &acc)) {
		vcpu_inject(vcpu, V7DBG_EXC_UNDEF, 0);
		return 1;
	}
	if (!acc.write) {
		*vcpu_reg(vcpu, rt) = lower_32_bits(acc.value);
		*vcpu_reg(vcpu, rt2) = upper_32_bits(acc.value);
	}
	vcpu_skip_insn(vcpu);
	return 1;
}
