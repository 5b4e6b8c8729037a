/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the files of v7dbg share; not for its users. */
#ifndef V7DBG_INT_H
#define V7DBG_INT_H

#include "v7dbg.h"
#include "v7dbg_fields.h"

/*
 * The implemented bits of DBGBCR and DBGWCR without MASK, which not every CPU has:
 * v7dbg_bcr_bits() and v7dbg_wcr_bits() add it.
 */
#define BCR_IMPLEMENTED 0x00ffe1e7u
#define WCR_IMPLEMENTED 0x001fffffu

/*
 * The implemented bits of DBGVCR: the Non-secure, Monitor and Secure vectors.  Not the Hyp
 * ones, since a guest has no Virtualization Extensions.
 */
#define VCR_IMPLEMENTED 0xde00dcdfu
/*
 * What of it goes to hardware.  NSP and NSD do not: a vector catch on an abort vector,
 * taken to Abort mode, is UNPREDICTABLE in Monitor debug-mode (C3.2.2).
 */
#define VCR_HARDWARE (DBGVCR_NSF | DBGVCR_NSI | DBGVCR_NSS | DBGVCR_NSU)

/* C11.11.12: DBGBCR.MASK exists if DBGDEVID says so (1), DBGWCR.MASK unless it says no (F). */
static inline bool v7dbg_has_bcr_mask(uint32_t devid)
{
	return DBGDEVID_BPADDRMASK(devid) == DBGDEVID_ADDRMASK_YES;
}

static inline bool v7dbg_has_wcr_mask(uint32_t devid)
{
	return DBGDEVID_WPADDRMASK(devid) != DBGDEVID_ADDRMASK_NO;
}

static inline uint32_t v7dbg_bcr_bits(const struct v7dbg_caps *caps)
{
	return v7dbg_has_bcr_mask(caps->dbgdevid) ? BCR_IMPLEMENTED | DBGCR_MASK_MASK
						  : BCR_IMPLEMENTED;
}

static inline uint32_t v7dbg_wcr_bits(const struct v7dbg_caps *caps)
{
	return v7dbg_has_wcr_mask(caps->dbgdevid) ? WCR_IMPLEMENTED | DBGCR_MASK_MASK
						  : WCR_IMPLEMENTED;
}

/* What v7dbg_quick_enter() compares, of a guest and of a CPU: counts, and which MASKs there are. */
static inline uint32_t v7dbg_layout(unsigned int brps, unsigned int ctx, unsigned int wrps,
				    bool bcr_mask, bool wcr_mask)
{
	return brps | ctx << 8 | wrps << 16 | (uint32_t)bcr_mask << 24 | (uint32_t)wcr_mask << 25;
}

/* The context-aware breakpoints are the highest-numbered ones (C11.11.15). */
static inline bool v7dbg_is_ctx(const struct v7dbg_caps *caps, unsigned int n)
{
	return n < caps->nr_brps && n >= (unsigned int)(caps->nr_brps - caps->nr_ctx);
}

/* [1:0] exist in a breakpoint that may hold a context ID (C11.11.3). */
static inline uint32_t v7dbg_bvr_bits(const struct v7dbg_caps *caps, unsigned int n)
{
	return v7dbg_is_ctx(caps, n) ? ~0u : ~3u;
}

#define V7DBG_INLINE static inline __attribute__((always_inline))

/*
 * Clear or copy whole structures.  Compilers turn such loops into calls to memset and
 * memcpy, which v7dbg does not have.  The empty asm prevents that, whatever the flags.
 */
typedef uint32_t __attribute__((__may_alias__)) v7dbg_word;

static inline void v7dbg_clear_words(void *to, size_t size)
{
	v7dbg_word *word = to;
	size_t n;

	for (n = 0; n < size / sizeof(*word); n++) {
		word[n] = 0;
		__asm__ volatile("" : : : "memory");
	}
}

static inline void v7dbg_copy_words(void *to, const void *from, size_t size)
{
	v7dbg_word *word = to;
	const v7dbg_word *source = from;
	size_t n;

	for (n = 0; n < size / sizeof(*word); n++) {
		word[n] = source[n];
		__asm__ volatile("" : : : "memory");
	}
}

static inline void v7dbg_bank_plan_clear(struct v7dbg_bank_plan *plan)
{
	plan->save = 0;
	plan->clear = 0;
	plan->write.values = 0;
	plan->write.controls = 0;
}

/* The registers of a plan are valid only where a mask says so, so they are not cleared. */
static inline void v7dbg_plan_clear(struct v7dbg_plan *plan)
{
	plan->save_host = false;
	plan->write_vcr = false;
	plan->tde_changed = false;
	v7dbg_bank_plan_clear(&plan->brp);
	v7dbg_bank_plan_clear(&plan->wrp);
}

static inline bool v7dbg_any(const struct v7dbg_points *points)
{
	return points->brp || points->wrp || points->vcr;
}

/* ---- table.c: the rows of v7dbg_regs.def ---------------------------------- */

enum v7dbg_row_id {
	V7DBG_ROW_NONE,
#define V7DBG_REG(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	V7DBG_ROW_##name,
#define V7DBG_TWIN(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	V7DBG_ROW_##name,
#define V7DBG_BANK(name, opc1, crn, opc2, count, access, trap, reset, section, note) \
	V7DBG_ROW_##name,
#include "v7dbg_regs.def"
};

/* One register found: what it is and what may be done to it. */
struct v7dbg_row {
	uint8_t id;    /* enum v7dbg_row_id */
	uint8_t flags; /* V7DBG_ACCESS_* */
	uint8_t n;     /* of a bank, else 0 */
};

#define V7DBG_ACCESS_READ  1u
#define V7DBG_ACCESS_WRITE 2u
#define V7DBG_ACCESS_PL0   4u
#define V7DBG_ACCESS_BRP   8u /* a bank, and which count it has */
#define V7DBG_ACCESS_WRP   16u
#define V7DBG_ACCESS_CTX   32u
#define V7DBG_ACCESS_BANK  (V7DBG_ACCESS_BRP | V7DBG_ACCESS_WRP | V7DBG_ACCESS_CTX)

/* write: which side of an encoding that has two.  False if there is no such register. */
bool v7dbg_find(uint16_t enc, bool write, struct v7dbg_row *row);
/* The same for MRRC and MCRR. */
bool v7dbg_find64(unsigned int opc1, unsigned int crm, struct v7dbg_row *row);
/* Does the vCPU have register n of the row's bank?  True if the row is not a bank. */
bool v7dbg_has_slot(const struct v7dbg_caps *caps, const struct v7dbg_row *row);

/* ---- state.c, filter.c, owner.c ------------------------------------------- */

/* The guest's view of one register.  The write returns whether a point may have changed. */
uint32_t v7dbg_read(const struct v7dbg_vcpu *vcpu, const struct v7dbg_row *row);
bool v7dbg_write(struct v7dbg_vcpu *vcpu, const struct v7dbg_row *row, uint32_t value);

/* Virtual DBGDSCR, dscr.c. */
uint32_t v7dbg_dscr_read(const struct v7dbg_vcpu *vcpu);
void v7dbg_dscr_write(struct v7dbg_vcpu *vcpu, uint32_t value, bool txfull_too);
/*
 * Breakpoints, watchpoints and vector catch need MDBGen, and neither lock set (C7.2.1,
 * C7.2.4).  BKPT needs none of that.
 */
static inline bool v7dbg_points_allowed(const struct v7dbg_vcpu *vcpu)
{
	return (vcpu->dscr & DBGDSCR_MDBGEN) && !vcpu->oslock && !(vcpu->osdlr && !vcpu->corenpdrq);
}

/* Work out eff and active from the registers. */
void v7dbg_refresh(struct v7dbg_vcpu *vcpu);

/* Which points of a file are effective, by the filter alone. */
void v7dbg_filter(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs,
		  struct v7dbg_points *points);

/* Work out brp_hardware and wrp_hardware from eff. */
void v7dbg_prepare(struct v7dbg_vcpu *vcpu);

/* After a guest's write that may have changed a point or M: the CPU's registers and TDE follow. */
void v7dbg_settle(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t dscr,
		  struct v7dbg_plan *plan);

/*
 * P is the guest's exactly while TDE is clear: then copy it to M.  Inline, because each
 * access comes here.
 */
static inline void v7dbg_sync_moe(struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu,
				  uint32_t dscr)
{
	if (!cpu->tde)
		vcpu->moe = DBGDSCR_MOE(dscr);
}

/* ---- invariant.c, invariant-points.c ------------------------------------------ */

#ifdef V7DBG_DEBUG
/* By the registers, not by what v7dbg derives from them. */
bool v7dbg_may_debug(const struct v7dbg_vcpu *vcpu);
bool v7dbg_wants_points(const struct v7dbg_vcpu *vcpu);

/* What a step found, for the invariants that speak of changes. */
struct v7dbg_before {
	uint8_t owner;
	bool tde;
	uint8_t moe;
	uint16_t on_brp;
	uint16_t on_wrp;
};

struct v7dbg_before v7dbg_before(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu);
enum v7dbg_step {
	V7DBG_STEP_ENTER,
	V7DBG_STEP_TRAP,
	V7DBG_STEP_EVENT,
	V7DBG_STEP_EXIT
};
/* moe: what M has to be now, by the step's inputs and by before. */
void v7dbg_check_step(enum v7dbg_step step, const struct v7dbg_before *before,
		      const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu, uint32_t dscr,
		      unsigned int moe, const struct v7dbg_plan *plan);

#define V7DBG_STEP_BEGIN(vcpu, cpu) const struct v7dbg_before before = v7dbg_before(vcpu, cpu)
#define V7DBG_STEP_END(step, vcpu, cpu, dscr, moe, plan) \
	v7dbg_check_step(step, &before, vcpu, cpu, dscr, moe, plan)
/* The MOE that the guest had when the step began. */
#define V7DBG_MOE_BEFORE(dscr) (before.tde ? before.moe : DBGDSCR_MOE(dscr))
#define V7DBG_CHECK_VCPU(vcpu) v7dbg_check(vcpu, NULL)
#else
#define V7DBG_STEP_BEGIN(vcpu, cpu)			 ((void)0)
#define V7DBG_STEP_END(step, vcpu, cpu, dscr, moe, plan) ((void)0)
#define V7DBG_CHECK_VCPU(vcpu)				 ((void)0)
#endif

#endif /* V7DBG_INT_H */
