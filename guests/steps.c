// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes single-character commands from its console, so that a test can inspect it from
 * outside between them.  It answers each with `did C`.  While it waits it spends most of its
 * time in the guest, not in exits.
 *
 *   a  sets known points         h  hits its break- and its watchpoint once each
 *   d  turns all points off      l, k  sets and clears the OS lock
 *   t  a known list of accesses to debug registers, see trapped_list()
 *   n  calls the breakpoint's function ROUNDS times, with an exit after each call
 *   p  keeps calling it while it waits, without exits; P  stops that
 *   q  ends
 */
#include "lib/debug.h"
#include "lib/exception.h"
#include "lib/mmu.h"
#include "lib/pl0.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/targets.h"
#include "lib/timer.h"

#define DSCR_UDCCDIS (1u << 12)
#define WATCHED	     0x41000000u
#define ROUNDS	     20
#define UART_DR	     (UART_BASE + 0x00)
#define UART_FR	     (UART_BASE + 0x18)
#define UART_FR_RXFE (1 << 4)
#define VCR_NSF	     (1u << 31)
#define BT_VMID	     8u /* never reaches hardware */

static bool calling;

static char get_char(void)
{
	while (read32(UART_FR) & UART_FR_RXFE) {
		u64 end = timer_now() + timer_ms(20);

		while (timer_now() < end)
			if (calling)
				call_at(1, break_targets[0].fn, 0);
	}
	return (char)read32(UART_DR);
}

static void arm_points(void)
{
	report(debug_enable(), "monitor mode can be turned on");
	break_set(0, break_targets[0].at, CR_E | CR_ANY | BCR_BAS(0xf));
	break_set(2, (u32)break_elsewhere, CR_E | CR_ANY | BCR_BAS(0xf) | BCR_TYPE(BT_VMID));
	watch_set(1, WATCHED, CR_E | CR_PL1 | WCR_STORE | WCR_BAS(0xf));
	MCR(REG_DBGVCR, VCR_NSF);
	isb();
}

/* The hooks turn each point off so that the instruction can complete; turn it on again. */
static void hit_points(void)
{
	u32 bcr = bcr_read(0), wcr = wcr_read(1);

	debug_hook_slot = 1;
	exc_expect(debug_hook_watch);
	*(volatile u32 *)WATCHED = 1;
	report(exc_done()->count == 1, "its watchpoint");
	wcr_write(1, wcr);
	debug_hook_slot = 0;
	exc_expect(debug_hook_break);
	call_at(1, break_targets[0].fn, 0);
	report(exc_done()->count == 1, "its breakpoint");
	bcr_write(0, bcr);
	isb();
}

u32 read_didr(void);
__asm__(".arm\n"
	"read_didr:\n"
	"	mrc	p14, 0, r0, c0, c0, 0\n"
	"	bx	lr\n");

/* 19 accesses, the last but one from PL0 and UNDEFINED; tests/host counts and names them. */
static void trapped_list(void)
{
	u32 dscr, n;

	for (n = 0; n < 10; n++)
		MRC_(14, 0, 0, 3, 4);
	for (n = 1; n <= 3; n++)
		MCR_(14, 0, 0, 3, 4, n << 12);
	MRC(REG_DBGDIDR);
	MRC_(14, 0, 1, 0, 0); /* DBGDRAR; its MRRC does not trap in the emulator */
	dscr = MRC(REG_DBGDSCREXT);
	MCR(REG_DBGDSCREXT, dscr | DSCR_UDCCDIS);
	report(TRAP(pl0_call((u32)read_didr, 0, 0)) == EXC_UND, "UDCCdis keeps PL0 out");
	MCR(REG_DBGDSCREXT, dscr);
}

void guest_main(void)
{
	u32 n;
	char c;

	mmu_on(MMU_SHORT);
	note("waiting");
	do {
		c = get_char();
		switch (c) {
		case 'a':
			arm_points();
			break;
		case 'h':
			hit_points();
			break;
		case 'd':
			debug_clear();
			MCR(REG_DBGVCR, 0);
			isb();
			break;
		case 'l':
			MCR(REG_DBGOSLAR, OSLAR_KEY);
			break;
		case 'k':
			MCR(REG_DBGOSLAR, 0);
			break;
		case 't':
			trapped_list();
			break;
		case 'n':
			for (n = 0; n < ROUNDS; n++) {
				call_at(1, break_targets[0].fn, 0);
				hvc_unknown();
			}
			break;
		case 'p':
		case 'P':
			calling = c == 'p';
			break;
		}
		note("did %c", c);
	} while (c != 'q');
	report(true, "reached its end");
}
