// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Names for a dump or a trace: of an access and of the counters. */
#include "v7dbg_int.h"

static char *put_text(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	*to = '\0';
	return to;
}

/* 0 to 15, without a division, which would be libgcc's. */
static char *put_number(char *to, unsigned int n)
{
	if (n >= 10) {
		*to++ = '1';
		n -= 10;
	}
	*to++ = (char)('0' + n);
	*to = '\0';
	return to;
}

/* Registers that v7dbg_name() does not name: the MRRC form and the write side of a pair. */
static bool put_special(const struct v7dbg_access *acc, uint16_t enc, char *buf)
{
	if (acc->form == V7DBG_FORM_MRRC_MCRR) {
		switch (acc->opc1 << 4 | acc->crm) {
#define V7DBG_REG64(name, opc1, crm, access, pl0, trap, reset, section, note) \
	case (opc1) << 4 | (crm):                                             \
		put_text(buf, #name);                                         \
		return true;
#include "v7dbg_regs.def"
		default:
			return false;
		}
	}
	if (!acc->write)
		return false;
	switch (enc) {
#define V7DBG_TWIN(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	case V7DBG_ENC(opc1, crn, crm, opc2):                                           \
		put_text(buf, #name);                                                   \
		return true;
#include "v7dbg_regs.def"
	default:
		return false;
	}
}

const char *v7dbg_access_name(const struct v7dbg_access *acc, char *buf)
{
	bool wide = acc->form == V7DBG_FORM_MRRC_MCRR;
	uint16_t enc = V7DBG_ENC(acc->opc1 & 7, acc->crn, acc->crm, acc->opc2);
	char *to;

	V7DBG_STATIC_ASSERT(V7DBG_NAME_MAX <= V7DBG_ACCESS_NAME_MAX, "names fit");
	V7DBG_STATIC_ASSERT(sizeof("p14, 7, c15, c15, 7") <= V7DBG_ACCESS_NAME_MAX,
			    "encodings fit");

	if (put_special(acc, enc, buf) || (!wide && v7dbg_name(enc, buf)))
		return buf;
	to = put_number(put_text(buf, "p14, "), acc->opc1);
	if (!wide)
		to = put_number(put_text(to, ", c"), acc->crn);
	to = put_number(put_text(to, ", c"), acc->crm);
	if (!wide)
		put_number(put_text(to, ", "), acc->opc2);
	return buf;
}

/* Values and characters, no pointers: these would be absolute relocations. */
static const struct {
	uint8_t word;
	char name[15];
} counters[] = {
#define COUNTER(member)                                                          \
	{                                                                        \
		offsetof(struct v7dbg_stats, member) / sizeof(uint32_t), #member \
	}
	COUNTER(traps),	      COUNTER(undefs),	 COUNTER(activations), COUNTER(loads),
	COUNTER(reflections), COUNTER(parkings), COUNTER(rejected),    COUNTER(not_monitor),
};

const char *v7dbg_stat(const struct v7dbg_stats *stats, unsigned int n, uint32_t *value)
{
	V7DBG_STATIC_ASSERT(sizeof(counters) / sizeof(counters[0]) ==
				    sizeof(*stats) / sizeof(uint32_t),
			    "every counter has its name");

	if (n >= sizeof(counters) / sizeof(counters[0]))
		return NULL;
	*value = ((const uint32_t *)stats)[counters[n].word];
	return counters[n].name;
}
