// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a guest that has just been stopped: r0 to r12 and LR_usr are in struct
 * hyp_vcpu, its banked and system registers still in the CPU.  core/guest-regs.c does the
 * same after the world switch.
 */
#include "hyp.h"
#include "guest-insn.h"
#include "../../v7dbg/reflect.h"

/* Register n in a mode, for case labels. */
#define GUEST_REG(mode, n) (((mode) << 4) | (n))

/* The banked registers, B1.3.2: SP and LR of each mode, and r8 to r12 of FIQ mode. */
#define BANKED(op)                   \
	case GUEST_REG(PSR_SVC, 13): \
		op(SP_svc);          \
	case GUEST_REG(PSR_SVC, 14): \
		op(LR_svc);          \
	case GUEST_REG(PSR_ABT, 13): \
		op(SP_abt);          \
	case GUEST_REG(PSR_ABT, 14): \
		op(LR_abt);          \
	case GUEST_REG(PSR_UND, 13): \
		op(SP_und);          \
	case GUEST_REG(PSR_UND, 14): \
		op(LR_und);          \
	case GUEST_REG(PSR_IRQ, 13): \
		op(SP_irq);          \
	case GUEST_REG(PSR_IRQ, 14): \
		op(LR_irq);          \
	case GUEST_REG(PSR_FIQ, 8):  \
		op(R8_fiq);          \
	case GUEST_REG(PSR_FIQ, 9):  \
		op(R9_fiq);          \
	case GUEST_REG(PSR_FIQ, 10): \
		op(R10_fiq);         \
	case GUEST_REG(PSR_FIQ, 11): \
		op(R11_fiq);         \
	case GUEST_REG(PSR_FIQ, 12): \
		op(R12_fiq);         \
	case GUEST_REG(PSR_FIQ, 13): \
		op(SP_fiq);          \
	case GUEST_REG(PSR_FIQ, 14): \
		op(LR_fiq);          \
	case GUEST_REG(PSR_USR, 13): \
	case GUEST_REG(PSR_SYS, 13): \
		op(SP_usr)

uint32_t hyp_guest_reg(const struct hyp_vcpu *vcpu, unsigned int n)
{
#define GET(reg) return read_banked(reg)
	switch (GUEST_REG(read_spsr_hyp() & PSR_MODE, n)) {
		BANKED(GET);
	default:
		return vcpu->regs.usr[n];
	}
#undef GET
}

void hyp_guest_set_reg(struct hyp_vcpu *vcpu, unsigned int n, uint32_t value)
{
#define SET(reg)                  \
	write_banked(reg, value); \
	break
	switch (GUEST_REG(read_spsr_hyp() & PSR_MODE, n)) {
		BANKED(SET);
	default:
		vcpu->regs.usr[n] = value;
	}
#undef SET
}

void hyp_guest_skip(uint32_t hsr)
{
	write_banked(ELR_hyp, read_banked(ELR_hyp) + guest_insn_length(hsr));
	write_spsr_hyp(guest_it_advance(read_spsr_hyp()));
}

/* Inlined with the kind as a constant, so that nothing is read that it does not need. */
static inline __attribute__((always_inline)) void inject(enum v7dbg_exception kind)
{
	struct v7dbg_guest guest;
	struct v7dbg_entry entry;

	guest.pc = read_banked(ELR_hyp);
	guest.cpsr = read_spsr_hyp();
	guest.sctlr = read_cp15(SCTLR);
	guest.vbar = read_cp15(VBAR);
	guest.ttbcr = read_cp15(TTBCR);
	guest.hsr = read_sysreg(HSR);
	v7dbg_make_entry(kind, &guest, &entry);

	if (kind == V7DBG_EXC_UNDEF) {
		write_banked(LR_und, entry.lr);
		write_banked(SPSR_und, entry.spsr);
	} else {
		write_banked(LR_abt, entry.lr);
		write_banked(SPSR_abt, entry.spsr);
		if (kind == V7DBG_EXC_DATA_DEBUG || kind == V7DBG_EXC_DATA_EXT)
			write_cp15(DFSR, entry.fsr);
		else
			write_cp15(IFSR, entry.fsr);
	}
	write_banked(ELR_hyp, entry.pc);
	write_spsr_hyp(entry.cpsr);
}

void hyp_guest_inject(enum v7dbg_exception kind)
{
	inject(kind);
}

enum hyp_exit hyp_guest_inject_prefetch(void)
{
	inject(V7DBG_EXC_PREFETCH_DEBUG);
	return HYP_EXIT_NONE;
}

enum hyp_exit hyp_guest_inject_watch(void)
{
	write_cp15(DFAR, read_sysreg(HDFAR));
	inject(V7DBG_EXC_DATA_DEBUG);
	return HYP_EXIT_NONE;
}
