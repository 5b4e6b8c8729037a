// SPDX-License-Identifier: GPL-2.0-only
/* Records expected exceptions and reports unexpected ones. */
#include "exception.h"

#include "cpu.h"
#include "console.h"
#include "report.h"

#define DBGDSCRINT 14, 0, 0, 1, 0
#define EXC_LIMIT  100000 /* ends a program whose hook makes no progress */

_Static_assert(offsetof(struct frame, lr) == FRAME_LR, "layout.h");
_Static_assert(offsetof(struct frame, spsr) == FRAME_SPSR, "layout.h");
_Static_assert(offsetof(struct frame, type) == FRAME_TYPE, "layout.h");
_Static_assert(offsetof(struct frame, pc) == FRAME_PC, "layout.h");
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "layout.h");

union cpu_slot cpus[MAX_CPUS];
void (*irq_hook)(void);

void exception(struct frame *frame);

const char *exc_name(u32 type)
{
	static const char *const names[] = { "none", "UND", "SVC", "PABT", "DABT", "IRQ", "FIQ" };

	return type < ARRAY_SIZE(names) ? names[type] : "?";
}

const char *mode_name(u32 psr)
{
	switch (psr & PSR_MODE) {
	case MODE_USR:
		return "usr";
	case MODE_FIQ:
		return "fiq";
	case MODE_IRQ:
		return "irq";
	case MODE_SVC:
		return "svc";
	case MODE_ABT:
		return "abt";
	case MODE_HYP:
		return "hyp";
	case MODE_UND:
		return "und";
	case MODE_SYS:
		return "sys";
	default:
		return "?";
	}
}

static void __attribute__((noreturn)) unexpected(const struct frame *frame, const char *why)
{
	int i;

	note("%s: %s at 0x%08x from %s, spsr 0x%08x lr 0x%08x", why, exc_name(frame->type),
	     frame->pc, mode_name(frame->spsr), frame->spsr, frame->lr);
	for (i = 0; i < 13; i++)
		printf("%s r%d=0x%08x%s", i % 4 ? "" : "#", i, frame->r[i],
		       i % 4 == 3 || i == 12 ? "\n" : "");
	note("ifsr 0x%08x ifar 0x%08x dfsr 0x%08x dfar 0x%08x", MRC(REG_IFSR), MRC(REG_IFAR),
	     MRC(REG_DFSR), MRC(REG_DFAR));
	finish(why);
}

/* A2.5.2: ITSTATE after one instruction of an IT block. */
static u32 it_advance(u32 spsr)
{
	u32 it = (spsr >> 25 & 3) | (spsr >> 8 & 0xfc);

	it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
	return (spsr & ~(3u << 25 | 0x3fu << 10)) | (it & 3) << 25 | (it & 0xfc) << 8;
}

void exc_skip(struct frame *frame)
{
	if (frame->type == EXC_SVC)
		return; /* pc is the next instruction already */
	if (!(frame->spsr & PSR_T)) {
		frame->pc += 4;
		return;
	}
	/* A6.1: the first halfword tells a 32-bit instruction. */
	frame->pc += *(const u16 *)frame->pc >> 11 >= 0x1d ? 4 : 2;
	frame->spsr = it_advance(frame->spsr);
}

/* Called by vectors.S in the exception's mode. */
void exception(struct frame *frame)
{
	struct cpu *cpu = this_cpu();
	struct exc *exc = &cpu->exc;

	if (frame->type == EXC_IRQ && irq_hook) {
		irq_hook();
		return;
	}
	if (!cpu->expecting)
		unexpected(frame, "unexpected exception");

	exc->type = frame->type;
	exc->count++;
	exc->lr = frame->lr;
	exc->spsr = frame->spsr;
	exc->pc = frame->pc;
	exc->cpsr = cpsr();
	exc->entry = MRC(REG_TPIDRURO);
	if (frame->type == EXC_PABT || frame->type == EXC_DABT) {
		exc->ifsr = MRC(REG_IFSR);
		exc->ifar = MRC(REG_IFAR);
		exc->dfsr = MRC(REG_DFSR);
		exc->dfar = MRC(REG_DFAR);
		exc->moe = MRC(DBGDSCRINT) >> 2 & 15;
	}
	if (exc->count > EXC_LIMIT)
		unexpected(frame, "too many exceptions");
	if (cpu->hook)
		cpu->hook(frame);
	else
		exc_skip(frame);
}

void exc_expect(exc_hook hook)
{
	static const struct exc none;
	struct cpu *cpu = this_cpu();

	cpu->exc = none;
	cpu->hook = hook;
	cpu->expecting = true;
	__asm__ volatile("" ::: "memory");
}

const struct exc *exc_done(void)
{
	struct cpu *cpu = this_cpu();

	__asm__ volatile("" ::: "memory");
	cpu->expecting = false;
	return &cpu->exc;
}
