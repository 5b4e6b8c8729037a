/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The code that a hypervisor needs around v7dbg. */
#ifndef EXAMPLE_DEBUG_H
#define EXAMPLE_DEBUG_H

#include "vcpu.h"

/* Once on each CPU; then, after all CPUs, once for each guest. */
void debug_init_cpu(void);
void debug_init_guest(struct guest *guest);

/* Just before and just after the guest runs. */
void debug_enter(struct guest *guest);
void debug_exit(struct guest *guest);

/* HSR.EC is 0x05, 0x06 or 0x0C. */
void debug_access(struct guest *guest, uint32_t hsr);
/*
 * HSR.EC is 0x20 or 0x24 and the fault status that of a debug event; far: HDFAR, for 0x24.
 * False: stop the guest.
 */
bool debug_event(struct guest *guest, enum v7dbg_event_class event, uint32_t hsr, uint32_t far);
/* A load or store is about to be emulated.  True: the guest got a watchpoint instead. */
bool debug_mmio(struct guest *guest, uint32_t hsr, uint32_t va);

#endif
