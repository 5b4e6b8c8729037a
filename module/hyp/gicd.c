// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's accesses to the GIC's distributor that HYP serves itself: GICD_TYPER and GICD_IIDR,
 * GICD_ISENABLERn and GICD_ICENABLERn as long as no interrupt that changes is busy, reads of
 * GICD_ISPENDRn and GICD_ICPENDRn while none is, and an SGI that a vCPU sends to itself alone.
 * All else is the kernel's, irq/vgic-dist.c, which answers these in the same way while a
 * tracepoint wants the exits.
 */
#include "hyp.h"

#define GICD_TYPER     0x004
#define GICD_IIDR      0x008
#define GICD_ISENABLER 0x100
#define GICD_ICENABLER 0x180
#define GICD_ISPENDR   0x200
#define GICD_ISACTIVER 0x300
#define GICD_SGIR      0xf00

/* GICD_SGIR, IHI 0048B 4.3.15. */
#define SGIR_FILTER(value)  ((value) >> 24 & 3)
#define SGIR_FILTER_LIST    0
#define SGIR_FILTER_SELF    2
#define SGIR_TARGETS(value) ((value) >> 16 & 0xff)
#define SGIR_INTID(value)   ((value)&0xf)

/*
 * HSR.ISS of a load or store of one register of 32 bits, which found no translation in stage
 * 2, at whichever level: ISV 1, SAS 0b10, CM 0, S1PTW 0 (B3.13.6).
 */
#define SYNDROME_BITS (HSR_ISV | SYSREG_FIELD(3, 22) | HSR_CM | HSR_S1PTW | FSC_TYPE(HSR_DFSC))
#define SYNDROME      (HSR_ISV | SYSREG_FIELD(2, 22) | FSC_TRANSLATION)

/*
 * As hyp_guest_plain(), and little-endian.  A guest with points has watchpoints, which come
 * before the device (C3.4.2).
 */
static bool is_plain(const struct hyp_vcpu *vcpu, uint32_t hsr)
{
	uint32_t cpsr = read_spsr_hyp();

	return (hsr & SYNDROME_BITS) == SYNDROME && HSR_SRT(hsr) <= 12 && (cpsr & 0xe) &&
	       !(cpsr & (PSR_IT | PSR_E)) && !v7dbg_needs_enter(&vcpu->debug);
}

static uint32_t enabled_word(const struct hyp_gicd *gicd, uint32_t n)
{
	const struct hyp_gicd_vm *vm = (const struct hyp_gicd_vm *)gicd->vm;

	return n ? READ_ONCE(vm->enabled[n]) : gicd->enabled;
}

static bool read_word(const struct hyp_gicd *gicd, uint32_t offset, uint32_t *rt)
{
	const struct hyp_gicd_vm *vm = (const struct hyp_gicd_vm *)gicd->vm;
	uint32_t n = offset / 4 % HYP_GICD_WORDS;

	switch (offset) {
	case GICD_TYPER:
		*rt = gicd->typer;
		return true;
	case GICD_IIDR:
		*rt = gicd->iidr;
		return true;
	default:
		if (offset - GICD_ISENABLER >= GICD_ISACTIVER - GICD_ISENABLER)
			return false;
		if (offset < GICD_ISPENDR) {
			*rt = enabled_word(gicd, n);
			return true;
		}
		/* What is busy may be in a list register, and have been acknowledged since. */
		if (READ_ONCE(vm->busy[n]))
			return false;
		*rt = 0;
		return true;
	}
}

/*
 * *word = (*word & ~clear) | set.  False: another CPU came between, and nothing has changed.  The
 * STREX clears the guest's own reservation, as an exception may (A3.4).
 */
static bool try_update(uint32_t *word, uint32_t set, uint32_t clear)
{
	uint32_t value, failed;

	__asm__ volatile("ldrex %0, [%2]\n\t"
			 "bic %0, %0, %4\n\t"
			 "orr %0, %0, %3\n\t"
			 "strex %1, %0, [%2]"
			 : "=&r"(value), "=&r"(failed)
			 : "r"(word), "r"(set), "r"(clear)
			 : "memory");
	return !failed;
}

/* Enable or disable SPIs that are not busy: nothing but the bits has to change.  See abi.h. */
static bool change_enabled(struct hyp_gicd *gicd, uint32_t n, uint32_t value, bool set)
{
	struct hyp_gicd_vm *vm = (struct hyp_gicd_vm *)gicd->vm;

	if (value & READ_ONCE(vm->busy[n]))
		return false;
	if (!try_update(&vm->enabled[n], set ? value : 0, set ? 0 : value))
		return false;
	/* `enabled`, then `busy` (A3.8.2); pairs with vgic_hyp_set_busy(). */
	dmb(ish);
	if (!(value & READ_ONCE(vm->busy[n])))
		return true;
	gicd->written = true;
	return false;
}

/* GICD_ISENABLERn and GICD_ICENABLERn. */
static bool write_enabled(struct hyp_gicd *gicd, uint32_t offset, uint32_t value)
{
	uint32_t n = offset / 4 % HYP_GICD_WORDS, enabled = enabled_word(gicd, n);
	bool set = offset < GICD_ICENABLER;

	if (offset - GICD_ISENABLER >= GICD_ISPENDR - GICD_ISENABLER)
		return false;
	return !(value & (set ? ~enabled : enabled)) || change_enabled(gicd, n, value, set);
}

/* False: to others too, or the kernel has to do it. */
static bool send_sgi(struct hyp_vcpu *vcpu, uint32_t value)
{
	uint32_t self = 1u << (vcpu->vmpidr & MPIDR_AFF0);

	if (SGIR_FILTER(value) != SGIR_FILTER_SELF &&
	    (SGIR_FILTER(value) != SGIR_FILTER_LIST || SGIR_TARGETS(value) != self))
		return false;
	return hyp_raise(&vcpu->vgic, vcpu->gicd.sgi_lr[SGIR_INTID(value)]);
}

static bool write_word(struct hyp_vcpu *vcpu, uint32_t offset, uint32_t value)
{
	return offset == GICD_SGIR ? send_sgi(vcpu, value)
				   : write_enabled(&vcpu->gicd, offset, value);
}

enum hyp_exit hyp_gicd_access(struct hyp_vcpu *vcpu, uint32_t hsr)
{
	uint32_t *rt = &vcpu->regs.usr[HSR_SRT(hsr)], offset;

	/*
	 * HPFAR is UNKNOWN after a permission fault or a debug exception (B3.13.4), both of which
	 * is_plain() refuses.
	 */
	if (((read_sysreg(HPFAR) & HPFAR_FIPA) | HYP_GICD_PAGE_VALID) != vcpu->gicd.page ||
	    !vcpu->answers.on || !is_plain(vcpu, hsr))
		return hyp_data_abort(vcpu, hsr);
	offset = read_sysreg(HDFAR) & 0xfff;
	if ((offset & 3) ||
	    !(hsr & HSR_WNR ? write_word(vcpu, offset, *rt) : read_word(&vcpu->gicd, offset, rt)))
		return hyp_serve_trap(vcpu, hsr);
	write_banked(ELR_hyp, read_banked(ELR_hyp) + (hsr & HSR_IL ? 4 : 2));
	return HYP_EXIT_NONE;
}
