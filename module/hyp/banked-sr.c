// SPDX-License-Identifier: GPL-2.0-only
/*
 * The banked core registers, B1.3.2 and B9.3.9, with SP_usr.  LR_usr is not among them:
 * Hyp mode uses it as its own LR, so vectors.S saves it together with r0 to r12.
 */
#include "hyp.h"

void hyp_banked_save(struct hyp_regs *regs)
{
	regs->usr[13] = read_banked(SP_usr);
	regs->svc[0] = read_banked(SP_svc);
	regs->svc[1] = read_banked(LR_svc);
	regs->svc[2] = read_banked(SPSR_svc);
	regs->abt[0] = read_banked(SP_abt);
	regs->abt[1] = read_banked(LR_abt);
	regs->abt[2] = read_banked(SPSR_abt);
	regs->und[0] = read_banked(SP_und);
	regs->und[1] = read_banked(LR_und);
	regs->und[2] = read_banked(SPSR_und);
	regs->irq[0] = read_banked(SP_irq);
	regs->irq[1] = read_banked(LR_irq);
	regs->irq[2] = read_banked(SPSR_irq);
	regs->fiq[0] = read_banked(R8_fiq);
	regs->fiq[1] = read_banked(R9_fiq);
	regs->fiq[2] = read_banked(R10_fiq);
	regs->fiq[3] = read_banked(R11_fiq);
	regs->fiq[4] = read_banked(R12_fiq);
	regs->fiq[5] = read_banked(SP_fiq);
	regs->fiq[6] = read_banked(LR_fiq);
	regs->fiq[7] = read_banked(SPSR_fiq);
}

void hyp_banked_restore(const struct hyp_regs *regs)
{
	write_banked(SP_usr, regs->usr[13]);
	write_banked(SP_svc, regs->svc[0]);
	write_banked(LR_svc, regs->svc[1]);
	write_banked(SPSR_svc, regs->svc[2]);
	write_banked(SP_abt, regs->abt[0]);
	write_banked(LR_abt, regs->abt[1]);
	write_banked(SPSR_abt, regs->abt[2]);
	write_banked(SP_und, regs->und[0]);
	write_banked(LR_und, regs->und[1]);
	write_banked(SPSR_und, regs->und[2]);
	write_banked(SP_irq, regs->irq[0]);
	write_banked(LR_irq, regs->irq[1]);
	write_banked(SPSR_irq, regs->irq[2]);
	write_banked(R8_fiq, regs->fiq[0]);
	write_banked(R9_fiq, regs->fiq[1]);
	write_banked(R10_fiq, regs->fiq[2]);
	write_banked(R11_fiq, regs->fiq[3]);
	write_banked(R12_fiq, regs->fiq[4]);
	write_banked(SP_fiq, regs->fiq[5]);
	write_banked(LR_fiq, regs->fiq[6]);
	write_banked(SPSR_fiq, regs->fiq[7]);
}
