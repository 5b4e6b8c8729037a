// SPDX-License-Identifier: GPL-2.0-only
/*
 * An interpreter of the encoding diagrams in ldst-forms.def, written from the manual's text
 * and not from the decoder that it judges.
 */
#include "ldst-forms.h"

#include <string.h>

#define FORM(...) { __VA_ARGS__ },
static const struct form a32[] = {
#define FORMS_A32
#include "ldst-forms.def"
#undef FORMS_A32
};

static const struct form t16[] = {
#define FORMS_T16
#include "ldst-forms.def"
#undef FORMS_T16
};

static const struct form t32[] = {
#define FORMS_T32
#include "ldst-forms.def"
#undef FORMS_T32
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct form_set form_sets[FORM_SETS] = {
	[SET_A32] = { a32, COUNT(a32) },
	[SET_T16] = { t16, COUNT(t16) },
	[SET_T32] = { t32, COUNT(t32) },
};
V7DBG_STATIC_ASSERT(COUNT(a32) <= MAX_FORMS && COUNT(t32) <= MAX_FORMS, "MAX_FORMS");

struct fields {
	uint32_t value[128]; /* by letter */
	unsigned int bits[128];
};

/* False: the diagram is of another instruction. */
static bool match(const struct form *form, uint32_t insn, struct fields *f)
{
	unsigned int bit = 0;
	const char *c;

	for (c = form->bits; *c; c++)
		bit += *c != ' ';
	memset(f, 0, sizeof(*f));
	for (c = form->bits; *c; c++) {
		unsigned int one;

		if (*c == ' ')
			continue;
		one = insn >> --bit & 1;
		if ((*c == '0' && one) || (*c == '1' && !one))
			return false;
		f->value[(unsigned char)*c] = f->value[(unsigned char)*c] << 1 | one;
		f->bits[(unsigned char)*c]++;
	}
	return true;
}

#define VALUE(letter)	     (f->value[letter])
#define HAS(letter)	     (f->bits[letter] > 0)
#define GIVEN(letter, other) (HAS(letter) ? VALUE(letter) : (uint32_t)(other))

/* A8.4.3, from the text. */
static uint32_t shift(uint32_t value, unsigned int type, unsigned int amount, bool carry)
{
	uint64_t wide = value;

	if (type == 0)
		return wide << amount;
	if (type == 1)
		return amount ? wide >> amount : 0;
	if (type == 2)
		return (int64_t)(int32_t)value >> (amount ? amount : 32);
	if (!amount)
		return (wide | (uint64_t)carry << 32) >> 1;
	return (wide | wide << 32) >> amount;
}

/* The instruction's registers, addressing and list. */
struct operands {
	unsigned int n, t, t2, m;
	uint32_t list;
	bool lists, index, up, wback;
};

static struct operands operands_of(unsigned int set, const struct form *form,
				   const struct fields *f)
{
	struct operands o = {
		.t = VALUE('t'),
		.m = VALUE('m'),
		.lists = HAS('l'),
		.up = GIVEN('U', !(form->what & DOWN)),
		.list = VALUE('l'),
	};

	/* A base without a field is the PC (literals), or SP (16 bits, but literals). */
	o.n = GIVEN('n', set == SET_T16 && strncmp(form->bits, "01001", 5) ? 13 : 15);
	o.t2 = set == SET_T32 ? VALUE('T') : o.t + 1;
	o.index = GIVEN('P', o.lists ? form->what & DOWN : !(form->what & POST));
	if (set != SET_A32)
		o.wback = VALUE('W') || form->what & WB;
	else if (o.lists)
		o.wback = VALUE('W');
	else
		o.wback = !o.index || VALUE('W');
	if (set == SET_T32 && form->what & STORE)
		o.list |= VALUE('p') << 14;
	else
		o.list |= VALUE('p') << 15 | VALUE('L') << 14;
	if (form->what & WB_NOT_IN)
		o.wback = !(o.list >> o.n & 1);
	return o;
}

static bool is_bad(unsigned int set, const struct form *form, const struct fields *f,
		   const struct operands *o, uint32_t cpsr)
{
	uint32_t it = (cpsr >> 8 & 0xfc) | (cpsr >> 25 & 3), mode = cpsr & 0x1f;
	unsigned int registers = __builtin_popcount(o->list);
	const struct {
		unsigned int which;
		bool applies;
	} reasons[] = {
		{ T15, o->t == 15 },
		{ T13, o->t == 13 },
		{ N15, o->n == 15 },
		{ M15, o->m == 15 },
		{ M13, o->m == 13 },
		{ NT, o->wback && (o->n == o->t || (form->what & DUAL && o->n == o->t2)) },
		{ WN15, o->wback && o->n == 15 },
		{ ODD, o->t % 2 || o->t2 == 15 },
		{ MT, o->m == o->t || o->m == o->t2 },
		{ TT, o->t == o->t2 },
		{ ANYW, o->wback },
		{ NONE, registers < 1 },
		{ FEW, registers < 2 },
		{ HASN, o->wback && o->list >> o->n & 1 },
		{ LRPC, o->list >> 14 == 3 },
		{ INIT, (o->lists ? o->list >> 15 : o->t == 15) && it & 7 },
		{ UMODE, mode == USR || mode == SYS },
		{ BADT2, o->t2 == 13 || o->t2 == 15 },
		{ UNDEF, true },
	};
	unsigned int n;

	for (n = 0; n < COUNT(reasons); n++)
		if (form->bad & reasons[n].which && reasons[n].applies)
			return true;
	/* imm8 with P and W clear is UNDEFINED. */
	if (set == SET_T32 && HAS('P') && !o->index && !o->wback)
		return true;
	return VALUE('z');
}

/* The addresses in the text of LDMIA, LDMDA, LDMDB and LDMIB. */
static void list_meaning(const struct operands *o, uint32_t base, struct ldst *out)
{
	uint32_t words = __builtin_popcount(o->list), i;

	if (o->up && !o->index)
		out->address = base;
	else if (!o->up && !o->index)
		out->address = base - 4 * words + 4;
	else if (!o->up)
		out->address = base - 4 * words;
	else
		out->address = base + 4;
	out->base = o->up ? base + 4 * words : base - 4 * words;
	for (i = 0; i < 16; i++)
		if (o->list >> i & 1)
			out->rt[out->count++] = i;
}

const struct form *form_find(unsigned int set, uint32_t insn)
{
	struct fields f;
	unsigned int n;

	for (n = 0; n < form_sets[set].count; n++)
		if (match(&form_sets[set].forms[n], insn, &f))
			return &form_sets[set].forms[n];
	return NULL;
}

enum ldst_result form_meaning(unsigned int set, const struct form *form, uint32_t insn,
			      const struct ldst_cpu *cpu, struct ldst *out)
{
	struct fields fields, *f = &fields;
	struct operands o;
	uint32_t offset, base;

	if (form->what & NEVER)
		return LDST_OTHER;
	match(form, insn, f);
	o = operands_of(set, form, f);
	if (is_bad(set, form, f, &o, cpu->cpsr))
		return LDST_UNPREDICTABLE;

	memset(out, 0, sizeof(*out));
	out->rn = o.wback ? o.n : LDST_NO_REG;
	out->write = form->what & STORE;
	out->sign = form->what & SIGN;
	out->unprivileged = form->what & PRIV0;
	out->user = form->what & USER;
	out->length = set == SET_T16 ? 2 : 4;
	out->size = o.lists ? 4 : form->size;
	if (o.n < 15)
		base = cpu->r[o.n];
	else
		base = set == SET_A32 ? cpu->pc + 8 : (cpu->pc + 4) / 4 * 4;
	if (o.lists) {
		list_meaning(&o, base, out);
		return LDST_OK;
	}
	if (HAS('m'))
		offset = shift(cpu->r[o.m], VALUE('k'), VALUE('a'), cpu->cpsr & C_BIT);
	else
		offset = VALUE('i') * (form->what & X4 ? 4 : form->what & X2 ? 2 : 1);
	out->base = o.up ? base + offset : base - offset;
	out->address = o.index ? out->base : base;
	out->count = form->what & DUAL ? 2 : 1;
	out->rt[0] = o.t;
	out->rt[1] = form->what & DUAL ? o.t2 : 0;
	return LDST_OK;
}
