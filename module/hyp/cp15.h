/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What both sides make of cp15.def: keys, the check of its order, the saved context, and
 * accessors.
 */
#ifndef HYP_CP15_H
#define HYP_CP15_H

#include "../../v7dbg/v7dbg_env.h"

/*
 * An encoding in 16 bits.  CRn is the most significant field; MCRR and MRRC have their
 * primary register in CRm, and these come before MCR and MRC.
 */
#define CP15_KEY32(opc1, crn, crm, opc2) ((crn) << 12 | 1 << 11 | (crm) << 7 | (opc1) << 3 | (opc2))
#define CP15_KEY64(opc1, crm)		 ((crm) << 12 | (opc1) << 3)

/*
 * CP15_KEY32_NAME, CP15_KEY64_NAME: the key of each row.  CP15_MIN32_NAME and
 * CP15_MIN64_NAME have no value of their own, so each is one more than the key before it.
 */
enum cp15_key {
#define CP15_REG32(name, opc1, crn, crm, opc2, access, trap) \
	CP15_MIN32##name, CP15_KEY32##name = CP15_KEY32(opc1, crn, crm, opc2),
#define CP15_REG64(name, opc1, crm, access, trap) \
	CP15_MIN64##name, CP15_KEY64##name = CP15_KEY64(opc1, crm),
#define CP15_RESERVED32(opc1, crn, crm, first, last, access, trap)             \
	CP15_MIN32_RESERVED_##crm,                                             \
		CP15_KEY32_RESERVED_##crm = CP15_KEY32(opc1, crn, crm, first), \
		CP15_KEY32_RESERVED_##crm##_LAST = CP15_KEY32(opc1, crn, crm, last),
#include "cp15.def"
};

#define CP15_CHECK_ORDER(width, name)                                       \
	V7DBG_STATIC_ASSERT(CP15_KEY##width##name >= CP15_MIN##width##name, \
			    "cp15.def: " #name " is out of order, or twice");
#define CP15_REG32(name, opc1, crn, crm, opc2, access, trap) CP15_CHECK_ORDER(32, name)
#define CP15_REG64(name, opc1, crm, access, trap)	     CP15_CHECK_ORDER(64, name)
#define CP15_RESERVED32(opc1, crn, crm, first, last, access, trap) \
	CP15_CHECK_ORDER(32, _RESERVED_##crm)
#include "cp15.def"
#undef CP15_CHECK_ORDER

/*
 * The registers of PL1 and PL0 that change hands at every world switch.  pl1-sr.S counts on
 * the alignment.
 */
struct hyp_cp15 {
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	uint32_t member;
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	uint64_t member __attribute__((aligned(8)));
#include "cp15.def"
};

/*
 * read_cp15(NAME), write_cp15(NAME, value), and the same with _64: the CPU's register.
 */
#define read_cp15(name)		   cp15_read32_##name()
#define write_cp15(name, value)	   cp15_write32_##name(value)
#define read_cp15_64(name)	   cp15_read64_##name()
#define write_cp15_64(name, value) cp15_write64_##name(value)

#define CP15_READ32(name, opc1, crn, crm, opc2)                                         \
	static inline uint32_t cp15_read32##name(void)                                  \
	{                                                                               \
		uint32_t value;                                                         \
                                                                                        \
		__asm__ volatile("mrc p15, " #opc1 ", %0, c" #crn ", c" #crm ", " #opc2 \
				 : "=r"(value)                                          \
				 :                                                      \
				 : "memory");                                           \
		return value;                                                           \
	}
#define CP15_WRITE32(name, opc1, crn, crm, opc2)                                        \
	static inline void cp15_write32##name(uint32_t value)                           \
	{                                                                               \
		__asm__ volatile("mcr p15, " #opc1 ", %0, c" #crn ", c" #crm ", " #opc2 \
				 :                                                      \
				 : "r"(value)                                           \
				 : "memory");                                           \
	}
#define CP15_READ64(name, opc1, crm)                                     \
	static inline uint64_t cp15_read64##name(void)                   \
	{                                                                \
		uint64_t value;                                          \
                                                                         \
		__asm__ volatile("mrrc p15, " #opc1 ", %Q0, %R0, c" #crm \
				 : "=r"(value)                           \
				 :                                       \
				 : "memory");                            \
		return value;                                            \
	}
#define CP15_WRITE64(name, opc1, crm)                                    \
	static inline void cp15_write64##name(uint64_t value)            \
	{                                                                \
		__asm__ volatile("mcrr p15, " #opc1 ", %Q0, %R0, c" #crm \
				 :                                       \
				 : "r"(value)                            \
				 : "memory");                            \
	}
#define CP15_ACCESS32_RO CP15_READ32
#define CP15_ACCESS32_WO CP15_WRITE32
#define CP15_ACCESS32_RW(...)    \
	CP15_READ32(__VA_ARGS__) \
	CP15_WRITE32(__VA_ARGS__)
#define CP15_ACCESS64_RO CP15_READ64
#define CP15_ACCESS64_RW(...)    \
	CP15_READ64(__VA_ARGS__) \
	CP15_WRITE64(__VA_ARGS__)

#define CP15_REG32(name, opc1, crn, crm, opc2, access, trap) \
	CP15_ACCESS32_##access(name, opc1, crn, crm, opc2)
#define CP15_REG64(name, opc1, crm, access, trap) CP15_ACCESS64_##access(name, opc1, crm)
#include "cp15.def"

#undef CP15_READ32
#undef CP15_WRITE32
#undef CP15_READ64
#undef CP15_WRITE64
#undef CP15_ACCESS32_RO
#undef CP15_ACCESS32_WO
#undef CP15_ACCESS32_RW
#undef CP15_ACCESS64_RO
#undef CP15_ACCESS64_RW

#endif /* HYP_CP15_H */
