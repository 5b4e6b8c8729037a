/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruments: what a CPU's TLBs may hold, followed while the emulator runs.
 *
 * Everything is called with the lock of insn.c.  now counts the events that matter: a time.
 */
#ifndef INSTRUMENTS_WATCH_H
#define INSTRUMENTS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_CPUS  8
#define VMIDS	  256
#define PAGE_SIZE 4096u
#define RAM_BASE  0x40000000u /* of QEMU's virt board */
#define HCR_VM	  1u
#define HSCTLR_M  1u

/* ---- watch.c: the machine -------------------------------------------------------- */

extern uint64_t now;
extern unsigned int nr_cpus;

/* The word or doubleword of the emulated RAM at pa, or NULL if there is no RAM. */
void *ram_at(uint64_t pa, unsigned int size);
uint32_t cpu_reg(unsigned int cpu, unsigned int n); /* r0 to r15 */
uint32_t cpu_cpsr(unsigned int cpu);
/* The stack of the kernel's thread that the CPU executes tells the thread. */
uint32_t cpu_thread(unsigned int cpu);
/* Where the kernel's address va is, or 0 if it is nowhere. */
uint64_t kernel_pa(unsigned int cpu, uint32_t va);

/* ---- report.c -------------------------------------------------------------------- */

/* What was seen, so that a test can tell that there was something to see. */
struct counts {
	unsigned long stores;	  /* to descriptors of tables in use */
	unsigned long debts;	  /* of these, what some TLB may still hold */
	unsigned long settled;	  /* .. and no longer does */
	unsigned long flushes;	  /* TLB operations that a DSB has completed */
	unsigned long entries;	  /* into guests */
	unsigned long returns;	  /* from functions that promise something */
	unsigned long frees;	  /* of pages of tables */
	unsigned long pages;	  /* that became readable past the caches */
	unsigned long fetchable;  /* .. and that became executable */
	unsigned long returned;	  /* .. and that guests have lost */
	unsigned long flushed;	  /* .. and that a guest's set/way operation was to clean */
	unsigned long violations; /* also those that are not reported again */
};

extern struct counts counts;

void report_open(const char *path);
/* One line of the log.  Of each rule and pc only the first few are written. */
void violation(const char *rule, unsigned int cpu, uint32_t pc, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* What was counted so far; label tells which question this answers. */
void report_counts(const char *label);

/* ---- insn.c: instructions -------------------------------------------------------- */

/* Call what follows for the instructions of a translation block. */
void insn_translated(void *tb);
/* The functions at whose return something has to hold, and the kernel's free_pages(). */
void insn_mark_function(uint32_t start, uint32_t size, bool ages, const char *name);
void insn_mark_free(uint32_t start);
void insn_mark_flush(uint32_t start);
/* Has the test a question or an order?  Called at each system call. */
void watch_poll(void);

/* ---- tables.c: the tables and what of them TLBs may hold ------------------------- */

struct root {
	uint64_t pa;
	bool hyp;
	struct root *next;
};

/* The root at pa; it is read when it is seen first. */
struct root *tables_root(unsigned int cpu, uint32_t pc, uint64_t pa, bool hyp);
/* A store to pa by the instruction at pc. */
void tables_stored(unsigned int cpu, uint32_t pc, uint32_t va, uint64_t pa);
/* DCCMVAC or DCCIMVAC of va; a DSB that completes cache and TLB operations. */
void tables_cleaned(unsigned int cpu, uint32_t va);
void tables_completed(unsigned int cpu);
/* CPU no longer holds what was in the tables of root, before the time (debts.c). */
void debts_flushed(unsigned int cpu, const struct root *root, uint64_t before);
/* CPU holds nothing of root's tables, or of any if root is NULL (debts.c). */
void debts_left(unsigned int cpu, const struct root *root);
/* CPU may hold what is in the tables from now on. */
void tables_walked(unsigned int cpu, const struct root *root);
/* The thread on CPU returns from a function: everything that it has changed is done. */
void tables_returned(unsigned int cpu, bool ages, const char *name);
/* The kernel frees the page at va. */
void tables_freed(unsigned int cpu, uint32_t pc, uint32_t va);

/* ---- tlb.c: what a CPU has held since when --------------------------------------- */

enum tlb_op {
	TLB_VMID,
	TLB_GUESTS,
	TLB_HYP
};

void tlb_invalidate(unsigned int cpu, enum tlb_op op, bool all_cpus);
/* ICIALLU or ICIALLUIS, whose DSB tools/check-sync demands. */
void tlb_icache(unsigned int cpu, bool all_cpus);
void tlb_dsb(unsigned int cpu);
void tlb_set_hcr(unsigned int cpu, uint32_t pc, uint32_t value);
void tlb_set_vttbr(unsigned int cpu, uint32_t pc, uint64_t value);
void tlb_set_vmpidr(unsigned int cpu, uint32_t value);
void tlb_set_httbr(unsigned int cpu, uint64_t value);
void tlb_set_hsctlr(unsigned int cpu, uint32_t pc, uint32_t value);
bool tlb_in_guest(unsigned int cpu); /* if it is not in Hyp mode */
/* May CPU hold what was in the tables at some time since then? */
bool tlb_may_hold(unsigned int cpu, const struct root *root, uint64_t since);
/* The root's page is used for something else. */
void tlb_forget_root(const struct root *root);

/* ---- flush.c: what a guest's set/way operations come to ---------------------------- */

/* The thread on CPU enters the function that they end in, and returns from it. */
void flush_entered(unsigned int cpu);
void flush_returned(unsigned int cpu, uint32_t pc);

/* ---- cache.c: what the caches may hold of a page --------------------------------- */

/* From now on the stores of the host, and of HYP, are told. */
void cache_watch_stores(void);
bool cache_watches_stores(void);
void cache_stored(uint64_t pa);
/* DCCMVAC or DCCIMVAC; ICIALLUIS; a DSB that completes them. */
void cache_cleaned(unsigned int cpu, uint64_t pa);
void cache_icache(unsigned int cpu);
void cache_completed(unsigned int cpu);
/* Has each line of the page been cleaned by operations that began after the time? */
bool cache_cleaned_since(uint64_t pa, uint64_t time);
/* A page becomes readable past the caches; or instructions in it become fetchable. */
void cache_check_clean(unsigned int cpu, uint32_t pc, uint64_t pa, const char *what);
void cache_check_fetch(unsigned int cpu, uint32_t pc, uint64_t pa, const char *what);

#endif /* INSTRUMENTS_WATCH_H */
