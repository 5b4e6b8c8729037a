/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of eventfds share. */
#ifndef EVENTFDS_H
#define EVENTFDS_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>

#include "../claims/claims.h"
#include "../small-vm.h"

#define GICD 0x08000000u
#define GICC 0x08010000u

#define RAM_SIZE (16 * PAGE)
#define COUNTS	 PAGE	    /* in the RAM: how often the guest took each INTID */
#define STORES	 (2 * PAGE) /* in the RAM: struct store */

#define LEVEL_SPI(n) (32u + (n)) /* 0 to 31: level-sensitive; 32 to 63: edge-triggered */
#define EDGE_SPI(n)  (64u + (n))
#define WAKE_SPI     EDGE_SPI(31)
#define READY	     1 /* an SGI: the guest has none */

extern int kvm;

/* How many milliseconds to wait for what has to come; less, once something has not come. */
extern int patience;
void give_up(int tries);

/* ---- eventfds ---- */
int new_eventfd(void);
void signal_fd(int fd);
/* The counter, which becomes 0. */
uint64_t taken(int fd);
/* Wait until the counter is at least that high, and take it.  Gives up after a while. */
uint64_t wait_taken(int fd, uint64_t least);
int ioeventfd(int vm, int fd, uint64_t addr, uint32_t len, uint32_t flags, uint64_t value);
int irqfd(int vm, int fd, uint32_t gsi, uint32_t flags, int resample);

/* ---- a guest that stores what it is told to ---- */
enum kind {
	END,
	BYTE,
	HALF,
	WORD = 4,
	LOAD = 8,
	BIG_ENDIAN_WORD = 16
};
struct store {
	uint32_t addr, value, kind;
};
struct seen {
	uint64_t addr;
	uint32_t value, len;
	bool write;
};
struct storer {
	struct small_vm vm;
	struct small_vcpu vcpu;
	struct seen seen[8]; /* the first exits of the last run */
};
void storer_new(struct storer *s);
void storer_close(struct storer *s);
/* How many of these accesses come to user space. */
unsigned int run_stores(struct storer *s, const struct store *stores, unsigned int count);
/* The same, of one access that is made `times` times. */
unsigned int run_store(struct storer *s, uint32_t addr, uint32_t value, enum kind kind,
		       unsigned int times);

/* ---- a guest that counts its interrupts ---- */
struct counter {
	struct small_vm vm;
	struct small_vcpu vcpu;
	int gic, wake;
	pthread_t thread;
	volatile uint32_t *counts; /* by INTID; 1023 is the spurious one */
	bool stopped;
};
/* With its GIC initialized; it runs after counter_start(), in a thread. */
void counter_new(struct counter *c);
void counter_start(struct counter *c);
/* Make the running guest store to KICK and go on. */
#define KICK 0x0a001000u
void counter_kick(struct counter *c);
/* How often the interrupt has come, once it came `wanted` times; gives up after a while. */
uint32_t count_reaches(struct counter *c, uint32_t intid, uint32_t wanted);
/* The same a moment later, in which it may come once too often. */
uint32_t count_settles(struct counter *c, uint32_t intid, uint32_t wanted);
/* It ends its run where it was told to; false if it has to be stopped. */
bool counter_stop(struct counter *c);
void counter_close(struct counter *c);

void test_ioeventfds(void);
void test_coalesced(void);
void test_irqfds(void);
void test_resampled(void);
void test_routing(void);
void test_lifetimes(void);
void test_races(unsigned int rounds);
void test_deassign_waits(void);
/* Until SIGTERM. */
void test_steady(void);

#endif
