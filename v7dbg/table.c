// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* From an encoding or a syndrome to a row of v7dbg_regs.def, and to a name. */
#include "v7dbg_int.h"
#include "v7dbg_quick.h"

#define ACCESS_RO V7DBG_ACCESS_READ
#define ACCESS_WO V7DBG_ACCESS_WRITE
#define ACCESS_RW (V7DBG_ACCESS_READ | V7DBG_ACCESS_WRITE)
#define LEVEL_PL0 V7DBG_ACCESS_PL0
#define LEVEL_PL1 0
#define COUNT_BRP V7DBG_ACCESS_BRP
#define COUNT_WRP V7DBG_ACCESS_WRP
#define COUNT_CTX V7DBG_ACCESS_CTX

#define ENC_CRM(n) V7DBG_ENC(0, 0, (n), 0)

static bool found_row(struct v7dbg_row *row, unsigned int id, unsigned int flags, unsigned int n)
{
	row->id = (uint8_t)id;
	row->flags = (uint8_t)flags;
	row->n = (uint8_t)n;
	return true;
}

/* v7dbg_quick() knows these four by opc2, and their bits by V7DBG_QUICK_CONTROL. */
V7DBG_STATIC_ASSERT(V7DBG_QUICK_CONTROL == (BCR_IMPLEMENTED & WCR_IMPLEMENTED & ~DBGCR_E),
		    "V7DBG_QUICK_CONTROL");
#define QUICK_DBGBVR  4
#define QUICK_DBGBCR  5
#define QUICK_DBGWVR  6
#define QUICK_DBGWCR  7
#define QUICK_DBGBXVR (-1)
#define V7DBG_BANK(name, opc1, crn, opc2, count, access, trap, reset, section, note)      \
	V7DBG_STATIC_ASSERT(QUICK_##name < 0 || V7DBG_ENC(opc1, crn, 0, opc2) ==          \
							V7DBG_ENC(0, 0, 0, QUICK_##name), \
			    #name);
#include "v7dbg_regs.def"

/* The compiler refuses a duplicate row: it is a duplicate case label. */
bool v7dbg_find(uint16_t enc, bool write, struct v7dbg_row *row)
{
	if (write) {
		switch (enc) {
#define V7DBG_TWIN(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	case V7DBG_ENC(opc1, crn, crm, opc2):                                           \
		return found_row(row, V7DBG_ROW_##name, ACCESS_##access | LEVEL_##pl0, 0);
#include "v7dbg_regs.def"
		default:
			break;
		}
	}
	switch (enc) {
#define V7DBG_REG(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	case V7DBG_ENC(opc1, crn, crm, opc2):                                          \
		return found_row(row, V7DBG_ROW_##name, ACCESS_##access | LEVEL_##pl0, 0);
#include "v7dbg_regs.def"
	default:
		break;
	}
	switch (enc & ~ENC_CRM(0xf)) {
#define V7DBG_BANK(name, opc1, crn, opc2, count, access, trap, reset, section, note)     \
	case V7DBG_ENC(opc1, crn, 0, opc2):                                              \
		return found_row(row, V7DBG_ROW_##name, ACCESS_##access | COUNT_##count, \
				 (enc >> 3) & 0xf);
#include "v7dbg_regs.def"
	default:
		return false;
	}
}

bool v7dbg_find64(unsigned int opc1, unsigned int crm, struct v7dbg_row *row)
{
	switch (opc1 << 4 | crm) {
#define V7DBG_REG64(name, opc1, crm, access, pl0, trap, reset, section, note) \
	case (opc1) << 4 | (crm):                                             \
		return found_row(row, V7DBG_ROW_##name, ACCESS_##access | LEVEL_##pl0, 0);
#include "v7dbg_regs.def"
	default:
		return false;
	}
}

bool v7dbg_has_slot(const struct v7dbg_caps *caps, const struct v7dbg_row *row)
{
	if (row->flags & V7DBG_ACCESS_BRP)
		return row->n < caps->nr_brps;
	if (row->flags & V7DBG_ACCESS_WRP)
		return row->n < caps->nr_wrps;
	if (row->flags & V7DBG_ACCESS_CTX)
		return v7dbg_is_ctx(caps, row->n);
	return true;
}

/* HSR, B3.13.6. */
bool v7dbg_decode(uint32_t hsr, struct v7dbg_access *acc)
{
	acc->opc1 = 0;
	acc->crn = 0;
	acc->crm = (hsr >> 1) & 0xf;
	acc->opc2 = 0;
	acc->rt = (hsr >> 5) & 0xf;
	acc->rt2 = 0;
	acc->write = !(hsr & 1);
	switch (hsr >> 26) {
	case 0x05:
		acc->form = V7DBG_FORM_MRC_MCR;
		acc->opc1 = (hsr >> 14) & 7;
		acc->crn = (hsr >> 10) & 0xf;
		acc->opc2 = (hsr >> 17) & 7;
		return true;
	case 0x06:
		/*
		 * [4:1] and [8:5] are the addressing form and Rn.  [0] is the direction of
		 * the memory access: 1 is a read, LDC, which writes the register.
		 */
		acc->form = V7DBG_FORM_LDC_STC;
		acc->write = hsr & 1;
		acc->crm = 5;
		acc->rt = 0;
		return true;
	case 0x0c:
		acc->form = V7DBG_FORM_MRRC_MCRR;
		acc->opc1 = (hsr >> 16) & 0xf;
		acc->rt2 = (hsr >> 10) & 0xf;
		return true;
	default:
		return false;
	}
}

/*
 * Values and characters, no pointers: these would be absolute relocations.  The write side
 * of a pair is not here: an encoding has one row.
 */
static const struct {
	uint16_t enc;
	uint8_t bank; /* V7DBG_ACCESS_BANK part of the flags */
	char name[V7DBG_NAME_MAX];
} rows[] = {
#define V7DBG_REG(name, opc1, crn, crm, opc2, access, pl0, trap, reset, section, note) \
	{ V7DBG_ENC(opc1, crn, crm, opc2), 0, #name },
#define V7DBG_BANK(name, opc1, crn, opc2, count, access, trap, reset, section, note) \
	{ V7DBG_ENC(opc1, crn, 0, opc2), COUNT_##count, #name },
#include "v7dbg_regs.def"
};
#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

unsigned int v7dbg_list(const struct v7dbg_vcpu *vcpu, uint16_t *encs, unsigned int max)
{
	unsigned int count = 0, i, n;
	struct v7dbg_row row = { 0, 0, 0 };

	if (vcpu->caps.absent)
		return 0;
	for (i = 0; i < NR_ROWS; i++) {
		row.flags = rows[i].bank;
		for (n = 0; n < (rows[i].bank ? V7DBG_MAX_SLOTS : 1u); n++) {
			row.n = (uint8_t)n;
			if (!v7dbg_has_slot(&vcpu->caps, &row))
				continue;
			if (count < max)
				encs[count] = (uint16_t)(rows[i].enc | ENC_CRM(n));
			count++;
		}
	}
	return count;
}

const char *v7dbg_name(uint16_t enc, char *buf)
{
	unsigned int i, len, n = (enc >> 3) & 0xf;

	for (i = 0; i < NR_ROWS; i++) {
		if (rows[i].enc != (rows[i].bank ? enc & ~ENC_CRM(0xf) : enc))
			continue;
		for (len = 0; rows[i].name[len]; len++)
			buf[len] = rows[i].name[len];
		if (rows[i].bank && n >= 10) {
			buf[len++] = '1';
			n -= 10;
		}
		if (rows[i].bank)
			buf[len++] = (char)('0' + n);
		buf[len] = '\0';
		return buf;
	}
	return NULL;
}
