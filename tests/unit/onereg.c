// SPDX-License-Identifier: GPL-2.0-only
/* One register from outside: list, names, get, set in any order. */
#include "sim.h"

static struct v7dbg_vcpu vcpu, copy;
static uint16_t encs[256];

/* A vCPU with something in every register, from a seed. */
static uint32_t seed;
static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

static void listed(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);
	unsigned int n, i, enc, count;
	char name[V7DBG_NAME_MAX];
	uint32_t value;

	(void)state;
	v7dbg_init(&vcpu, &caps);
	n = v7dbg_list(&vcpu, encs, 256);
	/* 22 single encodings, 2 x 6 + 2 x 4 slots, 2 DBGBXVR. */
	assert_int_equal(n, 22 + 12 + 8 + 2);
	for (enc = 0, count = 0; enc < 1u << 14; enc++) {
		bool there = false;

		for (i = 0; i < n; i++)
			there = there || encs[i] == enc;
		count += there;
		assert_int_equal(v7dbg_get(&vcpu, (uint16_t)enc, &value),
				 there ? V7DBG_OK : V7DBG_ERR_NO_REGISTER);
		value = 0;
		v7dbg_get(&vcpu, (uint16_t)enc, &value);
		assert_int_equal(v7dbg_set(&vcpu, (uint16_t)enc, value),
				 there ? V7DBG_OK : V7DBG_ERR_NO_REGISTER);
		if (there)
			assert_non_null(v7dbg_name((uint16_t)enc, name));
	}
	assert_int_equal(count, n); /* no duplicates */
	/* A short buffer is not overrun, and the count is still returned. */
	encs[3] = 0xffff;
	assert_int_equal(v7dbg_list(&vcpu, encs, 3), n);
	assert_int_equal(encs[3], 0xffff);
}

static void names(void **state)
{
	char buf[V7DBG_NAME_MAX];

	(void)state;
	assert_string_equal(v7dbg_name(V7DBG_ENC(0, 0, 0, 0), buf), "DBGDIDR");
	assert_string_equal(v7dbg_name(BVR(3), buf), "DBGBVR3");
	assert_string_equal(v7dbg_name(BCR(15), buf), "DBGBCR15");
	assert_string_equal(v7dbg_name(WCR(0), buf), "DBGWCR0");
	assert_string_equal(v7dbg_name(BXVR(10), buf), "DBGBXVR10");
	assert_string_equal(v7dbg_name(V7DBG_ENC(0, 7, 14, 6), buf), "DBGAUTHSTATUS");
	assert_string_equal(v7dbg_name(DSCREXT, buf), "DBGDSCRext");
	assert_string_equal(v7dbg_name(V7DBG_ENC(0, 0, 5, 0), buf), "DBGDTRRXint");
	assert_null(v7dbg_name(V7DBG_ENC(0, 0, 9, 0), buf));
	assert_null(v7dbg_name(V7DBG_ENC(6, 0, 0, 0), buf));
}

static void nothing_where_absent(void **state)
{
	struct v7dbg_caps caps;
	uint32_t value;

	(void)state;
	v7dbg_caps_init(&caps, true);
	v7dbg_caps_add(&caps, &cortex_a15);
	v7dbg_init(&vcpu, &caps);
	assert_int_equal(v7dbg_list(&vcpu, encs, 256), 0);
	assert_int_equal(v7dbg_get(&vcpu, DSCRINT, &value), V7DBG_ERR_NO_REGISTER);
	assert_int_equal(v7dbg_set(&vcpu, BCR(0), 1), V7DBG_ERR_NO_REGISTER);
}

/*
 * All registers of a vCPU with random state, set in random order in another vCPU that is
 * fresh or has other state: always the same afterwards, effective state too.
 */
static void any_order(void **state)
{
	struct v7dbg_caps caps = caps_of(&big, NULL);
	unsigned int round, n, i;

	(void)state;
	seed = 0x7d6;
	for (round = 0; round < 3000; round++) {
		static uint32_t values[256];

		v7dbg_init(&vcpu, &caps);
		n = v7dbg_list(&vcpu, encs, 256);
		for (i = 0; i < n; i++) {
			bool slot = !(encs[i] >> 7) && (encs[i] & 4);

			/* Plausible controls, or nothing is effective. */
			v7dbg_set(&vcpu, encs[i],
				  slot && encs[i] & 1 ? (rnd() & 0x003f001f) | 0x1e1 | 6 : rnd());
		}
		if (round & 1)
			v7dbg_set(&vcpu, OSLAR, 0);
		if (round & 1)
			v7dbg_set(&vcpu, OSDLR, 0);
		if (round & 1)
			v7dbg_set(&vcpu, DSCREXT, MDBGEN | (rnd() & 0x2000103c));
		for (i = 0; i < n; i++)
			assert_int_equal(v7dbg_get(&vcpu, encs[i], &values[i]), 0);

		v7dbg_init(&copy, &caps);
		if (round & 2)
			for (i = 0; i < n; i++)
				v7dbg_set(&copy, encs[i], rnd());
		for (i = n; i > 1; i--) {
			unsigned int j = rnd() % i;
			uint16_t enc = encs[i - 1];
			uint32_t value = values[i - 1];

			encs[i - 1] = encs[j];
			values[i - 1] = values[j];
			encs[j] = enc;
			values[j] = value;
		}
		for (i = 0; i < n; i++)
			assert_int_equal(v7dbg_set(&copy, encs[i], values[i]), 0);
		assert_memory_equal(&copy, &vcpu, sizeof(vcpu));
		if (round & 1)
			assert_true(vcpu.active);
	}
}

/* Values that a guest could not write: unimplemented bits are dropped, read-only stays. */
static void unimplemented_bits(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);
	uint32_t value;

	(void)state;
	v7dbg_init(&vcpu, &caps);
	v7dbg_set(&vcpu, BCR(0), 0xffffffff);
	v7dbg_get(&vcpu, BCR(0), &value);
	assert_int_equal(value, 0x00ffe1e7);
	v7dbg_set(&vcpu, DSCREXT, 0xffffffff);
	v7dbg_get(&vcpu, DSCRINT, &value);
	assert_int_equal(value, 0x2007903c);
	v7dbg_set(&vcpu, V7DBG_ENC(0, 0, 5, 0), 'x');
	v7dbg_set(&vcpu, DSCRINT, 0);
	v7dbg_get(&vcpu, DSCREXT, &value);
	assert_int_equal(value, 0x2007903c);
}

/* The implemented bits of a register, from the manual; a CPU with DBGBCR.MASK. */
static uint32_t implemented(uint16_t enc, bool *constant)
{
	unsigned int n = (enc >> 3) & 0xf;

	*constant = false;
	switch (enc & ~(0xfu << 3)) {
	case V7DBG_ENC(0, 0, 0, 4):
		return n >= 12 ? 0xffffffff : 0xfffffffc;
	case V7DBG_ENC(0, 0, 0, 5):
		return 0x1fffe1e7;
	case V7DBG_ENC(0, 0, 0, 6):
		return 0xfffffffc;
	case V7DBG_ENC(0, 0, 0, 7):
		return 0x1f1fffff;
	case V7DBG_ENC(0, 1, 0, 1):
		return 0xff;
	default:
		break;
	}
	switch (enc) {
	case DSCREXT:
		return 0x2000903c;
	case VCR:
		return 0xde00dcdf;
	case V7DBG_ENC(0, 0, 6, 0): /* DBGWFAR */
	case V7DBG_ENC(0, 0, 3, 2): /* DBGDTRTXext */
		return 0xffffffff;
	case OSDLR:
	case PRCR:
		return 1;
	case V7DBG_ENC(0, 7, 8, 6): /* DBGCLAIMSET, DBGCLAIMCLR */
	case V7DBG_ENC(0, 7, 9, 6):
		return 0xff;
	default:
		*constant = true;
		return 0;
	}
}

/* What identifies the CPU, C11.11: another value is another CPU. */
static bool identifies(uint16_t enc)
{
	return enc == V7DBG_ENC(0, 0, 0, 0) || enc == V7DBG_ENC(0, 7, 14, 6) ||
	       enc == V7DBG_ENC(0, 7, 0, 7) || enc == V7DBG_ENC(0, 7, 1, 7) ||
	       enc == V7DBG_ENC(0, 7, 2, 7);
}

/*
 * The rule for values that a guest could not have written, in each register: they are
 * accepted without the bits that are not implemented.  A constant keeps its value, and one
 * that identifies the CPU refuses another value.
 */
static void the_rule(void **state)
{
	struct v7dbg_caps caps = caps_of(&big, NULL);
	unsigned int i, n, round, constants = 0;
	uint32_t before, value, after, bits;
	bool constant;

	(void)state;
	seed = 0x0e6;
	v7dbg_init(&vcpu, &caps);
	n = v7dbg_list(&vcpu, encs, 256);
	for (i = 0; i < n; i++) {
		if (encs[i] == OSLAR || encs[i] == OSLSR)
			continue; /* the lock, below */
		bits = implemented(encs[i], &constant);
		constants += constant;
		for (round = 0; round < 500; round++) {
			value = round ? rnd() : 0xffffffff;
			v7dbg_get(&vcpu, encs[i], &before);
			assert_int_equal(v7dbg_set(&vcpu, encs[i], value),
					 identifies(encs[i]) && value != before ? V7DBG_ERR_CONSTANT
										: V7DBG_OK);
			v7dbg_get(&vcpu, encs[i], &after);
			if (constant)
				assert_int_equal(after, before);
			else
				assert_int_equal(after & ~(encs[i] == DSCREXT ? 0x70000u : 0),
						 value & bits);
		}
	}
	/* DBGDIDR, DBGDSCRint, DBGDTRRX twice, DBGOSECCR, DRAR, DSAR, ITCTRL, AUTHSTATUS, DEVIDs */
	assert_int_equal(constants, 12);
	for (round = 0; round < 500; round++) {
		value = round ? rnd() : 0xc5acce55;
		v7dbg_set(&vcpu, OSLAR, value);
		v7dbg_get(&vcpu, OSLAR, &after);
		assert_int_equal(after, value == 0xc5acce55 ? 0xc5acce55 : 0);
		v7dbg_set(&vcpu, OSLSR, value);
		v7dbg_get(&vcpu, OSLSR, &after);
		assert_int_equal(after, 8 | (value & 2));
	}
}

/*
 * A guest saved on one host and restored on another, register by register in the list's
 * order.  Refused if the other host is not what the guest was told; the refused register
 * keeps its value.
 */
static int restore(const struct v7dbg_vcpu *from, const struct v7dbg_caps *caps, uint16_t *refused)
{
	unsigned int i, n = v7dbg_list(from, encs, 256);
	int ret, first = 0;
	uint32_t value, now;

	v7dbg_init(&copy, caps);
	for (i = 0; i < n; i++) {
		assert_int_equal(v7dbg_get(from, encs[i], &value), 0);
		ret = v7dbg_set(&copy, encs[i], value);
		if (ret == V7DBG_ERR_CONSTANT) {
			v7dbg_get(&copy, encs[i], &now);
			assert_int_not_equal(now, value);
		}
		if (ret && !first) {
			first = ret;
			*refused = encs[i];
		}
	}
	return first;
}

static void another_host(void **state)
{
	const struct v7dbg_cpu_id no_monitor = { 0x3515f021, DEVID(0xf, 1), 1, 0, 0 };
	const struct v7dbg_cpu_id no_mask = { 0x3515f021, DEVID(0xf, 0xf), 1, 0, MDBGEN };
	const struct v7dbg_cpu_id other1 = { 0x3515f021, DEVID(0xf, 1), 2, 0, MDBGEN };
	const struct v7dbg_cpu_id other2 = { 0x3515f021, DEVID(0xf, 1), 1, 3, MDBGEN };
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL), to;
	uint16_t refused = 0;

	(void)state;
	ready(&vcpu, &caps);
	v7dbg_set(&vcpu, BCR(5), BCR_LINUX);
	assert_int_equal(restore(&vcpu, &caps, &refused), 0);
	assert_true(copy.active);
	to = caps_of(&small, NULL); /* fewer slots */
	assert_int_equal(restore(&vcpu, &to, &refused), V7DBG_ERR_CONSTANT);
	assert_int_equal(refused, V7DBG_ENC(0, 0, 0, 0));
	to = caps_of(&no_monitor, NULL); /* MDBGen would not stick */
	assert_int_equal(restore(&vcpu, &to, &refused), V7DBG_ERR_CONSTANT);
	assert_int_equal(refused, V7DBG_ENC(0, 7, 14, 6));
	to = caps_of(&no_mask, NULL);
	assert_int_equal(restore(&vcpu, &to, &refused), V7DBG_ERR_CONSTANT);
	assert_int_equal(refused, V7DBG_ENC(0, 7, 2, 7));
	to = caps_of(&other1, NULL);
	assert_int_equal(restore(&vcpu, &to, &refused), V7DBG_ERR_CONSTANT);
	assert_int_equal(refused, V7DBG_ENC(0, 7, 1, 7));
	to = caps_of(&other2, NULL);
	assert_int_equal(restore(&vcpu, &to, &refused), V7DBG_ERR_CONSTANT);
	assert_int_equal(refused, V7DBG_ENC(0, 7, 0, 7));
}

/* The tags are the same through either register. */
static void claim(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);
	uint16_t set = V7DBG_ENC(0, 7, 8, 6), clear = V7DBG_ENC(0, 7, 9, 6);
	uint32_t value;

	(void)state;
	v7dbg_init(&vcpu, &caps);
	v7dbg_set(&vcpu, set, 0x0f);
	v7dbg_set(&vcpu, set, 0xf0);
	v7dbg_get(&vcpu, clear, &value);
	assert_int_equal(value, 0xf0);
	v7dbg_set(&vcpu, clear, 0x3c);
	v7dbg_get(&vcpu, set, &value);
	assert_int_equal(value, 0x3c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed),
		cmocka_unit_test(names),
		cmocka_unit_test(nothing_where_absent),
		cmocka_unit_test(any_order),
		cmocka_unit_test(unimplemented_bits),
		cmocka_unit_test(the_rule),
		cmocka_unit_test(another_host),
		cmocka_unit_test(claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
