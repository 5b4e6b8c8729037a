// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the CPU takes exceptions under each setting that affects it: VBAR and high vectors
 * (SCTLR.V), Thumb handlers (TE), big-endian handlers (EE), combinations of these, both fault
 * status formats (TTBCR.EAE), and the MMU off.  The exceptions are those that a hypervisor
 * injects or reflects, and some that it never sees.
 */
#include "lib/actions.h"
#include "lib/cache.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/targets.h"

extern u8 vectors_bkpt[], vectors[], vectors_thumb[];
__asm__(".arm\n.balign 4\nvectors_bkpt: bkpt #0\nbx lr\n");

static u32 word[2] __attribute__((aligned(8)));

enum kind {
	UNDEF_CP14,
	UNDEF_CP15,
	UDF,
	BREAKPOINT,
	BKPT,
	WATCHPOINT,
	/* The same two after a write to MOE, which makes a hypervisor take them itself. */
	BREAKPOINT_MOE,
	WATCHPOINT_MOE,
	/* From PL0 and Thumb. */
	BREAKPOINT_PL0,
	BKPT_PL0,
	WATCHPOINT_PL0,
	WATCHPOINT_MOE_PL0,
	/* On a device that the hypervisor emulates: it has to inject the watchpoint. */
	DEVICE,
	DEVICE_PL0,
	SVCALL,
	/* An access that traps and that the hypervisor refuses: only in a guest. */
	REFUSED,
	KINDS
};

static const struct {
	const char *name;
	u32 type, mode, lr; /* lr: relative to the instruction */
	u32 from;	    /* mode and T; 0: Supervisor, ARM */
} kinds[KINDS] = {
	{ "undefined cp14 access", EXC_UND, MODE_UND, 4, 0 },
	{ "undefined cp15 access", EXC_UND, MODE_UND, 4, 0 },
	{ "udf", EXC_UND, MODE_UND, 4, 0 },
	{ "breakpoint", EXC_PABT, MODE_ABT, 4, 0 },
	{ "BKPT", EXC_PABT, MODE_ABT, 4, 0 },
	{ "watchpoint", EXC_DABT, MODE_ABT, 8, 0 },
	{ "breakpoint, MOE written before", EXC_PABT, MODE_ABT, 4, 0 },
	{ "watchpoint, MOE written before", EXC_DABT, MODE_ABT, 8, 0 },
	{ "Thumb breakpoint at PL0", EXC_PABT, MODE_ABT, 4, MODE_USR | PSR_T },
	{ "Thumb BKPT at PL0", EXC_PABT, MODE_ABT, 4, MODE_USR | PSR_T },
	{ "Thumb watchpoint at PL0", EXC_DABT, MODE_ABT, 8, MODE_USR | PSR_T },
	{ "Thumb watchpoint at PL0, MOE written before", EXC_DABT, MODE_ABT, 8, MODE_USR | PSR_T },
	{ "watchpoint on a device", EXC_DABT, MODE_ABT, 8, 0 },
	{ "Thumb watchpoint on a device at PL0", EXC_DABT, MODE_ABT, 8, MODE_USR | PSR_T },
	{ "svc", EXC_SVC, MODE_SVC, 4, 0 },
	{ "refused cp15 access", EXC_UND, MODE_UND, 4, 0 },
};

#define DEVICE_WORD GICD_IPRIORITYR(8)

static u32 watched_address(enum kind kind)
{
	return kind == DEVICE || kind == DEVICE_PL0 ? DEVICE_WORD : (u32)word;
}

static void write_moe(u32 moe)
{
	MCR(REG_DBGDSCREXT, (MRC(REG_DBGDSCRINT) & ~(15u << 2)) | moe << 2);
	isb();
}

/* Returns the address of the instruction that raised the exception. */
static u32 raise(enum kind kind)
{
	u32 r0 = 0, r1 = 0;

	switch (kind) {
	case UNDEF_CP14:
		insn_run(INSN_MRC(14, 0, 0, 15, 4, 0), INSN_ARM, &r0, &r1);
		return insn_address(INSN_ARM);
	case UNDEF_CP15:
		insn_run(INSN_MRC(15, 0, 4, 0, 0, 0), INSN_ARM, &r0, &r1);
		return insn_address(INSN_ARM);
	case UDF:
		insn_run(0xe7f000f0, INSN_ARM, &r0, &r1);
		return insn_address(INSN_ARM);
	case SVCALL:
		insn_run(0xef000001, INSN_ARM, &r0, &r1);
		return insn_address(INSN_ARM);
	case REFUSED:
		insn_run(INSN_MRC(15, 4, 15, 0, 0, 0), INSN_ARM, &r0, &r1); /* CBAR */
		return insn_address(INSN_ARM);
	case BREAKPOINT_MOE:
		write_moe(0);
		/* fall through */
	case BREAKPOINT:
		debug_hook_slot = 0;
		break_set(0, break_targets[0].at, CR_E | CR_ANY | BCR_BAS(0xf));
		exc_expect(debug_hook_break);
		call_at(1, break_targets[0].fn, 0);
		exc_done();
		return break_targets[0].at;
	case BKPT:
		exc_expect(NULL);
		call_at(1, (u32)vectors_bkpt, 0);
		exc_done();
		return (u32)vectors_bkpt;
	case BREAKPOINT_PL0:
		debug_hook_slot = 1;
		break_set(1, break_targets[2].at, CR_E | CR_PL0 | BCR_BAS(break_targets[2].bas));
		exc_expect(debug_hook_break);
		call_at(0, break_targets[2].fn, 0);
		exc_done();
		return break_targets[2].at;
	case BKPT_PL0:
		exc_expect(NULL);
		call_at(0, actions[ACT_t_bkpt].fn, 0);
		exc_done();
		return actions[ACT_t_bkpt].at;
	case WATCHPOINT_MOE_PL0:
		write_moe(0);
		/* fall through */
	case WATCHPOINT_PL0:
	case DEVICE_PL0:
		debug_hook_slot = 1;
		watch_set(1, watched_address(kind), CR_E | CR_PL0 | WCR_LOAD | WCR_BAS(0xff));
		exc_expect(debug_hook_watch);
		call_at(0, memory_accesses[MEM_t_ldr].fn, watched_address(kind));
		exc_done();
		return memory_accesses[MEM_t_ldr].at;
	case WATCHPOINT_MOE:
		write_moe(0);
		/* fall through */
	default:
		debug_hook_slot = 0;
		watch_set(0, watched_address(kind), CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
		exc_expect(debug_hook_watch);
		call_at(1, (u32)access_str, watched_address(kind));
		exc_done();
		return (u32)access_str;
	}
}

/*
 * Fault registers that an exception must not change (B3.13.2, B4.1.51, B4.1.52) hold values
 * that no exception produces, as far as the registers can hold them.
 */
static struct untouched {
	u32 ifsr, ifar, dfsr, dfar;
} sentinel;

static struct untouched fault_registers(void)
{
	return (struct untouched){ MRC(REG_IFSR), MRC(REG_IFAR), MRC(REG_DFSR), MRC(REG_DFAR) };
}

static void load_sentinels(void)
{
	MCR(REG_IFSR, 0x0d);
	MCR(REG_IFAR, 0xa5a50004);
	MCR(REG_DFSR, 0x80d);
	MCR(REG_DFAR, 0xa5a50008);
	isb();
	sentinel = fault_registers();
}

/*
 * A prefetch debug exception writes IFSR and leaves IFAR UNKNOWN; a watchpoint writes DFSR and
 * DFAR.
 */
static bool left_alone(u32 type)
{
	struct untouched now = fault_registers();
	bool instruction = now.ifsr == sentinel.ifsr && now.ifar == sentinel.ifar;
	bool data = now.dfsr == sentinel.dfsr && now.dfar == sentinel.dfar;

	return (type == EXC_PABT || instruction) && (type == EXC_DABT || data);
}

#define QGE_BITS 0x080f0000u
#define QGE	 0x080a0000u

static void all_exceptions(const char *setting)
{
	const struct exc *exc = &this_cpu()->exc;
	bool all_untouched = true;
	enum kind kind;

	__asm__ volatile("msr cpsr_fs, %0" : : "r"(QGE) : "cc");
	for (kind = 0; kind < KINDS; kind++) {
		u32 at, t = MRC(REG_SCTLR) & SCTLR_TE ? PSR_T : 0;
		u32 e = MRC(REG_SCTLR) & SCTLR_EE ? PSR_E : 0;
		bool good, untouched, aborted = kinds[kind].mode == MODE_ABT;

		if (kind == REFUSED && !in_guest())
			continue;
		guest_only(kind == REFUSED);
		load_sentinels();
		at = raise(kind);
		untouched = left_alone(kinds[kind].type);
		good = exc->count == 1 && exc->type == kinds[kind].type &&
		       exc->lr == at + kinds[kind].lr;

		/*
		 * B1.8.6: exception entry sets the mode, A for aborts, I always, and T and E
		 * from SCTLR.  exception() runs in ARM and little-endian state; vectors.S
		 * recorded T and E at the vector.
		 */
		good &= (exc->spsr & (PSR_MODE | PSR_T | PSR_E)) ==
			(kinds[kind].from ? kinds[kind].from : MODE_SVC);
		good &= (exc->cpsr & (PSR_MODE | PSR_I)) == (kinds[kind].mode | PSR_I);
		/* Q and GE, which no code here changes; say() below prints the rest. */
		if (!kinds[kind].from)
			good &= (exc->spsr & QGE_BITS) == QGE;
		good &= (exc->cpsr & PSR_F) == (exc->spsr & PSR_F);
		good &= (exc->cpsr & PSR_A) == (aborted ? PSR_A : exc->spsr & PSR_A);
		good &= (exc->entry & (PSR_T | PSR_E)) == (t | e);
		if (kinds[kind].type == EXC_PABT)
			good &= is_debug_fsr(exc->ifsr) &&
				exc->moe == (kind == BKPT || kind == BKPT_PL0 ? MOE_BKPT
									      : MOE_BREAKPOINT);
		if (kinds[kind].type == EXC_DABT)
			good &= is_debug_fsr(exc->dfsr) && exc->moe == MOE_WATCHPOINT &&
				exc->dfar == watched_address(kind);
		report(good, "%s, %s", setting, kinds[kind].name);
		if (!untouched)
			note("%s, %s: a fault register that is not its own changed", setting,
			     kinds[kind].name);
		all_untouched &= untouched;
		if (!good)
			note("count %u %s lr %+d spsr 0x%x cpsr 0x%x entry 0x%x ifsr 0x%x dfsr "
			     "0x%x "
			     "moe %u",
			     exc->count, exc_name(exc->type), (int)(exc->lr - at), exc->spsr,
			     exc->cpsr, exc->entry, exc->ifsr, exc->dfsr, exc->moe);
		guest_only(false);
		if (kind != REFUSED)
			say("%s, %s = spsr 0x%08x, cpsr 0x%03x", setting, kinds[kind].name,
			    exc->spsr & (0xf80003ff | QGE_BITS), (exc->cpsr & 0x1df) | exc->entry);
	}
	report(all_untouched, "%s: none changes a fault register that is not its own", setting);
}

static void sctlr(u32 set, u32 clear)
{
	MCR(REG_SCTLR, (MRC(REG_SCTLR) & ~clear) | set);
	isb();
}

/* A copy of the Thumb vectors at the start of a page, for high vectors: they can be moved. */
static u8 thumb_page[4096] __attribute__((aligned(4096)));

static void make_thumb_page(void)
{
	u32 i;

	for (i = 0; i < 4096 - ((u32)vectors_thumb & 4095); i++)
		thumb_page[i] = vectors_thumb[i];
	cache_sync_code(thumb_page, sizeof(thumb_page));
}

static void settings(const char *plain, const char *high, const char *high_thumb, const char *thumb)
{
	all_exceptions(plain);
	/* B1.8.1: V overrides VBAR; the page of vectors is mapped there too. */
	if (high) {
		MCR(REG_VBAR, 0);
		sctlr(SCTLR_V, 0);
		all_exceptions(high);
		mmu_high_page(thumb_page);
		sctlr(SCTLR_TE, 0);
		all_exceptions(high_thumb);
		sctlr(0, SCTLR_V | SCTLR_TE);
		mmu_high_page(vectors);
	}
	MCR(REG_VBAR, (u32)vectors_thumb);
	sctlr(SCTLR_TE, 0);
	all_exceptions(thumb);
	sctlr(0, SCTLR_TE);
	MCR(REG_VBAR, (u32)vectors);
	isb();
}

void guest_main(void)
{
	report(debug_enable(), "monitor mode can be turned on");
	settings("MMU off", NULL, NULL, "MMU off, TE");
	sctlr(SCTLR_EE, 0);
	settings("MMU off, EE", NULL, NULL, "MMU off, EE and TE");
	sctlr(0, SCTLR_EE);

	/* The settings above run with A and F set; run once with both clear. */
	__asm__ volatile("cpsie af" ::: "memory");
	all_exceptions("A and F clear");
	__asm__ volatile("cpsid af" ::: "memory");

	make_thumb_page();
	mmu_on(MMU_SHORT);
	settings("short descriptors", "short descriptors, V", "short descriptors, V and TE",
		 "short descriptors, TE");
	mmu_off();
	mmu_on(MMU_LPAE);
	settings("long descriptors", "long descriptors, V", "long descriptors, V and TE",
		 "long descriptors, TE");
	mmu_off();
	/* EE is also the byte order of the translation tables. */
	mmu_on_big_endian(MMU_SHORT);
	settings("short descriptors, EE", "short descriptors, EE and V",
		 "short descriptors, EE, V and TE", "short descriptors, EE and TE");
	mmu_off();
	mmu_on_big_endian(MMU_LPAE);
	settings("long descriptors, EE", "long descriptors, EE and V",
		 "long descriptors, EE, V and TE", "long descriptors, EE and TE");
	mmu_off();
	mmu_on(MMU_SHORT);
	all_exceptions("short descriptors again");
}
