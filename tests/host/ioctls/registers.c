// SPDX-License-Identifier: GPL-2.0-only
/* KVM_GET_REG_LIST, KVM_GET_ONE_REG, KVM_SET_ONE_REG. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_BYTES(n) ((uint32_t)(sizeof(struct kvm_reg_list) + (n) * sizeof(uint64_t)))

static struct kvm_reg_list *get_list(int vcpu)
{
	struct kvm_reg_list probe = { .n = 0 }, *list;

	REFUSED(EFAULT, ioctl(vcpu, KVM_GET_REG_LIST, NULL), "KVM_GET_REG_LIST to NULL");
	REFUSED(E2BIG, ioctl(vcpu, KVM_GET_REG_LIST, &probe),
		"KVM_GET_REG_LIST with room for none");
	claim(probe.n > 100 && probe.n < 1000, "the required number is written back: %llu",
	      (unsigned long long)probe.n);
	list = calloc(1, LIST_BYTES(probe.n + 1));
	list->n = probe.n - 1;
	REFUSED(E2BIG, ioctl(vcpu, KVM_GET_REG_LIST, list),
		"KVM_GET_REG_LIST with room for one too few");
	claim(list->n == probe.n && !list->reg[0], "the number is written back, but no register");
	REFUSED(EFAULT, ioctl(vcpu, KVM_GET_REG_LIST, cut_off(list, LIST_BYTES(probe.n))),
		"KVM_GET_REG_LIST into a page that ends one register too early");
	list->n = ~0ull;
	WORKS(ioctl(vcpu, KVM_GET_REG_LIST, list), "KVM_GET_REG_LIST with more room than needed");
	claim(list->n == probe.n && !list->reg[probe.n],
	      "the number is set, nothing is written after the list");
	WORKS(ioctl(vcpu, KVM_GET_REG_LIST, list), "KVM_GET_REG_LIST with room for exactly all");
	return list;
}

static uint32_t size_of(uint64_t id)
{
	return 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

/* Reads each register, writes it back and reads it again; checks that no byte too many changes. */
static void round_trip(int vcpu, const struct kvm_reg_list *list)
{
	unsigned int good = 0, twice = 0, n, m, coprocessors[16] = { 0 };

	for (n = 0; n < list->n; n++) {
		uint64_t id = list->reg[n], room[3], again[3], mask = 0;
		uint32_t size = size_of(id), coprocessor = id >> 16 & 0xfff;
		bool counts = id == KVM_REG_ARM_TIMER_CNT, equal;

		if (coprocessor < 16)
			coprocessors[coprocessor]++;
		for (m = 0; m < n; m++)
			twice += list->reg[m] == id;
		memset(room, 0xa5, sizeof(room));
		memset(again, 0xa5, sizeof(again));
		if ((id & KVM_REG_ARCH_MASK) != KVM_REG_ARM || (size != 4 && size != 8) ||
		    get_reg(vcpu, id, &room[1]) || set_reg(vcpu, id, &room[1]) ||
		    get_reg(vcpu, id, &again[1])) {
			claim(false, "register %#llx: %s", (unsigned long long)id,
			      strerrorname_np(errno));
			continue;
		}
		memset(&mask, 0xa5, sizeof(mask));
		equal = room[0] == mask && room[2] == mask && again[0] == mask &&
			again[2] == mask &&
			!memcmp((char *)&room[1] + size, &mask, sizeof(mask) - size) &&
			(counts ? again[1] >= room[1]
				: !memcmp(&room[1], &again[1], sizeof(room[1])));
		if (!equal)
			claim(false, "register %#llx: %#llx became %#llx", (unsigned long long)id,
			      (unsigned long long)room[1], (unsigned long long)again[1]);
		good += equal;
	}
	claim(good == list->n, "%u of %llu registers read back what was written", good,
	      (unsigned long long)list->n);
	claim(!twice, "no register is in the list twice");
	claim(coprocessors[15] > 20 && coprocessors[14] > 20, "%u of cp15, %u of cp14",
	      coprocessors[15], coprocessors[14]);
}

/* One register of each kind keeps another value: the round trip above is not of constants only. */
static void values(int vcpu)
{
	static const struct {
		const char *name;
		uint64_t id, value;
	} some[] = {
		{ "r5", KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | 5, 0x12345678 },
		{ "r14_fiq",
		  KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE |
			  KVM_REG_ARM_CORE_REG(KVM_ARM_FIQ_lr),
		  0xcafe0001 },
		{ "DACR", ARM_CP15_REG32(0, 3, 0, 0), 0x55555555 },
		{ "DBGBVR2", ARM_CP14_REG32(0, 0, 2, 4), 0x1234 },
		{ "CNTV_CVAL", KVM_REG_ARM_TIMER_CVAL, 0x123456789abcdef0 },
		{ "d31", KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | 31,
		  0xfedcba9876543210 },
	};
	unsigned int n;

	for (n = 0; n < sizeof(some) / sizeof(some[0]); n++) {
		uint64_t got = 0, old = 0;

		get_reg(vcpu, some[n].id, &old);
		claim(!set_reg(vcpu, some[n].id, &some[n].value) &&
			      !get_reg(vcpu, some[n].id, &got) && got == some[n].value &&
			      got != old,
		      "%s keeps another value", some[n].name);
		set_reg(vcpu, some[n].id, &old);
	}
}

/*
 * Ids as user space stores them in files, worked out by hand from the layout that the kernel
 * documents for 32-bit coprocessor registers: 0x4020 0000 000 and the coprocessor, then CRn at
 * bit 11, CRm at 7, opc1 at 3, opc2 at 0.
 */
static void literal_ids(int vcpu, const struct kvm_reg_list *list)
{
	static const struct {
		const char *name;
		uint64_t id, macro;
		uint64_t value; /* to set and read back; 0: only check that it exists */
	} all[] = {
		{ "DBGDIDR", 0x40200000000e0000, ARM_CP14_REG32(0, 0, 0, 0), 0 },
		{ "DBGBCR0", 0x40200000000e0005, ARM_CP14_REG32(0, 0, 0, 5), 0x1e5 },
		{ "DBGBVR2", 0x40200000000e0104, ARM_CP14_REG32(0, 0, 2, 4), 0x4321bac },
		{ "DBGWCR3", 0x40200000000e0187, ARM_CP14_REG32(0, 0, 3, 7), 0x1ff5 },
		{ "DBGDSCRext", 0x40200000000e0102, ARM_CP14_REG32(0, 0, 2, 2), 0x78000 },
		{ "DBGOSLSR", 0x40200000000e0884, ARM_CP14_REG32(0, 1, 1, 4), 0x8 },
		{ "DBGCLAIMSET", 0x40200000000e3c06, ARM_CP14_REG32(0, 7, 8, 6), 0xa5 },
		{ "DBGAUTHSTATUS", 0x40200000000e3f06, ARM_CP14_REG32(0, 7, 14, 6), 0 },
		{ "MIDR", 0x40200000000f0000, ARM_CP15_REG32(0, 0, 0, 0), 0 },
		{ "DFAR", 0x40200000000f3000, ARM_CP15_REG32(0, 6, 0, 0), 0xfeedc0de },
		{ "TPIDRURO", 0x40200000000f6803, ARM_CP15_REG32(0, 13, 0, 3), 0x1234 },
	};
	unsigned int n, m;

	for (n = 0; n < sizeof(all) / sizeof(all[0]); n++) {
		uint64_t old = 0, got = 0;
		bool listed = false;

		for (m = 0; m < list->n; m++)
			listed = listed || list->reg[m] == all[n].id;
		claim(listed && all[n].id == all[n].macro && !get_reg(vcpu, all[n].id, &old),
		      "%s is %#llx", all[n].name, (unsigned long long)all[n].id);
		if (!all[n].value)
			continue;
		claim(!set_reg(vcpu, all[n].id, &all[n].value) && !get_reg(vcpu, all[n].id, &got) &&
			      got == all[n].value,
		      "it takes %#llx: %#llx", (unsigned long long)all[n].value,
		      (unsigned long long)got);
		set_reg(vcpu, all[n].id, &old);
	}
}

void test_registers(void)
{
	static const struct {
		const char *name;
		uint64_t id;
	} invariant[] = {
		{ "MIDR", ARM_CP15_REG32(0, 0, 0, 0) },
		{ "MPIDR", ARM_CP15_REG32(0, 0, 0, 5) },
		{ "MVFR0",
		  KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_VFP | KVM_REG_ARM_VFP_MVFR0 },
		{ "the PSCI version", KVM_REG_ARM_PSCI_VERSION },
		{ "DBGDIDR", 0x40200000000e0000 },
		{ "DBGAUTHSTATUS", 0x40200000000e3f06 },
		{ "DBGDEVID2", 0x40200000000e3807 },
		{ "DBGDEVID1", 0x40200000000e3887 },
		{ "DBGDEVID", 0x40200000000e3907 },
	};
	static const struct {
		const char *name;
		uint64_t id;
		int error;
	} unknown[] = {
		{ "of no architecture", KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE, EINVAL },
		{ "of another architecture", KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE,
		  EINVAL },
		{ "of one byte", KVM_REG_ARM | KVM_REG_SIZE_U8 | KVM_REG_ARM_CORE, ENOENT },
		{ "of 256 bytes", KVM_REG_ARM | KVM_REG_SIZE_U2048 | KVM_REG_ARM_CORE, ENOENT },
		{ "of an invalid size", KVM_REG_ARM | KVM_REG_SIZE_MASK | KVM_REG_ARM_CORE,
		  ENOENT },
		{ "r0 as 64 bits", KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE, ENOENT },
		{ "after the core registers",
		  KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | sizeof(struct kvm_regs) / 4,
		  ENOENT },
		{ "core register 65535", KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | 0xffff,
		  ENOENT },
		{ "of coprocessor 13", KVM_REG_ARM | KVM_REG_SIZE_U32 | 13 << 16, ENOENT },
		{ "of coprocessor 0xfff", KVM_REG_ARM | KVM_REG_SIZE_U32 | 0xfff << 16, ENOENT },
		{ "that cp15 does not have", ARM_CP15_REG32(7, 15, 15, 7), ENOENT },
		{ "that cp14 does not have", ARM_CP14_REG32(7, 15, 15, 7), ENOENT },
		{ "DBGBVR15 of a CPU with fewer", ARM_CP14_REG32(0, 0, 15, 4), ENOENT },
		{ "DBGBCR0 with bit 15", ARM_CP14_REG32(0, 0, 0, 5) | 1 << 15, ENOENT },
		{ "DBGBCR0 with bit 28", ARM_CP14_REG32(0, 0, 0, 5) | 1ull << 28, ENOENT },
		{ "DBGBCR0 with bit 51", ARM_CP14_REG32(0, 0, 0, 5) | 1ull << 51, ENOENT },
		{ "r0 with bit 30", KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | 1ull << 30,
		  ENOENT },
		{ "d0 with bit 51", KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | 1ull << 51,
		  ENOENT },
		{ "of cp14 with 64 bits", ARM_CP15_REG64(0, 1) - (1 << 16), ENOENT },
		{ "d32", KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | 32, ENOENT },
		{ "of VFP that does not exist",
		  KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_VFP | 0x1fff, ENOENT },
		{ "firmware 65535", KVM_REG_ARM_FW_REG(0xffff), ENOENT },
	};
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = KVM_REG_ARM_TIMER_CVAL, .addr = (uintptr_t)&value };
	struct kvm_reg_list *list;
	uint8_t room[16];
	unsigned int n;
	int vm = new_vm(), vcpu = new_vcpu(vm, 1u << KVM_ARM_VCPU_PSCI_0_2, NULL);

	list = get_list(vcpu);
	round_trip(vcpu, list);
	values(vcpu);
	literal_ids(vcpu, list);
	free(list);

	REFUSED(EFAULT, ioctl(vcpu, KVM_GET_ONE_REG, NULL), "KVM_GET_ONE_REG of NULL");
	REFUSED(EFAULT, ioctl(vcpu, KVM_SET_ONE_REG, NULL), "KVM_SET_ONE_REG of NULL");
	REFUSED(EFAULT, ioctl(vcpu, KVM_GET_ONE_REG, cut_off(&reg, sizeof(reg))),
		"KVM_GET_ONE_REG of half a structure");
	REFUSED(EFAULT, get_reg(vcpu, reg.id, NULL), "a register to NULL");
	REFUSED(EFAULT, set_reg(vcpu, reg.id, NULL), "a register from NULL");
	REFUSED(EFAULT, get_reg(vcpu, reg.id, NOWHERE), "a register to a kernel address");
	REFUSED(EFAULT, set_reg(vcpu, reg.id, cut_off(&value, sizeof(value))),
		"a register from seven bytes");
	WORKS(set_reg(vcpu, reg.id, at_the_end(&value, sizeof(value))), "and from eight");
	WORKS(get_reg(vcpu, reg.id, room + 3), "a register to an unaligned address");
	for (n = 0; n < sizeof(unknown) / sizeof(unknown[0]); n++) {
		REFUSED(unknown[n].error, get_reg(vcpu, unknown[n].id, &value),
			"read a register %s", unknown[n].name);
		REFUSED(unknown[n].error, set_reg(vcpu, unknown[n].id, &value),
			"write a register %s", unknown[n].name);
	}
	for (n = 0; n < sizeof(invariant) / sizeof(invariant[0]); n++) {
		uint64_t other = 0;

		get_reg(vcpu, invariant[n].id, &value);
		other = value ^ 0x10;
		REFUSED(EINVAL, set_reg(vcpu, invariant[n].id, &other),
			"setting %s to another value", invariant[n].name);
		claim(!get_reg(vcpu, invariant[n].id, &other) && other == value,
		      "%s keeps its value", invariant[n].name);
		WORKS(set_reg(vcpu, invariant[n].id, &value), "setting %s to its own value",
		      invariant[n].name);
	}
	for (n = 0; n < 32; n++) {
		static const uint32_t allowed = 1u << 0x10 | 1u << 0x11 | 1u << 0x12 | 1u << 0x13 |
						1u << 0x17 | 1u << 0x1b | 1u << 0x1f;

		errno = 0;
		claim(set_core(vcpu, KVM_REG_ARM_CORE_REG(usr_regs.uregs[16]), 0x1c0 | n) ==
			      (allowed >> n & 1 ? 0 : -1),
		      "CPSR with mode %#x is %s", n, allowed >> n & 1 ? "accepted" : "refused");
	}
	/* J without T is Jazelle state; J with T is ThumbEE state, which ENTERX enters. */
	errno = 0;
	claim(set_core(vcpu, KVM_REG_ARM_CORE_REG(usr_regs.uregs[16]), 0x010001d3) == -1 &&
		      errno == EINVAL,
	      "CPSR in Jazelle state is refused");
	claim(!set_core(vcpu, KVM_REG_ARM_CORE_REG(usr_regs.uregs[16]), 0x010001f3),
	      "CPSR in ThumbEE state is accepted");
	close(vcpu);
	close(vm);
}
