/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a hypervisor has to know of the instruction that trapped: whether its
 * condition holds, how long it is, how the IT state goes on, and which register
 * a number means in which mode.  Pure functions of CPSR and HSR, used in HYP and
 * in the module.
 */
#ifndef KVM_ARMV7_GUEST_INSN_H
#define KVM_ARMV7_GUEST_INSN_H

#include "../../v7dbg/v7dbg_env.h"

/* CPSR, B1.3.3; spelt without the kernel's macros, which HYP does not have. */
#define PSR_MODE 0x1fu
#define PSR_USR	 0x10u
#define PSR_FIQ	 0x11u
#define PSR_IRQ	 0x12u
#define PSR_SVC	 0x13u
#define PSR_ABT	 0x17u
#define PSR_UND	 0x1bu
#define PSR_SYS	 0x1fu
#define PSR_T	 (1u << 5)
#define PSR_F	 (1u << 6)
#define PSR_I	 (1u << 7)
#define PSR_A	 (1u << 8)
#define PSR_E	 (1u << 9)

/* A register as a mode sees it, for switches. */
#define GUEST_REG(mode, n) (((mode) << 4) | (n))

/* HSR, B3.13.6 */
#define HSR_EC_SHIFT   26
#define HSR_IL	       (1u << 25)
#define HSR_CV	       (1u << 24)
#define HSR_COND_SHIFT 20

#define HSR_EC(hsr) ((hsr) >> HSR_EC_SHIFT)
#define EC_UNKNOWN  0x00
#define EC_WFX	    0x01
#define EC_CP15_32  0x03
#define EC_CP15_64  0x04
#define EC_CP14_32  0x05
#define EC_CP14_LS  0x06
#define EC_HCPTR    0x07
#define EC_CP10_ID  0x08
#define EC_BXJ	    0x0a
#define EC_CP14_64  0x0c
#define EC_HVC	    0x12
#define EC_SMC	    0x13
#define EC_PABT	    0x20
#define EC_PABT_HYP 0x21
#define EC_DABT	    0x24
#define EC_DABT_HYP 0x25

#define FSC_DEBUG 0x22u

/* ITSTATE, A2.5.2: [7:2] are CPSR[15:10], [1:0] are CPSR[26:25]. */
static inline uint32_t guest_itstate(uint32_t cpsr)
{
	return ((cpsr >> 8) & 0xfc) | ((cpsr >> 25) & 3);
}

/* ITAdvance(), A2.5.2: what CPSR is after one more instruction of the block. */
static inline uint32_t guest_it_advance(uint32_t cpsr)
{
	uint32_t it = guest_itstate(cpsr);

	if (!(cpsr & PSR_T) || !it)
		return cpsr;
	if (it & 7)
		it = (it & 0xe0) | ((it << 1) & 0x1f);
	else
		it = 0;
	cpsr &= ~0x0600fc00u;
	return cpsr | ((it & 0xfc) << 8) | ((it & 3) << 25);
}

/* Bytes; HSR.IL is valid for every trapped instruction that is emulated. */
static inline uint32_t guest_insn_length(uint32_t hsr)
{
	return hsr & HSR_IL ? 4 : 2;
}

/*
 * ConditionPassed(), A8.3.1.  An instruction that traps although its condition
 * fails is allowed (B1.14.3), and must then do nothing.  HSR.COND is not valid
 * for every Thumb instruction (HSR.CV is 0): the IT state decides then.
 */
static inline bool guest_cond_passed(uint32_t hsr, uint32_t cpsr)
{
	uint32_t cond = 14;
	bool n = cpsr >> 31 & 1;
	bool z = cpsr >> 30 & 1;
	bool c = cpsr >> 29 & 1;
	bool v = cpsr >> 28 & 1;
	bool result;

	if (hsr & HSR_CV)
		cond = (hsr >> HSR_COND_SHIFT) & 0xf;
	else if ((cpsr & PSR_T) && guest_itstate(cpsr))
		cond = guest_itstate(cpsr) >> 4;

	switch (cond >> 1) {
	case 0:
		result = z;
		break;
	case 1:
		result = c;
		break;
	case 2:
		result = n;
		break;
	case 3:
		result = v;
		break;
	case 4:
		result = c && !z;
		break;
	case 5:
		result = n == v;
		break;
	case 6:
		result = n == v && !z;
		break;
	default:
		return true;
	}
	return cond & 1 ? !result : result;
}

#endif /* KVM_ARMV7_GUEST_INSN_H */
