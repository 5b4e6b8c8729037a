// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generator.  Registers and addressing are random, but nothing is UNPREDICTABLE
 * (DDI 0406C A8.8), and each access is aligned and in the window.  Rn is not among the
 * registers that are stored, because it differs between one area and another.
 */
#include "cache.h"
#include "forms.h"

#define SP 13
#define PC 15

static u32 state = 1;
static u8 code[2 * 4096] __attribute__((aligned(4096)));

void forms_seed(u32 seed)
{
	state = seed * 2654435761u + 1;
}

/* Xorshift; a number below n. */
u32 forms_random(u32 below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state >> 3) % below;
}

#define rnd forms_random

static bool coin(void)
{
	return rnd(2);
}

/* A general register that is none of those in the mask `taken`; low: r0 to r7. */
static u32 pick(u32 *taken, bool low)
{
	u32 n;

	do
		n = low ? rnd(8) : rnd(14);
	while (*taken >> (n == 13 ? 14 : n) & 1);
	n = n == 13 ? 14 : n;
	*taken |= 1u << n;
	return n;
}

static void place(const struct forms_rules *rules, struct form *form, u32 size, u32 count)
{
	form->size = size;
	form->count = count;
	form->at = rules->first + size * rnd(rules->bytes / size - count + 1);
}

/*
 * Rm, shifted by what *field (type and amount, bits [11:5]) says, has to be x: choose both.
 */
static u32 unshift(u32 x, u32 *field, bool *carry)
{
	u32 type = rnd(4), amount = rnd(32), value;

	*carry = false;
	switch (type) {
	case 0:
		amount = rnd(4);
		if (x & ((1u << amount) - 1))
			amount = 0;
		value = (u32)((int)x >> amount);
		break;
	case 1:
	case 2:
		value = amount ? x << amount : 0;
		if (!amount && x)
			amount = 1, value = x << 1;
		if ((type == 1 ? value >> amount : (u32)((int)value >> amount)) != x) {
			type = 0;
			amount = 0;
			value = x;
		}
		break;
	default:
		if (amount) {
			value = x << amount | x >> (32 - amount);
		} else { /* RRX */
			value = x << 1;
			*carry = x >> 31;
		}
	}
	*field = amount << 7 | type << 5;
	return value;
}

static u32 sizes[3] = { 1, 2, 4 };

static u32 any_size(const struct forms_rules *rules)
{
	return sizes[rules->halfwords ? rnd(3) : 2 * rnd(2)];
}

/* Rn and the offset so that the access is at form->at. */
static void aim(struct form *form, u32 offset, bool index, bool up)
{
	form->base = !index ? form->at : up ? form->at - offset : form->at + offset;
}

/* ---- A32 ---- */

static void a32_single(const struct forms_rules *rules, struct form *form)
{
	u32 taken = 0, size = any_size(rules), t, field, offset;
	bool load = coin(), index = coin(), up = coin(), w = coin(), by_reg = coin();
	bool extra = size == 2 || (size == 1 && load && coin()); /* the latter: LDRSB */

	form->store = !load;
	form->n = pick(&taken, false);
	t = pick(&taken, false);
	place(rules, form, size, 1);
	if (size == 4 && rules->pc && !rnd(6) && (!load || index || !w)) {
		if (load)
			form->pc = true;
		if (load || (index && !w))
			t = PC;
	}
	offset = rnd(16) * size;
	form->insn = 0xe0000000 | index << 24 | up << 23 | w << 21 | load << 20 | form->n << 16 |
		     t << 12;
	if (by_reg)
		form->m = pick(&taken, false);
	if (extra) {
		u32 op2 = size == 1 ? 2 : load && coin() ? 3 : 1;

		form->insn |= 0x90 | op2 << 5;
		if (by_reg)
			form->insn |= form->m;
		else
			form->insn |= 1 << 22 | (offset >> 4) << 8 | (offset & 0xf);
		form->index = offset;
	} else {
		form->insn |= 0x04000000 | (size == 1) << 22;
		if (by_reg) {
			form->index = unshift(offset, &field, &form->carry);
			form->insn |= 1 << 25 | field | form->m;
		} else {
			form->insn |= offset;
		}
	}
	aim(form, offset, index, up);
}

static void a32_dual(const struct forms_rules *rules, struct form *form)
{
	bool index = coin(), up = coin(), w = index && coin(), by_reg = coin();
	u32 t = 2 * rnd(6), taken = 3u << t, offset = rnd(16) * 4;

	form->store = coin();
	form->n = pick(&taken, false);
	form->insn = 0xe00000d0 | form->store << 5 | index << 24 | up << 23 | w << 21 |
		     form->n << 16 | t << 12;
	place(rules, form, 4, 2);
	if (by_reg) {
		form->m = pick(&taken, false);
		form->index = offset;
		form->insn |= form->m;
	} else {
		form->insn |= 1 << 22 | (offset >> 4) << 8 | (offset & 0xf);
	}
	aim(form, offset, index, up);
}

/* A list of at most `most` registers out of `allowed`. */
static u32 some(u32 allowed, u32 most, u32 *count)
{
	u32 list = 0, n;

	*count = 0;
	while (!list)
		for (n = 0; n < 16 && *count < most; n++)
			if (allowed >> n & 1 && !rnd(3)) {
				list |= 1u << n;
				++*count;
			}
	return list;
}

static u32 most_words(const struct forms_rules *rules)
{
	return rules->bytes / 4 < 16 ? rules->bytes / 4 : 16;
}

/* Place a list, and aim: P and U as in A32. */
static void aim_list(const struct forms_rules *rules, struct form *form, u32 count, bool before,
		     bool up)
{
	place(rules, form, 4, count);
	form->base = up ? form->at : form->at + 4 * count;
	if (before == up)
		form->base -= 4;
}

static void a32_multiple(const struct forms_rules *rules, struct form *form)
{
	bool before = coin(), up = coin(), user = rules->user && !rnd(4), w = !user && coin();
	u32 taken = 0, list, count, allowed = 0x5fff;

	form->store = coin();
	form->n = pick(&taken, false);
	if (form->store || w)
		allowed &= ~taken;
	if (rules->pc && !(user && !form->store))
		allowed |= 1u << PC;
	if (user)
		allowed |= 1u << SP;
	list = some(allowed, most_words(rules), &count);
	form->pc = !form->store && list >> PC;
	/* User mode has an r8 of its own only against FIQ mode, and SP and LR. */
	form->base_loaded = !form->store && list >> form->n & 1 && !(user && form->n == 14);
	form->insn = 0xe8000000 | before << 24 | up << 23 | user << 22 | w << 21 |
		     !form->store << 20 | form->n << 16 | list;
	aim_list(rules, form, count, before, up);
}

/* ---- T32 ---- */

static void t16(const struct forms_rules *rules, struct form *form)
{
	static const u16 by_reg[8] = { 0x5000, 0x5200, 0x5400, 0x5600,
				       0x5800, 0x5a00, 0x5c00, 0x5e00 };
	static const u8 by_reg_size[8] = { 4, 2, 1, 1, 4, 2, 1, 2 };
	u32 taken = 0, t = pick(&taken, true), offset, op, count, list;

	form->length = 2;
	form->n = pick(&taken, true);
	switch (rnd(5)) {
	case 0: /* Rt, [Rn, Rm] */
		do
			op = rnd(8);
		while (!rules->halfwords && by_reg_size[op] == 2);
		form->store = op < 3;
		form->m = pick(&taken, true);
		place(rules, form, by_reg_size[op], 1);
		form->index = offset = rnd(64);
		form->insn = by_reg[op] | form->m << 6 | form->n << 3 | t;
		break;
	case 1: /* Rt, [Rn, #imm5] */
		form->store = coin();
		place(rules, form, any_size(rules), 1);
		offset = rnd(32);
		form->insn = (form->size == 4	? 0x6000
			      : form->size == 1 ? 0x7000
						: 0x8000) |
			     !form->store << 11 | offset << 6 | form->n << 3 | t;
		offset *= form->size;
		break;
	case 2: /* Rt, [SP, #imm8] */
		form->store = coin();
		form->n = SP;
		place(rules, form, 4, 1);
		offset = rnd(32);
		form->insn = 0x9000 | !form->store << 11 | t << 8 | offset;
		offset *= 4;
		break;
	case 3: /* PUSH, POP */
		form->store = coin();
		form->n = SP;
		list = some(form->store ? 0x40ff
			    : rules->pc ? 0x80ff
					: 0xff,
			    most_words(rules), &count);
		form->pc = !form->store && list >> PC;
		form->insn = (form->store ? 0xb400 : 0xbc00) | (list >> 8 ? 0x100 : 0) |
			     (list & 0xff);
		aim_list(rules, form, count, form->store, !form->store);
		return;
	default: /* LDM, STM */
		form->store = coin();
		list = some(form->store ? 0xff & ~(1u << form->n) : 0xff, most_words(rules),
			    &count);
		form->base_loaded = !form->store && list >> form->n & 1;
		form->insn = 0xc000 | !form->store << 11 | form->n << 8 | list;
		aim_list(rules, form, count, false, true);
		return;
	}
	aim(form, offset, true, true);
}

static void t32_single(const struct forms_rules *rules, struct form *form)
{
	u32 size = any_size(rules), taken = 0, t, offset, kind = rnd(4);
	bool load = coin(), up = coin(), index = coin(), sign = load && size < 4 && coin();

	form->store = !load;
	form->n = pick(&taken, false);
	t = pick(&taken, false);
	if (size == 4 && load && rules->pc && kind != 3 && !rnd(6)) {
		form->pc = true;
		t = PC;
	}
	place(rules, form, size, 1);
	form->insn = 0xf8000000 | sign << 24 |
		     (size == 2	  ? 1
		      : size == 4 ? 2
				  : 0)
			     << 21 |
		     load << 20 | form->n << 16 | t << 12;
	switch (kind) {
	case 0: /* imm12 */
		offset = rnd(4096);
		form->insn |= 1 << 23 | offset;
		aim(form, offset, true, true);
		break;
	case 1: /* Rm, LSL #n */
		form->m = pick(&taken, false);
		form->index = rnd(64);
		offset = rnd(4);
		form->insn |= offset << 4 | form->m;
		aim(form, form->index << offset, true, true);
		break;
	case 2: { /* imm8 with P, U and W; an index that goes up has W set */
		bool w = !index || up || coin();

		offset = rnd(256);
		form->insn |= 0x800 | index << 10 | up << 9 | w << 8 | offset;
		aim(form, offset, index, up);
		break;
	}
	default: /* unprivileged */
		offset = rnd(256);
		form->insn |= 0xe00 | offset;
		aim(form, offset, true, true);
	}
}

static void t32_dual(const struct forms_rules *rules, struct form *form)
{
	u32 taken = 0, t = pick(&taken, false), t2 = pick(&taken, false), offset = rnd(256);
	bool index = coin(), up = coin(), w = !index || coin();

	form->store = coin();
	form->n = pick(&taken, false);
	form->insn = 0xe8400000 | index << 24 | up << 23 | w << 21 | !form->store << 20 |
		     form->n << 16 | t << 12 | t2 << 8 | offset;
	place(rules, form, 4, 2);
	aim(form, 4 * offset, index, up);
}

static void t32_multiple(const struct forms_rules *rules, struct form *form)
{
	u32 taken = 0, list, count, allowed = 0x5fff;
	bool before = coin(), w = coin();

	form->store = coin();
	form->n = rnd(4) ? pick(&taken, false) : SP;
	if (form->store || w)
		allowed &= ~(1u << form->n);
	if (!form->store && rules->pc && coin())
		allowed = (allowed & ~0x4000u) | 1u << PC;
	do
		list = some(allowed, most_words(rules), &count);
	while (count < 2);
	form->pc = !form->store && list >> PC;
	form->base_loaded = !form->store && list >> form->n & 1;
	form->insn = 0xe8000000 | (before ? 2 : 1) << 23 | w << 21 | !form->store << 20 |
		     form->n << 16 | list;
	aim_list(rules, form, count, before, !before);
}

void forms_make(const struct forms_rules *rules, struct form *form)
{
	static void (*const a32[])(const struct forms_rules *,
				   struct form *) = { a32_single, a32_single, a32_dual,
						      a32_multiple };
	static void (*const t32[])(const struct forms_rules *,
				   struct form *) = { t16, t32_single, t32_dual, t32_multiple };

	*form = (struct form){ .length = 4, .m = PC };
	if (rules->thumb)
		t32[rules->split ? 1 + rnd(3) : rnd(4)](rules, form);
	else
		a32[rnd(4)](rules, form);
}

static u16 *put(u16 *at, u32 insn, bool wide)
{
	if (wide)
		*at++ = insn >> 16;
	*at++ = insn;
	return at;
}

u32 forms_write_code(const struct forms_rules *rules, const struct form *form)
{
	u32 *word = (u32 *)code;
	u16 *start, *at;

	if (!rules->thumb) {
		if (rules->big)
			*word++ = 0xf1010200; /* setend be */
		*word++ = form->insn;
		if (rules->big)
			*word++ = 0xf1010000;
		*word++ = 0xe51ff004; /* ldr pc, [pc, #-4] */
		*word = (u32)forms_after;
		cache_sync_code(code, 32);
		return (u32)code;
	}
	start = at = (u16 *)(code + (rules->split ? 4096 - 2 : 0));
	if (rules->big)
		at = put(at, 0xb658, false);
	else if (!rules->split && coin())
		at = put(at, 0xbfe8, false); /* it al */
	at = put(at, form->insn, form->length == 4);
	if (rules->big)
		at = put(at, 0xb650, false);
	if ((u32)at & 2)
		at = put(at, 0xbf00, false);
	at = put(at, 0xf8dff000, true); /* ldr.w pc, [pc, #0] */
	*(u32 *)at = (u32)forms_after;
	cache_sync_code(start, 32);
	return (u32)start | 1;
}
