// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every cp14 debug register from PL1: its value after reset, and what reads back
 * after all ones and after zero were written.
 */
#include "lib/arm.h"
#include "lib/exception.h"
#include "lib/insn.h"
#include "lib/report.h"

enum { R = 1, W = 2, RW = 3 };

struct reg {
	const char *name;
	u8 opc1, crn, crm, opc2;
	u8 access;
	u32 ones; /* the bits to write: all but those that would stop the CPU */
};

#define ALL 0xffffffffu

/* DDI 0406C table C6-2, in the order of the encodings. */
static const struct reg regs[] = {
	{ "DBGDIDR", 0, 0, 0, 0, R, ALL },
	{ "DBGDSCRint", 0, 0, 1, 0, R, ALL },
	{ "DBGDTRRXint", 0, 0, 5, 0, R, ALL },
	{ "DBGWFAR", 0, 0, 6, 0, RW, ALL },
	{ "DBGVCR", 0, 0, 7, 0, RW, ALL },
	{ "DBGECR", 0, 0, 9, 0, RW, ALL },
	{ "DBGDSCCR", 0, 0, 10, 0, RW, ALL },
	{ "DBGDSMCR", 0, 0, 11, 0, RW, ALL },
	{ "DBGDTRRXext", 0, 0, 0, 2, RW, ALL },
	{ "DBGDSCRext", 0, 0, 2, 2, RW, ALL },
	{ "DBGDTRTXext", 0, 0, 3, 2, RW, ALL },
	{ "DBGDRCR", 0, 0, 4, 2, W, 0 },
	{ "DBGOSECCR", 0, 0, 6, 2, RW, ALL },
	{ "DBGDRAR", 0, 1, 0, 0, R, ALL },
	{ "DBGOSLAR", 0, 1, 0, 4, W, ALL },
	{ "DBGOSLSR", 0, 1, 1, 4, R, ALL },
	{ "DBGOSSRR", 0, 1, 2, 4, RW, ALL },
	{ "DBGOSDLR", 0, 1, 3, 4, RW, 0xfffffffe }, /* DLK stops all debug */
	{ "DBGPRCR", 0, 1, 4, 4, RW, 1 },	     /* CWRR would reset the core */
	{ "DBGPRSR", 0, 1, 5, 4, R, ALL },
	{ "DBGDSAR", 0, 2, 0, 0, R, ALL },
	{ "DBGITCTRL", 0, 7, 0, 4, RW, 0xfffffffe }, /* IME: integration mode */
	{ "DBGCLAIMSET", 0, 7, 8, 6, RW, ALL },
	{ "DBGCLAIMCLR", 0, 7, 9, 6, RW, ALL },
	{ "DBGAUTHSTATUS", 0, 7, 14, 6, R, ALL },
	{ "DBGDEVID2", 0, 7, 0, 7, R, ALL },
	{ "DBGDEVID1", 0, 7, 1, 7, R, ALL },
	{ "DBGDEVID", 0, 7, 2, 7, R, ALL },
};

/* The four registers of slot n, and its DBGBXVR. */
static const struct reg slots[] = {
	{ "DBGBVR", 0, 0, 0, 4, RW, ALL },
	{ "DBGBCR", 0, 0, 0, 5, RW, ALL },
	{ "DBGWVR", 0, 0, 0, 6, RW, ALL },
	{ "DBGWCR", 0, 0, 0, 7, RW, ALL },
	{ "DBGBXVR", 0, 1, 0, 1, RW, ALL },
};

static u32 read_reg(const struct reg *reg, u32 crm, u32 *val)
{
	return cp_read(14, reg->opc1, reg->crn, crm, reg->opc2, val);
}

static u32 write_reg(const struct reg *reg, u32 crm, u32 val)
{
	u32 type = cp_write(14, reg->opc1, reg->crn, crm, reg->opc2, val);

	isb();
	return type;
}

/* Text of what a read gave; the emulator has registers that are no-operations. */
static const char *value(u32 type, u32 val, char text[16])
{
	int i;

	if (type)
		return exc_name(type);
	if (val == NOT_READ)
		return "unchanged";
	for (i = 0; i < 8; i++)
		text[i] = "0123456789abcdef"[val >> (28 - 4 * i) & 15];
	text[8] = 0;
	return text;
}

/* n: the slot, or -1. */
static void one(const struct reg *reg, int n)
{
	u32 crm = n < 0 ? reg->crm : (u32)n, val, type, wtype;
	char reset[16], ones[16], zero[16], number[4] = { 0 };
	const char *r, *o;

	if (n >= 10)
		number[0] = (char)('0' + n / 10);
	if (n >= 0)
		number[n >= 10] = (char)('0' + n % 10);

	type = read_reg(reg, crm, &val);
	r = value(type, val, reset);
	wtype = write_reg(reg, crm, reg->ones);
	if (wtype || reg->access != RW) {
		say("%s%s = reset %s, write %s", reg->name, number, r, wtype ? "UND" : "done");
		return;
	}
	type = read_reg(reg, crm, &val);
	o = value(type, val, ones);
	write_reg(reg, crm, 0);
	type = read_reg(reg, crm, &val);
	say("%s%s = reset %s, ones %s, zero %s", reg->name, number, r, o, value(type, val, zero));
}

static void print64(const char *name, u32 crm)
{
	u32 lo = NOT_READ, hi = NOT_READ;
	u32 type = insn_run(INSN_MRRC(14, 0, crm, 0, 1), INSN_ARM, &lo, &hi);

	if (type)
		say("%s 64 bits = %s", name, exc_name(type));
	else
		say("%s 64 bits = 0x%08x%08x", name, hi, lo);
}

/* C8.3.1: the lock is taken by its key and by nothing else. */
static void os_lock(void)
{
	static const u32 keys[] = { 0xc5acce55, 0, 0xc5acce55, 0xc5acce54, 0xffffffff };
	u32 i, val;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		cp_write(14, 0, 1, 0, 4, keys[i]);
		isb();
		cp_read(14, 0, 1, 1, 4, &val);
		report((val >> 1 & 1) == (keys[i] == 0xc5acce55), "OS lock, write %u of 0x%08x", i,
		       keys[i]);
	}
}

/* C11.11.20: MDBGen is what a debugger sets and reads back, twice. */
static void monitor_mode(void)
{
	u32 i, val, first;

	cp_read(14, 0, 0, 1, 0, &first);
	for (i = 0; i < 4; i++) {
		cp_write(14, 0, 0, 2, 2, i & 1 ? 0 : 1u << 15);
		isb();
		cp_read(14, 0, 0, 1, 0, &val);
		report((val >> 15 & 1) == !(i & 1), "DBGDSCR.MDBGen is %s, round %u",
		       i & 1 ? "clear" : "set", i / 2);
		say("DBGDSCRint with MDBGen %s, round %u = 0x%08x", i & 1 ? "clear" : "set", i / 2,
		    val);
	}
}

/* C11.11.8: DBGDIDR, cp15 ID_DFR0 and the slots that exist say the same. */
static void agreement(void)
{
	u32 didr, dfr0, val, brps, wrps, n, last;

	cp_read(14, 0, 0, 0, 0, &didr);
	cp_read(15, 0, 0, 1, 2, &dfr0);
	brps = (didr >> 24 & 15) + 1;
	wrps = (didr >> 28 & 15) + 1;
	say("ID_DFR0.CopDbg = %u", dfr0 & 15);
	/* B4.1.82: 5 is v7.1 by cp14; QEMU's cores claim it as well. */
	report((didr >> 16 & 15) == (dfr0 & 15), "ID_DFR0.CopDbg is DBGDIDR.Version");
	report((didr >> 20 & 15) < brps, "no more context-aware BRPs than BRPs");
	for (n = 0, last = 0; n < 16; n++)
		last += !cp_read(14, 0, 0, n, 5, &val);
	report(last == brps, "as many DBGBCRs as DBGDIDR.BRPs says");
	for (n = 0, last = 0; n < 16; n++)
		last += !cp_read(14, 0, 0, n, 7, &val);
	report(last == wrps, "as many DBGWCRs as DBGDIDR.WRPs says");
}

void guest_main(void)
{
	u32 i;
	int n;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		one(&regs[i], -1);
	for (i = 0; i < ARRAY_SIZE(slots); i++)
		for (n = 0; n < 16; n++)
			one(&slots[i], n);
	print64("DBGDRAR", 1);
	print64("DBGDSAR", 2);
	os_lock();
	monitor_mode();
	agreement();
}
