/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random loads and stores of general-purpose registers, of every form that the manual
 * defines, executed with all registers known.
 */
#ifndef GUEST_FORMS_H
#define GUEST_FORMS_H

#include "layout.h"

#define FORMS_R	   0
#define FORMS_PSR  60
#define FORMS_CODE 64
#define FORMS_SP   68

#ifndef __ASSEMBLER__
#include "types.h"

struct forms_cpu {
	u32 r[15];
	u32 psr;  /* N, Z, C, V */
	u32 code; /* bit 0: Thumb */
	u32 sp;	  /* forms_run()'s own */
};
_Static_assert(offsetof(struct forms_cpu, psr) == FORMS_PSR, "forms.h");
_Static_assert(offsetof(struct forms_cpu, code) == FORMS_CODE, "forms.h");
_Static_assert(offsetof(struct forms_cpu, sp) == FORMS_SP, "forms.h");

/*
 * Jump to cpu->code with these registers; the code jumps to forms_after, in ARM state, and
 * what the registers are then is stored back.  Works at PL0 and PL1.
 */
void forms_run(struct forms_cpu *cpu);
extern u8 forms_after[];

/* What may be generated, and where it may access. */
struct forms_rules {
	u32 first, bytes; /* the window, as offsets in a page; multiples of 4 */
	bool thumb;
	bool halfwords;
	bool pc;    /* loads of the PC */
	bool user;  /* LDM and STM with ^: not at PL0 */
	bool big;   /* under SETEND BE */
	bool split; /* a T32 instruction that crosses the end of a page */
};

/* An instruction, and what its registers have to be. */
struct form {
	u32 insn;
	u32 length;
	u32 at; /* the lowest byte accessed, as an offset in the page */
	u32 size, count;
	bool store;
	u32 n, base; /* Rn, and its value as an offset in the page */
	bool base_loaded;
	u32 m, index; /* Rm and its value; m is 15 if there is none */
	bool carry;
	bool pc; /* its last word becomes the PC */
};

void forms_seed(u32 seed);
u32 forms_random(u32 below);
void forms_make(const struct forms_rules *rules, struct form *form);
/* Make code of it, to be executed at forms_run()'s cpu->code, which is returned. */
u32 forms_write_code(const struct forms_rules *rules, const struct form *form);
#endif /* __ASSEMBLER__ */

#endif
