// SPDX-License-Identifier: GPL-2.0-only
/* Runs a random program and hashes everything that happens. */
#include "fuzz.h"

#include "actions.h"
#include "console.h"
#include "cpu.h"
#include "debug.h"
#include "insn.h"
#include "psci.h"
#include "report.h"

#define TOO_MANY 40 /* exceptions in one step: the rest are skipped, not hashed */

struct fuzz_count fuzz_count;

static u32 hash;
static bool verbose;
static u32 saved_bcr[16], saved_wcr[16];
static u32 brps, wrps;

/*
 * Set during an unaligned store.  The emulator compares such a store from the start of its page
 * on, so DFAR may belong to a point below it, and to which one depends on the points' order.
 */
static bool unaligned_store;

static u32 dfar_seen(u32 dfar)
{
	return unaligned_store ? dfar & ~0xfffu : dfar;
}

extern u8 vectors[], vectors_thumb[];

static void log_value(const char *what, u32 value)
{
	u32 i;

	for (i = 0; i < 32; i += 8)
		hash = (hash ^ (value >> i & 0xff)) * 16777619u;
	if (verbose)
		note("      %s 0x%08x", what, value);
}

static void suspend_breakpoints(void)
{
	u32 n, control;

	for (n = 0; n < brps; n++) {
		control = bcr_read(n);
		if (!(control & CR_E))
			continue;
		saved_bcr[n] = control;
		bcr_write(n, control & ~CR_E);
	}
	isb();
}

static void suspend_watchpoints(void)
{
	u32 n, control;

	for (n = 0; n < wrps; n++) {
		control = wcr_read(n);
		if (!(control & CR_E))
			continue;
		saved_wcr[n] = control;
		wcr_write(n, control & ~CR_E);
	}
	isb();
}

/* Turn the points on again that hook() turned off so that the step could complete. */
static void resume_points(void)
{
	u32 n;

	for (n = 0; n < 16; n++) {
		if (saved_bcr[n])
			bcr_write(n, saved_bcr[n]);
		if (saved_wcr[n])
			wcr_write(n, saved_wcr[n]);
		saved_bcr[n] = 0;
		saved_wcr[n] = 0;
	}
	isb();
}

static void hook(struct frame *frame)
{
	const struct exc *exc = &this_cpu()->exc;

	if (exc->count > TOO_MANY) {
		suspend_breakpoints();
		suspend_watchpoints();
		exc_skip(frame);
		return;
	}
	log_value("exception", exc->type);
	log_value("lr", exc->lr);
	/* Mode, T, F, I, A, E and IT; not the flags, which this program's own code sets. */
	log_value("spsr", exc->spsr & 0x0600ffff);
	log_value("cpsr", exc->cpsr & 0x000001df);
	log_value("vector's T and E", exc->entry);
	if (exc->type == EXC_PABT) {
		log_value("ifsr", is_debug_fsr(exc->ifsr) ? known_fsr(exc->ifsr) : exc->ifsr);
		log_value("moe", exc->moe);
		if (is_debug_fsr(exc->ifsr) && exc->moe != MOE_BKPT) {
			fuzz_count.breakpoints++;
			suspend_breakpoints();
			return;
		}
	}
	if (exc->type == EXC_DABT) {
		log_value("dfsr", is_debug_fsr(exc->dfsr) ? known_fsr(exc->dfsr) : exc->dfsr);
		log_value("dfar", dfar_seen(exc->dfar));
		log_value("moe", exc->moe);
		if (is_debug_fsr(exc->dfsr)) {
			fuzz_count.watchpoints++;
			suspend_watchpoints();
			return;
		}
	}
	fuzz_count.others++;
	exc_skip(frame);
}

/* MDBGen and MOE; the emulator does not have the other bits that read as one. */
#define DSCR_SEEN (DSCR_MDBGEN | 15u << 2)

static void write_dscr(u32 clear, u32 set)
{
	MCR(REG_DBGDSCREXT, (MRC(REG_DBGDSCRINT) & DSCR_SEEN & ~clear) | set);
	isb();
	log_value("dscr", MRC(REG_DBGDSCRINT) & DSCR_SEEN);
}

/*
 * The slot is turned off before it is written, so that the write does not move an enabled
 * point.  It is read back at PL1, whatever level it was written from.
 */
static void cp14_write(const struct fuzz_step *step)
{
	u32 r0 = step->data, r1 = 0;

	if (step->n == 4 && step->slot < brps)
		bcr_write(step->slot, 0);
	if (step->n == 6 && step->slot < wrps)
		wcr_write(step->slot, 0);
	isb();
	insn_hook = hook;
	log_value("last exception", insn_run(step->value & ~INSN_READ, step->control, &r0, &r1));
	r0 = NOT_READ;
	log_value("last exception", insn_run(step->value, INSN_ARM, &r0, &r1));
	insn_hook = NULL;
	isb();
	log_value("read again", r0);
}

static void run_step(const struct fuzz_step *step)
{
	const struct memory_access *access = &memory_accesses[step->n];
	u32 n = step->n, r0 = NOT_READ, r1 = 0, ret;

	switch (step->op) {
	case FUZZ_BREAK:
		break_set(n, step->value, step->control);
		break;
	case FUZZ_WATCH:
		watch_set(n, step->value, step->control);
		break;
	case FUZZ_CONTEXT:
		bcr_write(n, 0);
		bvr_write(n, step->value);
		bcr_write(n, CR_E | CR_ANY | BCR_BAS(0xf) | BCR_TYPE(3));
		isb();
		break;
	case FUZZ_CLEAR:
		if (n < brps)
			bcr_write(n, 0);
		if (n < wrps)
			wcr_write(n, 0);
		isb();
		break;
	case FUZZ_CONTEXTIDR:
		MCR(REG_CONTEXTIDR, step->value);
		isb();
		break;
	case FUZZ_MONITOR:
		write_dscr(DSCR_MDBGEN, step->value ? DSCR_MDBGEN : 0);
		break;
	case FUZZ_MOE:
		write_dscr(15u << 2, step->value << 2);
		break;
	case FUZZ_READ_BACK:
		log_value("bvr", n < brps ? bvr_read(n) : 0);
		log_value("bcr", n < brps ? bcr_read(n) : 0);
		log_value("wvr", n < wrps ? wvr_read(n) : 0);
		log_value("wcr", n < wrps ? wcr_read(n) : 0);
		break;
	case FUZZ_CP14:
		insn_hook = hook;
		log_value("last exception", insn_run(step->value, step->control, &r0, &r1));
		insn_hook = NULL;
		log_value("r0", r0);
		log_value("r1", r1);
		break;
	case FUZZ_CP14_WRITE:
		cp14_write(step);
		break;
	case FUZZ_ACCESS:
		unaligned_store = access->dir & STORE &&
				  step->value & ((access->size > 8 ? 8u : access->size) - 1);
		exc_expect(hook);
		ret = call_at(step->pl, access->fn, step->value);
		exc_done();
		unaligned_store = false;
		log_value("loaded", step->device ? 0 : ret);
		break;
	case FUZZ_ACTION:
		exc_expect(hook);
		ret = call_at(step->pl, actions[n].fn, step->value);
		exc_done();
		log_value("left", ret);
		break;
	default:
		hvc_unknown();
	}
}

static void describe_step(u32 number, const struct fuzz_step *step)
{
	static const char *const ops[FUZZ_OPS] = {
		"breakpoint",  "watchpoint",	 "context breakpoint",
		"clear slot",  "CONTEXTIDR",	 "MDBGen",
		"MOE",	       "read back slot", "MRC",
		"MCR and MRC", "access",	 "action",
		"HVC",
	};
	const char *name = step->op == FUZZ_ACCESS   ? memory_accesses[step->n].name
			   : step->op == FUZZ_ACTION ? actions[step->n].name
						     : "";

	note("  step %u: PL%u %s %s, n %u, value 0x%08x, control 0x%08x", number, step->pl,
	     ops[step->op], name, step->n, step->value, step->control);
}

static void sctlr(u32 set, u32 clear)
{
	MCR(REG_SCTLR, (MRC(REG_SCTLR) & ~clear) | set);
	isb();
}

/* Every program starts from the same state, whatever ran before. */
static void start_program(const struct fuzz_program *program)
{
	static bool mmu;
	static enum mmu_format format;
	u32 i;

	if (!mmu || format != program->format) {
		if (mmu)
			mmu_off();
		mmu_on(program->format);
		mmu = true;
		format = program->format;
	}
	actions_enable_simd();
	debug_enable();
	MCR(REG_CONTEXTIDR, 0);
	isb();
	for (i = 0; i < sizeof(fuzz_area); i += 4)
		*(u32 *)(fuzz_area + i) = i * 2654435761u;
	/* A BKPT gives MOE a known value. */
	exc_expect(NULL);
	call_at(1, actions[ACT_bkpt].fn, 0);
	exc_done();

	MCR(REG_VBAR, program->high ? 0 : program->thumb ? (u32)vectors_thumb : (u32)vectors);
	/* Only the ARM vectors are mapped as high vectors. */
	sctlr((program->high ? SCTLR_V : 0) | (program->thumb && !program->high ? SCTLR_TE : 0),
	      SCTLR_V | SCTLR_TE);
}

static void end_program(void)
{
	u32 n, sum = 0;

	MCR(REG_VBAR, (u32)vectors);
	sctlr(0, SCTLR_V | SCTLR_TE);
	for (n = 0; n < brps; n++) {
		log_value("bvr", bvr_read(n));
		log_value("bcr", bcr_read(n));
	}
	for (n = 0; n < wrps; n++) {
		log_value("wvr", wvr_read(n));
		log_value("wcr", wcr_read(n));
	}
	log_value("dscr", MRC(REG_DBGDSCRINT) & DSCR_SEEN);
	debug_clear();
	for (n = 0; n < sizeof(fuzz_area); n += 4)
		sum = (sum ^ *(u32 *)(fuzz_area + n)) * 16777619u;
	log_value("memory", sum);
}

u32 fuzz_run(u32 seed, u32 mask, bool log)
{
	static u32 runs;
	const struct fuzz_program *program = fuzz_generate(seed, runs++);
	u32 n;

	brps = debug_brps();
	wrps = debug_wrps();
	hash = 2166136261u;
	verbose = false;
	start_program(program);
	verbose = log;
	if (log)
		note("seed %u: %s descriptors%s%s", seed,
		     program->format == MMU_LPAE ? "long" : "short", program->high ? ", V" : "",
		     program->thumb ? ", TE" : "");
	for (n = 0; n < program->count; n++) {
		if (!(mask >> n & 1))
			continue;
		if (log)
			describe_step(n, &program->steps[n]);
		run_step(&program->steps[n]);
		resume_points();
	}
	end_program();
	return hash;
}
