// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instructions that matter, and what they mean.  All code that is looked at is A32: the
 * kernel's, the module's and HYP's.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "plugin-api.h"
#include "watch.h"

/* Modules are here if PAGE_OFFSET is 3 GB, as in all of Debian's kernels. */
#define MODULES_START 0xbf000000u
#define MODULES_END   0xc0000000u

#define PSR_MODE 0x1f
#define PSR_USR	 0x10
#define PSR_HYP	 0x1a
#define PSR_T	 (1u << 5)

#define MAX_MARKS 64

struct mark {
	uint32_t start, size;
	bool ages;
	char name[48];
};

static struct mark marks[MAX_MARKS];
static unsigned int nr_marks;
static uint32_t mark_free, mark_flush;

struct op {
	void (*act)(unsigned int cpu, const struct op *op);
	uint32_t insn, pc;
	const struct mark *mark;
};

void insn_mark_function(uint32_t start, uint32_t size, bool ages, const char *name)
{
	struct mark *mark = NULL;
	unsigned int n;

	/* A module that is loaded again has its functions elsewhere. */
	for (n = 0; n < nr_marks && !mark; n++)
		if (!strcmp(marks[n].name, name))
			mark = &marks[n];
	if (!mark && nr_marks == MAX_MARKS)
		abort();
	if (!mark)
		mark = &marks[nr_marks++];
	mark->start = start;
	mark->size = size;
	mark->ages = ages;
	strncpy(mark->name, name, sizeof(mark->name) - 1);
}

void insn_mark_free(uint32_t start)
{
	mark_free = start;
}

void insn_mark_flush(uint32_t start)
{
	mark_flush = start;
}

/*
 * Each CPU is a thread of the emulator.  A callback comes after a store and before any other
 * instruction, so what one CPU does because of another one comes after that one's callback.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- execution ------------------------------------------------------------------- */

static bool condition_holds(uint32_t insn, uint32_t cpsr)
{
	bool n = cpsr >> 31 & 1, z = cpsr >> 30 & 1, c = cpsr >> 29 & 1, v = cpsr >> 28 & 1;
	bool holds;

	switch (insn >> 29) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = v;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == v;
		break;
	case 6:
		holds = n == v && !z;
		break;
	default:
		return true;
	}
	return holds != (insn >> 28 & 1);
}

/* Does the host or HYP execute this, and not a guest or a process? */
static bool is_ours(unsigned int cpu, const struct op *op)
{
	uint32_t cpsr = cpu_cpsr(cpu), mode = cpsr & PSR_MODE;

	if ((cpsr & PSR_T) || mode == PSR_USR || (mode != PSR_HYP && tlb_in_guest(cpu)))
		return false;
	return condition_holds(op->insn, cpsr);
}

/* An operation of CP15 c7 or c8, or a register, by opc1, CRn, CRm and opc2. */
#define CP15(opc1, crn, crm, opc2) ((opc1) << 16 | (crn) << 12 | (crm) << 4 | (opc2))

static uint32_t cp15_name(uint32_t insn)
{
	return CP15(insn >> 21 & 7, insn >> 16 & 15, insn & 15, insn >> 5 & 7);
}

static void dsb(unsigned int cpu)
{
	cache_completed(cpu);
	tables_completed(cpu);
	tlb_dsb(cpu);
}

static void mcr_op(unsigned int cpu, const struct op *op)
{
	uint32_t value;

	value = cpu_reg(cpu, op->insn >> 12 & 15);
	switch (cp15_name(op->insn)) {
	case CP15(0, 7, 10, 1): /* DCCMVAC */
	case CP15(0, 7, 14, 1): /* DCCIMVAC */
		tables_cleaned(cpu, value);
		cache_cleaned(cpu, kernel_pa(cpu, value));
		break;
	case CP15(0, 7, 1, 0): /* ICIALLUIS */
		cache_icache(cpu);
		tlb_icache(cpu, true);
		break;
	case CP15(0, 7, 5, 0): /* ICIALLU */
		tlb_icache(cpu, false);
		break;
	case CP15(0, 7, 10, 4): /* CP15DSB */
		dsb(cpu);
		break;
	case CP15(0, 8, 3, 0): /* TLBIALLIS */
		tlb_invalidate(cpu, TLB_VMID, true);
		break;
	case CP15(0, 8, 7, 0): /* TLBIALL */
		tlb_invalidate(cpu, TLB_VMID, false);
		break;
	case CP15(4, 8, 3, 4): /* TLBIALLNSNHIS */
		tlb_invalidate(cpu, TLB_GUESTS, true);
		break;
	case CP15(4, 8, 7, 4): /* TLBIALLNSNH */
		tlb_invalidate(cpu, TLB_GUESTS, false);
		break;
	case CP15(4, 8, 3, 0): /* TLBIALLHIS */
		tlb_invalidate(cpu, TLB_HYP, true);
		break;
	case CP15(4, 8, 7, 0): /* TLBIALLH */
		tlb_invalidate(cpu, TLB_HYP, false);
		break;
	case CP15(4, 0, 0, 5):
		tlb_set_vmpidr(cpu, value);
		break;
	case CP15(4, 1, 0, 0):
		tlb_set_hsctlr(cpu, op->pc, value);
		break;
	case CP15(4, 1, 1, 0):
		tlb_set_hcr(cpu, op->pc, value);
		break;
	}
}

static void mcrr_op(unsigned int cpu, const struct op *op)
{
	uint64_t value;

	value = (uint64_t)cpu_reg(cpu, op->insn >> 16 & 15) << 32 |
		cpu_reg(cpu, op->insn >> 12 & 15);
	if ((op->insn & 0xff) == 0x62)
		tlb_set_vttbr(cpu, op->pc, value);
	else if ((op->insn & 0xff) == 0x42)
		tlb_set_httbr(cpu, value);
}

static void dsb_op(unsigned int cpu, const struct op *op)
{
	(void)op;
	dsb(cpu);
}

static void flush_op(unsigned int cpu, const struct op *op)
{
	(void)op;
	flush_entered(cpu);
}

static void return_op(unsigned int cpu, const struct op *op)
{
	if (op->mark->start == mark_flush)
		flush_returned(cpu, op->pc);
	tables_returned(cpu, op->mark->ages, op->mark->name);
}

static void free_op(unsigned int cpu, const struct op *op)
{
	(void)op;
	tables_freed(cpu, cpu_reg(cpu, 14), cpu_reg(cpu, 0));
}

static void executed(unsigned int cpu, void *data)
{
	const struct op *op = data;

	pthread_mutex_lock(&lock);
	if (is_ours(cpu, op)) {
		now++;
		op->act(cpu, op);
	}
	pthread_mutex_unlock(&lock);
}

static void stored(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t va, void *data)
{
	const struct qemu_plugin_hwaddr *addr;

	pthread_mutex_lock(&lock);
	addr = tlb_in_guest(cpu) ? NULL : qemu_plugin_get_hwaddr(info, va);
	if (addr && !qemu_plugin_hwaddr_is_io(addr))
		tables_stored(cpu, (uint32_t)(uintptr_t)data, (uint32_t)va,
			      qemu_plugin_hwaddr_phys_addr(addr));
	pthread_mutex_unlock(&lock);
}

/* Any store of the host, without the lock: this is most of what the machine does. */
static void written(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t va, void *data)
{
	const struct qemu_plugin_hwaddr *addr;

	(void)data;
	addr = tlb_in_guest(cpu) ? NULL : qemu_plugin_get_hwaddr(info, va);
	if (addr && !qemu_plugin_hwaddr_is_io(addr))
		cache_stored(qemu_plugin_hwaddr_phys_addr(addr));
}

static void polled(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	pthread_mutex_lock(&lock);
	watch_poll();
	pthread_mutex_unlock(&lock);
}

/* ---- translation ----------------------------------------------------------------- */

static bool is_mcr(uint32_t insn)
{
	uint32_t crn = insn >> 16 & 15;

	if (insn >> 28 == 15 || (insn & 0x0f100f10) != 0x0e000f10)
		return false;
	return crn == 0 || crn == 1 || crn == 7 || crn == 8;
}

/* MCRR of VTTBR or HTTBR */
static bool is_mcrr(uint32_t insn)
{
	return insn >> 28 != 15 && (insn & 0x0ff00f00) == 0x0c400f00 &&
	       ((insn & 0xff) == 0x62 || (insn & 0xff) == 0x42);
}

/* DSB SY, ISH, NSH or OSH: those for stores only complete no maintenance (A3.8.3). */
static bool is_dsb(uint32_t insn)
{
	return (insn & 0xfffffff3) == 0xf57ff043;
}

/* Does the instruction leave its function, not by a call? */
static bool is_return(const struct mark *mark, uint32_t pc, uint32_t insn)
{
	uint32_t target;

	if (insn >> 28 == 15)
		return false;
	if ((insn & 0x0fffffff) == 0x012fff1e || (insn & 0x0fffffff) == 0x01a0f00e)
		return true; /* BX LR; MOV PC, LR */
	if ((insn & 0x0e108000) == 0x08108000 || (insn & 0x0fffffff) == 0x049df004)
		return true; /* LDM with PC; POP {PC} */
	target = pc + 8 + ((uint32_t)((int32_t)(insn << 8) >> 6));
	return (insn & 0x0f000000) == 0x0a000000 && target - mark->start >= mark->size;
}

static void call(void *insn, uint32_t code, uint32_t pc, const struct mark *mark,
		 void (*act)(unsigned int cpu, const struct op *op))
{
	struct op *op = malloc(sizeof(*op)); /* as long as the block lives, and longer */

	if (!op)
		abort();
	*op = (struct op){ act, code, pc, mark };
	qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, QEMU_PLUGIN_CB_R_REGS, op);
}

static void watch_marks(void *insn, uint32_t code, uint32_t pc)
{
	unsigned int n;

	for (n = 0; n < nr_marks; n++)
		if (pc - marks[n].start < marks[n].size && is_return(&marks[n], pc, code))
			call(insn, code, pc, &marks[n], return_op);
	if (pc == mark_free)
		call(insn, code, pc, NULL, free_op);
	if (pc == mark_flush)
		call(insn, code, pc, NULL, flush_op);
}

static void watch_insn(void *insn)
{
	uint32_t pc = (uint32_t)qemu_plugin_insn_vaddr(insn), code = 0;

	if (cache_watches_stores())
		qemu_plugin_register_vcpu_mem_cb(insn, written, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_W, NULL);
	qemu_plugin_insn_data(insn, &code, sizeof(code));
	if (qemu_plugin_insn_size(insn) == 2) {
		if ((code & 0xff00) == 0xdf00) /* SVC */
			qemu_plugin_register_vcpu_insn_exec_cb(insn, polled, QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
		return;
	}
	if (is_mcr(code))
		call(insn, code, pc, NULL, mcr_op);
	else if (is_mcrr(code))
		call(insn, code, pc, NULL, mcrr_op);
	else if (is_dsb(code))
		call(insn, code, pc, NULL, dsb_op);
	if (pc >= MODULES_START && pc < MODULES_END)
		qemu_plugin_register_vcpu_mem_cb(insn, stored, QEMU_PLUGIN_CB_R_REGS,
						 QEMU_PLUGIN_MEM_W, (void *)(uintptr_t)pc);
	watch_marks(insn, code, pc);
}

void insn_translated(void *tb)
{
	size_t n;

	for (n = 0; n < qemu_plugin_tb_n_insns(tb); n++)
		watch_insn(qemu_plugin_tb_get_insn(tb, n));
}
