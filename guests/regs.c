// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every cp14 debug register from PL1: its reset value, and what reads back after writing
 * all ones and after writing zero.
 */
#include "lib/arm.h"
#include "lib/exception.h"
#include "lib/insn.h"
#include "lib/report.h"

enum {
	RO,
	WO,
	RW
};

struct reg {
	const char *name;
	u8 opc1, crn, crm, opc2;
	u8 access;
};

#define V7DBG_REG(name, o1, n, m, o2, access, ...) { #name, o1, n, m, o2, access },
static const struct reg regs[] = {
#include "v7dbg_regs.def"
	/* v7.0 only (C11.3), so UNDEFINED on every core with Hyp mode. */
	{ "DBGECR", 0, 0, 9, 0, RW },	 { "DBGDSCCR", 0, 0, 10, 0, RW },
	{ "DBGDSMCR", 0, 0, 11, 0, RW }, { "DBGDRCR", 0, 0, 4, 2, WO },
	{ "DBGOSSRR", 0, 1, 2, 4, RW },	 { "DBGPRSR", 0, 1, 5, 4, RO },
};

/* Register n of a bank is at CRm = n. */
#define V7DBG_BANK(name, o1, n, o2, count, access, ...) { #name, o1, n, 0, o2, access },
static const struct reg banks[] = {
#include "v7dbg_regs.def"
};

#define V7DBG_REG64(name, o1, m, ...) { #name, o1, 0, m, 0, RO },
static const struct reg regs64[] = {
#include "v7dbg_regs.def"
};

/* All ones, except for bits that stop the CPU or its debug logic. */
static u32 ones_for(const struct reg *reg)
{
	static const struct {
		u8 crn, crm, opc2;
		u32 ones;
	} careful[] = {
		{ 0, 4, 2, 0 },	  /* DBGDRCR */
		{ 1, 3, 4, ~1u }, /* DBGOSDLR.DLK: no more debug exceptions */
		{ 1, 4, 4, 1 },	  /* DBGPRCR.CWRR: resets the core */
		{ 7, 0, 4, ~1u }, /* DBGITCTRL.IME: integration mode */
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(careful); i++)
		if (careful[i].crn == reg->crn && careful[i].crm == reg->crm &&
		    careful[i].opc2 == reg->opc2)
			return careful[i].ones;
	return ~0u;
}

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

/* The result of a read as text.  The emulator has registers whose read does nothing. */
static const char *value_text(u32 type, u32 val, char text[16])
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

/* n: the slot, or -1.  val, type: what a read returned before anything was written. */
static void one_reg(const struct reg *reg, int n, u32 val, u32 type)
{
	u32 crm = n < 0 ? reg->crm : (u32)n, wtype;
	char reset[16], ones[16], zero[16], number[4] = { 0 };
	const char *r, *o;

	if (n >= 10)
		number[0] = (char)('0' + n / 10);
	if (n >= 0)
		number[n >= 10] = (char)('0' + n % 10);

	r = value_text(type, val, reset);
	wtype = write_reg(reg, crm, ones_for(reg));
	if (wtype || reg->access != RW) {
		say("%s%s = reset %s, write %s", reg->name, number, r, wtype ? "UND" : "done");
		return;
	}
	type = read_reg(reg, crm, &val);
	o = value_text(type, val, ones);
	write_reg(reg, crm, 0);
	type = read_reg(reg, crm, &val);
	say("%s%s = reset %s, ones %s, zero %s", reg->name, number, r, o,
	    value_text(type, val, zero));
}

static void one_reg64(const struct reg *reg)
{
	u32 lo = NOT_READ, hi = NOT_READ;
	u32 type = insn_run(INSN_MRRC(14, reg->opc1, reg->crm, 0, 1), INSN_ARM, &lo, &hi);

	if (type)
		say("%s of 64 bits = %s", reg->name, exc_name(type));
	else
		say("%s of 64 bits = %08x%08x", reg->name, hi, lo);
}

/* C6.4.2: what User mode can read, with DBGDSCR.UDCCdis clear and set. */
static void from_pl0(const struct reg *reg)
{
	u32 disable, type[2], r0 = 0, r1 = 0;

	if (reg->access == WO)
		return;
	for (disable = 0; disable < 2; disable++) {
		cp_write(14, 0, 0, 2, 2, disable << 12);
		isb();
		type[disable] = insn_run(INSN_MRC(14, reg->opc1, reg->crn, reg->crm, reg->opc2, 0),
					 INSN_PL0, &r0, &r1);
	}
	cp_write(14, 0, 0, 2, 2, 0);
	say("%s from PL0 = %s, with UDCCdis %s", reg->name, type[0] ? "UND" : "done",
	    type[1] ? "UND" : "done");
}

/* C7.3: only the key sets the lock; any other value clears it. */
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

/* C11.11.20: MDBGen reads back as it was written; set and cleared twice. */
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

/* C11.11.8: DBGDIDR, cp15 ID_DFR0 and the slots that exist agree. */
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
	static u32 first[ARRAY_SIZE(regs)], types[ARRAY_SIZE(regs)];
	u32 i, val, type;
	int n;

	/* Read all before writing any: writing a lock or a tag changes other registers. */
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		types[i] = read_reg(&regs[i], regs[i].crm, &first[i]);
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		one_reg(&regs[i], -1, first[i], types[i]);
	for (i = 0; i < ARRAY_SIZE(banks); i++)
		for (n = 0; n < 16; n++) {
			type = read_reg(&banks[i], (u32)n, &val);
			one_reg(&banks[i], n, val, type);
		}
	for (i = 0; i < ARRAY_SIZE(regs64); i++)
		one_reg64(&regs64[i]);
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		from_pl0(&regs[i]);
	os_lock();
	monitor_mode();
	agreement();
}
