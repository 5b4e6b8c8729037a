// SPDX-License-Identifier: GPL-2.0-only
/*
 * What HYP answers itself, from struct hyp_answers, instead of leaving the guest: CP15
 * registers that are constant for a vCPU or absent, and calls about versions.  Neither
 * function tells the kernel, so each does nothing while a tracepoint wants these exits.
 * run/coproc.c and run/psci.c answer the same accesses and calls then.
 */
#include "hyp.h"
#include "calls.h"

/*
 * HSR.ISS of MCR and MRC.  All registers here have opc1 0; CRm and opc2 are one number, in
 * the order of the manual's tables (B3.17.1).
 */
#define PLACE(crm, opc2) ((crm) << 3 | (opc2))

/* c9: which of the performance monitors can be read and written.  Bit 0 is c12, 0. */
#define PMU_FIRST	   PLACE(12, 0)
#define PMU_BIT(crm, opc2) (1u << (PLACE(crm, opc2) - PMU_FIRST))
#define READABLE_RO(bit)   (bit)
#define READABLE_RW(bit)   (bit)
#define READABLE_WO(bit)   0
#define WRITABLE_RO(bit)   0
#define WRITABLE_RW(bit)   (bit)
#define WRITABLE_WO(bit)   (bit)

static const uint32_t pmu_readable = 0
#define CP15_PMU32(name, opc1, crn, crm, opc2, access, trap, user) \
	| READABLE_##access(PMU_BIT(crm, opc2))
#include "cp15.def"
	;

static const uint32_t pmu_writable = 0
#define CP15_PMU32(name, opc1, crn, crm, opc2, access, trap, user) \
	| WRITABLE_##access(PMU_BIT(crm, opc2))
#include "cp15.def"
	;

/* The functions below know where these registers are. */
#define CP15_PMU32(name, opc1, crn, crm, opc2, access, trap, user) \
	V7DBG_STATIC_ASSERT(opc1 == 0 && crn == 9 && crm >= 12 && crm <= 14, #name);
#define CP15_RESERVED32(opc1, crn, crm, first, last, access, trap) \
	V7DBG_STATIC_ASSERT(opc1 == 0 && crn == 0 && crm >= 2 && crm <= 7, "reserved");
#include "cp15.def"
V7DBG_STATIC_ASSERT(CP15_KEY32_ACTLR == CP15_KEY32(0, 1, 0, 1), "ACTLR");
V7DBG_STATIC_ASSERT(CP15_KEY32_ID_PFR0 == CP15_KEY32(0, 0, 1, 0), "the first of id[]");
V7DBG_STATIC_ASSERT(CP15_KEY32_RESERVED_7_LAST == CP15_KEY32(0, 0, 7, 7),
		    "the last that TID3 traps");

/* c0, c1 to c7: HCR.TID3 (B1.14.3). */
static bool read_id(const struct hyp_answers *answers, uint32_t place, uint32_t *rt)
{
	uint32_t n = place - PLACE(1, 0);

	if (n > PLACE(7, 7) - PLACE(1, 0))
		return false;
	*rt = n < HYP_ANSWERS_IDS ? answers->id[n] : 0;
	return true;
}

/* RAZ/WI. */
static bool access_absent_pmu(uint32_t place, bool read, uint32_t *rt)
{
	uint32_t n = place - PMU_FIRST;

	if (n >= 32 || !((read ? pmu_readable : pmu_writable) >> n & 1))
		return false;
	if (read)
		*rt = 0;
	return true;
}

static bool answer_cp15(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	const struct hyp_answers *answers = &vcpu->answers;
	uint32_t place = PLACE(HSR_CRM(hsr), HSR_OPC2(hsr)), *rt = &vcpu->regs.usr[HSR_RT(hsr)];
	bool read = hsr & HSR_READ;

	if (HSR_OPC1(hsr))
		return false;
	switch (HSR_CRN(hsr)) {
	case 0:
		return read && read_id(answers, place, rt);
	case 1:
		if (!read || place != PLACE(0, 1))
			return false;
		*rt = answers->actlr;
		return true;
	case 9:
		return answers->no_pmu && access_absent_pmu(place, read, rt);
	default:
		return false;
	}
}

/* In which the calls that hyp_answer_hvc() knows differ. */
#define CALL_ANSWERED_BITS \
	((CALL_SMCCC_VERSION ^ CALL_PSCI_VERSION) | (CALL_SMCCC_VERSION ^ CALL_PSCI_FEATURES))

static enum hyp_exit leave_to_kernel(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	vcpu->hsr = hsr;
	return HYP_EXIT_TRAP;
}

enum hyp_exit hyp_answer_cp15(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	if (!vcpu->answers.on || !hyp_guest_plain(hsr) || !answer_cp15(vcpu, hsr))
		return leave_to_kernel(vcpu, hsr);
	hyp_guest_skip_plain();
	return HYP_EXIT_NONE;
}

/* The PC is already past the HVC (B1.8.9). */
enum hyp_exit hyp_answer_hvc(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	uint32_t *r = vcpu->regs.usr, version;

	/* First what tells most other calls from all of those below. */
	if ((r[0] & ~CALL_ANSWERED_BITS) != CALL_SMCCC_VERSION)
		return leave_to_kernel(vcpu, hsr);
	version = vcpu->answers.psci_version;
	if (!vcpu->answers.on || !version)
		return leave_to_kernel(vcpu, hsr);
	switch (r[0]) {
	case CALL_SMCCC_VERSION:
		r[0] = CALL_SMCCC_VERSION_VALUE;
		return HYP_EXIT_NONE;
	case CALL_PSCI_VERSION:
		r[0] = version;
		return HYP_EXIT_NONE;
	case CALL_PSCI_FEATURES:
		r[0] = version >= CALL_PSCI_1_0 ? call_features(r[1]) : CALL_NOT_SUPPORTED;
		return HYP_EXIT_NONE;
	default:
		return leave_to_kernel(vcpu, hsr);
	}
}
