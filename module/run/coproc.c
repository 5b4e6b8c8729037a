// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trapped CP15 accesses.  A row of the table is an encoding and who answers for
 * it; what has no row is UNDEFINED for the guest.  Rows are in order of encoding,
 * which is checked when the module loads.
 */
#include <linux/bsearch.h>
#include <asm/cputype.h>

#include "core/guest-regs.h"
#include "core/vm.h"
#include "hyp/guest-insn.h"
#include "hyp/sysreg-bits.h"
#include "machine/machine.h"
#include "memory/stage2.h"
#include "run/coproc.h"

struct cp15_access {
	u32 key;
	bool write;
	u32 value;  /* written, or read */
	u32 value2; /* high word of MCRR */
};

/* Returns false for UNDEFINED. */
typedef bool (*cp15_handler)(struct vcpu *vcpu, struct cp15_access *acc);

struct cp15_row {
	u32 key;
	cp15_handler handler;
	u16 field; /* offset in struct hyp_cp15, for switched registers */
};

#define KEY(opc1, crn, crm, opc2) ((crn) << 11 | (crm) << 7 | (opc1) << 3 | (opc2))

static bool in_user_mode(struct vcpu *vcpu)
{
	return (*vcpu_cpsr(vcpu) & PSR_MODE) == PSR_USR;
}

static bool raz_wi(struct vcpu *vcpu, struct cp15_access *acc)
{
	acc->value = 0;
	return true;
}

/* No PMU: as ID_DFR0 says. */
static bool access_pmu(struct vcpu *vcpu, struct cp15_access *acc)
{
	return raz_wi(vcpu, acc);
}

static bool access_actlr(struct vcpu *vcpu, struct cp15_access *acc)
{
	acc->value = vcpu->actlr; /* writes are ignored, as where NSACR keeps them out */
	return true;
}

/* NumCPUs is the guest's, the rest is the CPU's (A15 TRM 4.3.60, A7 TRM 4.3.59). */
static bool access_l2ctlr(struct vcpu *vcpu, struct cp15_access *acc)
{
	u32 l2ctlr, cpus = 0, n;

	asm("mrc p15, 1, %0, c9, c0, 2" : "=r"(l2ctlr));
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		cpus += !!vcpu->vm->vcpus[n];
	acc->value = (l2ctlr & ~(3u << 24)) | (min(cpus, 4u) - 1) << 24;
	return true;
}

/*
 * Set/way operations reach one CPU's caches only, and the vCPU may move: clean
 * and invalidate all of the guest's memory by address instead.  A guest uses them
 * around switching its caches on or off; HCR.TVM tells when that happens.
 */
static bool access_set_way(struct vcpu *vcpu, struct cp15_access *acc)
{
	if (!acc->write)
		return false;
	if (!(vcpu->hyp->hcr & HCR_TVM)) {
		stage2_flush_caches(vcpu->vm);
		vcpu->hyp->hcr |= HCR_TVM;
	}
	return true;
}

static bool caches_on(struct vcpu *vcpu)
{
	return (vcpu->hyp->cp15.sctlr & (SCTLR_M | SCTLR_C)) == (SCTLR_M | SCTLR_C);
}

/* A write to a translation control register while HCR.TVM is set. */
static void after_vm_write(struct vcpu *vcpu, bool were_on)
{
	if (caches_on(vcpu) != were_on)
		stage2_flush_caches(vcpu->vm);
	if (caches_on(vcpu))
		vcpu->hyp->hcr &= ~HCR_TVM;
}

static const struct cp15_row *find_row(u32 key);

static bool access_vm(struct vcpu *vcpu, struct cp15_access *acc)
{
	u32 *field = (void *)&vcpu->hyp->cp15 + find_row(acc->key)->field;
	bool were_on = caches_on(vcpu);

	if (!acc->write) {
		acc->value = *field;
		return true;
	}
	/* TTBR0 and TTBR1: the 32-bit form leaves the upper half zero (B4.1). */
	if (field == (u32 *)&vcpu->hyp->cp15.ttbr0)
		vcpu->hyp->cp15.ttbr0 = acc->value;
	else if (field == (u32 *)&vcpu->hyp->cp15.ttbr1)
		vcpu->hyp->cp15.ttbr1 = acc->value;
	else
		*field = acc->value;
	after_vm_write(vcpu, were_on);
	return true;
}

/*
 * What guests see of the CPU: no ThumbEE (see hyp/cp14-other.c), no
 * Virtualization Extensions, no trace, no PMU, and debug as v7dbg says.
 */
static bool access_id(struct vcpu *vcpu, struct cp15_access *acc)
{
	u32 value = 0;

	if (acc->write)
		return false;
	switch (acc->key) {
#define CP15_ID(name, opc1, crn, crm, opc2)                                                \
	case KEY(opc1, crn, crm, opc2):                                                    \
		asm("mrc p15, " #opc1 ", %0, c" #crn ", c" #crm ", " #opc2 : "=r"(value)); \
		break;
#include "hyp/cp15-id.def"
#undef CP15_ID
	}
	switch (acc->key) {
	case KEY(0, 0, 1, 0): /* ID_PFR0.State3 */
		value &= ~0xf000u;
		break;
	case KEY(0, 0, 1, 1): /* ID_PFR1.Virtualization */
		value &= ~0xf000u;
		break;
	case KEY(0, 0, 1, 2):
		value = v7dbg_id_dfr0(&machine.debug, value);
		break;
	}
	acc->value = value;
	return true;
}

#define ROW(opc1, crn, crm, opc2, handler)            \
	{                                             \
		KEY(opc1, crn, crm, opc2), handler, 0 \
	}
#define VM_ROW(opc1, crn, crm, opc2, name)                                            \
	{                                                                             \
		KEY(opc1, crn, crm, opc2), access_vm, offsetof(struct hyp_cp15, name) \
	}
/* Eight encodings in a row that read as zero: reserved ID registers. */
#define ID_ROWS(crm)                                                                              \
	ROW(0, 0, crm, 0, access_id), ROW(0, 0, crm, 1, access_id), ROW(0, 0, crm, 2, access_id), \
		ROW(0, 0, crm, 3, access_id), ROW(0, 0, crm, 4, access_id),                       \
		ROW(0, 0, crm, 5, access_id), ROW(0, 0, crm, 6, access_id),                       \
		ROW(0, 0, crm, 7, access_id)

static const struct cp15_row rows[] = {
	ID_ROWS(1),
	ID_ROWS(2),
	ID_ROWS(3),
	ID_ROWS(4),
	ID_ROWS(5),
	ID_ROWS(6),
	ID_ROWS(7),
	VM_ROW(0, 1, 0, 0, sctlr),
	ROW(0, 1, 0, 1, access_actlr),
	VM_ROW(0, 2, 0, 0, ttbr0),
	VM_ROW(0, 2, 0, 1, ttbr1),
	VM_ROW(0, 2, 0, 2, ttbcr),
	VM_ROW(0, 3, 0, 0, dacr),
	VM_ROW(0, 5, 0, 0, dfsr),
	VM_ROW(0, 5, 0, 1, ifsr),
	VM_ROW(0, 5, 1, 0, adfsr),
	VM_ROW(0, 5, 1, 1, aifsr),
	VM_ROW(0, 6, 0, 0, dfar),
	VM_ROW(0, 6, 0, 2, ifar),
	ROW(0, 7, 6, 2, access_set_way),  /* DCISW */
	ROW(0, 7, 10, 2, access_set_way), /* DCCSW */
	ROW(0, 7, 14, 2, access_set_way), /* DCCISW */
	ROW(1, 9, 0, 2, access_l2ctlr),
	ROW(1, 9, 0, 3, raz_wi),      /* L2ECTLR */
	ROW(0, 9, 12, 0, access_pmu), /* PMCR */
	ROW(0, 9, 12, 1, access_pmu), /* PMCNTENSET */
	ROW(0, 9, 12, 2, access_pmu), /* PMCNTENCLR */
	ROW(0, 9, 12, 3, access_pmu), /* PMOVSR */
	ROW(0, 9, 12, 4, access_pmu), /* PMSWINC */
	ROW(0, 9, 12, 5, access_pmu), /* PMSELR */
	ROW(0, 9, 12, 6, access_pmu), /* PMCEID0 */
	ROW(0, 9, 12, 7, access_pmu), /* PMCEID1 */
	ROW(0, 9, 13, 0, access_pmu), /* PMCCNTR */
	ROW(0, 9, 13, 1, access_pmu), /* PMXEVTYPER */
	ROW(0, 9, 13, 2, access_pmu), /* PMXEVCNTR */
	ROW(0, 9, 14, 0, access_pmu), /* PMUSERENR */
	ROW(0, 9, 14, 1, access_pmu), /* PMINTENSET */
	ROW(0, 9, 14, 2, access_pmu), /* PMINTENCLR */
	ROW(0, 9, 14, 3, access_pmu), /* PMOVSSET */
	VM_ROW(0, 10, 2, 0, prrr),
	VM_ROW(0, 10, 2, 1, nmrr),
	VM_ROW(0, 10, 3, 0, amair0),
	VM_ROW(0, 10, 3, 1, amair1),
	VM_ROW(0, 13, 0, 1, contextidr),
};

static int compare(const void *key, const void *row)
{
	u32 a = *(const u32 *)key, b = ((const struct cp15_row *)row)->key;

	return a < b ? -1 : a > b;
}

static const struct cp15_row *find_row(u32 key)
{
	return bsearch(&key, rows, ARRAY_SIZE(rows), sizeof(rows[0]), compare);
}

int coproc_check_table(void)
{
	unsigned int n;

	for (n = 1; n < ARRAY_SIZE(rows); n++) {
		if (rows[n - 1].key >= rows[n].key) {
			pr_err("kvm_armv7: CP15 table out of order at row %u\n", n);
			return -EINVAL;
		}
	}
	return 0;
}

/* HSR for MRC and MCR, table B3-29. */
int handle_cp15_32(struct vcpu *vcpu)
{
	u32 hsr = vcpu->hyp->hsr;
	struct cp15_access acc = {
		.key = KEY((hsr >> 14) & 7, (hsr >> 10) & 0xf, (hsr >> 1) & 0xf, (hsr >> 17) & 7),
		.write = !(hsr & 1),
	};
	u32 rt = (hsr >> 5) & 0xf;
	const struct cp15_row *row = find_row(acc.key);

	if (acc.write)
		acc.value = *vcpu_reg(vcpu, rt);
	/*
	 * HCR.TIDCP and HDCR.TPM trap from PL0 too (B1.14.3, B1.14.9), where nothing of
	 * it is: the caches' registers are of PL1, and PMUSERENR.EN is 0.
	 */
	if (!row || in_user_mode(vcpu) || !row->handler(vcpu, &acc)) {
		vcpu_inject(vcpu, V7DBG_EXC_UNDEF, 0);
		return 1;
	}
	if (!acc.write && rt != 15)
		*vcpu_reg(vcpu, rt) = acc.value;
	vcpu_skip_insn(vcpu);
	return 1;
}

/*
 * MCRR while HCR.TVM is set: TTBR0 and TTBR1.  Other 64-bit registers that trap
 * are the physical timer's, which guests do not have.
 */
int handle_cp15_64(struct vcpu *vcpu)
{
	u32 hsr = vcpu->hyp->hsr;
	u32 opc1 = (hsr >> 16) & 0xf, crm = (hsr >> 1) & 0xf;
	u32 rt = (hsr >> 5) & 0xf, rt2 = (hsr >> 10) & 0xf;
	bool were_on = caches_on(vcpu);
	u64 value;

	if ((hsr & 1) || crm != 2 || opc1 > 1) {
		vcpu_inject(vcpu, V7DBG_EXC_UNDEF, 0);
		return 1;
	}
	value = (u64)*vcpu_reg(vcpu, rt2) << 32 | *vcpu_reg(vcpu, rt);
	if (opc1)
		vcpu->hyp->cp15.ttbr1 = value;
	else
		vcpu->hyp->cp15.ttbr0 = value;
	after_vm_write(vcpu, were_on);
	vcpu_skip_insn(vcpu);
	return 1;
}
