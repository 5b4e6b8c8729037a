/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel side and the HYP image share: the calls, and the structures that both
 * map.  No kernel types, because the HYP image is built without kernel headers.
 */
#ifndef HYP_ABI_H
#define HYP_ABI_H

/*
 * Host calls: HVC #0 with the function in r0, arguments in r1 and r2, result in r0.
 * HYP_SOFT_RESTART and HYP_STUB_ERR are the numbers of the kernel's stub and mean the
 * same here, because kexec and kdump rely on them.
 */
#define HYP_SOFT_RESTART     1
#define HYP_STUB_ERR	     0x0badca11
#define HYP_CALL_RUN	     0x4b564d01 /* r1: struct hyp_vcpu; returns enum hyp_exit */
#define HYP_CALL_FLUSH_VMID  0x4b564d02 /* r1, r2: VTTBR low and high; returns 0 */
#define HYP_CALL_FLUSH_HYP   0x4b564d03 /* HYP's TLB entries, on all CPUs; returns 0 */
#define HYP_CALL_PROBE	     0x4b564d04 /* fill hyp_percpu.id and .guest_hvbar; returns 0 */
#define HYP_CALL_LEAVE	     0x4b564d05 /* give HYP back to the stub; returns 0 */
#define HYP_CALL_PROBE_DEVID 0x4b564d06 /* fill hyp_percpu.id.dbgdevid*; returns 0 */
/*
 * Only for hyp_probe_mismatch() in machine/hvc.S, in this order: the first sets a mismatch
 * breakpoint at the address that it returns to, the second removes it.  Both return
 * HYP_CALL_MISMATCH_END.  hyp_percpu.id.mismatch says whether the breakpoint stopped.
 */
#define HYP_CALL_MISMATCH     0x4b564d07
#define HYP_CALL_MISMATCH_END 0x4b564d08
#define HYP_CALL_FLUSH_GUESTS 0x4b564d09 /* all VMIDs, all CPUs, I-caches too; returns 0 */
#define HYP_CALL_FLUSH_HERE   0x4b564d0a /* HYP_CALL_FLUSH_VMID for this CPU only */
#define HYP_CALL_PROBE_PMU    0x4b564d0b /* fill hyp_percpu.pmceid; returns 0 */
#define HYP_CALL_NOTE_HOST    0x4b564d0c /* fill hyp_percpu.found, after installing; returns 0 */
/* A guest's HVC; only a module built with KVM_ARMV7_CHECKS=y serves it: see check-fault.S. */
#define HYP_CHECK_FAULT 0x86004b46
/* Nobody serves it: the stub answers HYP_STUB_ERR, and so shows that it is there. */
#define HYP_CALL_NOBODY 0x4b564dff
/* What hyp_ask() returns in place of an answer. */
#define HYP_ASK_UNDEFINED 0 /* HVC is UNDEFINED: SCR.HCE is 0 */
#define HYP_ASK_SECURE	  1 /* the kernel runs in Secure state, which has no HYP mode */

/* The image's header, which hyp.lds.S writes: the index of each word. */
#define HYP_IMAGE_MAGIC 0x4859504b
#define HYP_HDR_MAGIC	0
#define HYP_HDR_SIZE	1 /* bytes of the image, with the header */
#define HYP_HDR_ENTER	2 /* offset of hyp_install, which runs with the MMU off */
#define HYP_HDR_VECTORS 3 /* offset of the vectors while the host runs */
#define HYP_HDR_ABI	4 /* HYP_ABI_WORD */
#define HYP_HDR_WORDS	5

/* Numbers that assembly needs; checked against the structures below. */
#define HYP_VCPU_R0	     0
#define HYP_VCPU_LR	     56
#define HYP_VCPU_PC	     60
#define HYP_VCPU_CPSR	     64
#define HYP_REGS_SP_USR	     52
#define HYP_REGS_SVC	     72
#define HYP_PL1_WORDS	     48 /* struct hyp_regs from svc on, and struct hyp_cp15 */
#define HYP_HOST_WORDS	     32 /* struct hyp_host */
#define HYP_PCPU_VCPU	     0
#define HYP_PCPU_STUB_HVBAR  4
#define HYP_PCPU_STUB_HSCTLR 8
#define HYP_PCPU_IDMAP	     12
#define HYP_PCPU_UNWIND	     16
#define HYP_PCPU_GUEST_HVBAR 20
#define HYP_VFP_FPSCR	     260
#define HYP_EXIT_IRQ_ASM     1
#define HYP_EXIT_PANIC_ASM   3

/* HYP's memory types: indices of HMAIR0's attributes. */
#define HYP_MAIR_NORMAL 0
#define HYP_MAIR_DEVICE 1

#ifndef __ASSEMBLY__
#include "../../v7dbg/v7dbg.h"
#include "cp15.h"
#include "gich.h"

/* Why HYP_CALL_RUN returned. */
enum hyp_exit {
	HYP_EXIT_NONE,	       /* never returned: inside HYP it says to resume the guest */
	HYP_EXIT_IRQ,	       /* a physical interrupt is pending */
	HYP_EXIT_TRAP,	       /* see hsr; for aborts also hdfar, hifar, hpfar */
	HYP_EXIT_PANIC,	       /* HYP itself faulted: see panic_* */
	HYP_EXIT_DEBUG_REJECT, /* a debug exception that nothing enabled explains */
	HYP_EXIT_DEBUG_USER,   /* a debug exception for the VMM */
	HYP_EXIT_TRACED,       /* HYP emulated a CP14 access: see hsr and traced */
	HYP_EXIT_HOST_ABORT,   /* an access of the host has aborted; the guest did not run */
};

#define HYP_NO_IPA (~0ull)

/* A HYP address.  Its own type, so that it cannot be mixed up with another kind. */
typedef struct {
	uint32_t va;
} hyp_va_t;

/* Has the layout of struct kvm_regs, so that ONE_REG needs no table. */
struct hyp_regs {
	uint32_t usr[18]; /* r0 - r14 of User mode, PC, CPSR, unused */
	uint32_t svc[3];  /* SP, LR, SPSR */
	uint32_t abt[3];
	uint32_t und[3];
	uint32_t irq[3];
	uint32_t fiq[8]; /* r8 - r12, SP, LR, SPSR */
};
#define HYP_REG_PC   15
#define HYP_REG_CPSR 16

struct hyp_vfp {
	uint64_t d[32];
	uint32_t fpexc;
	uint32_t fpscr;
};

/* The virtual timer, B8.1. */
struct hyp_timer {
	uint64_t cntvoff;
	uint64_t cntv_cval;
	uint32_t cntv_ctl;
};

/* The virtual CPU interface. */
struct hyp_vgic {
	uint32_t gich;	     /* HYP address of GICH; 0: the guest has no GIC */
	uint32_t gicd;	     /* HYP address of the CPU's own distributor; 0: not mapped */
	uint32_t nr_lrs;     /* how many list registers there are */
	uint32_t kernel_lrs; /* the kernel has filled that many of them, from the first */
	/* .. and HYP more, after those: see raise.c.  A run loads and saves all of these. */
	uint32_t used_lrs;
	uint32_t hcr;
	uint32_t vmcr;
	uint32_t apr;
	uint32_t lr[HYP_MAX_LRS];
};

/*
 * The CPU's debug registers when HYP saw them last, for debugfs.  Only the paths of active
 * guests write here.  owner and tde are from the exit that ended run number `run`; if the
 * last run has another number, the guest was inactive: HOST, and TDE set.
 */
struct hyp_debug_seen {
	uint32_t run;
	uint8_t owner; /* enum v7dbg_owner, but not IMPLIED */
	bool tde;
	uint32_t dscr; /* DBGDSCRint of the CPU, for its MOE, P; or HYP_SEEN_DSCR: it was read */
};
#define HYP_SEEN_DSCR 1u /* HALTED, which software reads as 0 */

/* The CP14 access of HYP_EXIT_TRACED, for the tracepoint. */
struct hyp_traced {
	uint64_t value;
	uint32_t pc;
	bool undef;
};

/*
 * What HYP answers itself.  The kernel fills it in: all but psci_version at reset; that one,
 * which is the VM's, in each KVM_RUN, since another thread may set it.
 */
#define HYP_ANSWERS_IDS 16
struct hyp_answers {
	bool on;     /* see vcpu_enter_guest(): a tracepoint may want these exits */
	bool no_pmu; /* the performance monitors are RAZ/WI */
	uint32_t actlr;
	uint32_t id[HYP_ANSWERS_IDS]; /* p15, 0, c0, c1 and c2, by opc2 */
	uint32_t psci_version;	      /* 0: HYP answers no call, because PSCI is 0.1 */
};

/*
 * The part of a VM's distributor that HYP changes: a page that the kernel and HYP map, and that
 * all vCPUs have.  One bit for each SPI; [0] has SGIs and PPIs, which are not here.
 *
 * `enabled` belongs to nobody: both sides change it at any time, with LDREX and STREX.
 * `busy` is the kernel's, which writes it with vgic.lock held, whole words: the SPI is pending, or
 * in a vCPU's queue.  Always 1 for an INTID that does not exist.
 *
 * Whoever enables or disables an SPI writes `enabled`, then, after a barrier, reads `busy`: what
 * is busy has to be brought where it belongs by the kernel.  Whoever makes one pending writes
 * `busy`, then, after a barrier, reads `enabled`.  So one of the two sees what the other did.
 */
#define HYP_GICD_WORDS 32
struct hyp_gicd_vm {
	uint32_t enabled[HYP_GICD_WORDS]; /* GICD_ISENABLERn */
	uint32_t busy[HYP_GICD_WORDS];
};

/*
 * What HYP knows of the distributor besides, irq/vgic-hyp.c.  The kernel writes the words up to
 * timer_lr at any time, also while the vCPU runs: whole words, with vgic.lock held, before the
 * access that changed it is complete.  HYP only reads, one word for each access of the guest, and
 * so sees what the kernel would have read with the lock held, earlier or later.
 */
#define HYP_GICD_SGIS	    16
#define HYP_GICD_PAGE_VALID 1u
struct hyp_gicd {
	uint32_t enabled; /* GICD_ISENABLER0 */
	/*
	 * What a list register gets for each SGI that the vCPU sends to itself, and for its
	 * virtual timer's PPI, to make it pending.  0: the distributor does not forward it.
	 */
	uint32_t sgi_lr[HYP_GICD_SGIS];
	uint32_t timer_lr;
	/* HYP has made the access of this exit, and a busy SPI is among those that it changed. */
	bool written;
	/* Constant from the first run on. */
	uint32_t page; /* its HPFAR, and HYP_GICD_PAGE_VALID; 0: HYP serves none */
	uint32_t vm;   /* HYP address of struct hyp_gicd_vm */
	uint32_t typer;
	uint32_t iidr;
};

/*
 * One vCPU: a page that the kernel and HYP map.  The kernel accesses it only while the
 * vCPU is not in HYP_CALL_RUN, some of gicd apart; core/hyp-page.h checks that.
 */
struct hyp_vcpu {
	struct hyp_regs regs;
	struct hyp_cp15 cp15;
	struct hyp_vfp vfp;
	struct hyp_timer timer;
	struct hyp_vgic vgic;
	uint64_t vttbr;
	uint32_t vmpidr;
	uint32_t hcr;
	uint32_t flush_local; /* another vCPU of the VM ran on this CPU last */
	/* The syndrome of the last exit, B3.13. */
	uint32_t hsr;
	uint32_t hdfar;
	uint32_t hifar;
	uint32_t hpfar; /* HPFAR_FIPA has IPA[39:12] */
	bool hpfar_valid;
	/*
	 * Of the instruction, after a data abort that its syndrome does not describe, and of
	 * its second halfword if that is in another page.  HYP_NO_IPA: not translated.
	 */
	uint64_t insn_ipa[2];
	uint32_t panic_pc;
	uint32_t panic_hsr;
	uint32_t panic_far;
	uint32_t runs; /* the number of this HYP_CALL_RUN; the kernel counts */
	struct hyp_debug_seen seen;
	bool trace; /* HYP_EXIT_TRACED after each CP14 access */
	struct hyp_traced traced;
	struct hyp_answers answers;
	struct v7dbg_vcpu debug;
	_Alignas(16) struct hyp_gicd gicd; /* one ADD for the address: A5.2.4 */
};

/* The host's registers while a guest runs. */
struct hyp_host {
	uint32_t live[HYP_HOST_WORDS]; /* of PL1 and PL0: pl1-sr.S has the list */
	struct hyp_vfp vfp;
};

/*
 * The host's values of registers that only Hyp mode can access, as hyp_install found them.
 * The host cannot change them as long as HYP is ours.
 */
struct hyp_found {
	uint32_t hdcr;
	uint32_t guest_hdcr; /* while a guest runs, with TDE */
	uint32_t hcptr;
	uint32_t hstr;
	uint32_t hcr;
	uint32_t cnthctl;
	uint32_t guest_cnthctl; /* while a guest runs */
	uint32_t vmpidr;
};

/* The host's registers while the breakpoint of HYP_CALL_MISMATCH is set. */
struct hyp_mismatch {
	bool on;
	uint32_t slot;
	uint32_t pc; /* the one address at which the breakpoint does not stop */
	uint32_t bvr;
	uint32_t bcr;
	uint32_t hdcr;
};

/*
 * The slots of a CPU for which debug-sr.c has straight code: what Cortex-A7, A12, A15 and A17 have.
 * On others the kernel takes v7dbg_cpu.layout away.
 */
#define HYP_STRAIGHT_BRPS 6
#define HYP_STRAIGHT_WRPS 4

/* One CPU.  In the window it follows the CPU's HYP stack. */
struct hyp_percpu {
	uint32_t vcpu;	     /* hyp_run()'s struct hyp_vcpu, or 0 */
	uint32_t stub_hvbar; /* as found by hyp_install */
	uint32_t stub_hsctlr;
	uint32_t idmap;		/* identity address of the image */
	uint32_t unwind;	/* SP_hyp at the host call, for hyp_panic */
	uint32_t guest_hvbar;	/* HVBAR while a guest runs */
	uint32_t dregs;		/* VFP double registers: 0, 16 or 32 */
	struct hyp_found found; /* HYP_CALL_NOTE_HOST */
	struct hyp_host host;
	struct v7dbg_cpu_id id; /* HYP_CALL_PROBE */
	struct hyp_mismatch mismatch;
	struct v7dbg_cpu debug;
	uint32_t pmceid[2];	  /* PMCEID0 and 1; 0 where the CPU lacks them */
	struct v7dbg_saved saved; /* the host's debug registers saved in this run so far */
	bool host_has_points;	  /* one of them was on when they were saved */
};

#define HYP_CHECK_OFFSET(type, member, value) \
	V7DBG_STATIC_ASSERT(offsetof(struct type, member) == (value), #type "." #member)
HYP_CHECK_OFFSET(hyp_vcpu, regs.usr[0], HYP_VCPU_R0);
HYP_CHECK_OFFSET(hyp_vcpu, regs.usr[14], HYP_VCPU_LR);
HYP_CHECK_OFFSET(hyp_vcpu, regs.usr[15], HYP_VCPU_PC);
HYP_CHECK_OFFSET(hyp_vcpu, regs.usr[16], HYP_VCPU_CPSR);
HYP_CHECK_OFFSET(hyp_regs, usr[13], HYP_REGS_SP_USR);
HYP_CHECK_OFFSET(hyp_regs, svc, HYP_REGS_SVC);
HYP_CHECK_OFFSET(hyp_vcpu, cp15, sizeof(struct hyp_regs));
V7DBG_STATIC_ASSERT(sizeof(struct hyp_regs) + sizeof(struct hyp_cp15) ==
			    HYP_REGS_SVC + HYP_PL1_WORDS * 4,
		    "what pl1-sr.S moves");
HYP_CHECK_OFFSET(hyp_percpu, vcpu, HYP_PCPU_VCPU);
HYP_CHECK_OFFSET(hyp_percpu, stub_hvbar, HYP_PCPU_STUB_HVBAR);
HYP_CHECK_OFFSET(hyp_percpu, stub_hsctlr, HYP_PCPU_STUB_HSCTLR);
HYP_CHECK_OFFSET(hyp_percpu, idmap, HYP_PCPU_IDMAP);
HYP_CHECK_OFFSET(hyp_percpu, unwind, HYP_PCPU_UNWIND);
HYP_CHECK_OFFSET(hyp_percpu, guest_hvbar, HYP_PCPU_GUEST_HVBAR);
HYP_CHECK_OFFSET(hyp_vfp, fpscr, HYP_VFP_FPSCR);
V7DBG_STATIC_ASSERT(HYP_VCPU_R0 == 0, "the vectors store r0 at the vCPU's address");
V7DBG_STATIC_ASSERT(HYP_EXIT_IRQ == HYP_EXIT_IRQ_ASM, "enum hyp_exit");
V7DBG_STATIC_ASSERT(HYP_EXIT_PANIC == HYP_EXIT_PANIC_ASM, "enum hyp_exit");

/* Changes when either structure does: an image of another build is refused. */
#define HYP_ABI_WORD (sizeof(struct hyp_vcpu) ^ sizeof(struct hyp_percpu) << 16)
V7DBG_STATIC_ASSERT(sizeof(struct hyp_vcpu) <= 4096, "a vCPU is one page");
V7DBG_STATIC_ASSERT(sizeof(struct hyp_gicd_vm) <= 4096, "a distributor is one page");
V7DBG_STATIC_ASSERT(sizeof(struct hyp_percpu) <= 4096, "a CPU is one page");
#endif /* __ASSEMBLY__ */

#endif /* HYP_ABI_H */
