// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "gdb/points.h"
#include "gdb/slots.h"

/* A8.8.24; instructions are little-endian even if data is big-endian (A3.3.1). */
static const uint8_t bkpt_arm[4] = { 0x70, 0x00, 0x20, 0xe1 };
static const uint8_t bkpt_thumb[2] = { 0x00, 0xbe };

void gdb_points_init(struct gdb_points *points, const struct ram *ram, unsigned int brps,
		     unsigned int wrps)
{
	memset(points, 0, sizeof(*points));
	points->ram = ram;
	points->brps = brps < KVM_ARMV7_DEBUG_SLOTS ? brps : KVM_ARMV7_DEBUG_SLOTS;
	points->wrps = wrps < KVM_ARMV7_DEBUG_SLOTS ? wrps : KVM_ARMV7_DEBUG_SLOTS;
}

/* ---- software breakpoints ---- */

static const uint8_t *bkpt_of(const struct gdb_soft *soft)
{
	return soft->size == 4 ? bkpt_arm : bkpt_thumb;
}

/*
 * False after the guest has overwritten the BKPT: then it is gone, and its
 * bytes are the guest's.
 */
static bool bkpt_is_planted(const struct gdb_points *points, const struct gdb_soft *soft)
{
	const uint8_t *at = ram_fresh_at(points->ram, soft->pa, soft->size);

	return at && !memcmp(at, bkpt_of(soft), soft->size);
}

static int memory_changed(struct gdb_points *points, uint64_t pa, size_t length)
{
	int err = ram_changed(points->ram, pa, length);

	if (err)
		points->stale = true;
	return err;
}

static struct gdb_soft *find_soft(struct gdb_points *points, uint32_t va)
{
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		if (points->soft[i].va == va)
			return &points->soft[i];
	}
	return NULL;
}

/*
 * Two points that overlap without being the same would each hide part of the
 * other's BKPT: it could neither be told from the guest's own code nor
 * removed.  The same instruction at two virtual addresses is fine.
 */
static bool overlaps_another(const struct gdb_points *points, const struct gdb_soft *point)
{
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		const struct gdb_soft *soft = &points->soft[i];

		if (soft->pa == point->pa && soft->size == point->size)
			continue;
		if (soft->pa < point->pa + point->size && point->pa < soft->pa + soft->size &&
		    bkpt_is_planted(points, soft))
			return true;
	}
	return false;
}

int gdb_points_set_soft(struct gdb_points *points, uint32_t va, uint64_t pa, uint32_t kind)
{
	struct gdb_soft *soft = find_soft(points, va);
	struct gdb_soft point = { .va = va, .pa = pa, .size = kind == 4 ? 4 : 2 };
	uint8_t *at = ram_fresh_at(points->ram, pa, point.size);

	if (kind < 2 || kind > 4 || va & (point.size - 1))
		return -EINVAL;
	if (!at)
		return -EFAULT;
	if (soft && soft->pa == pa && soft->size == point.size && bkpt_is_planted(points, soft))
		return 0;
	if (soft)
		gdb_points_clear_soft(points, va);
	if (overlaps_another(points, &point))
		return -EBUSY;
	if (points->nr_soft == GDB_SOFT_MAX)
		return -ENOSPC;
	if (!gdb_points_read_memory(points, pa, point.original, point.size))
		return -EFAULT;
	memcpy(at, bkpt_of(&point), point.size);
	points->soft[points->nr_soft++] = point;
	return memory_changed(points, pa, point.size);
}

void gdb_points_clear_soft(struct gdb_points *points, uint32_t va)
{
	struct gdb_soft *soft = find_soft(points, va), old;

	if (!soft)
		return;
	old = *soft;
	*soft = points->soft[--points->nr_soft];
	if (!bkpt_is_planted(points, &old))
		return;
	/* Two virtual addresses of the same instruction may each have a breakpoint. */
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		if (points->soft[i].pa == old.pa && points->soft[i].size == old.size)
			return;
	}
	memcpy(ram_at(points->ram, old.pa, old.size), old.original, old.size);
	memory_changed(points, old.pa, old.size);
}

/* Read all the originals first: two points may be at the same place. */
void gdb_points_replant(struct gdb_points *points)
{
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		struct gdb_soft *soft = &points->soft[i];

		memcpy(soft->original, ram_at(points->ram, soft->pa, soft->size), soft->size);
	}
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		const struct gdb_soft *soft = &points->soft[i];

		if (!overlaps_another(points, soft))
			memcpy(ram_at(points->ram, soft->pa, soft->size), bkpt_of(soft),
			       soft->size);
	}
}

bool gdb_points_have_soft(const struct gdb_points *points, uint32_t va, const uint64_t *pa)
{
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		if (pa ? points->soft[i].pa == *pa : points->soft[i].va == va)
			return true;
	}
	return false;
}

/* ---- hardware points ---- */

static struct gdb_hard *find_hard(struct gdb_points *points, enum gdb_point type, uint32_t va,
				  uint32_t length)
{
	for (unsigned int i = 0; i < points->nr_hard; i++) {
		struct gdb_hard *hard = &points->hard[i];

		if (hard->type == type && hard->va == va && hard->length == length)
			return hard;
	}
	return NULL;
}

/* Recompute the slots of all hardware points. */
static int update_slots(struct gdb_points *points)
{
	struct gdb_slots slots = { .debug = &points->debug,
				   .brps = points->brps,
				   .wrps = points->wrps };
	int err = 0;

	gdb_slots_clear(&slots);
	for (unsigned int i = 0; i < points->nr_hard && !err; i++) {
		const struct gdb_hard *hard = &points->hard[i];

		if (hard->type == GDB_POINT_HARD)
			err = gdb_slots_break(&slots, hard->va, hard->length);
		else
			err = gdb_slots_watch(&slots, hard->va, hard->length,
					      hard->type != GDB_POINT_WRITE,
					      hard->type != GDB_POINT_READ);
	}
	return err;
}

int gdb_points_set_hard(struct gdb_points *points, enum gdb_point type, uint32_t va,
			uint32_t length)
{
	int err;

	if (find_hard(points, type, va, length))
		return 0;
	if (points->nr_hard == GDB_HARD_MAX)
		return -ENOSPC;
	points->hard[points->nr_hard++] =
		(struct gdb_hard){ .type = type, .va = va, .length = length };
	err = update_slots(points);
	if (err) {
		points->nr_hard--;
		update_slots(points);
	}
	return err;
}

void gdb_points_clear_hard(struct gdb_points *points, enum gdb_point type, uint32_t va,
			   uint32_t length)
{
	struct gdb_hard *hard = find_hard(points, type, va, length);

	if (!hard)
		return;
	*hard = points->hard[--points->nr_hard];
	update_slots(points);
}

void gdb_points_clear(struct gdb_points *points)
{
	while (points->nr_soft)
		gdb_points_clear_soft(points, points->soft[0].va);
	points->nr_hard = 0;
	update_slots(points);
}

bool gdb_points_have_hard(const struct gdb_points *points, uint32_t va)
{
	for (unsigned int i = 0; i < points->nr_hard; i++) {
		if (points->hard[i].type == GDB_POINT_HARD && points->hard[i].va == va)
			return true;
	}
	return false;
}

int gdb_points_add_break(const struct gdb_points *points, struct kvm_armv7_guest_debug *debug,
			 uint32_t va, uint32_t kind)
{
	struct gdb_slots slots = { .debug = debug, .brps = points->brps };

	/* Each breakpoint takes one slot, from the first one on. */
	while (slots.used_b < slots.brps && debug->dbgbcr[slots.used_b])
		slots.used_b++;
	return gdb_slots_break(&slots, va, kind);
}

/* Distance of far from the watched range; 0 inside. */
static uint32_t watch_distance(const struct gdb_hard *hard, uint32_t far)
{
	uint32_t last = hard->va + (hard->length - 1);

	if (far - hard->va < hard->length)
		return 0;
	return hard->va - far < far - last ? hard->va - far : far - last;
}

/*
 * An access can begin before the watched range, and the register then has that
 * address or another one of the access (C3.3.4).  Take the nearest point.
 */
const struct gdb_hard *gdb_points_find_watch(const struct gdb_points *points, uint32_t far,
					     bool write, uint32_t *address)
{
	const struct gdb_hard *best = NULL;

	for (unsigned int i = 0; i < points->nr_hard; i++) {
		const struct gdb_hard *hard = &points->hard[i];

		if (hard->type == GDB_POINT_HARD ||
		    hard->type == (write ? GDB_POINT_READ : GDB_POINT_WRITE))
			continue;
		if (!best || watch_distance(hard, far) < watch_distance(best, far))
			best = hard;
	}
	if (best)
		*address = watch_distance(best, far) ? best->va : far;
	return best;
}

/* ---- memory ---- */

/* Copy where two ranges overlap: from src, which begins at from, to dst, which begins at to. */
static void copy_overlap(uint8_t *dst, uint64_t to, size_t dst_length, const uint8_t *src,
			 uint64_t from, size_t src_length)
{
	for (size_t i = 0; i < src_length; i++) {
		if (from + i >= to && from + i - to < dst_length)
			dst[from + i - to] = src[i];
	}
}

static bool is_planted_in(const struct gdb_points *points, const struct gdb_soft *soft, uint64_t pa,
			  size_t length)
{
	return soft->pa < pa + length && pa < soft->pa + soft->size &&
	       bkpt_is_planted(points, soft);
}

bool gdb_points_read_memory(const struct gdb_points *points, uint64_t pa, uint8_t *data,
			    size_t length)
{
	const uint8_t *at = ram_fresh_at(points->ram, pa, length);

	if (!at)
		return false;
	memcpy(data, at, length);
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		const struct gdb_soft *soft = &points->soft[i];

		if (is_planted_in(points, soft, pa, length))
			copy_overlap(data, pa, length, soft->original, soft->pa, soft->size);
	}
	return true;
}

bool gdb_points_write_memory(struct gdb_points *points, uint64_t pa, const uint8_t *data,
			     size_t length)
{
	uint8_t *at = ram_fresh_at(points->ram, pa, length);
	bool was_planted[GDB_SOFT_MAX];

	if (!at)
		return false;
	for (unsigned int i = 0; i < points->nr_soft; i++)
		was_planted[i] = is_planted_in(points, &points->soft[i], pa, length);
	memcpy(at, data, length);
	for (unsigned int i = 0; i < points->nr_soft; i++) {
		struct gdb_soft *soft = &points->soft[i];

		if (!was_planted[i])
			continue;
		copy_overlap(soft->original, soft->pa, soft->size, data, pa, length);
		memcpy(ram_at(points->ram, soft->pa, soft->size), bkpt_of(soft), soft->size);
	}
	memory_changed(points, pa, length);
	return true;
}
