/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two CPUs' accesses to what the vCPU's thread and others share, in any order that ARMv7 allows.
 *
 * A thread is a set of accesses.  Each happens once, as soon as those have happened that it is
 * ordered behind: by a barrier, by a dependency, or because both are to one location (A3.8.2).  All
 * others are in no order.  Once an access has happened, every CPU sees it.
 *
 * -DPAIR=.. chooses the accesses, -DWITHOUT=.. deletes one barrier.  docs/silicon.md has each
 * barrier's place in the source; tests/spin/barriers explores all of them.
 */
#define NONE 0
#ifndef WITHOUT
#define WITHOUT NONE
#endif

/* The accesses of a thread, by number, and what they wait for. */
#define A(n)		 (1 << (n))
#define BARRIER(id, set) (WITHOUT == id -> 0 : (set))
#define ACCESS(n, behind, what) \
	:: atomic { !(done & A(n)) && (done & (behind)) == (behind) -> what; done = done | A(n) }
#define THREAD(name, accesses)                           \
	active proctype name()                   \
	{                                        \
		byte done;                       \
		do accesses                      \
		:: done == ALL_OF_##name -> break \
		od;                              \
		ended++                          \
	}

byte ended;
bit in_guest = (PAIR == 3), queued = (PAIR == 2), cpu, state, vcpu_saw;
bit saw_in_guest, saw_cpu, saw_queued, ipi_saw;
bit stale, registers, saw_registers, runs, first, last, saw_first, saw_last;
bit flag, content, saw_flag, saw_content;

/*
 * vcpu_kick() and vcpu_enter_guest(): the vCPU sees the state, or its CPU is interrupted.  Before a
 * vCPU's first run its CPU is none, so who sees in_guest has to see cpu in any case.
 */
#if PAIR == 1
#define KICK_MB	  11
#define ENTER_MB  12
#define ENTER_WMB 13
#define KICK_RMB  14
#define ALL_OF_kicker 7
THREAD(kicker,
	ACCESS(0, 0, state = 1)
	ACCESS(1, BARRIER(KICK_MB, A(0)), saw_in_guest = in_guest)
	ACCESS(2, BARRIER(KICK_RMB, A(1)), saw_cpu = cpu))
#define ALL_OF_vcpu 7
THREAD(vcpu,
	ACCESS(0, 0, cpu = 1)
	ACCESS(1, BARRIER(ENTER_WMB, A(0)), in_guest = 1)
	ACCESS(2, BARRIER(ENTER_MB, A(0) | A(1)), vcpu_saw = state))
#define THREADS 2
#define HOLDS	(vcpu_saw || saw_in_guest) && (!saw_in_guest || saw_cpu)
#endif

/*
 * vcpu_kick_ipi(): a kick is queued, and its interrupt is being taken on a CPU that the vCPU has
 * left.  Another kicker queues again, or the handler sees that the vCPU is in the guest.
 */
#if PAIR == 2
#define KICK_IPI_MB 21
#define ALL_OF_kicker 7
THREAD(kicker,
	ACCESS(0, 0, state = 1)
	ACCESS(1, A(0), saw_in_guest = in_guest)
	ACCESS(2, A(1), saw_queued = queued; queued = saw_in_guest || queued))
#define ALL_OF_handler 3
THREAD(handler,
	ACCESS(0, 0, queued = 0)
	ACCESS(1, BARRIER(KICK_IPI_MB, A(0)), ipi_saw = in_guest))
#define ALL_OF_vcpu 3
THREAD(vcpu,
	ACCESS(0, 0, in_guest = 1)
	ACCESS(1, A(0), vcpu_saw = state))
#define THREADS 3
#define HOLDS	(vcpu_saw || (saw_in_guest && (!saw_queued || ipi_saw)))
#endif

/* vgic_settle() and a vCPU that leaves: one of the two folds, with the registers that HYP saved. */
#if PAIR == 3
#define STALE_MB      31
#define STALE_ACQUIRE 32
#define EXIT_RELEASE  33
#define PUT_MB	      34
#define ALL_OF_changer 7
THREAD(changer,
	ACCESS(0, 0, stale = 1)
	ACCESS(1, BARRIER(STALE_MB, A(0)), saw_in_guest = in_guest)
	ACCESS(2, BARRIER(STALE_ACQUIRE, A(1)), saw_registers = registers))
#define ALL_OF_vcpu 7
THREAD(vcpu,
	ACCESS(0, 0, registers = 1)
	ACCESS(1, BARRIER(EXIT_RELEASE, A(0)), in_guest = 0)
	ACCESS(2, BARRIER(PUT_MB, A(1)), vcpu_saw = stale))
#define THREADS 2
#define HOLDS	(vcpu_saw || !saw_in_guest) && (saw_in_guest || saw_registers)
#endif

/* snapshot_copy_stopped(): a copy that is kept is of one state, before or after a run. */
#if PAIR == 4
#define RUNS_MB		 41
#define RUNS_WMB	 42
#define SNAP_RELEASE 43
#define SNAP_RMB_1	 44
#define SNAP_ACQUIRE 45
#define SNAP_RMB_2	 46
byte runs_before, runs_after;
#define ALL_OF_vcpu 31
THREAD(vcpu,
	ACCESS(0, 0, in_guest = 1)
	ACCESS(1, BARRIER(RUNS_MB, A(0)), runs = 1)
	ACCESS(2, BARRIER(RUNS_WMB, A(1)), first = 1)
	ACCESS(3, BARRIER(RUNS_WMB, A(1)), last = 1)
	ACCESS(4, A(0) | BARRIER(SNAP_RELEASE, A(1) | A(2) | A(3)), in_guest = 0))
#define ALL_OF_reader 31
THREAD(reader,
	ACCESS(0, 0, runs_before = runs)
	ACCESS(1, BARRIER(SNAP_RMB_1, A(0)), saw_in_guest = in_guest)
	ACCESS(2, BARRIER(SNAP_ACQUIRE, A(1)), saw_first = first)
	ACCESS(3, BARRIER(SNAP_ACQUIRE, A(1)), saw_last = last)
	ACCESS(4, A(0) | BARRIER(SNAP_RMB_2, A(2) | A(3)), runs_after = runs))
#define THREADS 2
#define HOLDS	(saw_in_guest || runs_before != runs_after || saw_first == saw_last)
#endif

/* Who sees the flag sees what it stands for. */
#if PAIR == 5
#define RELEASE 51
#define ACQUIRE 52
#define ALL_OF_writer 3
THREAD(writer,
	ACCESS(0, 0, content = 1)
	ACCESS(1, BARRIER(RELEASE, A(0)), flag = 1))
#define ALL_OF_reader 3
THREAD(reader,
	ACCESS(0, 0, saw_flag = flag)
	ACCESS(1, BARRIER(ACQUIRE, A(0)), saw_content = content))
#define THREADS 2
#define HOLDS	(!saw_flag || saw_content)
#endif

/*
 * vm_pause_others() and vcpu_enter_guest(): the vCPU sees the count, or is seen.  The full barrier
 * is vcpu_kick()'s.
 */
#if PAIR == 6
#define PAUSE_MB       61
#define PAUSE_ENTER_MB 62
#define ALL_OF_pauser 3
THREAD(pauser,
	ACCESS(0, 0, state = 1)
	ACCESS(1, BARRIER(PAUSE_MB, A(0)), saw_in_guest = in_guest))
#define ALL_OF_vcpu 3
THREAD(vcpu,
	ACCESS(0, 0, in_guest = 1)
	ACCESS(1, BARRIER(PAUSE_ENTER_MB, A(0)), vcpu_saw = state))
#define THREADS 2
#define HOLDS	(vcpu_saw || saw_in_guest)
#endif

/*
 * A vCPU's HYP enables an SPI, change_enabled() in hyp/gicd.c, and vgic_update() makes it pending:
 * HYP tells the kernel, or the kernel sees that it is enabled.
 */
#if PAIR == 7
#define BUSY_MB	 71
#define BUSY_DMB 72
#define ALL_OF_kernel 3
THREAD(kernel,
	ACCESS(0, 0, state = 1)
	ACCESS(1, BARRIER(BUSY_MB, A(0)), saw_flag = flag))
#define ALL_OF_hyp 3
THREAD(hyp,
	ACCESS(0, 0, flag = 1)
	ACCESS(1, BARRIER(BUSY_DMB, A(0)), vcpu_saw = state))
#define THREADS 2
#define HOLDS	(vcpu_saw || saw_flag)
#endif

active proctype judge()
{
	ended == THREADS -> assert(HOLDS)
}
