/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a hypervisor must know about the instruction that trapped: whether its condition
 * holds, how long it is, and how it advances the IT state.  Pure functions of CPSR and
 * HSR, used by HYP and by the kernel side.
 */
#ifndef HYP_GUEST_INSN_H
#define HYP_GUEST_INSN_H

#include "../../v7dbg/v7dbg_env.h"
#include "sysreg-bits.h"

/* ITSTATE, A2.5.2: [7:2] are CPSR[15:10], [1:0] are CPSR[26:25]. */
static inline uint32_t guest_itstate(uint32_t cpsr)
{
	return ((cpsr >> 8) & 0xfc) | ((cpsr >> 25) & 3);
}

/* ITAdvance(), A2.5.2: CPSR after one more instruction of the block. */
static inline uint32_t guest_it_advance(uint32_t cpsr)
{
	uint32_t it = guest_itstate(cpsr);

	if (!(cpsr & PSR_T) || !it)
		return cpsr;
	if (it & 7)
		it = (it & 0xe0) | ((it << 1) & 0x1f);
	else
		it = 0;
	cpsr &= ~PSR_IT;
	return cpsr | ((it & 0xfc) << 8) | ((it & 3) << 25);
}

/*
 * PC and CPSR with which a CPU may enter the guest.  An exception return to an address that
 * is not aligned for the instruction set, to ARM state with IT bits set, or to Jazelle state,
 * is UNPREDICTABLE (A2.5.1, A2.5.2, B9.3.4).  User space, PSCI and BXJ can ask for the first
 * two; a BXJ or a load of PC in ThumbEE state, for the last.
 */
static inline uint32_t guest_legal_pc(uint32_t pc, uint32_t cpsr)
{
	return cpsr & PSR_T ? pc & ~1u : pc & ~3u;
}

static inline uint32_t guest_legal_cpsr(uint32_t cpsr)
{
	return cpsr & PSR_T ? cpsr : cpsr & ~(PSR_IT | PSR_J);
}

/* In bytes.  HSR.IL is valid for every trapped instruction that we emulate. */
static inline uint32_t guest_insn_length(uint32_t hsr)
{
	return hsr & HSR_IL ? 4 : 2;
}

/*
 * ConditionPassed(), A8.3.1.  A CPU may trap an instruction whose condition fails
 * (B1.14.3); the instruction must then do nothing.  HSR.COND is not valid for every Thumb
 * instruction (HSR.CV is 0): then the IT state decides.
 */
static inline bool guest_cond_passed(uint32_t hsr, uint32_t cpsr)
{
	uint32_t cond = 14;
	bool result;

	if (hsr & HSR_CV)
		cond = HSR_COND(hsr);
	else if ((cpsr & PSR_T) && guest_itstate(cpsr))
		cond = guest_itstate(cpsr) >> 4;

	switch (cond >> 1) {
	case 0:
		result = cpsr & PSR_Z;
		break;
	case 1:
		result = cpsr & PSR_C;
		break;
	case 2:
		result = cpsr & PSR_N;
		break;
	case 3:
		result = cpsr & PSR_V;
		break;
	case 4:
		result = (cpsr & PSR_C) && !(cpsr & PSR_Z);
		break;
	case 5:
		result = !(cpsr & PSR_N) == !(cpsr & PSR_V);
		break;
	case 6:
		result = !(cpsr & PSR_N) == !(cpsr & PSR_V) && !(cpsr & PSR_Z);
		break;
	default:
		return true;
	}
	return cond & 1 ? !result : result;
}

#endif /* HYP_GUEST_INSN_H */
