// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "gdb/slots.h"

/*
 * DBGBCR and DBGWCR, C11.11.2 and C11.11.44: enabled, at PL1 and PL0, in
 * Non-secure and Secure state, which KVM restricts to what a guest is.
 */
#define CR_E	    1u
#define CR_PL1_PL0  (3u << 1)
#define BCR_BAS(b)  ((uint32_t)(b) << 5)
#define WCR_LOAD    (1u << 3)
#define WCR_STORE   (2u << 3)
#define WCR_BAS(b)  ((uint32_t)(b) << 5)
#define WCR_MASK(n) ((uint32_t)(n) << 24)
#define DOUBLE_WORD 8u

void gdb_slots_clear(struct gdb_slots *slots)
{
	struct kvm_armv7_guest_debug *debug = slots->debug;

	slots->used_b = slots->used_w = 0;
	memset(debug->dbgbvr, 0, sizeof(debug->dbgbvr));
	memset(debug->dbgbcr, 0, sizeof(debug->dbgbcr));
	memset(debug->dbgwvr, 0, sizeof(debug->dbgwvr));
	memset(debug->dbgwcr, 0, sizeof(debug->dbgwcr));
}

int gdb_slots_break(struct gdb_slots *slots, uint32_t va, uint32_t kind)
{
	unsigned int n = slots->used_b;

	if (kind < 2 || kind > 4 || va & (kind == 4 ? 3 : 1))
		return -EINVAL;
	if (n >= slots->brps)
		return -ENOSPC;
	/* BAS selects the bytes of the word that the instruction occupies (C3.2.2). */
	slots->debug->dbgbvr[n] = va & ~3u;
	slots->debug->dbgbcr[n] = CR_E | CR_PL1_PL0 | BCR_BAS(kind == 4 ? 0xf : 3u << (va & 2));
	slots->used_b++;
	return 0;
}

/* How much of [va, va + length) one slot can watch from va on (C3.3.2). */
static uint32_t slot_span(uint32_t va, uint32_t length)
{
	uint32_t size = DOUBLE_WORD;

	if (va % DOUBLE_WORD || length < DOUBLE_WORD) {
		uint32_t room = DOUBLE_WORD - va % DOUBLE_WORD;

		return length < room ? length : room;
	}
	/* DBGWCR.MASK ignores up to 31 bits of the address; they must be 0 in DBGWVR. */
	while (size < 1u << 31 && length >= 2 * size && !(va & (2 * size - 1)))
		size *= 2;
	return size;
}

int gdb_slots_watch(struct gdb_slots *slots, uint32_t va, uint32_t length, bool read, bool write)
{
	uint32_t control = CR_E | CR_PL1_PL0 | (read ? WCR_LOAD : 0) | (write ? WCR_STORE : 0);

	if (!length || va + (length - 1) < va)
		return -EINVAL;
	while (length) {
		uint32_t size = slot_span(va, length), low = va % DOUBLE_WORD;
		unsigned int n = slots->used_w;

		if (n >= slots->wrps)
			return -ENOSPC;
		if (size > DOUBLE_WORD) {
			slots->debug->dbgwvr[n] = va;
			control |= WCR_BAS(0xff) | WCR_MASK(__builtin_ctz(size));
		} else if (low >= 4) {
			/*
			 * Not every CPU has the upper half of BAS, but all
			 * watch a word at its own address.
			 */
			slots->debug->dbgwvr[n] = va & ~3u;
			control |= WCR_BAS(((1u << size) - 1) << (low - 4));
		} else {
			slots->debug->dbgwvr[n] = va & ~7u;
			control |= WCR_BAS(((1u << size) - 1) << low);
		}
		slots->debug->dbgwcr[n] = control;
		control &= CR_E | CR_PL1_PL0 | WCR_LOAD | WCR_STORE;
		slots->used_w++;
		va += size;
		length -= size;
	}
	return 0;
}
