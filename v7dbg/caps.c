// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* What guests see of the debug hardware: what every CPU has. */
#include "v7dbg_int.h"

#define DIDR_IMP_FLAGS (DBGDIDR_DEVID_IMP | DBGDIDR_NSUHD_IMP | DBGDIDR_PCSR_IMP | DBGDIDR_SE_IMP)
#define DIDR_REVISION  (DBGDIDR_VARIANT | DBGDIDR_REVISION)

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void v7dbg_caps_init(struct v7dbg_caps *caps, bool absent)
{
	caps->cpus = 0;
	caps->nr_brps = 0;
	caps->nr_wrps = 0;
	caps->nr_ctx = 0;
	caps->monitor = false;
	caps->absent = absent;
	caps->mismatch = false;
	caps->dbgdidr = 0;
	caps->dbgdevid = 0;
	caps->dbgdevid1 = 0;
	caps->dbgdevid2 = 0;
}

/*
 * AuxRegs is about the memory-mapped interface, which guests do not have.  CIDMask, masks
 * of context IDs, is not offered.  VirtExtns is 0, because guests have no HYP; DBGBXVR
 * exists all the same, for code that saves it on such a CPU.
 */
static uint32_t guest_devid(uint32_t a, uint32_t b)
{
	uint32_t devid = DBGDEVID_DOUBLELOCK; /* DBGOSDLR is emulated */

	devid |= least(a & DBGDEVID_PCSAMPLE, b & DBGDEVID_PCSAMPLE);
	devid |= least(a & DBGDEVID_VECTORCATCH, b & DBGDEVID_VECTORCATCH);
	devid |= (v7dbg_has_bcr_mask(a) && v7dbg_has_bcr_mask(b) ? DBGDEVID_ADDRMASK_YES
								 : DBGDEVID_ADDRMASK_NO)
		 << DBGDEVID_BPADDRMASK_SHIFT;
	devid |= (v7dbg_has_wcr_mask(a) && v7dbg_has_wcr_mask(b) ? DBGDEVID_ADDRMASK_YES
								 : DBGDEVID_ADDRMASK_NO)
		 << DBGDEVID_WPADDRMASK_SHIFT;
	return devid;
}

enum v7dbg_error v7dbg_caps_add(struct v7dbg_caps *caps, const struct v7dbg_cpu_id *id)
{
	uint32_t didr = id->dbgdidr;
	bool first = !caps->cpus;

	if (!caps->absent && DBGDIDR_VERSION(didr) != DBGDIDR_VERSION_V7_1)
		return V7DBG_ERR_ARCHITECTURE;
	if (caps->cpus < 0xff)
		caps->cpus++;
	if (caps->absent)
		return V7DBG_OK;

	if (first) {
		caps->nr_brps = (uint8_t)DBGDIDR_NR_BRPS(didr);
		caps->nr_wrps = (uint8_t)DBGDIDR_NR_WRPS(didr);
		caps->nr_ctx = (uint8_t)DBGDIDR_NR_CTX_CMPS(didr);
		caps->monitor = DBGDSCR_MONITOR_MODE(id->dbgdscr);
		caps->mismatch = id->mismatch;
		caps->dbgdidr = didr;
		caps->dbgdevid = guest_devid(id->dbgdevid, id->dbgdevid);
		caps->dbgdevid1 = id->dbgdevid1;
		caps->dbgdevid2 = id->dbgdevid2;
	} else {
		caps->nr_brps = (uint8_t)least(caps->nr_brps, DBGDIDR_NR_BRPS(didr));
		caps->nr_wrps = (uint8_t)least(caps->nr_wrps, DBGDIDR_NR_WRPS(didr));
		caps->nr_ctx = (uint8_t)least(caps->nr_ctx, DBGDIDR_NR_CTX_CMPS(didr));
		caps->monitor = caps->monitor && DBGDSCR_MONITOR_MODE(id->dbgdscr);
		caps->mismatch = caps->mismatch && id->mismatch;
		caps->dbgdevid = guest_devid(caps->dbgdevid, id->dbgdevid);
		if (caps->dbgdevid1 != id->dbgdevid1)
			caps->dbgdevid1 = 0;
		if (caps->dbgdevid2 != id->dbgdevid2)
			caps->dbgdevid2 = 0;
	}
	/* A CPU cannot have more context-aware breakpoints than breakpoints. */
	caps->nr_ctx = (uint8_t)least(caps->nr_ctx, caps->nr_brps);

	caps->dbgdidr = (uint32_t)(caps->nr_wrps - 1) << DBGDIDR_WRPS_SHIFT |
			(uint32_t)(caps->nr_brps - 1) << DBGDIDR_BRPS_SHIFT |
			(uint32_t)(caps->nr_ctx - 1) << DBGDIDR_CTX_CMPS_SHIFT |
			DBGDIDR_VERSION_V7_1 << DBGDIDR_VERSION_SHIFT |
			(caps->dbgdidr & didr & DIDR_IMP_FLAGS) |
			least(caps->dbgdidr & DIDR_REVISION, didr & DIDR_REVISION);
	if (!(caps->dbgdidr & DBGDIDR_DEVID_IMP)) {
		caps->dbgdevid1 = 0;
		caps->dbgdevid2 = 0;
	}
	return V7DBG_OK;
}

/*
 * ID_DFR0, B4.1.82: CopDbg [3:0] is v7.1, CopSDbg [7:4] as the CPU has it; no memory-mapped
 * debug, trace or performance monitors.
 */
uint32_t v7dbg_id_dfr0(const struct v7dbg_caps *caps, uint32_t id_dfr0)
{
	if (caps->absent || !caps->cpus)
		return 0;
	return (id_dfr0 & 0xf0) | DBGDIDR_VERSION_V7_1;
}

void v7dbg_cpu_init(struct v7dbg_cpu *cpu, const struct v7dbg_cpu_id *id)
{
	V7DBG_STATIC_ASSERT(sizeof(*cpu) % sizeof(uint32_t) == 0, "cleared by words");

	v7dbg_clear_words(cpu, sizeof(*cpu));
	cpu->owner = V7DBG_OWNER_HOST;
	cpu->tde = true;
	cpu->brp.count = (uint8_t)DBGDIDR_NR_BRPS(id->dbgdidr);
	cpu->brp.mask = v7dbg_has_bcr_mask(id->dbgdevid);
	cpu->wrp.count = (uint8_t)DBGDIDR_NR_WRPS(id->dbgdidr);
	cpu->wrp.mask = v7dbg_has_wcr_mask(id->dbgdevid);
	cpu->nr_ctx = (uint8_t)least(DBGDIDR_NR_CTX_CMPS(id->dbgdidr), cpu->brp.count);
	cpu->layout = v7dbg_layout(cpu->brp.count, cpu->nr_ctx, cpu->wrp.count, cpu->brp.mask,
				   cpu->wrp.mask);
}
