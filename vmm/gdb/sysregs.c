// SPDX-License-Identifier: GPL-2.0-only
#include "gdb/sysregs.h"
#include "onereg.h"

/* Words of struct kvm_regs: see regs.c. */
#define BANKED(name, word)                        \
	{                                         \
		name, "banked", ONEREG_CORE(word) \
	}
#define CP15(name, id)           \
	{                        \
		name, "cp15", id \
	}

const struct gdb_sysreg gdb_sysregs[GDB_SYSREGS] = {
	BANKED("r8_usr", 8),
	BANKED("r9_usr", 9),
	BANKED("r10_usr", 10),
	BANKED("r11_usr", 11),
	BANKED("r12_usr", 12),
	BANKED("sp_usr", 13),
	BANKED("lr_usr", 14),
	BANKED("sp_svc", 18),
	BANKED("lr_svc", 19),
	BANKED("spsr_svc", 20),
	BANKED("sp_abt", 21),
	BANKED("lr_abt", 22),
	BANKED("spsr_abt", 23),
	BANKED("sp_und", 24),
	BANKED("lr_und", 25),
	BANKED("spsr_und", 26),
	BANKED("sp_irq", 27),
	BANKED("lr_irq", 28),
	BANKED("spsr_irq", 29),
	BANKED("r8_fiq", 30),
	BANKED("r9_fiq", 31),
	BANKED("r10_fiq", 32),
	BANKED("r11_fiq", 33),
	BANKED("r12_fiq", 34),
	BANKED("sp_fiq", 35),
	BANKED("lr_fiq", 36),
	BANKED("spsr_fiq", 37),
	CP15("sctlr", ARM_CP15_REG32(0, 1, 0, 0)),
	CP15("actlr", ARM_CP15_REG32(0, 1, 0, 1)),
	CP15("cpacr", ARM_CP15_REG32(0, 1, 0, 2)),
	CP15("ttbr0", ARM_CP15_REG64(0, 2)),
	CP15("ttbr1", ARM_CP15_REG64(1, 2)),
	CP15("ttbcr", ARM_CP15_REG32(0, 2, 0, 2)),
	CP15("dacr", ARM_CP15_REG32(0, 3, 0, 0)),
	CP15("dfsr", ARM_CP15_REG32(0, 5, 0, 0)),
	CP15("ifsr", ARM_CP15_REG32(0, 5, 0, 1)),
	CP15("adfsr", ARM_CP15_REG32(0, 5, 1, 0)),
	CP15("aifsr", ARM_CP15_REG32(0, 5, 1, 1)),
	CP15("dfar", ARM_CP15_REG32(0, 6, 0, 0)),
	CP15("ifar", ARM_CP15_REG32(0, 6, 0, 2)),
	CP15("par", ARM_CP15_REG64(0, 7)),
	CP15("prrr", ARM_CP15_REG32(0, 10, 2, 0)),
	CP15("nmrr", ARM_CP15_REG32(0, 10, 2, 1)),
	CP15("amair0", ARM_CP15_REG32(0, 10, 3, 0)),
	CP15("amair1", ARM_CP15_REG32(0, 10, 3, 1)),
	CP15("vbar", ARM_CP15_REG32(0, 12, 0, 0)),
	CP15("contextidr", ARM_CP15_REG32(0, 13, 0, 1)),
	CP15("tpidrurw", ARM_CP15_REG32(0, 13, 0, 2)),
	CP15("tpidruro", ARM_CP15_REG32(0, 13, 0, 3)),
	CP15("tpidrprw", ARM_CP15_REG32(0, 13, 0, 4)),
	CP15("csselr", ARM_CP15_REG32(2, 0, 0, 0)),
	CP15("midr", ARM_CP15_REG32(0, 0, 0, 0)),
	CP15("mpidr", ARM_CP15_REG32(0, 0, 0, 5)),
	CP15("cntkctl", ARM_CP15_REG32(0, 14, 1, 0)),
	CP15("cntv_ctl", ARM_CP15_REG32(0, 14, 3, 1)),
	CP15("cntv_cval", ARM_CP15_REG64(3, 14)),
	CP15("l2ctlr", ARM_CP15_REG32(1, 9, 0, 2)),
};

unsigned int gdb_sysreg_size(const struct gdb_sysreg *reg)
{
	return (reg->id & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U64 ? 8 : 4;
}
