// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers that KVM/arm of Linux 4.19 had, by the ids that clients of its time use or store
 * in files.  The numbers are written out, so that no macro of ours can be wrong on both sides.
 */
#include "guest-debug.h"
#include "saved.h"

#define CORE	0x4020000000100000ull
#define CCSIDR	0x4020000000110000ull
#define D(n)	(0x4030000000120000ull + (n))
#define FPINST	0x4020000000121009ull
#define FPINST2 0x402000000012100aull
#define ACTLR	0x40200000000f0801ull
#define L2CTLR	0x40200000000f480aull
#define CLIDR	0x40200000000f0009ull

/* In the order in which the guest's code at read_ids stores them. */
static const struct {
	const char *name;
	uint64_t id;
	/* Bits that differ, because the emulator does not trap reads of it. */
	uint32_t hidden;
} constants[] = {
	{ "MIDR", 0x40200000000f0000, 0 },
	{ "CTR", 0x40200000000f0001, 0 },
	{ "TCMTR", 0x40200000000f0002, 0 },
	{ "TLBTR", 0x40200000000f0003, 0 },
	{ "MPIDR", 0x40200000000f0005, 0 },
	{ "REVIDR", 0x40200000000f0006, 0 },
	{ "ID_PFR0", 0x40200000000f0080, 0xf000 },
	{ "ID_PFR1", 0x40200000000f0081, 0xf000 },
	{ "ID_DFR0", 0x40200000000f0082, ~0xfu },
	{ "ID_AFR0", 0x40200000000f0083, 0 },
	{ "ID_MMFR0", 0x40200000000f0084, 0 },
	{ "ID_MMFR1", 0x40200000000f0085, 0 },
	{ "ID_MMFR2", 0x40200000000f0086, 0 },
	{ "ID_MMFR3", 0x40200000000f0087, 0 },
	{ "ID_ISAR0", 0x40200000000f0100, 0 },
	{ "ID_ISAR1", 0x40200000000f0101, 0 },
	{ "ID_ISAR2", 0x40200000000f0102, 0 },
	{ "ID_ISAR3", 0x40200000000f0103, 0 },
	{ "ID_ISAR4", 0x40200000000f0104, 0 },
	{ "ID_ISAR5", 0x40200000000f0105, 0 },
	{ "CLIDR", CLIDR, 0 },
	{ "AIDR", 0x40200000000f000f, 0 },
	/* The guest does not store these. */
	{ "FPSID", 0x4020000000121000, 0 },
	{ "MVFR1", 0x4020000000121006, 0 },
	{ "MVFR0", 0x4020000000121007, 0 },
};
#define STORED 22 /* the first ones */

static const struct {
	const char *name;
	uint64_t id;
	uint64_t value; /* one that it keeps */
} state[] = {
	{ "CSSELR", 0x40200000000f0010, 1 },
	{ "SCTLR", 0x40200000000f0800, 0x00c5007a },
	{ "ACTLR", ACTLR, 0x41 },
	{ "CPACR", 0x40200000000f0802, 0x00f00000 },
	{ "TTBR0", 0x40300000000f0100, 0x00110000456789c0 },
	{ "TTBR1", 0x40300000000f0108, 0x0022000012345680 },
	{ "TTBCR", 0x40200000000f1002, 0x80000000 },
	{ "DACR", 0x40200000000f1800, 0x55555555 },
	{ "DFSR", 0x40200000000f2800, 0x805 },
	{ "IFSR", 0x40200000000f2801, 0x7 },
	{ "ADFSR", 0x40200000000f2880, 0x1 },
	{ "AIFSR", 0x40200000000f2881, 0x2 },
	{ "DFAR", 0x40200000000f3000, 0xfeedc0de },
	{ "IFAR", 0x40200000000f3002, 0xfeedc0dc },
	{ "PAR", 0x40300000000f0380, 0x0000001234567000 },
	{ "L2CTLR", L2CTLR, 0x01000042 },
	{ "PRRR", 0x40200000000f5100, 0x00098aa5 },
	{ "NMRR", 0x40200000000f5101, 0x44e048e1 },
	{ "AMAIR0", 0x40200000000f5180, 0x3 },
	{ "AMAIR1", 0x40200000000f5181, 0x4 },
	{ "VBAR", 0x40200000000f6000, 0x40001000 },
	{ "CONTEXTIDR", 0x40200000000f6801, 0x1234 },
	{ "TPIDRURW", 0x40200000000f6802, 0x5678 },
	{ "TPIDRURO", 0x40200000000f6803, 0x9abc },
	{ "TPIDRPRW", 0x40200000000f6804, 0xdef0 },
	{ "CNTKCTL", 0x40200000000f7080, 0x3 },
	{ "the timer's CTL", 0x40200000000f7181, 0x2 },
	{ "the timer's CVAL", 0x40300000000f0718, 0x123456789abcdef0 },
	{ "FPSCR", 0x4020000000121001, 0x03000000 },
	{ "FPEXC", 0x4020000000121008, 0x40000000 },
	{ "FPINST", FPINST, 0xeeee0001 },
	{ "FPINST2", FPINST2, 0xeeee0002 },
};

static bool listed(const struct list *list, uint64_t id)
{
	uint32_t n;

	for (n = 0; n < list->count; n++)
		if (list->id[n] == id)
			return true;
	return false;
}

/* Every one is listed, has one value, and refuses any other. */
static void check_constants(int vcpu, const struct list *list)
{
	uint32_t n;

	for (n = 0; n < sizeof(constants) / sizeof(constants[0]); n++) {
		uint64_t value = 0, other;

		claim(listed(list, constants[n].id) && !get_reg(vcpu, constants[n].id, &value) &&
			      !set_reg(vcpu, constants[n].id, &value),
		      "%s is listed, is read, and takes its own value", constants[n].name);
		other = value ^ 2;
		REFUSED(EINVAL, set_reg(vcpu, constants[n].id, &other), "another value of %s",
			constants[n].name);
	}
}

static void check_state(int vcpu, const struct list *list)
{
	uint32_t n;

	for (n = 0; n < sizeof(state) / sizeof(state[0]); n++) {
		uint64_t old = 0, got = 0;

		claim(listed(list, state[n].id) && !get_reg(vcpu, state[n].id, &old) &&
			      !set_reg(vcpu, state[n].id, &state[n].value) &&
			      !get_reg(vcpu, state[n].id, &got) && got == state[n].value &&
			      got != old,
		      "%s is listed and keeps another value", state[n].name);
		set_reg(vcpu, state[n].id, &old);
	}
}

/* Core registers, D registers, the timer's counter and the PSCI version. */
static void check_ranges(int vcpu, const struct list *list)
{
	uint64_t value;
	uint32_t n, all = 0;

	for (n = 0; n < 38; n++)
		all += listed(list, CORE + n) && !get_reg(vcpu, CORE + n, &value);
	for (n = 0; n < 32; n++)
		all += listed(list, D(n)) && !get_reg(vcpu, D(n), &value);
	all += listed(list, 0x40300000000f0708) && !get_reg(vcpu, 0x40300000000f0708, &value);
	all += listed(list, 0x4030000000140000) && !get_reg(vcpu, 0x4030000000140000, &value);
	claim(all == 72, "38 core registers, D0 to D31, the counter, the PSCI version: %u", all);
}

/* One id for each cache that CLIDR names.  Returns how many; csselr gets the first two. */
static uint32_t check_caches(int vcpu, const struct list *list, uint32_t *csselr)
{
	uint32_t clidr = 0, n, caches = 0, wrong = 0;

	get_reg(vcpu, CLIDR, &clidr);
	for (n = 0; n < 256; n++) {
		uint32_t type = n < 14 ? clidr >> (n / 2 * 3) & 7 : 0, value = 0, other;
		bool exists = n & 1 ? type & 1 : type >= 2;

		if (!exists) {
			wrong += listed(list, CCSIDR + n) || !get_reg(vcpu, CCSIDR + n, &value) ||
				 errno != ENOENT;
			continue;
		}
		wrong += !listed(list, CCSIDR + n) || get_reg(vcpu, CCSIDR + n, &value) ||
			 set_reg(vcpu, CCSIDR + n, &value);
		other = value ^ 8;
		errno = 0;
		wrong += !set_reg(vcpu, CCSIDR + n, &other) || errno != EINVAL;
		if (caches < 2)
			csselr[caches] = n;
		caches++;
	}
	claim(caches >= 2 && !wrong, "%u caches of CLIDR 0x%08x have an id, no others do: %u",
	      caches, clidr, wrong);
	return caches;
}

/* The list has what Linux had and debug registers; the physical timer is allowed to be there. */
static void check_nothing_else(const struct list *list, uint32_t caches)
{
	uint32_t n, m, others = 0;

	for (n = 0; n < list->count; n++) {
		uint64_t id = list->id[n];
		bool known = (id >= CORE && id < CORE + 38) || (id >= D(0) && id < D(32)) ||
			     (id >= CCSIDR && id < CCSIDR + 14) || (id >> 16 & 0xfff) == 14 ||
			     id == 0x40300000000f0708 || id - 0x4030000000140000 < 3 ||
			     id == 0x40200000000f7101 || id == 0x40300000000f0710;

		for (m = 0; m < sizeof(constants) / sizeof(constants[0]); m++)
			known = known || id == constants[m].id;
		for (m = 0; m < sizeof(state) / sizeof(state[0]); m++)
			known = known || id == state[m].id;
		if (!known)
			claim(false, "register %#llx is listed", (unsigned long long)id);
		others += !known;
	}
	claim(!others && caches, "no other register is listed");
}

/*
 * What user space reads is what the guest reads, also where user space has set it.  Except
 * L2CTLR: the emulator does not trap it.
 */
static void check_guest(struct debug_vm *g, const uint32_t *csselr)
{
	uint32_t n, wrong = 0, actlr = 0x41, l2ctlr = 0x01000042, old_actlr, old_l2ctlr;

	old_actlr = reg(g, ACTLR);
	old_l2ctlr = reg(g, L2CTLR);
	begin(g, AT(read_ids), PSR_SVC_IF);
	put(g, ACTLR, actlr);
	put(g, L2CTLR, l2ctlr);
	set_core(g->vcpu, 5, csselr[0]);
	set_core(g->vcpu, 6, csselr[1]);
	claim(stores(g, REACHED), "a guest reads its identification registers");
	for (n = 0; n < STORED; n++) {
		if (!((g->data[n] ^ reg(g, constants[n].id)) & ~constants[n].hidden))
			continue;
		wrong++;
		claim(false, "%s: the guest reads %#x, user space %#x", constants[n].name,
		      g->data[n], reg(g, constants[n].id));
	}
	claim(!wrong, "user space reads the same");
	claim(g->data[STORED] == actlr, "the guest reads ACTLR as user space has set it");
	claim(g->data[STORED + 2] == reg(g, CCSIDR + csselr[0]) &&
		      g->data[STORED + 3] == reg(g, CCSIDR + csselr[1]),
	      "its cache size ids are those of the ids with its CSSELR");
	put(g, FPINST, 1);
	put(g, FPINST2, 2);
	debug_vm_reset(g);
	claim(reg(g, ACTLR) == old_actlr && reg(g, L2CTLR) == old_l2ctlr && !reg(g, FPINST) &&
		      !reg(g, FPINST2),
	      "KVM_ARM_VCPU_INIT resets ACTLR, L2CTLR, FPINST and FPINST2");
}

void test_linux_registers(void)
{
	uint32_t csselr[2] = { 0 }, caches;
	struct debug_vm g;
	struct list list;

	debug_vm_open(&g);
	get_ids(g.vcpu, true, &list);
	check_constants(g.vcpu, &list);
	check_state(g.vcpu, &list);
	check_ranges(g.vcpu, &list);
	caches = check_caches(g.vcpu, &list, csselr);
	check_nothing_else(&list, caches);
	check_guest(&g, csselr);
	debug_vm_close(&g);
}
