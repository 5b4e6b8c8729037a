/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's memory map, which is part of the interface: see docs/armvm.md.
 * The numbers are those of QEMU's `virt` machine, so that a program without a
 * device tree runs on both.
 */
#ifndef ARMVM_MEMMAP_H
#define ARMVM_MEMMAP_H

/*
 * The machine's two flash devices, which are read-only here, and only there with --firmware.  Of
 * the second one, where U-Boot looks for its environment, there is that part, and it is empty: as
 * devices, each word of it would be an exit.
 */
#define FLASH_BASE  0x00000000u
#define FLASH_SIZE  0x04000000u
#define FLASH1_BASE 0x04000000u
#define FLASH1_SIZE 0x40000u

#define GICD_BASE    0x08000000u
#define GICD_SIZE    0x1000u
#define GICC_BASE    0x08010000u
#define GICC_SIZE    0x2000u
#define UART0_BASE   0x09000000u
#define RTC_BASE     0x09010000u
#define GPIO_BASE    0x09030000u
#define UART1_BASE   0x09040000u
#define VIRTIO_BASE  0x0a000000u /* slot n is n * VIRTIO_SIZE further on */
#define VIRTIO_SIZE  0x200u
#define TESTDEV_BASE 0x0b000000u
#define DEVICE_SIZE  0x1000u
#define RAM_BASE     0x40000000u

/* Shared peripheral interrupts: n here is interrupt id 32 + n. */
#define UART0_SPI   1u
#define RTC_SPI	    2u
#define GPIO_SPI    7u
#define UART1_SPI   8u
#define VIRTIO_SPI  16u /* of slot n: n more */
#define SPI_ID_BASE 32u

/* Private peripheral interrupts of the timer: n here is interrupt id 16 + n. */
#define TIMER_PPI_SECURE_PHYS 13u
#define TIMER_PPI_PHYS	      14u
#define TIMER_PPI_VIRT	      11u
#define TIMER_PPI_HYP	      10u
/* .. and of the performance monitors. */
#define PMU_PPI	    7u
#define PPI_ID_BASE 16u

/* Interrupt ids 0 - 63: the smallest number that includes SPIs. */
#define GIC_NR_IRQS 64u

/* The GPIO controller's line that the power key is on. */
#define POWER_KEY_LINE 3u

#define UART_CLOCK_HZ 24000000u

/* As many as have an interrupt id below GIC_NR_IRQS. */
#define VIRTIO_SLOTS 16u

#define MAX_CPUS   8u /* a GICv2 has eight CPU interfaces */
#define MIN_MEMORY (16ull << 20)
#define MAX_MEMORY ((1ull << 32) - RAM_BASE)

#endif
