// SPDX-License-Identifier: GPL-2.0-only
/* Threads, and which of them run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "gdb/request.h"

/* ---- threads: vCPU n is n + 1 ---- */

/* A thread's number: -1 and 0 are all and any. */
static bool thread(struct request *request, unsigned int *vcpu)
{
	uint64_t number;

	if (gdb_char(&request->text, '-')) {
		*vcpu = ALL_VCPUS;
		return gdb_number(&request->text, &number) && number == 1;
	}
	if (!gdb_number(&request->text, &number) || number > request->gdb->vm->cpus)
		return false;
	*vcpu = number ? number - 1 : ALL_VCPUS;
	return true;
}

void gdb_select_thread(struct request *request)
{
	struct gdb *gdb = request->gdb;
	char what = *request->text;
	unsigned int vcpu;

	if ((what != 'g' && what != 'c') || !gdb_char(&request->text, what) ||
	    !thread(request, &vcpu) || !at_end(request)) {
		gdb_refuse(request, EINVAL);
		return;
	}
	if (what == 'c')
		gdb->selected = vcpu;
	else if (vcpu != ALL_VCPUS)
		gdb->current = vcpu;
	gdb_ok(request);
}

void gdb_thread_alive(struct request *request)
{
	unsigned int vcpu;

	if (thread(request, &vcpu) && vcpu != ALL_VCPUS && at_end(request))
		gdb_ok(request);
	else
		gdb_refuse(request, EINVAL);
}

void gdb_first_threads(struct request *request)
{
	for (unsigned int i = 0; i < request->gdb->vm->cpus; i++)
		gdb_printf(request->reply, "%c%x", i ? ',' : 'm', i + 1);
}

void gdb_more_threads(struct request *request)
{
	gdb_printf(request->reply, "l");
}

void gdb_current_thread(struct request *request)
{
	gdb_printf(request->reply, "QC%x", request->gdb->current + 1);
}

void gdb_describe_thread(struct request *request)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	unsigned int vcpu;
	char text[32];

	if (!thread(request, &vcpu) || vcpu == ALL_VCPUS || !at_end(request)) {
		gdb_refuse(request, EINVAL);
		return;
	}
	if (ioctl(request->gdb->vm->vcpus[vcpu].fd, KVM_GET_MP_STATE, &state) < 0)
		state.mp_state = KVM_MP_STATE_RUNNABLE;
	gdb_put_hex(request->reply, text,
		    snprintf(text, sizeof(text), "vCPU %u%s", vcpu,
			     state.mp_state == KVM_MP_STATE_STOPPED ? ", off" : ""));
}

/* ---- running ---- */

static uint32_t all(const struct gdb *gdb)
{
	return (1u << gdb->vm->cpus) - 1;
}

static void resume(struct request *request, uint32_t vcpus, uint32_t stepping)
{
	struct gdb *gdb = request->gdb;
	int err;

	gdb->stepping = stepping;
	err = gdb_apply(gdb);
	if (err) {
		/* No slot is left for a step, for example.  Nobody has run. */
		gdb->stepping = 0;
		gdb_apply(gdb);
		gdb_refuse(request, -err);
		return;
	}
	gdb_resume(gdb, vcpus);
	request->silent = true;
}

/* c, and C with a signal, which no guest has a use for. */
void gdb_continue_signal(struct request *request)
{
	struct gdb *gdb = request->gdb;

	resume(request, gdb->selected == ALL_VCPUS ? all(gdb) : 1u << gdb->selected, 0);
}

/* c [ADDRESS] */
void gdb_continue(struct request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t pc;
	int err = 0;

	if (!at_end(request)) {
		if (!gdb_number(&request->text, &pc) || !at_end(request) || pc > UINT32_MAX)
			err = -EINVAL;
		else
			err = gdb_reg_set(&gdb->regs, current_vcpu(gdb)->fd, GDB_REG_PC, pc);
	}
	if (err)
		gdb_refuse(request, -err);
	else
		gdb_continue_signal(request);
}

/* vCont;ACTION[:THREAD]..: the first that names a thread counts for it. */
void gdb_resume_some(struct request *request)
{
	struct gdb *gdb = request->gdb;
	uint32_t running = 0, stepping = 0, decided = 0;
	const char *actions = gdb->can_step ? "cCsSt" : "cCt";

	while (gdb_char(&request->text, ';')) {
		unsigned int vcpu = ALL_VCPUS;
		uint64_t signal;
		uint32_t mask;
		char action = *request->text;

		if (!gdb_char(&request->text, action) || !strchr(actions, action) || !action ||
		    (strchr("CS", action) && !gdb_number(&request->text, &signal)) ||
		    (gdb_char(&request->text, ':') && !thread(request, &vcpu))) {
			gdb_refuse(request, EINVAL);
			return;
		}
		mask = (vcpu == ALL_VCPUS ? all(gdb) : 1u << vcpu) & ~decided;
		decided |= mask;
		if (action != 't')
			running |= mask;
		if (strchr("sS", action))
			stepping |= mask;
	}
	if (!at_end(request) || !decided)
		gdb_refuse(request, EINVAL);
	else if (!running)
		gdb_tell_stop(gdb, request->reply); /* they stand still already */
	else
		resume(request, running, stepping);
}

void gdb_resume_how(struct request *request)
{
	/* Without s gdb steps by a breakpoint behind the instruction. */
	gdb_printf(request->reply, request->gdb->can_step ? "vCont;c;C;s;S;t" : "vCont;c;C;t");
}
