// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instruction that accessed a device.  HYP has translated the PC by the guest's own
 * tables (docs/decisions/0022); here its code is read and decoded.
 *
 * Another vCPU may change the code, the tables or the slots at any time.  So what was read
 * need not be what aborted, and nothing is taken from it that the CPU has not checked: see
 * find_by_code().
 */
#include "core/guest-regs.h"
#include "core/ldst.h"
#include "core/vm.h"
#include "hyp/guest-insn.h"
#include "memory/guest-read.h"
#include "memory/stage2-tlb.h"
#include "run/mmio-insn.h"

/*
 * How often the guest executes an instruction again that could not be read or did not fit
 * the abort.  A race ends earlier.  Code that a guest has changed without maintenance of its
 * I-cache never fits.
 */
#define MAX_TRIES 16

/* Instructions are little-endian, whatever CPSR.E and SCTLR.EE say (A3.3.2). */
static int read_code(struct vcpu *vcpu, u64 ipa, __le16 *code, unsigned int halfwords)
{
	return ipa == HYP_NO_IPA ? -ENOENT
				 : guest_read(vcpu->vm, ipa, code, halfwords * sizeof(*code));
}

/* As ldst_decode() takes it. */
static int fetch(struct vcpu *vcpu, u32 *insn)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	u64 ipa = hyp->insn_ipa[0];
	bool thumb = *vcpu_cpsr(vcpu) & PSR_T;
	__le16 code[2];
	int ret;

	ret = read_code(vcpu, ipa, code, thumb ? 1 : 2);
	if (ret)
		return ret;
	*insn = le16_to_cpu(code[0]);
	if (!thumb) {
		*insn |= le16_to_cpu(code[1]) << 16;
		return 0;
	}
	if (ldst_t32_length(*insn) == 2)
		return 0;
	/* A T32 instruction may continue in another page. */
	ret = read_code(vcpu, offset_in_page(ipa + 2) ? ipa + 2 : hyp->insn_ipa[1], code, 1);
	if (!ret)
		*insn = *insn << 16 | le16_to_cpu(code[0]);
	return ret;
}

static int decode(struct vcpu *vcpu, struct ldst *insn, enum ldst_result *result)
{
	struct ldst_cpu cpu = { .pc = *vcpu_pc(vcpu), .cpsr = *vcpu_cpsr(vcpu) };
	unsigned int n;
	u32 code = 0;
	int ret = fetch(vcpu, &code);

	if (ret)
		return ret;
	for (n = 0; n < ARRAY_SIZE(cpu.r); n++)
		cpu.r[n] = *vcpu_reg(vcpu, n);
	*result = ldst_decode(code, &cpu, insn);
	return 0;
}

/* As in run/exits.c: the guest's next fetch has to walk its tables. */
static enum mmio_insn again(struct vcpu *vcpu)
{
	struct mmio_pending *mmio = &vcpu->mmio;

	stage2_flush_tlb_here(&vcpu->vm->stage2);
	if (mmio->tried_pc != *vcpu_pc(vcpu)) {
		mmio->tried_pc = *vcpu_pc(vcpu);
		mmio->tries = 0;
	}
	return ++mmio->tries < MAX_TRIES ? MMIO_INSN_AGAIN : MMIO_INSN_REFUSED;
}

static bool same_page(u32 a, u32 b)
{
	return !((a ^ b) & PAGE_MASK);
}

/*
 * The CPU has found that the guest may access the page of HDFAR in the direction of WnR.
 * Another page might be one that the guest's tables keep from its PL0.  And if an
 * instruction accesses a device on both sides of a 4 KiB boundary, or memory there, the
 * architecture leaves open what happens (A3.5.7): it is refused.
 */
static enum mmio_insn find_by_code(struct vcpu *vcpu, struct ldst *insn)
{
	const struct hyp_vcpu *hyp = vcpu->hyp;
	enum ldst_result result;
	bool first, last;
	int ret;

	ret = decode(vcpu, insn, &result);
	if (ret == -EINTR) /* KVM_RUN returns before the guest gets to try again */
		return MMIO_INSN_AGAIN;
	if (ret)
		return again(vcpu);
	if (result == LDST_OK) {
		first = same_page(hyp->hdfar, insn->address);
		last = same_page(hyp->hdfar, insn->address + insn->count * insn->size - 1);
		if ((!first && !last) || insn->write != !!(hyp->hsr & HSR_WNR))
			return again(vcpu);
		if (!first || !last)
			result = LDST_UNPREDICTABLE;
	}
	vcpu->mmio.tries = 0;
	return result == LDST_OK ? MMIO_INSN_KNOWN : MMIO_INSN_REFUSED;
}

enum mmio_insn mmio_insn_find(struct vcpu *vcpu, struct ldst *insn)
{
	u32 hsr = vcpu->hyp->hsr;

	if (!(hsr & HSR_ISV))
		return find_by_code(vcpu, insn);
	*insn = (struct ldst){
		.address = vcpu->hyp->hdfar,
		.rn = LDST_NO_REG,
		.size = 1 << HSR_SAS(hsr),
		.count = 1,
		.length = guest_insn_length(hsr),
		.write = hsr & HSR_WNR,
		.sign = hsr & HSR_SSE,
		.rt = { HSR_SRT(hsr) },
	};
	return insn->size > 4 || insn->rt[0] == 15 ? MMIO_INSN_REFUSED : MMIO_INSN_KNOWN;
}

bool mmio_insn_unprivileged(struct vcpu *vcpu)
{
	enum ldst_result result;
	struct ldst insn;

	return (*vcpu_cpsr(vcpu) & PSR_T) && !decode(vcpu, &insn, &result) && result == LDST_OK &&
	       insn.unprivileged;
}
