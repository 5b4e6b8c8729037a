/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_IOCTL_H
#define FUZZ_IOCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE	    4096u
#define ARENA_PAGES 128u /* what memory slots point to */
#define MAX_OBJECTS 48u	 /* descriptors of one process */
#define MAX_MAPS    16u	 /* mappings of kvm_run */

#define RAM_BASE 0x40000000u
#define GICD	 0x08000000u
#define GICC	 0x08010000u
#define MMIO	 0x0a000000u

/* Each thread has its own numbers, so that its calls do not depend on the others. */
extern _Thread_local uint64_t rng_state;
uint32_t rnd(void);
uint32_t below(uint32_t limit);
#define ONE_OF(...)                                                   \
	({                                                            \
		const uint32_t values_[] = { __VA_ARGS__ };           \
		values_[below(sizeof(values_) / sizeof(values_[0]))]; \
	})

enum kind {
	SYSTEM,
	VM,
	VCPU,
	DEVICE,
	OTHER,
	KINDS
};

#define CALL(kind, request, ...) kind##_##request,
enum {
#include "calls.def"
	ROWS
};
#undef CALL

struct row {
	enum kind kind;
	unsigned long request;
	const char *name;
	void (*make)(const struct row *row, int fd);
	unsigned int weight;
	int answer;
};
extern const struct row rows[ROWS];

/* What all processes count together. */
struct counts {
	unsigned long calls; /* of ioctl() and of mmap() of a vCPU */
	unsigned long worked;
	unsigned long entered;	    /* KVM_RUN that came back with an exit */
	unsigned long sent, passed; /* descriptors, over a socket */
	unsigned long closes, maps, unmaps, forks, execs, kills;
	unsigned long made[ROWS], answered[ROWS]; /* as calls.def says */
};
extern struct counts *counts;
static inline void count(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

/* objects.c: descriptors and memory that the threads of a process fight for. */
extern uint8_t *arena;
void objects_init(int socket_out, int socket_in);
/* A descriptor of that kind, or of any kind, or one that is not open. */
int object_pick(enum kind kind);
/* Keeps the descriptor, and closes the one whose place it takes. */
void object_add(enum kind kind, int fd);
/* Everything but ioctls: close, dup, mmap, munmap, mprotect, madvise, sockets, fork, exec. */
void object_disturb(void);
/* Fill the arena with code that makes a guest exit. */
void arena_fill(void);
/* All of it is there again, and can be written, until the next change. */
void arena_renew(void);
/* Run the body; a fault in it, on memory that another thread has unmapped, ends it. */
bool survives(void (*body)(void));

/* values.c: arguments. */
uint64_t some_ipa(void);
uint64_t some_hva(void);
uint32_t some_size(void);
static inline void *number(uint32_t value)
{
	return (void *)(uintptr_t)value;
}

/* vm-calls.c, vcpu-calls.c: calls with arguments that look valid. */
#define CALL(kind, request, make, ...) void make(const struct row *row, int fd);
#include "calls.def"
#undef CALL

/* calls.c: one ioctl with an argument that looks valid. */
void call_any(void);
/* An ioctl, counted. */
int call(const struct row *row, int fd, void *arg);
/* A VM with memory, a GIC and a vCPU that can run. */
void call_whole_vm(void);
/* A line for each row, and how many there are. */
void calls_print(void);

#endif
