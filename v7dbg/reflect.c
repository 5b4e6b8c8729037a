// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* How a guest takes an exception that the hypervisor gives it, B1.8.3 and B1.9. */
#include "v7dbg_int.h"

#define CPSR_MODE_ABT 0x17u
#define CPSR_MODE_UND 0x1bu
#define CPSR_T	      (1u << 5)
#define CPSR_F	      (1u << 6)
#define CPSR_I	      (1u << 7)
#define CPSR_A	      (1u << 8)
#define CPSR_E	      (1u << 9)
#define CPSR_FLAGS    0xf80f0000u /* N, Z, C, V, Q and GE, which no exception changes */

#define SCTLR_V	  (1u << 13)
#define SCTLR_EE  (1u << 25)
#define SCTLR_TE  (1u << 30)
#define TTBCR_EAE (1u << 31)

#define VECTOR_UNDEF	0x04u
#define VECTOR_PREFETCH 0x0cu
#define VECTOR_DATA	0x10u
#define VECTORS_HIGH	0xffff0000u
/* VBAR[4:0] are reserved and may read as anything (B4.1, VBAR). */
#define VBAR_BASE 0xffffffe0u

/* Fault status, B3.13.3: short-descriptor and LPAE formats. */
#define FSR_LPAE	(1u << 9)
#define FS_DEBUG	0x02u
#define FS_EXTERNAL	0x08u
#define STATUS_DEBUG	0x22u
#define STATUS_EXTERNAL 0x10u
#define DFSR_WNR	(1u << 11)
#define DFSR_CM		(1u << 13)
#define HSR_WNR		(1u << 6)
#define HSR_CM		(1u << 8)

static uint32_t fault_status(const struct v7dbg_guest *guest, bool debug, bool data)
{
	uint32_t fsr;

	if (guest->ttbcr & TTBCR_EAE)
		fsr = FSR_LPAE | (debug ? STATUS_DEBUG : STATUS_EXTERNAL);
	else
		fsr = debug ? FS_DEBUG : FS_EXTERNAL;
	if (data && (guest->hsr & HSR_WNR))
		fsr |= DFSR_WNR;
	if (data && (guest->hsr & HSR_CM))
		fsr |= DFSR_CM;
	return fsr;
}

/* IT and J are 0, T and E as SCTLR says, I is set, F is kept. */
static uint32_t new_cpsr(const struct v7dbg_guest *guest, uint32_t mode, uint32_t async)
{
	uint32_t cpsr = (guest->cpsr & (CPSR_FLAGS | CPSR_F)) | CPSR_I | async | mode;

	if (guest->sctlr & SCTLR_TE)
		cpsr |= CPSR_T;
	if (guest->sctlr & SCTLR_EE)
		cpsr |= CPSR_E;
	return cpsr;
}

void v7dbg_exception_entry(enum v7dbg_exception kind, const struct v7dbg_guest *guest,
			   struct v7dbg_entry *entry)
{
	uint32_t vectors = guest->sctlr & SCTLR_V ? VECTORS_HIGH : guest->vbar & VBAR_BASE;
	bool debug = kind == V7DBG_EXC_PREFETCH_DEBUG || kind == V7DBG_EXC_DATA_DEBUG;

	entry->spsr = guest->cpsr;
	entry->fsr = 0;
	if (kind == V7DBG_EXC_UNDEF) {
		entry->pc = vectors + VECTOR_UNDEF;
		entry->lr = guest->pc + (guest->cpsr & CPSR_T ? 2 : 4);
		entry->cpsr = new_cpsr(guest, CPSR_MODE_UND, guest->cpsr & CPSR_A);
	} else if (kind == V7DBG_EXC_DATA_DEBUG || kind == V7DBG_EXC_DATA_EXT) {
		entry->pc = vectors + VECTOR_DATA;
		entry->lr = guest->pc + 8;
		entry->cpsr = new_cpsr(guest, CPSR_MODE_ABT, CPSR_A);
		entry->fsr = fault_status(guest, debug, true);
	} else {
		entry->pc = vectors + VECTOR_PREFETCH;
		entry->lr = guest->pc + 4;
		entry->cpsr = new_cpsr(guest, CPSR_MODE_ABT, CPSR_A);
		entry->fsr = fault_status(guest, debug, false);
	}
}
