/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A minimal VMM for guests/events.c: one vCPU, memory, a console, and the doors, the device to
 * which the guest stores where it leaves the CPU.  It has no GIC, so the guest takes no
 * interrupts.
 */
#ifndef EVENTS_VM_H
#define EVENTS_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvm.h>

#define RAM_BASE 0x40000000u
#define RAM_SIZE (20u << 20)
#define PAGE	 4096u

struct vm {
	int fd, vcpu;
	struct kvm_run *run;
	uint8_t *ram;
	char text[8192]; /* what it printed */
	size_t length;
	bool interruptible; /* a signal ends vm_run() */
};

enum stop {
	DOOR,	   /* the guest stored to a door */
	ENDED,	   /* it switched itself off */
	SIGNALLED, /* a signal interrupted vm_run(); only if interruptible */
};

/* The doors and ways of guests/events.c. */
enum door {
	ARMED = 1,
	TAKEN = 2,
	AGAIN = 4,
	AFTER = 8
};
enum {
	BY_STORE = 1,
	BY_WFE = 2,
	BY_HVC = 4,
	BY_SPINNING = 8
};

/* On an error, all of these print a message and end the process. */
void vm_new(struct vm *vm);
void vm_load(struct vm *vm, const char *elf, const char *bootargs);
/* Run until the guest stops; at a door, *door is which one, *came the events so far. */
enum stop vm_run(struct vm *vm, enum door *door, uint32_t *came);
/* Complete the last exit without running the guest, so that its registers are up to date. */
void vm_finish_exit(struct vm *vm);
void vm_close(struct vm *vm);
/* A core register, by its word in struct kvm_regs. */
uint32_t vm_core(const struct vm *vm, uint32_t word);
/* A counter from the vCPU's file in debugfs. */
uint32_t vm_counter(const struct vm *vm, const char *name);
void vm_print_counters(const struct vm *vm);

/* Save memory, registers and printed text to a file, and restore them from it. */
void vm_save(const struct vm *vm, const char *path);
/* The order in which vm_restore() sets the registers: as listed, reversed, or random. */
enum order {
	LISTED,
	REVERSED,
	SHUFFLED
};
void vm_restore(struct vm *vm, const char *path, enum order order, uint32_t seed);

/* Move the calling thread to that CPU. */
void pin(unsigned int cpu);
uint32_t next_random(uint32_t *state);
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

int command_moe(int argc, char **argv);
int command_mix(int argc, char **argv);
int command_save(int argc, char **argv);
int command_resume(int argc, char **argv);
int command_steps(int argc, char **argv);
int command_look(int argc, char **argv);

#endif
