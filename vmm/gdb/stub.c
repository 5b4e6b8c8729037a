// SPDX-License-Identifier: GPL-2.0-only
/* The states of the stub: clients connect and leave, the guest stops and resumes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "error.h"
#include "gdb/state.h"
#include "pause.h"

/* DBGDSCR.MOE, C11.11.20 */
#define MOE_BREAKPOINT 1u
#define MOE_BKPT       3u
#define MOE_WATCHPOINT 10u

/* How long to wait for a client to read that the guest ended. */
#define FAREWELL_MS 2000

static int check_capability(const struct vm *vm, int extension)
{
	return ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, extension);
}

/* A BKPT that is not the client's: let the guest take its exception. */
static bool inject_bkpt(struct gdb *gdb, const struct vcpu *vcpu)
{
	struct kvm_armv7_guest_debug debug = gdb->applied[vcpu->index];

	debug.control |= KVM_GUESTDBG_INJECT_BP;
	return !ioctl(vcpu->fd, KVM_ARMV7_SET_GUEST_DEBUG, &debug);
}

/*
 * Runs on the vCPU's thread.  The points cannot change meanwhile, because this
 * vCPU has not paused.  Decide now whose BKPT it is, not later: another vCPU's
 * stop may make the client remove this point first.
 */
static void gdb_debug_exit(void *debugger, struct vcpu *vcpu)
{
	struct gdb *gdb = debugger;
	struct kvm_armv7_debug_exit exit;
	uint64_t pc = 0, pa = 0;

	memcpy(&exit, &vcpu->run->debug.arch, sizeof(exit));
	vcpu->stop = (struct vcpu_stop){ .why = STOP_OTHER, .hsr = exit.hsr, .far = exit.far };
	switch (exit.moe) {
	case MOE_BKPT:
		gdb_regs_get(&gdb->regs, vcpu->fd, GDB_REG_PC, &pc);
		if (gdb_points_have_soft(&gdb->points, pc,
					 gdb_memory_translate(gdb, vcpu, pc, &pa) ? &pa : NULL)) {
			vcpu->stop.why = STOP_SOFT;
		} else if (inject_bkpt(gdb, vcpu)) {
			vcpu->stop.why = STOP_NONE;
			return;
		}
		break;
	case MOE_BREAKPOINT:
		/* If a step ends at a breakpoint, report the breakpoint. */
		gdb_regs_get(&gdb->regs, vcpu->fd, GDB_REG_PC, &pc);
		vcpu->stop.why = (exit.step || gdb_step_ends(gdb, vcpu->index, pc)) &&
						 !gdb_points_have_hard(&gdb->points, pc)
					 ? STOP_STEP
					 : STOP_HARD;
		break;
	case MOE_WATCHPOINT:
		vcpu->stop.why = STOP_WATCH;
		break;
	}
	gdb->event = true;
	pause_all(vcpu->vm, PAUSE_GDB);
}

int gdb_create(struct gdb **created, struct vm *vm, const struct ram *ram, const char *where,
	       bool wait)
{
	struct gdb *gdb;
	int controls, err;

	if (check_capability(vm, KVM_CAP_SET_GUEST_DEBUG) <= 0 ||
	    check_capability(vm, KVM_CAP_IMMEDIATE_EXIT) <= 0)
		return fail(0, "--gdb: this /dev/kvm lacks KVM_CAP_SET_GUEST_DEBUG or "
			       "KVM_CAP_IMMEDIATE_EXIT");
	gdb = calloc(1, sizeof(*gdb));
	if (!gdb)
		return fail(ENOMEM, "--gdb: cannot allocate the stub");
	err = gdb_link_open(&gdb->link, where);
	if (err)
		goto free_gdb;
	gdb->vm = vm;
	gdb->ram = ram;
	gdb->state = GDB_FREE;
	gdb->selected = ALL_VCPUS;
	controls = check_capability(vm, KVM_CAP_SET_GUEST_DEBUG2);
	gdb->can_step = controls > 0 && controls & KVM_GUESTDBG_SINGLESTEP;
	gdb_regs_init(&gdb->regs, vm->vcpus[0].fd);
	gdb_points_init(&gdb->points, ram, check_capability(vm, KVM_CAP_GUEST_DEBUG_HW_BPS),
			check_capability(vm, KVM_CAP_GUEST_DEBUG_HW_WPS));
	vm->debugger = gdb;
	vm->debugged = gdb_debug_exit;
	if (wait)
		pause_all(vm, PAUSE_GDB);
	*created = gdb;
	return 0;

free_gdb:
	free(gdb);
	return err;
}

void gdb_destroy(struct gdb *gdb)
{
	if (!gdb)
		return;
	gdb_link_close(&gdb->link);
	free(gdb);
}

/* The vCPU must be paused. */
static int apply_to_vcpu(struct gdb *gdb, unsigned int n)
{
	struct kvm_armv7_guest_debug debug = gdb->points.debug;
	bool steps = gdb->stepping & 1u << n;
	int err;

	debug.control = 0;
	/* While the client has no points, the guest's own points work. */
	if (gdb->points.nr_soft)
		debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;
	if (gdb->points.nr_hard)
		debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
	gdb->next[n].count = 0;
	if (steps && gdb->can_step) {
		debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
	} else if (steps) {
		err = gdb_step_aim(gdb, n, &debug);
		if (err)
			return err;
	}
	/* Request each step anew: an interrupted one may have begun at another instruction. */
	if (!steps && !memcmp(&debug, &gdb->applied[n], sizeof(debug)))
		return 0;
	if (ioctl(gdb->vm->vcpus[n].fd, KVM_ARMV7_SET_GUEST_DEBUG, &debug) < 0)
		return -errno;
	gdb->applied[n] = debug;
	return 0;
}

int gdb_apply(struct gdb *gdb)
{
	int first = 0;

	for (unsigned int i = 0; i < gdb->vm->cpus; i++) {
		int err = apply_to_vcpu(gdb, i);

		if (!first)
			first = err;
	}
	return first;
}

void gdb_resume(struct gdb *gdb, uint32_t vcpus)
{
	gdb->event = false;
	gdb->interrupted = false;
	gdb->reply_due = true;
	gdb->state = GDB_RUNNING;
	/*
	 * Stops not reported yet are not lost: their instructions have not
	 * executed and stop again.
	 */
	for (unsigned int i = 0; i < gdb->vm->cpus; i++)
		gdb->vm->vcpus[i].stop.why = STOP_NONE;
	if (gdb->points.stale)
		vm_end(gdb->vm, STATUS_FAILURE); /* ram_changed() has printed why */
	else
		pause_resume(gdb->vm, PAUSE_GDB, vcpus);
}

void gdb_release_guest(struct gdb *gdb)
{
	gdb_points_clear(&gdb->points);
	gdb->stepping = 0;
	if (gdb_apply(gdb))
		error("gdb: cannot turn off debugging of the guest");
	gdb_resume(gdb, ~0u);
	gdb->reply_due = gdb->leaving = false;
	gdb->state = GDB_FREE;
}

/* Begin to stop the guest; guest_stopped() runs when all vCPUs have paused. */
static void stop_guest(struct gdb *gdb)
{
	pause_all(gdb->vm, PAUSE_GDB);
	gdb->state = GDB_STOPPING;
}

void gdb_stop_reply(struct gdb *gdb, struct gdb_reply *reply)
{
	const struct vcpu_stop *stop = &gdb->vm->vcpus[gdb->reported].stop;
	const struct gdb_hard *watch;
	uint32_t address;

	gdb_reply_printf(reply, "T%02xthread:%x;", gdb->interrupted && !stop->why ? 2 : 5,
			 gdb->reported + 1);
	switch (stop->why) {
	case STOP_SOFT:
	case STOP_HARD:
		if (gdb->names_reasons)
			gdb_reply_printf(reply, stop->why == STOP_SOFT ? "swbreak:;" : "hwbreak:;");
		break;
	case STOP_WATCH:
		/* HSR.ISS.WnR, B3.13.6 */
		watch = gdb_points_find_watch(&gdb->points, stop->far, stop->hsr & 1u << 6,
					      &address);
		if (watch)
			gdb_reply_printf(reply, "%swatch:%x;",
					 watch->type == GDB_POINT_READ	   ? "r"
					 : watch->type == GDB_POINT_ACCESS ? "a"
									   : "",
					 address);
		break;
	default:
		break;
	}
}

/* All vCPUs have paused: find the vCPU to report. */
static void guest_stopped(struct gdb *gdb)
{
	unsigned int cpus = gdb->vm->cpus;

	if (gdb->leaving) {
		gdb_release_guest(gdb);
		return;
	}
	gdb->state = GDB_STOPPED;
	gdb->stepping = 0; /* gdb_apply() clears it in KVM before a vCPU runs */
	/* Search from the one after the last reported, so that none is passed over forever. */
	for (unsigned int i = 1; i <= cpus; i++) {
		unsigned int n = (gdb->reported + i) % cpus;

		if (gdb->vm->vcpus[n].stop.why) {
			gdb->reported = n;
			break;
		}
	}
	gdb->current = gdb->reported;
	if (!gdb->reply_due)
		return;
	gdb->reply_due = false;
	gdb->reply.length = 0;
	gdb_stop_reply(gdb, &gdb->reply);
	gdb_link_send(&gdb->link, gdb->reply.data, gdb->reply.length);
}

/* Handle the part of the client's input that the guest's state allows. */
static void obey_client(struct gdb *gdb)
{
	while (gdb->link.client >= 0 && gdb->state != GDB_STOPPING && gdb->state != GDB_FREE) {
		enum gdb_input input = gdb_link_next(&gdb->link);

		if (input == GDB_MORE)
			return;
		if (input == GDB_INTERRUPT && gdb->state == GDB_RUNNING) {
			gdb->interrupted = true;
			stop_guest(gdb);
		}
		/* While the guest runs, only an interrupt counts; drop the rest. */
		if (gdb->state != GDB_STOPPED)
			continue;
		if (input == GDB_PACKET)
			gdb_command(gdb, gdb->link.parser.data, gdb->link.parser.length);
		else if (input == GDB_TOO_LONG)
			gdb_link_send(&gdb->link, "E07", 3); /* E2BIG */
	}
}

/* The connection is closed or broken.  The client's points must not outlive it. */
static void client_lost(struct gdb *gdb)
{
	gdb_link_drop(&gdb->link);
	gdb->leaving = true;
	if (gdb->state == GDB_STOPPED)
		gdb_release_guest(gdb);
	else if (gdb->state == GDB_RUNNING)
		stop_guest(gdb);
}

void gdb_prepare(struct gdb *gdb, struct pollfd fds[GDB_POLLFDS])
{
	fds[0] = fds[1] = (struct pollfd){ .fd = -1 };
	if (!gdb)
		return;
	/* After a client has left, the next one waits until its points are removed. */
	if (gdb->state == GDB_FREE || (gdb->link.client >= 0 && !gdb->next_waits))
		fds[0] = (struct pollfd){ .fd = gdb->link.listener, .events = POLLIN };
	if (gdb->link.client >= 0 && gdb->state != GDB_STOPPING)
		fds[1] = (struct pollfd){
			.fd = gdb->link.client,
			.events = POLLIN | (gdb_link_pending(&gdb->link) ? POLLOUT : 0),
		};
}

/* A client connects: the first, the next one, or one too many. */
static void client_connects(struct gdb *gdb)
{
	if (gdb->refuses) {
		gdb_link_refuse(&gdb->link);
	} else if (gdb->link.client >= 0 && gdb_link_ended(&gdb->link)) {
		/*
		 * A client that reconnects at once must not be refused because
		 * of its old connection: finish with that one's input first.
		 */
		gdb->next_waits = true;
	} else if (gdb->link.client >= 0) {
		gdb_link_refuse(&gdb->link);
	} else if (gdb->state == GDB_FREE && gdb_link_accept(&gdb->link)) {
		gdb->names_reasons = gdb->next_waits = false;
		gdb->reply_due = gdb->interrupted = gdb->leaving = false;
		gdb->reported = gdb->current = 0;
		gdb->selected = ALL_VCPUS;
		stop_guest(gdb);
	}
}

void gdb_service(struct gdb *gdb, const struct pollfd fds[GDB_POLLFDS])
{
	if (!gdb)
		return;
	if (fds[1].fd >= 0 && fds[1].revents & ~POLLOUT && !gdb_link_fill(&gdb->link))
		client_lost(gdb);
	if (fds[0].revents)
		client_connects(gdb);
	if (gdb->state == GDB_RUNNING && gdb->event)
		gdb->state = GDB_STOPPING;
	for (;;) {
		if (gdb->state == GDB_STOPPING && pause_complete(gdb->vm, PAUSE_GDB))
			guest_stopped(gdb);
		obey_client(gdb);
		if (gdb->state != GDB_STOPPING || !pause_complete(gdb->vm, PAUSE_GDB))
			break;
	}
	if (gdb->link.client >= 0 && !gdb_link_flush(&gdb->link))
		client_lost(gdb);
}

bool gdb_has_client(const struct gdb *gdb)
{
	return gdb && gdb->state != GDB_FREE;
}

void gdb_refuse_clients(struct gdb *gdb, bool refuse)
{
	if (gdb)
		gdb->refuses = refuse;
}

void gdb_reset(struct gdb *gdb)
{
	if (gdb)
		gdb_points_replant(&gdb->points);
}

void gdb_end(struct gdb *gdb, int status, int signal)
{
	struct pollfd fd;
	char text[8];

	if (!gdb || gdb->link.client < 0)
		return;
	/* A client that does not wait for a stop reply only sees the connection end. */
	if (gdb->state == GDB_RUNNING || gdb->reply_due) {
		snprintf(text, sizeof(text), "%c%02x", signal ? 'X' : 'W',
			 (signal ? signal : status) & 0xff);
		gdb_link_send(&gdb->link, text, strlen(text));
	}
	fd = (struct pollfd){ .fd = gdb->link.client, .events = POLLOUT };
	while (gdb_link_pending(&gdb->link) && poll(&fd, 1, FAREWELL_MS) > 0 &&
	       gdb_link_flush(&gdb->link))
		;
	gdb_link_drop(&gdb->link);
}
