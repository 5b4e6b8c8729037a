/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that assembly and C share: the addresses of devices (the same in a guest of armvm and
 * on QEMU's `virt`), processor modes, and the layout of struct frame and struct cpu.
 */
#ifndef GUEST_LAYOUT_H
#define GUEST_LAYOUT_H

#define GICD_BASE    0x08000000
#define GICC_BASE    0x08010000
#define UART_BASE    0x09000000
#define TESTDEV_BASE 0x0b000000 /* only with `armvm run --testdev` */
#define RAM_BASE     0x40000000

#define MAX_CPUS   4
#define STACK_SIZE 8192 /* per CPU and mode */

#define MODE_USR 0x10
#define MODE_FIQ 0x11
#define MODE_IRQ 0x12
#define MODE_SVC 0x13
#define MODE_ABT 0x17
#define MODE_HYP 0x1a
#define MODE_UND 0x1b
#define MODE_SYS 0x1f
#define PSR_MODE 0x1f
#define PSR_T	 (1 << 5)
#define PSR_F	 (1 << 6)
#define PSR_I	 (1 << 7)
#define PSR_A	 (1 << 8)
#define PSR_E	 (1 << 9)

/* Exception types. */
#define EXC_UND	 1
#define EXC_SVC	 2
#define EXC_PABT 3
#define EXC_DABT 4
#define EXC_IRQ	 5
#define EXC_FIQ	 6

/* struct frame */
#define FRAME_LR   52
#define FRAME_SPSR 56
#define FRAME_TYPE 60
#define FRAME_PC   64
#define FRAME_SIZE 72

/* struct cpu */
#define CPU_PL0_SP 0
#define CPU_USR_SP 4
#define CPU_STACKS 8
#define CPU_ENTRY  12
#define CPU_SIZE   128

#endif
