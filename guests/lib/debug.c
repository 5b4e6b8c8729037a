// SPDX-License-Identifier: GPL-2.0-only
#include "debug.h"

#include "exception.h"

u32 debug_hook_slot;

u32 debug_brps(void)
{
	return (MRC(REG_DBGDIDR) >> 24 & 15) + 1;
}

u32 debug_wrps(void)
{
	return (MRC(REG_DBGDIDR) >> 28 & 15) + 1;
}

u32 debug_ctx_brps(void)
{
	return (MRC(REG_DBGDIDR) >> 20 & 15) + 1;
}

/* The slot's number is part of the instruction, so each slot needs a case of its own. */
#define EACH_SLOT(x, o2)                                                                          \
	x(0, o2) x(1, o2) x(2, o2) x(3, o2) x(4, o2) x(5, o2) x(6, o2) x(7, o2) x(8, o2) x(9, o2) \
		x(10, o2) x(11, o2) x(12, o2) x(13, o2) x(14, o2) x(15, o2)
#define READ_CASE(n, o2) \
	case n:          \
		return MRC_(14, 0, 0, n, o2);
#define WRITE_CASE(n, o2)                   \
	case n:                             \
		MCR_(14, 0, 0, n, o2, val); \
		return;
#define ACCESSORS(name, o2)                       \
	u32 name##_read(u32 n)                    \
	{                                         \
		switch (n) {                      \
			EACH_SLOT(READ_CASE, o2)  \
		}                                 \
		return NOT_READ;                  \
	}                                         \
	void name##_write(u32 n, u32 val)         \
	{                                         \
		switch (n) {                      \
			EACH_SLOT(WRITE_CASE, o2) \
		}                                 \
	}

ACCESSORS(bvr, 4)
ACCESSORS(bcr, 5)
ACCESSORS(wvr, 6)
ACCESSORS(wcr, 7)

void debug_monitor(bool on)
{
	u32 dscr = MRC(REG_DBGDSCRINT);

	MCR(REG_DBGDSCREXT, on ? dscr | DSCR_MDBGEN : dscr & ~DSCR_MDBGEN);
	isb();
}

void debug_clear(void)
{
	u32 n, brps = debug_brps(), wrps = debug_wrps();

	for (n = 0; n < brps; n++) {
		bcr_write(n, 0);
		bvr_write(n, 0);
	}
	for (n = 0; n < wrps; n++) {
		wcr_write(n, 0);
		wvr_write(n, 0);
	}
	isb();
}

bool debug_enable(void)
{
	MCR(REG_DBGOSLAR, 0);
	isb();
	MCR(REG_DBGVCR, 0);
	debug_clear();
	debug_monitor(true);
	return MRC(REG_DBGDSCRINT) & DSCR_MDBGEN;
}

void break_set(u32 n, u32 addr, u32 control)
{
	bcr_write(n, 0);
	bvr_write(n, addr & ~3u);
	bcr_write(n, control);
	isb();
}

void watch_set(u32 n, u32 addr, u32 control)
{
	wcr_write(n, 0);
	wvr_write(n, addr & ~3u);
	wcr_write(n, control);
	isb();
}

void debug_hook_break(struct frame *frame)
{
	if (frame->type != EXC_PABT) {
		exc_skip(frame);
		return;
	}
	bcr_write(debug_hook_slot, 0);
	isb();
}

void debug_hook_watch(struct frame *frame)
{
	if (frame->type != EXC_DABT) {
		exc_skip(frame);
		return;
	}
	wcr_write(debug_hook_slot, 0);
	isb();
}

u32 known_fsr(u32 fsr)
{
	/*
	 * B4.1.52: WnR, CM and the domain are UNKNOWN; bit 9 selects the format, FS[4,3:0] or
	 * STATUS[5:0].
	 */
	return fsr & (fsr & 1u << 9 ? 0x23f : 0x60f);
}

bool is_debug_fsr(u32 fsr)
{
	return known_fsr(fsr) == (MRC(REG_TTBCR) >> 31 ? 0x222 : 0x002);
}
