// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPU interface's registers are GICV's, which the guest accesses without us.  While
 * it does not run, GICH_VMCR and GICH_APR have been saved and hold all of them (Arm IHI
 * 0048B, 5.3.4 and 5.3.6).
 */
#include "core/vm.h"
#include "irq/vgic-cpuif.h"

#define GICC_APR(n) (0xd0 + 4 * (n)) /* n is 0 to 3 */
#define GICC_IIDR   0xfc

#define GICC_IIDR_KVM 0x04b2043b /* product 'K', GICv2, implementer Arm */

/*
 * GICC_PMR is five bits, not shifted: the ABI has it as GICH_VMCR.VMPriMask.  GICC_CTLR's
 * bits have the same places in GICH_VMCR.
 */
static const struct {
	u32 offset;
	u32 mask; /* in GICH_VMCR */
	u32 shift;
} fields[] = {
	{ 0x00, 0x0000021f, 0 },  /* GICC_CTLR: EOImode, CBPR, FIQEn, AckCtl, enables */
	{ 0x04, 0xf8000000, 27 }, /* GICC_PMR */
	{ 0x08, 0x00e00000, 21 }, /* GICC_BPR */
	{ 0x1c, 0x001c0000, 18 }, /* GICC_ABPR */
};

bool vgic_cpuif_has(u32 offset)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(fields); n++)
		if (offset == fields[n].offset)
			return true;
	return offset == GICC_IIDR ||
	       (offset >= GICC_APR(0) && offset <= GICC_APR(3) && !(offset & 3));
}

void vgic_cpuif_user_access(struct vcpu *vcpu, u32 offset, bool write, u32 *value)
{
	struct hyp_vgic *hw = &vcpu->hyp->vgic;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(fields); n++) {
		if (offset != fields[n].offset)
			continue;
		if (write)
			hw->vmcr = (hw->vmcr & ~fields[n].mask) |
				   (*value << fields[n].shift & fields[n].mask);
		else
			*value = (hw->vmcr & fields[n].mask) >> fields[n].shift;
		return;
	}
	/* Five bits of priority make 32 preemption levels, which is one APR. */
	if (offset == GICC_APR(0) && write)
		hw->apr = *value;
	else if (!write)
		*value = offset == GICC_APR(0) ? hw->apr : offset == GICC_IIDR ? GICC_IIDR_KVM : 0;
}
