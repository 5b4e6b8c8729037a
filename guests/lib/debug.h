/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU's breakpoints and watchpoints. */
#ifndef GUEST_DEBUG_H
#define GUEST_DEBUG_H

#include "arm.h"

#define REG_DBGDIDR    14, 0, 0, 0, 0
#define REG_DBGDSCRINT 14, 0, 0, 1, 0
#define REG_DBGDSCREXT 14, 0, 0, 2, 2
#define REG_DBGVCR     14, 0, 0, 7, 0
#define REG_DBGOSLAR   14, 0, 1, 0, 4
#define REG_DBGOSLSR   14, 0, 1, 1, 4
#define OSLAR_KEY      0xc5acce55u

#define DSCR_MDBGEN    (1u << 15)
#define DSCR_MOE(dscr) ((dscr) >> 2 & 15)
#define MOE_BREAKPOINT 1u
#define MOE_BKPT       3u
#define MOE_WATCHPOINT 10u

/* C11.11.2, C11.11.44. */
#define CR_E	    1u
#define CR_PL1	    (1u << 1)
#define CR_PL0	    (2u << 1)
#define CR_ANY	    (3u << 1)
#define BCR_BAS(b)  ((u32)(b) << 5)
#define WCR_LOAD    (1u << 3)
#define WCR_STORE   (2u << 3)
#define WCR_BAS(b)  ((u32)(b) << 5)
#define CR_LBN(n)   ((u32)(n) << 16)
#define BCR_TYPE(t) ((u32)(t) << 20)
#define WCR_LINKED  (1u << 20)
#define CR_MASK(m)  ((u32)(m) << 24)

u32 debug_brps(void);
u32 debug_wrps(void);
u32 debug_ctx_brps(void);

u32 bvr_read(u32 n);
u32 bcr_read(u32 n);
u32 wvr_read(u32 n);
u32 wcr_read(u32 n);
void bvr_write(u32 n, u32 val);
void bcr_write(u32 n, u32 val);
void wvr_write(u32 n, u32 val);
void wcr_write(u32 n, u32 val);

/* Clear the OS lock and all slots and set MDBGen; false if MDBGen does not stick. */
bool debug_enable(void);
/* Clear all slots; MDBGen is unchanged. */
void debug_clear(void);
void debug_monitor(bool on);

/* Write the value, then the control, then execute the ISB that makes both effective: A3.8.3. */
void break_set(u32 n, u32 addr, u32 control);
void watch_set(u32 n, u32 addr, u32 control);

/* Hooks for exc_expect(): turn point debug_hook_slot off and retry the instruction. */
extern u32 debug_hook_slot;
struct frame;
void debug_hook_break(struct frame *frame);
void debug_hook_watch(struct frame *frame);

/* Is this the fault status of a debug event in the format in use?  B3.13.3. */
bool is_debug_fsr(u32 fsr);
/* The bits of a debug event's fault status that are not UNKNOWN. */
u32 known_fsr(u32 fsr);

#endif
