/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How a guest takes an exception that the hypervisor gives it, B1.8.3 and B1.9.
 *
 * Inline, so that a hypervisor's way for one kind of exception has no code for the others.
 */
#ifndef V7DBG_REFLECT_H
#define V7DBG_REFLECT_H

#include "v7dbg_int.h"

#define V7DBG_CPSR_MODE_ABT 0x17u
#define V7DBG_CPSR_MODE_UND 0x1bu
#define V7DBG_CPSR_T	    (1u << 5)
#define V7DBG_CPSR_F	    (1u << 6)
#define V7DBG_CPSR_I	    (1u << 7)
#define V7DBG_CPSR_A	    (1u << 8)
#define V7DBG_CPSR_E	    (1u << 9)
#define V7DBG_CPSR_FLAGS    0xf80f0000u /* N, Z, C, V, Q and GE, which no exception changes */

#define V7DBG_SCTLR_V	(1u << 13)
#define V7DBG_SCTLR_EE	(1u << 25)
#define V7DBG_SCTLR_TE	(1u << 30)
#define V7DBG_TTBCR_EAE (1u << 31)

#define V7DBG_VECTOR_UNDEF    0x04u
#define V7DBG_VECTOR_PREFETCH 0x0cu
#define V7DBG_VECTOR_DATA     0x10u
#define V7DBG_VECTORS_HIGH    0xffff0000u
/* VBAR[4:0] are reserved and may read as anything (B4.1, VBAR). */
#define V7DBG_VBAR_BASE 0xffffffe0u

/* Fault status, B3.13.3: short-descriptor and LPAE formats. */
#define V7DBG_FSR_LPAE	      (1u << 9)
#define V7DBG_FS_DEBUG	      0x02u
#define V7DBG_FS_EXTERNAL     0x08u
#define V7DBG_STATUS_DEBUG    0x22u
#define V7DBG_STATUS_EXTERNAL 0x10u
#define V7DBG_DFSR_WNR	      (1u << 11)
#define V7DBG_DFSR_CM	      (1u << 13)
#define V7DBG_HSR_WNR	      (1u << 6)
#define V7DBG_HSR_CM	      (1u << 8)

V7DBG_INLINE uint32_t v7dbg_fault_status(const struct v7dbg_guest *guest, bool debug, bool data)
{
	uint32_t fsr;

	if (guest->ttbcr & V7DBG_TTBCR_EAE)
		fsr = V7DBG_FSR_LPAE | (debug ? V7DBG_STATUS_DEBUG : V7DBG_STATUS_EXTERNAL);
	else
		fsr = debug ? V7DBG_FS_DEBUG : V7DBG_FS_EXTERNAL;
	if (data && (guest->hsr & V7DBG_HSR_WNR))
		fsr |= V7DBG_DFSR_WNR;
	if (data && (guest->hsr & V7DBG_HSR_CM))
		fsr |= V7DBG_DFSR_CM;
	return fsr;
}

/* IT and J are 0, T and E as SCTLR says, I is set, F is kept. */
V7DBG_INLINE uint32_t v7dbg_new_cpsr(const struct v7dbg_guest *guest, uint32_t mode, uint32_t async)
{
	uint32_t cpsr = (guest->cpsr & (V7DBG_CPSR_FLAGS | V7DBG_CPSR_F)) | V7DBG_CPSR_I | async |
			mode;

	if (guest->sctlr & V7DBG_SCTLR_TE)
		cpsr |= V7DBG_CPSR_T;
	if (guest->sctlr & V7DBG_SCTLR_EE)
		cpsr |= V7DBG_CPSR_E;
	return cpsr;
}

V7DBG_INLINE void v7dbg_make_entry(enum v7dbg_exception kind, const struct v7dbg_guest *guest,
				   struct v7dbg_entry *entry)
{
	uint32_t vectors = guest->sctlr & V7DBG_SCTLR_V ? V7DBG_VECTORS_HIGH
							: guest->vbar & V7DBG_VBAR_BASE;
	bool debug = kind == V7DBG_EXC_PREFETCH_DEBUG || kind == V7DBG_EXC_DATA_DEBUG;

	entry->spsr = guest->cpsr;
	entry->fsr = 0;
	if (kind == V7DBG_EXC_UNDEF) {
		entry->pc = vectors + V7DBG_VECTOR_UNDEF;
		entry->lr = guest->pc + (guest->cpsr & V7DBG_CPSR_T ? 2 : 4);
		entry->cpsr =
			v7dbg_new_cpsr(guest, V7DBG_CPSR_MODE_UND, guest->cpsr & V7DBG_CPSR_A);
	} else if (kind == V7DBG_EXC_DATA_DEBUG || kind == V7DBG_EXC_DATA_EXT) {
		entry->pc = vectors + V7DBG_VECTOR_DATA;
		entry->lr = guest->pc + 8;
		entry->cpsr = v7dbg_new_cpsr(guest, V7DBG_CPSR_MODE_ABT, V7DBG_CPSR_A);
		entry->fsr = v7dbg_fault_status(guest, debug, true);
	} else {
		entry->pc = vectors + V7DBG_VECTOR_PREFETCH;
		entry->lr = guest->pc + 4;
		entry->cpsr = v7dbg_new_cpsr(guest, V7DBG_CPSR_MODE_ABT, V7DBG_CPSR_A);
		entry->fsr = v7dbg_fault_status(guest, debug, false);
	}
}

#endif /* V7DBG_REFLECT_H */
