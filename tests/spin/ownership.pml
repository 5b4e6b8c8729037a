/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who owns a CPU's debug registers, and whose MOE is in its DBGDSCR: the rules of
 * docs/debug-model.md as a model, written from that page and not from v7dbg's code.  The
 * invariants are those of v7dbg/v7dbg.h, by the same numbers.
 *
 * A CPU runs the host or one vCPU.  It has SLOTS breakpoints and watchpoints, MOE and
 * HDCR.TDE.  A slot has a control that is on or off and a value of which only the writer
 * matters.  Beside them the model keeps the truth: what the host wrote (host_on), and
 * which MOE each guest has to see (truth).  HYP runs with interrupts masked and touches
 * only its own CPU and its own vCPU, so each entry, exit, trap and event is one step.  The
 * steps of the CPUs come in any order.
 *
 * I7 and I14 are about bits inside a register; with BITS a control has two of them.  It
 * may select HYP or Secure state too (wide): the host's does, and a guest may write one
 * that does.  And it has a bit that only some CPUs implement (mask).
 *
 *   CPUS, VCPUS     how many
 *   SLOTS           2: a breakpoint and a watchpoint; 1: the watchpoint only
 *   LOCK            guests use the OS lock
 *   USER            the VMM debugs vCPUs
 *   MONITOR         CPUs leave and enter monitor mode
 *   BITS            controls have the bits of I7 and I14
 *   MUTANT=n        a deliberate break of invariant n; 15: of the rule that a debug
 *                   exception goes to the owner of the point
 *   ONLY=n          assert no other invariant
 */
#ifndef MUTANT
#define MUTANT 0
#endif
#ifndef ONLY
#define ONLY 0
#endif

/* The values of DBGDSCR.MOE that matter. */
#define OTHER	   0
#define BREAKPOINT 1
#define BKPT	   2
#define WATCHPOINT 3
#if SLOTS == 2
#define KIND_0	   BREAKPOINT
#define KIND_1	   WATCHPOINT
#else
#define KIND_0	   WATCHPOINT
#endif

/* Who wrote a value; a guest is GUESTS + its number. */
#define HOSTS  0
#define USERS  1
#define GUESTS 2

/* Owners. */
#define HOST   0
#define PARKED 1
#define GUEST  2
#define USED   3

/* How the VMM debugs a vCPU: not, with points, or with BKPT only. */
#define NOT_DEBUGGED 0
#define POINTS	     1
#define BKPTS	     2

#define NOBODY VCPUS

typedef Cpu {
	unsigned runs : 3;	 /* the vCPU, or NOBODY: the host */
	bool on[SLOTS];		 /* the controls */
#ifdef BITS
	bool wide[SLOTS];	 /* the control selects HYP or Secure state too */
#endif
	byte val[SLOTS];	 /* the values: who wrote them */
	unsigned p : 2;		 /* MOE */
	bool monitor;
	bool host_on;		 /* the truth: the host's points are on */
	/* What HYP keeps. */
	unsigned owner : 2;
	bool tde;
	bool saved;		 /* the host's controls are saved */
	bool saved_on;
	bool saved_val[SLOTS];	 /* and these values */
};

typedef Vcpu {
	bool want[SLOTS];	 /* enabled by the guest */
#ifdef BITS
	bool wide[SLOTS];	 /* its control selects HYP or Secure state too */
	bool mask[SLOTS];	 /* a bit that only some CPUs have is set */
#endif
	bool lock;
	bool eff[SLOTS];	 /* effective */
	unsigned m : 2;
	unsigned truth : 2;	 /* the truth: the MOE that the guest has to see */
	bool held;
	unsigned user : 2;
};

#ifdef BITS
bool caps_mask;			 /* every CPU has that bit */
#define BITS_OF(x) x
#else
#define BITS_OF(x) skip
#endif

Cpu cpu[CPUS];
Vcpu vcpu[VCPUS];

/* About the current step only. */
hidden byte touched;
hidden byte was_active, was_host;
hidden byte who, i;

/* One variable each, so that pan says which one was violated. */
hidden byte I1_rest, I2_tde, I3_save, I4_parked, I5_effective, I6_loaded, I7_confined;
hidden byte I8_user, I9_held, I10_moe, I11_restore, I12_order, I13_untouched, I14_bits, S7_delivery;

#define CHECK(n, name, cond)                        \
	if                                          \
	:: ONLY == 0 || ONLY == n ->                \
		name = (cond);                      \
		assert(name)                        \
	:: else                                     \
	fi

#if SLOTS == 2
#define ANY(x)		(x[0] || x[1])
#define EACH(s, body)	s = 0; body; s = 1; body
#else
#define ANY(x)		(x[0])
#define EACH(s, body)	s = 0; body
#endif
#define ACTIVE(v)	ANY(vcpu[v].eff)
#define HAS_POINTS(v)	(vcpu[v].user == NOT_DEBUGGED && ACTIVE(v) || vcpu[v].user == POINTS)
#define RUNS_NOWHERE(v) (cpu[0].runs != v && cpu[1].runs != v && cpu[CPUS - 1].runs != v)

/* ---- the debug registers ------------------------------------------------------ */

inline set_val(c, s, whose)
{
	touched++;
	cpu[c].val[s] = whose
}

inline set_on(c, s, is)
{
	touched++;
	cpu[c].on[s] = is
}

inline all_off(c)
{
	EACH(i, set_on(c, i, false); BITS_OF(cpu[c].wide[i] = false))
}

/* HOST is left: the host's controls are saved and off. */
inline save(c)
{
	CHECK(3, I3_save, !cpu[c].saved && cpu[c].on[0] == cpu[c].host_on);
	cpu[c].saved = true;
	cpu[c].saved_on = cpu[c].on[0];
	all_off(c)
}

/* A control is off while its value changes; a value is saved before it is overwritten. */
inline load_value(c, s, whose)
{
	if
	:: !cpu[c].saved_val[s] ->
		CHECK(11, I11_restore, cpu[c].val[s] == HOSTS);
		cpu[c].saved_val[s] = true
	:: else
	fi;
	if
	:: MUTANT != 12 && cpu[c].on[s] -> set_on(c, s, false)
	:: else
	fi;
	CHECK(12, I12_order, !cpu[c].on[s]);
	set_val(c, s, whose)
}

inline load_slot(c, s, wanted, whose)
{
	if
	:: wanted && cpu[c].val[s] != whose -> load_value(c, s, whose)
	:: else
	fi;
	if
	:: cpu[c].on[s] != wanted && !(MUTANT == 6 && !wanted) -> set_on(c, s, wanted)
	:: else
	fi
}

inline load_guest(c, v)
{
	if
	:: cpu[c].owner == HOST || (MUTANT == 3 && cpu[c].owner == PARKED) -> save(c)
	:: else
	fi;
	cpu[c].owner = GUEST;
	/* What the filter lets through goes to hardware as Non-secure PL1 and PL0. */
	EACH(i, load_slot(c, i, vcpu[v].eff[i], GUESTS + v);
	     BITS_OF(cpu[c].wide[i] = (MUTANT == 7 && cpu[c].on[i] && vcpu[v].wide[i])))
}

inline load_user(c)
{
	save(c);
	cpu[c].owner = USED;
	EACH(i, load_slot(c, i, true, USERS))
}

inline restore(c)
{
	all_off(c);
	EACH(i, if
		:: cpu[c].saved_val[i] && MUTANT != 11 -> set_val(c, i, HOSTS)
		:: else
		fi;
		set_on(c, i, cpu[c].saved_on);
		BITS_OF(cpu[c].wide[i] = cpu[c].saved_on);
		cpu[c].saved_val[i] = false);
	cpu[c].saved = false;
	cpu[c].saved_on = false;
	cpu[c].owner = HOST
}

/* ---- MOE ------------------------------------------------------------------------- */

/* P is the guest's exactly while TDE is clear. */
inline sync(c, v)
{
	if
	:: !cpu[c].tde -> vcpu[v].m = cpu[c].p
	:: else
	fi
}

/* TDE is cleared only for an active guest, and only if P is M. */
inline follow(c, v)
{
	if
	:: cpu[c].owner != GUEST -> cpu[c].tde = true
	:: else -> cpu[c].tde = (cpu[c].p != vcpu[v].m && MUTANT != 2)
	fi
}

/* ---- steps of HYP -------------------------------------------------------------------- */

inline enter(c, v)
{
	cpu[c].runs = v;
	vcpu[v].held = false;
	if
	:: HAS_POINTS(v) && !cpu[c].monitor -> vcpu[v].held = true
	:: HAS_POINTS(v) && cpu[c].monitor && vcpu[v].user == POINTS && MUTANT != 8 -> load_user(c)
	:: HAS_POINTS(v) && cpu[c].monitor && (vcpu[v].user != POINTS || MUTANT == 8) ->
		load_guest(c, v);
		follow(c, v)
	:: !HAS_POINTS(v) && MUTANT == 13 ->
		save(c);
		cpu[c].owner = PARKED
	:: !HAS_POINTS(v) && MUTANT != 13
	fi
}

inline leave(c, v)
{
	if
	:: MUTANT != 10 -> sync(c, v)
	:: else
	fi;
	if
	:: cpu[c].owner != HOST -> restore(c)
	:: else
	fi;
	cpu[c].tde = (cpu[c].tde || MUTANT != 1);
	cpu[c].runs = NOBODY
}

/* What the guest's registers say is effective. */
inline refresh(v)
{
	EACH(i, vcpu[v].eff[i] = vcpu[v].want[i] && !vcpu[v].lock)
}

/* After a write of an active guest, or of one that was. */
inline settle(c, v)
{
	if
	:: (was_active || ACTIVE(v)) && vcpu[v].user == NOT_DEBUGGED ->
		vcpu[v].held = false;
		if
		:: ACTIVE(v) && cpu[c].monitor -> load_guest(c, v)
		:: else ->
			vcpu[v].held = (ACTIVE(v) && MUTANT != 9);
			if
			:: cpu[c].owner == GUEST ->
				if
				:: MUTANT != 4 -> all_off(c)
				:: else
				fi;
				cpu[c].owner = PARKED
			:: else
			fi
		fi;
		follow(c, v)
	:: else
	fi
}

inline trap(c, v)
{
	was_active = ACTIVE(v);
	sync(c, v)
}

inline reflect(c, v, kind, whose)
{
	CHECK(15, S7_delivery, kind == BKPT && vcpu[v].user != BKPTS || whose == GUESTS + v);
	vcpu[v].m = kind;
	vcpu[v].truth = kind;
	follow(c, v)
}

/* A debug exception in HYP; its kind follows from P and the class of the abort. */
inline event(c, v, kind, whose)
{
	if
	:: kind == BKPT && vcpu[v].user == BKPTS /* to the VMM */
	:: kind == BKPT && vcpu[v].user != BKPTS -> reflect(c, v, kind, whose)
	:: kind != BKPT && (cpu[c].owner == GUEST || (cpu[c].owner == HOST && MUTANT == 15)) ->
		reflect(c, v, kind, whose)
	:: kind != BKPT && cpu[c].owner == USED -> /* to the VMM */
		CHECK(15, S7_delivery, whose == USERS)
	:: kind != BKPT && cpu[c].owner == HOST && MUTANT != 15 ->
		CHECK(15, S7_delivery, whose == HOSTS);
		save(c);
		cpu[c].owner = PARKED
	:: kind != BKPT && cpu[c].owner == PARKED -> /* rejected: nothing can have fired */
		CHECK(15, S7_delivery, false)
	fi
}

/* Caused by the guest's instruction: hardware sets MOE, and TDE says who takes it. */
inline exception(c, v, kind, whose)
{
	cpu[c].p = kind;
	if
	:: !cpu[c].tde ->
		CHECK(15, S7_delivery,
		      kind == BKPT && vcpu[v].user == NOT_DEBUGGED || whose == GUESTS + v);
		vcpu[v].truth = kind
	:: else -> event(c, v, kind, whose)
	fi
}

/* ---- what holds after each step ------------------------------------------------------- */

inline check_slot(c, v, s)
{
	CHECK(6, I6_loaded,
	      (cpu[c].owner != GUEST ||
	       cpu[c].on[s] == vcpu[v].eff[s] && (!cpu[c].on[s] || cpu[c].val[s] == GUESTS + v)) &&
	      (cpu[c].owner != USED || cpu[c].on[s] && cpu[c].val[s] == USERS));
	CHECK(4, I4_parked, cpu[c].owner != PARKED || !cpu[c].on[s]);
	BITS_OF(CHECK(7, I7_confined, cpu[c].owner == HOST || !cpu[c].wide[s]));
	BITS_OF(CHECK(14, I14_bits, !vcpu[v].mask[s] || caps_mask));
	CHECK(5, I5_effective, vcpu[v].eff[s] == (vcpu[v].want[s] && !vcpu[v].lock))
}

inline check_vcpu(c, v)
{
	CHECK(2, I2_tde, cpu[c].tde || cpu[c].owner == GUEST && cpu[c].p == vcpu[v].truth);
	CHECK(3, I3_save, cpu[c].saved == (cpu[c].owner != HOST));
	CHECK(8, I8_user, (vcpu[v].user == NOT_DEBUGGED || cpu[c].tde && cpu[c].owner != GUEST) &&
			  (cpu[c].owner != USED || vcpu[v].user == POINTS));
	CHECK(9, I9_held, (!HAS_POINTS(v) || vcpu[v].held || cpu[c].owner >= GUEST) &&
			  (!vcpu[v].held || cpu[c].owner <= PARKED));
	CHECK(10, I10_moe, !cpu[c].tde || vcpu[v].m == vcpu[v].truth);
	CHECK(13, I13_untouched, !was_host || cpu[c].owner != HOST || touched == 0);
	EACH(i, check_slot(c, v, i))
}

inline check_rest(c)
{
	CHECK(1, I1_rest, cpu[c].owner == HOST && cpu[c].tde && !cpu[c].saved);
	EACH(i, CHECK(11, I11_restore, cpu[c].val[i] == HOSTS && cpu[c].on[i] == cpu[c].host_on))
}

inline begin(c)
{
	touched = 0;
	was_host = (cpu[c].owner == HOST)
}

inline end(c)
{
	if
	:: cpu[c].runs == NOBODY -> check_rest(c)
	:: else ->
		who = cpu[c].runs;
		check_vcpu(c, who)
	fi;
	/* They mean nothing in the next step. */
	who = 0;
	i = 0
}

/* A vCPU that is not running. */
#define CHECK_M(v) CHECK(10, I10_moe, vcpu[v].m == vcpu[v].truth)

/* ---- who does what ---------------------------------------------------------------------- */

#define HOST_RUNS  (cpu[c].runs == NOBODY)
#define GUEST_RUNS (cpu[c].runs != NOBODY)
#define V	   cpu[c].runs

#define STEP(guard, body)      \
	:: d_step {            \
		guard ->       \
		begin(c);      \
		body;          \
		end(c)         \
	}

#define ENTER(n)                                                                    \
	STEP(HOST_RUNS && RUNS_NOWHERE(n), enter(c, n);                             \
	     CHECK(13, I13_untouched, HAS_POINTS(n) || cpu[c].owner == HOST))

/* An access of the guest. */
#define ACCESS(guard, body) STEP(GUEST_RUNS && (guard), who = V; trap(c, who); body)

#define ENABLE(s)                                                     \
	ACCESS(true, vcpu[who].want[s] = !vcpu[who].want[s];          \
	       refresh(who);                                          \
	       settle(c, who))

#ifdef BITS
/* A write of a control's state fields, and of the bit that may not be implemented. */
#define STATES(s)                                                                       \
	ACCESS(true, vcpu[who].wide[s] = !vcpu[who].wide[s];                            \
	       vcpu[who].mask[s] = (vcpu[who].wide[s] && (caps_mask || MUTANT == 14));  \
	       refresh(who);                                                            \
	       settle(c, who))
#else
#define STATES(s)
#endif

/* A new value for a slot, loaded or not: the writer is the same. */
#define REWRITE(s)                                                               \
	ACCESS(cpu[c].owner == GUEST && vcpu[V].eff[s],                          \
	       load_value(c, s, GUESTS + who);                                   \
	       set_on(c, s, true);                                               \
	       follow(c, who))

#define WRITE_MOE(x)                     \
	ACCESS(true, vcpu[who].m = x;    \
	       vcpu[who].truth = x;      \
	       settle(c, who))

#define HIT(s)                                                 \
	STEP(GUEST_RUNS && cpu[c].monitor && cpu[c].on[s],     \
	     who = V;                                          \
	     exception(c, who, KIND_##s, cpu[c].val[s]))

/* A device's watchpoint: matched by v7dbg, not by hardware, which does not set MOE. */
#define WATCHED(v) (vcpu[v].eff[SLOTS - 1] && vcpu[v].user == NOT_DEBUGGED && !vcpu[v].held)

proctype processor(byte c)
{
	do
	/* The host. */
	STEP(HOST_RUNS, cpu[c].host_on = !cpu[c].host_on;
	     EACH(i, cpu[c].on[i] = cpu[c].host_on; BITS_OF(cpu[c].wide[i] = cpu[c].host_on)))
	STEP(HOST_RUNS && cpu[c].p != BKPT, cpu[c].p = BKPT)
	STEP(HOST_RUNS && cpu[c].p != WATCHPOINT, cpu[c].p = WATCHPOINT)
#if SLOTS == 2
	STEP(HOST_RUNS && cpu[c].p != BREAKPOINT, cpu[c].p = BREAKPOINT)
#endif
#ifdef MONITOR
	STEP(HOST_RUNS, cpu[c].monitor = !cpu[c].monitor)
#endif
	ENTER(0)
#if VCPUS > 1
	ENTER(1)
#endif
#if VCPUS > 2
	ENTER(2)
#endif
	/* The guest. */
	STEP(GUEST_RUNS, who = V; leave(c, who))
	ACCESS(true, CHECK(10, I10_moe, vcpu[who].m == vcpu[who].truth))
	ENABLE(0)
	STATES(0)
	REWRITE(0)
	HIT(0)
#if SLOTS == 2
	ENABLE(1)
	STATES(1)
	REWRITE(1)
	HIT(1)
#endif
#ifdef LOCK
	ACCESS(true, vcpu[who].lock = !vcpu[who].lock;
	       if
	       :: MUTANT != 5 -> refresh(who)
	       :: else
	       fi;
	       settle(c, who))
#endif
	WRITE_MOE(OTHER)
	WRITE_MOE(BKPT)
	STEP(GUEST_RUNS, who = V; exception(c, who, BKPT, HOSTS))
	STEP(GUEST_RUNS && WATCHED(V), who = V; event(c, who, WATCHPOINT, GUESTS + who))
	od
}

/* What the VMM and the kernel do to a vCPU that is not running. */
proctype vmm(byte v)
{
	do
	:: d_step {
		RUNS_NOWHERE(v) -> /* ONE_REG, or the guest gets its BKPT back */
		vcpu[v].m = BKPT;
		vcpu[v].truth = BKPT;
		CHECK_M(v)
	}
	:: d_step {
		RUNS_NOWHERE(v) && WATCHED(v) -> /* a device emulated by the host */
		vcpu[v].m = WATCHPOINT;
		vcpu[v].truth = WATCHPOINT;
		CHECK_M(v)
	}
#ifdef USER
	:: d_step {
		RUNS_NOWHERE(v) ->
		vcpu[v].user = (vcpu[v].user + 1) % 3;
		vcpu[v].held = false;
		CHECK_M(v)
	}
#endif
	od
}

init
{
	byte n;

	d_step {
		n = 0;
		do
		:: n < CPUS ->
			cpu[n].runs = NOBODY;
			cpu[n].tde = true;
			cpu[n].monitor = true;
			n++
		:: else -> break
		od;
		n = 0
	}
#ifdef BITS
	if
	:: caps_mask = true
	:: caps_mask = false
	fi;
#endif
	atomic {
		do
		:: n < CPUS -> run processor(n); n++
		:: else -> break
		od;
		n = 0;
		do
		:: n < VCPUS -> run vmm(n); n++
		:: else -> break
		od;
		n = 0
	}
}
