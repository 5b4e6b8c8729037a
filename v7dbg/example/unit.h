/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The debug unit on which v7dbg's plans are carried out.  unit-cpu.c is the CPU's own.
 * unit-made-up.c is one in memory that has what QEMU's CPU lacks, and its own source of
 * traps.  An image is linked with one of them.
 */
#ifndef EXAMPLE_UNIT_H
#define EXAMPLE_UNIT_H

#include "vcpu.h"

enum unit_bank {
	BVR,
	BCR,
	WVR,
	WCR
};

/* Once, at boot: what a host kernel does before it uses debug registers. */
void unit_start(void);
void unit_identify(struct v7dbg_cpu_id *id);

uint32_t unit_read(enum unit_bank bank, unsigned int n);
void unit_write(enum unit_bank bank, unsigned int n, uint32_t value);
uint32_t unit_read_vcr(void);
void unit_write_vcr(uint32_t value);
uint32_t unit_read_dscr(void); /* DBGDSCRint */

/* Where the guest fetches from next, bit 0 set in Thumb state. */
uint32_t unit_pc(const struct guest *guest);

/* Set the hypervisor's own point, as a debugger of the hypervisor would. */
void unit_set_host_point(void);
/* Code for PL1 that hits it once, then executes HVC #CALL_DONE. */
extern const char host_task[];
/* unit-cpu.c: the word that this point watches; a guest stores to it. */
extern volatile uint32_t host_watched;

/* An HVC for the unit.  Returns false if it means nothing. */
bool unit_call(struct guest *guest, uint32_t number);

#endif
