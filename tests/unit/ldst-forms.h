/* SPDX-License-Identifier: GPL-2.0-only */
/* The encodings of loads and stores as ldst-forms.def has them, and what they mean. */
#ifndef LDST_FORMS_H
#define LDST_FORMS_H

#include "core/ldst.h"

#define T_BIT 0x20u
#define C_BIT 0x20000000u
#define USR   0x10u
#define SVC   0x13u
#define SYS   0x1fu

enum what {
	STORE = 1,
	SIGN = 2,
	DUAL = 4,
	PRIV0 = 8, /* unprivileged */
	WB = 16,   /* always with write-back */
	POST = 32, /* always post-indexed */
	LDRT = PRIV0 | WB | POST,
	X4 = 64,	 /* the immediate counts words */
	X2 = 128,	 /* .. halfwords */
	USER = 256,	 /* the registers of User mode */
	WB_NOT_IN = 512, /* LDM, T1: write-back if the list lacks Rn */
	DOWN = 1024,	 /* without U: subtract */
	NEVER = 2048,	 /* not a load or store that there is to emulate */
};

/* UNPREDICTABLE if .. */
enum unpredictable {
	T15 = 1,
	T13 = 1 << 1,
	N15 = 1 << 2,
	M15 = 1 << 3,
	M13 = 1 << 4,
	NT = 1 << 5,	 /* write-back and n == t, or n == t2 */
	WN15 = 1 << 6,	 /* write-back and n == 15 */
	ODD = 1 << 7,	 /* t is odd, or t2 == 15 */
	MT = 1 << 8,	 /* m == t or t2 */
	TT = 1 << 9,	 /* t == t2 */
	ANYW = 1 << 10,	 /* write-back at all */
	NONE = 1 << 11,	 /* no register in the list */
	FEW = 1 << 12,	 /* fewer than two */
	HASN = 1 << 13,	 /* write-back, and the list has Rn */
	LRPC = 1 << 14,	 /* the list has both LR and PC */
	INIT = 1 << 15,	 /* loads the PC inside an IT block, not last */
	UMODE = 1 << 16, /* in User or System mode */
	BADT2 = 1 << 17, /* t2 is 13 or 15 */
	UNDEF = 1 << 18,
};
#define BADT  (T13 | T15)
#define BADTT (BADT | BADT2)
#define BADM  (M13 | M15)

/* A row of ldst-forms.def, which explains the diagrams. */
struct form {
	const char *name;
	const char *bits;
	unsigned int size; /* 0: words by a list */
	unsigned int what;
	unsigned int bad;
};

struct form_set {
	const struct form *forms;
	unsigned int count;
};
#define FORM_SETS 3
enum {
	SET_A32,
	SET_T16,
	SET_T32,
};
extern const struct form_set form_sets[FORM_SETS];
#define MAX_FORMS 64 /* in a set */

/* Which row an instruction is of; NULL: none. */
const struct form *form_find(unsigned int set, uint32_t insn);
/* What the row's diagram and text say about it. */
enum ldst_result form_meaning(unsigned int set, const struct form *form, uint32_t insn,
			      const struct ldst_cpu *cpu, struct ldst *out);

#endif
