// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "gdb/regs.h"
#include "onereg.h"

/* Words of struct kvm_regs, which has this layout on Arm only; tests run on other machines. */
#define WORD_SVC 18u
#define WORD_ABT 21u
#define WORD_UND 24u
#define WORD_IRQ 27u
#define WORD_FIQ 30u
#ifdef __arm__
_Static_assert(offsetof(struct kvm_regs, svc_regs) == 4 * WORD_SVC, "SVC");
_Static_assert(offsetof(struct kvm_regs, abt_regs) == 4 * WORD_ABT, "ABT");
_Static_assert(offsetof(struct kvm_regs, und_regs) == 4 * WORD_UND, "UND");
_Static_assert(offsetof(struct kvm_regs, irq_regs) == 4 * WORD_IRQ, "IRQ");
_Static_assert(offsetof(struct kvm_regs, fiq_regs) == 4 * WORD_FIQ, "FIQ");
#endif

#define DREG_ID(n) (KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | (n))
#define FPSCR_ID   (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_VFP | KVM_REG_ARM_VFP_FPSCR)

/* gdb's numbers: r0 - r15, CPSR, then D0 and up, and FPSCR last. */
#define CORE_REGS 17u

#define CPSR_M	   0x1fu
#define CPSR_M_FIQ 0x11u
#define CPSR_M_IRQ 0x12u
#define CPSR_M_SVC 0x13u
#define CPSR_M_ABT 0x17u
#define CPSR_M_UND 0x1bu

void gdb_regs_init(struct gdb_regs *regs, int vcpu_fd)
{
	uint64_t value;

	regs->dregs = 0;
	if (!onereg_get(vcpu_fd, DREG_ID(0), &value))
		regs->dregs = onereg_get(vcpu_fd, DREG_ID(16), &value) ? 16 : 32;
	regs->nr_sys = 0;
	for (unsigned int i = 0; i < GDB_SYSREGS; i++) {
		if (!onereg_get(vcpu_fd, gdb_sysregs[i].id, &value))
			regs->sys[regs->nr_sys++] = i;
	}
}

unsigned int gdb_regs_count(const struct gdb_regs *regs)
{
	return CORE_REGS + (regs->dregs ? regs->dregs + 1 : 0);
}

/* NULL if n is not the number of one. */
static const struct gdb_sysreg *sysreg(const struct gdb_regs *regs, unsigned int n)
{
	unsigned int count = gdb_regs_count(regs);

	return n >= count && n - count < regs->nr_sys ? &gdb_sysregs[regs->sys[n - count]] : NULL;
}

unsigned int gdb_regs_size(const struct gdb_regs *regs, unsigned int n)
{
	if (sysreg(regs, n))
		return gdb_sysreg_size(sysreg(regs, n));
	if (n >= gdb_regs_count(regs))
		return 0;
	return n >= CORE_REGS && n < CORE_REGS + regs->dregs ? 8 : 4;
}

/* The word of rn in the bank of CPSR's mode (B1.3.2); n is 8 to 14. */
static unsigned int banked_word(unsigned int n, uint32_t cpsr)
{
	switch (cpsr & CPSR_M) {
	case CPSR_M_FIQ:
		return WORD_FIQ + n - 8;
	case CPSR_M_IRQ:
		return n >= 13 ? WORD_IRQ + n - 13 : n;
	case CPSR_M_SVC:
		return n >= 13 ? WORD_SVC + n - 13 : n;
	case CPSR_M_ABT:
		return n >= 13 ? WORD_ABT + n - 13 : n;
	case CPSR_M_UND:
		return n >= 13 ? WORD_UND + n - 13 : n;
	default: /* User and System share a bank */
		return n;
	}
}

int gdb_regs_spsr(int vcpu_fd, uint32_t cpsr, uint32_t *spsr)
{
	unsigned int lr = banked_word(14, cpsr);
	uint64_t value = 0;
	int err = 0;

	/* SPSR follows LR in each bank; User and System have none. */
	if (lr != 14)
		err = onereg_get(vcpu_fd, ONEREG_CORE(lr + 1), &value);
	*spsr = value;
	return err;
}

static int reg_id(const struct gdb_regs *regs, int vcpu_fd, unsigned int n, uint64_t *id)
{
	uint64_t cpsr = 0;
	int err = 0;

	if (sysreg(regs, n)) {
		*id = sysreg(regs, n)->id;
		return 0;
	}
	if (n >= gdb_regs_count(regs))
		return -ENOENT;
	if (n >= 8 && n <= 14) {
		err = onereg_get(vcpu_fd, ONEREG_CORE(ONEREG_WORD_CPSR), &cpsr);
		*id = ONEREG_CORE(banked_word(n, cpsr));
	} else if (n < CORE_REGS) {
		*id = ONEREG_CORE(n);
	} else if (n < CORE_REGS + regs->dregs) {
		*id = DREG_ID(n - CORE_REGS);
	} else {
		*id = FPSCR_ID;
	}
	return err;
}

int gdb_regs_get(const struct gdb_regs *regs, int vcpu_fd, unsigned int n, uint64_t *value)
{
	uint64_t id;
	int err = reg_id(regs, vcpu_fd, n, &id);

	return err ? err : onereg_get(vcpu_fd, id, value);
}

int gdb_regs_set(const struct gdb_regs *regs, int vcpu_fd, unsigned int n, uint64_t value)
{
	uint64_t id;
	int err = reg_id(regs, vcpu_fd, n, &id);

	return err ? err : onereg_set(vcpu_fd, id, value);
}

/* In groups of their own.  gdb does not save them when it calls a function of the guest. */
static void describe_sysregs(const struct gdb_regs *regs, struct gdb_reply *xml)
{
	const char *group = "";

	for (unsigned int i = 0; i < regs->nr_sys; i++) {
		const struct gdb_sysreg *reg = &gdb_sysregs[regs->sys[i]];

		if (strcmp(group, reg->group))
			gdb_reply_printf(xml, "%s<feature name=\"org.kvm-armv7.%s\">\n",
					 i ? "</feature>\n" : "", reg->group);
		group = reg->group;
		gdb_reply_printf(xml,
				 "<reg name=\"%s\" bitsize=\"%u\" group=\"%s\" "
				 "save-restore=\"no\"/>\n",
				 reg->name, 8 * gdb_sysreg_size(reg), group);
	}
	if (regs->nr_sys)
		gdb_reply_printf(xml, "</feature>\n");
}

void gdb_regs_describe(const struct gdb_regs *regs, struct gdb_reply *xml)
{
	/*
	 * The ABI says nothing about the guest.  With it gdb steps by
	 * breakpoints of its own after the instruction if the stub offers no
	 * step; without it gdb would expect the stub to step anyway.
	 */
	gdb_reply_printf(xml,
			 "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
			 "<target version=\"1.0\">\n<architecture>arm</architecture>\n"
			 "<osabi>GNU/Linux</osabi>\n<feature name=\"org.gnu.gdb.arm.core\">\n");
	for (unsigned int n = 0; n < 13; n++)
		gdb_reply_printf(xml, "<reg name=\"r%u\" bitsize=\"32\" type=\"uint32\"/>\n", n);
	gdb_reply_printf(xml, "<reg name=\"sp\" bitsize=\"32\" type=\"data_ptr\"/>\n"
			      "<reg name=\"lr\" bitsize=\"32\"/>\n"
			      "<reg name=\"pc\" bitsize=\"32\" type=\"code_ptr\"/>\n"
			      "<reg name=\"cpsr\" bitsize=\"32\"/>\n</feature>\n");
	if (regs->dregs) {
		gdb_reply_printf(xml, "<feature name=\"org.gnu.gdb.arm.vfp\">\n");
		for (unsigned int n = 0; n < regs->dregs; n++)
			gdb_reply_printf(
				xml, "<reg name=\"d%u\" bitsize=\"64\" type=\"ieee_double\"/>\n",
				n);
		gdb_reply_printf(xml, "<reg name=\"fpscr\" bitsize=\"32\" type=\"int\" "
				      "group=\"float\"/>\n</feature>\n");
	}
	describe_sysregs(regs, xml);
	gdb_reply_printf(xml, "</target>\n");
}
