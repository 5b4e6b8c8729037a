/* SPDX-License-Identifier: GPL-2.0-only */
/* GICv2: distributor and CPU interface (in a guest, the virtual CPU interface). */
#ifndef GUEST_GIC_H
#define GUEST_GIC_H

#include "arm.h"

#define GICD(offset)	   (GICD_BASE + (offset))
#define GICD_CTLR	   GICD(0x000)
#define GICD_TYPER	   GICD(0x004)
#define GICD_IIDR	   GICD(0x008)
#define GICD_IGROUPR(n)	   GICD(0x080 + 4 * (n))
#define GICD_ISENABLER(n)  GICD(0x100 + 4 * (n))
#define GICD_ICENABLER(n)  GICD(0x180 + 4 * (n))
#define GICD_ISPENDR(n)	   GICD(0x200 + 4 * (n))
#define GICD_ICPENDR(n)	   GICD(0x280 + 4 * (n))
#define GICD_ISACTIVER(n)  GICD(0x300 + 4 * (n))
#define GICD_ICACTIVER(n)  GICD(0x380 + 4 * (n))
#define GICD_IPRIORITYR(n) GICD(0x400 + 4 * (n))
#define GICD_ITARGETSR(n)  GICD(0x800 + 4 * (n))
#define GICD_ICFGR(n)	   GICD(0xc00 + 4 * (n))
#define GICD_SGIR	   GICD(0xf00)
#define GICD_CPENDSGIR(n)  GICD(0xf10 + 4 * (n))
#define GICD_SPENDSGIR(n)  GICD(0xf20 + 4 * (n))

#define GICC(offset) (GICC_BASE + (offset))
#define GICC_CTLR    GICC(0x00)
#define GICC_PMR     GICC(0x04)
#define GICC_BPR     GICC(0x08)
#define GICC_IAR     GICC(0x0c)
#define GICC_EOIR    GICC(0x10)
#define GICC_RPR     GICC(0x14)
#define GICC_HPPIR   GICC(0x18)
#define GICC_IIDR    GICC(0xfc)

#define IRQ_SPURIOUS 1023u
#define IRQ_PMU	     23u
#define IRQ_VTIMER   27u
#define IRQ_PTIMER   30u
#define SGI_SELF     (2u << 24)
#define SGI_OTHERS   (1u << 24)
#define SGI_TO(mask) ((u32)(mask) << 16)

/* Enable the distributor and this CPU's interface; GICC_PMR masks only priority 0xf0 and lower. */
void gic_init(void);
/* Enable this CPU's interface only, for a secondary. */
void gic_init_cpu(void);
void gic_enable(u32 irq, bool on);
void gic_priority(u32 irq, u8 priority);
/* Acknowledge: returns the raw GICC_IAR. */
u32 gic_ack(void);
void gic_eoi(u32 iar);
/* target: SGI_SELF, SGI_OTHERS or SGI_TO(). */
void gic_sgi(u32 target, u32 irq);

/*
 * Poll GICC_IAR until it returns an interrupt, for at most PATIENCE_MS: a virtual interrupt may
 * arrive only with the next exit, even while interrupts are masked.
 */
u32 gic_wait(void);
/* Wait 2 ms; true if no interrupt arrived.  One that arrives is taken. */
bool gic_quiet(void);

#endif
