// SPDX-License-Identifier: GPL-2.0-only
/* The guest's memory as a vCPU sees it.  RAM only: reading a device could change its state. */
#include <linux/kvm.h>

#include "gdb/state.h"
#include "onereg.h"
#include "walk.h"

#define PAGE 0x1000u /* the smallest page of both formats */

static bool read_walk_regs(const struct vcpu *vcpu, struct walk *walk)
{
	uint64_t sctlr, ttbcr;

	if (onereg_get(vcpu->fd, ARM_CP15_REG32(0, 1, 0, 0), &sctlr) ||
	    onereg_get(vcpu->fd, ARM_CP15_REG32(0, 2, 0, 2), &ttbcr) ||
	    onereg_get(vcpu->fd, ARM_CP15_REG64(0, 2), &walk->ttbr0) ||
	    onereg_get(vcpu->fd, ARM_CP15_REG64(1, 2), &walk->ttbr1))
		return false;
	walk->sctlr = sctlr;
	walk->ttbcr = ttbcr;
	return true;
}

bool gdb_memory_translate(const struct gdb *gdb, const struct vcpu *vcpu, uint32_t va, uint64_t *pa)
{
	struct walk walk;

	return read_walk_regs(vcpu, &walk) && walk_translate(&walk, gdb->ram, va, pa);
}

/* Read or write page by page.  Returns the number of bytes done. */
static size_t access_pages(struct gdb *gdb, const struct vcpu *vcpu, uint32_t va, uint8_t *read,
			   const uint8_t *write, size_t length)
{
	struct walk walk;
	size_t done = 0;

	if (!read_walk_regs(vcpu, &walk))
		return 0;
	while (done < length) {
		uint32_t at = va + done;
		size_t size = PAGE - at % PAGE;
		uint64_t pa;
		bool ok;

		if (size > length - done)
			size = length - done;
		if (at < va || !walk_translate(&walk, gdb->ram, at, &pa) ||
		    !ram_covers(gdb->ram, pa, size))
			break;
		ok = read ? gdb_points_read_memory(&gdb->points, pa, read + done, size)
			  : gdb_points_write_memory(&gdb->points, pa, write + done, size);
		if (!ok)
			break;
		done += size;
	}
	return done;
}

size_t gdb_memory_read(struct gdb *gdb, const struct vcpu *vcpu, uint32_t va, uint8_t *data,
		       size_t length)
{
	return access_pages(gdb, vcpu, va, data, NULL, length);
}

size_t gdb_memory_write(struct gdb *gdb, const struct vcpu *vcpu, uint32_t va, const uint8_t *data,
			size_t length)
{
	return access_pages(gdb, vcpu, va, NULL, data, length);
}
