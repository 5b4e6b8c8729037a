// SPDX-License-Identifier: GPL-2.0-only
#include "sweep.h"

#include "arm.h"
#include "cache.h"
#include "cpu.h"
#include "targets.h"

/*
 * void block(struct context *): loads every register and sets the flags; for each instruction
 * loads its operand from a table and stores the result; at the end stores every register.
 * r1: results, r2: operands, r5: the value for r3.
 */
__asm__(".syntax unified\n"
	".macro head\n"
	"push {r4-r11, lr}\n"
	"push {r0, r12}\n"
	"ldm r0, {r0-r12, lr}\n"
	"msr cpsr_f, r6\n"
	".endm\n"
	".macro tail\n"
	"mrs r0, cpsr\n"
	"push {r0}\n"
	"ldr r0, [sp, #4]\n"
	"add r0, r0, #64\n"
	"stm r0, {r1-r12, lr}\n"
	"pop {r1}\n"
	"str r1, [r0, #52]\n"
	"pop {r0, r12}\n"
	"pop {r4-r11, pc}\n"
	".endm\n"
	".macro each\n"
	"ldr r0, [r2], #4\n"
	"mov r3, r5\n"
	".endm\n"
	".macro left\n"
	"str r0, [r1], #4\n"
	"str r3, [r1], #4\n"
	".endm\n"
	".arm\n.balign 4\n"
	"sweep_arm_head: head\n"
	"sweep_arm_each: each\n"
	"sweep_arm_left: left\n"
	"sweep_arm_tail: tail\n"
	"sweep_arm_end:\n"
	".thumb\n.balign 4\n"
	"sweep_thumb_head: head\n"
	"sweep_thumb_each: each\n"
	"sweep_thumb_left: left\n"
	"sweep_thumb_tail: tail\n"
	"sweep_thumb_end:\n"
	".balign 4\n.arm\n");

extern u8 sweep_arm_head[], sweep_arm_each[], sweep_arm_left[], sweep_arm_tail[], sweep_arm_end[],
	sweep_thumb_head[], sweep_thumb_each[], sweep_thumb_left[], sweep_thumb_tail[],
	sweep_thumb_end[];
static const struct {
	u8 *head, *each, *left, *tail, *end;
} templates[2] = {
	{ sweep_arm_head, sweep_arm_each, sweep_arm_left, sweep_arm_tail, sweep_arm_end },
	{ sweep_thumb_head, sweep_thumb_each, sweep_thumb_left, sweep_thumb_tail, sweep_thumb_end },
};

struct context {
	u32 in[14]; /* r0 - r12, lr */
	u32 unused[2];
	u32 out[13]; /* r1 - r12, lr */
	u32 flags;
};
_Static_assert(offsetof(struct context, out) == 64, "head and tail above");

#define FLAGS 0x48000000u /* Z and Q */
#define IT_EQ 0xbf0cu	  /* ite eq */
#define IT_NE 0xbf18u	  /* it ne */
#define ELSE  0x2077u	  /* movne r0, #0x77: must not execute */

u32 sweep_memory[64];
/*
 * Each block of code gets a page of memory that has not been executed before: an emulator is slow
 * when code is overwritten and when data is next to code.
 */
#define CODE_FIRST 0x41000000u
#define CODE_END   0x43000000u
static u32 *code = (u32 *)CODE_FIRST;
_Static_assert(SWEEP_BLOCK * 24 + 128 <= 4096, "a block is no more than a page");
static u32 operand_table[SWEEP_BLOCK];
static u32 left[SWEEP_BLOCK][2];
static struct sweep_result results[SWEEP_BLOCK];
static struct context context;
static u8 *at;

/* How hook() finds out which instruction raised an exception. */
static u32 first_insn, stride, want_spsr;
static struct sweep_check *sums;

static void next_page(void)
{
	code += 1024;
	if ((u32)code >= CODE_END)
		code = (u32 *)CODE_FIRST;
	at = (u8 *)code;
}

/* By halfwords, because Thumb code is aligned to those only. */
static void put_template(const u8 *from, const u8 *end)
{
	for (; from < end; from += 2, at += 2)
		*(u16 *)at = *(const u16 *)from;
}

static void put16(u32 v)
{
	*(u16 *)at = (u16)v;
	at += 2;
}

static void put_insn(u32 mode, u32 insn)
{
	u32 condition = mode >> 2;

	if (!(mode & 2)) {
		/* A8.3: AL, EQ, NE. */
		insn = (insn & 0x0fffffff) | (condition == 0 ? 14u : condition - 1) << 28;
		put16(insn);
		put16(insn >> 16);
		return;
	}
	if (condition)
		put16(condition == 1 ? IT_EQ : IT_NE);
	put16(insn >> 16);
	put16(insn);
	if (condition == 1)
		put16(ELSE);
}

static void hook(struct frame *frame)
{
	u32 offset = frame->pc - first_insn, n = offset / stride;

	if (frame->type != EXC_UND || n >= SWEEP_BLOCK || offset % stride)
		sums->lr++;
	else
		results[n].undefined++;
	/* SPSR has the flags, IT, T and mode with which the instruction ran. */
	if ((frame->spsr & 0xfe00fc3f) != want_spsr)
		sums->spsr++;
	exc_skip(frame);
}

const struct sweep_result *sweep_block(u32 mode, u32 first, u32 (*insn)(u32), u32 (*operand)(u32),
				       struct sweep_check *sum)
{
	u32 thumb = mode >> 1 & 1, i;

	next_page();
	put_template(templates[thumb].head, templates[thumb].each);
	for (i = 0; i < SWEEP_BLOCK; i++) {
		u8 *start = at;

		operand_table[i] = operand(first + i);
		results[i].undefined = 0;
		put_template(templates[thumb].each, templates[thumb].left);
		if (i == 0)
			first_insn = (u32)at + (thumb && mode >> 2 ? 2 : 0);
		put_insn(mode, insn(first + i));
		put_template(templates[thumb].left, templates[thumb].tail);
		stride = (u32)(at - start);
	}
	put_template(templates[thumb].tail, templates[thumb].end);
	cache_sync_code(code, (u32)at - (u32)code);

	for (i = 0; i < ARRAY_SIZE(context.in); i++)
		context.in[i] = 0x01010101u * i;
	context.in[1] = (u32)left;
	context.in[2] = (u32)operand_table;
	context.in[5] = SWEEP_R3;
	context.in[6] = FLAGS;
	sums = sum;
	want_spsr = FLAGS | (mode & 1 ? MODE_USR : MODE_SVC) | (thumb ? PSR_T : 0) |
		    (thumb && mode >> 2 == 1 ? 0x0c00u : 0);

	exc_expect(hook);
	call_at(!(mode & 1), (u32)code | thumb, (u32)&context);
	exc_done();

	/* r1 and r2 went through their tables once; no other register changed. */
	sum->registers += context.out[0] != (u32)left + sizeof(left);
	sum->registers += context.out[1] != (u32)operand_table + sizeof(operand_table);
	for (i = 3; i < ARRAY_SIZE(context.out); i++)
		sum->registers += context.out[i] != context.in[i + 1];
	sum->registers += (context.flags & 0xf8000000) != FLAGS;
	for (i = 0; i < SWEEP_BLOCK; i++) {
		results[i].r0 = left[i][0];
		results[i].r3 = left[i][1];
		sum->lr += results[i].undefined > 1;
		if (mode >> 2 == 2)
			sum->undefined_not_run += results[i].undefined;
	}
	return results;
}

/* A8.8: MOV between registers.  B9.3.2: CPS to a mode. */
#define ARM_MOV(d, m) (0xe1a00000u | (d) << 12 | (m))
#define ARM_CPS(mode) (0xf1020000u | (mode))

u32 sweep_operand(u32 mode, u32 rt, u32 insn, u32 value)
{
	/* Three registers other than rt: they hold rt's old value, value, and the result. */
	u32 old = rt == 0 ? 3 : 0, in = rt == 1 ? 3 : 1, out = rt == 2 ? 3 : 2;
	u32 n = 0, got;

	next_page();
	code[n++] = 0xe92d5ff8; /* push {r3-r12, lr} */
	code[n++] = ARM_MOV(3, 1);
	code[n++] = ARM_CPS(mode);
	code[n++] = ARM_MOV(old, rt);
	code[n++] = ARM_MOV(rt, in);
	code[n++] = insn;
	code[n++] = ARM_MOV(out, rt);
	code[n++] = ARM_MOV(rt, old);
	code[n++] = ARM_CPS(MODE_SVC);
	code[n++] = ARM_MOV(0, out);
	code[n++] = 0xe8bd9ff8; /* pop {r3-r12, pc} */
	cache_sync_code(code, 4 * n);
	__asm__ volatile("mov r1, %1\nblx %2\nmov %0, r0"
			 : "=r"(got)
			 : "r"(value), "r"(code)
			 : "r0", "r1", "r2", "r3", "r12", "lr", "cc", "memory");
	return got;
}

u32 sweep_flags(u32 insn)
{
	u32 thumb, got[2];

	for (thumb = 0; thumb < 2; thumb++) {
		u32 psr;

		next_page();
		if (thumb) {
			put16(insn >> 16);
			put16(insn);
			put16(0xf3ef); /* mrs r0, cpsr */
			put16(0x8000);
			put16(0x4770); /* bx lr */
		} else {
			code[0] = insn;
			code[1] = 0xe10f0000; /* mrs r0, cpsr */
			code[2] = 0xe12fff1e; /* bx lr */
		}
		cache_sync_code(code, 16);
		/* All flags are set first, so that one that is cleared shows. */
		__asm__ volatile("msr cpsr_f, %2\nblx %1\nmov %0, r0"
				 : "=r"(psr)
				 : "r"((u32)code | thumb), "r"(0xf0000000)
				 : "r0", "r1", "r2", "r3", "r12", "lr", "cc", "memory");
		got[thumb] = psr & 0xf0000000;
	}
	return got[0] == got[1] ? got[0] : ~0u;
}
