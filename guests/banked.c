// SPDX-License-Identifier: GPL-2.0-only
/* The registers of every mode survive whatever enters a hypervisor. */
#include "lib/arm.h"
#include "lib/exception.h"
#include "lib/gic.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/timer.h"

__asm__(".arch_extension virt\n");

/* The banked registers of the modes that this program does not run in: B9.3.8. */
#define BANKED(x)                                                                            \
	x(r8_fiq) x(r9_fiq) x(r10_fiq) x(r11_fiq) x(r12_fiq) x(sp_fiq) x(lr_fiq) x(spsr_fiq) \
		x(sp_irq) x(lr_irq) x(spsr_irq) x(sp_abt) x(lr_abt) x(spsr_abt) x(sp_und)    \
			x(lr_und) x(spsr_und) x(sp_usr) x(lr_usr)

static const char *const names[] = {
#define NAME(r) #r,
	BANKED(NAME)
};
#define COUNT ARRAY_SIZE(names)

static void read_all(u32 *v)
{
#define READ(r)                                     \
	__asm__ volatile("mrs %0, " #r : "=r"(*v)); \
	v++;
	BANKED(READ)
}

static void write_all(const u32 *v)
{
#define WRITE(r)                                        \
	__asm__ volatile("msr " #r ", %0" : : "r"(*v)); \
	v++;
	BANKED(WRITE)
}

static void hvc(void)
{
	hvc_unknown();
}

static void mmio(void)
{
	read32(UART_BASE + 0x18);
}

static void gic(void)
{
	read32(GICD_TYPER);
}

static void sleep(void)
{
	timer_set(timer_now() + timer_us(300), CNTV_CTL_ENABLE);
	wfi();
	timer_off();
}

static void preempted(void)
{
	timer_delay_ms(12);
}

static void trapped(void)
{
	MRC(REG_ACTLR);
	MRC_(14, 0, 0, 0, 4);
}

static void firmware(void)
{
	psci_call(PSCI_VERSION, 0, 0, 0);
}

static const struct {
	const char *name;
	void (*fn)(void);
} actions[] = {
	{ "an HVC", hvc },
	{ "an MMIO read", mmio },
	{ "a read of the GIC", gic },
	{ "a WFI", sleep },
	{ "12 ms of spinning", preempted },
	{ "trapped registers", trapped },
	{ "a PSCI call", firmware },
};

static u32 saved[COUNT], wanted[COUNT], got[COUNT];

static void banks_survive(void)
{
	u32 i, n, seed = 0x2468ace1;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		bool good = true;

		read_all(saved);
		for (n = 0; n < COUNT; n++) {
			seed = seed * 1664525 + 1013904223;
			/* An SPSR gets random flags and masks, but always a legal mode. */
			wanted[n] = names[n][1] == 'p' && names[n][2] == 's'
					    ? (seed & 0xf80001c0) | MODE_SVC
					    : seed & ~3u;
		}
		write_all(wanted);
		actions[i].fn();
		read_all(got);
		write_all(saved);
		for (n = 0; n < COUNT; n++)
			if (got[n] != wanted[n]) {
				note("%s is 0x%08x, not 0x%08x", names[n], got[n], wanted[n]);
				good = false;
			}
		report(good, "banked registers survive %s", actions[i].name);
	}
}

/* r0 to r12, LR and the flags keep their values across one instruction that exits. */
static void core_survives(void)
{
	u32 bad;

	__asm__ volatile("push {r0-r11, lr}\n"
			 "ldr r12, =0x09000018\n"
			 "mov r0, #0x10\n mov r1, #0x11\n mov r2, #0x12\n mov r3, #0x13\n"
			 "mov r4, #0x14\n mov r5, #0x15\n mov r6, #0x16\n mov r7, #0x17\n"
			 "mov r8, #0x18\n mov r9, #0x19\n mov r10, #0x1a\n mov r11, #0x1b\n"
			 "mov lr, #0x1e\n"
			 "msr cpsr_fs, #0xa8000000\n" /* N, C, Q */
			 "ldr r12, [r12]\n"
			 "mrs r12, cpsr\n"
			 "and r12, r12, #0xf8000000\n"
			 "eor r12, r12, #0xa8000000\n"
			 "sub r0, #0x10\n sub r1, #0x11\n sub r2, #0x12\n sub r3, #0x13\n"
			 "sub r4, #0x14\n sub r5, #0x15\n sub r6, #0x16\n sub r7, #0x17\n"
			 "sub r8, #0x18\n sub r9, #0x19\n sub r10, #0x1a\n sub r11, #0x1b\n"
			 "sub lr, #0x1e\n"
			 "orr r12, r0\n orr r12, r1\n orr r12, r2\n orr r12, r3\n"
			 "orr r12, r4\n orr r12, r5\n orr r12, r6\n orr r12, r7\n"
			 "orr r12, r8\n orr r12, r9\n orr r12, r10\n orr r12, r11\n"
			 "orr r12, lr\n"
			 "msr cpsr_f, #0\n"
			 "pop {r0-r11, lr}\n"
			 "mov %0, r12\n"
			 : "=r"(bad)
			 :
			 : "r12", "cc", "memory");
	report(!bad, "core registers and flags survive an MMIO read");
}

/* A trapped read writes the register that the instruction names. */
static void each_rt(void)
{
	u32 values[13], rt, expected = MRC(REG_ACTLR);
	bool good = true;

	for (rt = 0; rt < 2; rt++) {
		u32 r0 = 1, r1 = 2;

		insn_run(INSN_MRC(15, 0, 1, 0, 1, rt), INSN_ARM, &r0, &r1);
		good &= r0 == (rt == 0 ? expected : 1) && r1 == (rt == 1 ? expected : 2);
	}
#define RT(n)                                                                                      \
	do {                                                                                       \
		__asm__ volatile("mov r" #n ", #0\n mrc p15, 0, r" #n ", c1, c0, 1\n mov %0, r" #n \
				 : "=r"(values[n])                                                 \
				 :                                                                 \
				 : "r" #n);                                                        \
		good &= values[n] == expected;                                                     \
	} while (0)
	RT(2);
	RT(3);
	RT(4);
	RT(5);
	RT(6);
	RT(7);
	RT(8);
	RT(9);
	RT(10);
	RT(12);
#undef RT
	report(good, "a trapped read reaches each register");
}

/* In other modes the same register number names a banked register. */
static void other_modes(void)
{
	u32 expected = MRC(REG_ACTLR), fiq8, irq13, abt14;

	__asm__ volatile("cps #0x11\n mrc p15, 0, r8, c1, c0, 1\n mov r0, r8\n cps #0x13\n"
			 "mov %0, r0\n"
			 : "=r"(fiq8)
			 :
			 : "r0");
	__asm__ volatile("cps #0x12\n mov r1, sp\n mrc p15, 0, lr, c1, c0, 1\n mov r0, lr\n"
			 "cps #0x13\n mov %0, r0\n"
			 : "=r"(irq13)
			 :
			 : "r0", "r1");
	__asm__ volatile("cps #0x17\n mrc p15, 0, lr, c1, c0, 1\n mov r0, lr\n cps #0x13\n"
			 "mov %0, r0\n"
			 : "=r"(abt14)
			 :
			 : "r0");
	report(fiq8 == expected, "a trapped read into r8 of FIQ mode");
	report(irq13 == expected, "a trapped read into lr of IRQ mode");
	report(abt14 == expected, "a trapped read into lr of Abort mode");
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_VTIMER, true);
	banks_survive();
	core_survives();
	each_rt();
	other_modes();
}
