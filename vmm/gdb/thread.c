// SPDX-License-Identifier: GPL-2.0-only
/* Threads: selecting and listing them, and resuming the guest. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "gdb/request.h"

/* ---- vCPU n is thread n + 1 ---- */

/* Parse a thread number; -1 (all) and 0 (any) become ALL_VCPUS. */
static bool parse_thread(struct gdb_request *request, unsigned int *vcpu)
{
	uint64_t number;

	if (gdb_parse_char(&request->text, '-')) {
		*vcpu = ALL_VCPUS;
		return gdb_parse_number(&request->text, &number) && number == 1;
	}
	if (!gdb_parse_number(&request->text, &number) || number > request->gdb->vm->cpus)
		return false;
	*vcpu = number ? number - 1 : ALL_VCPUS;
	return true;
}

void gdb_thread_select(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;
	char what = *request->text;
	unsigned int vcpu;

	if ((what != 'g' && what != 'c') || !gdb_parse_char(&request->text, what) ||
	    !parse_thread(request, &vcpu) || !gdb_request_at_end(request)) {
		gdb_request_refuse(request, EINVAL);
		return;
	}
	if (what == 'c')
		gdb->selected = vcpu;
	else if (vcpu != ALL_VCPUS)
		gdb->current = vcpu;
	gdb_request_ok(request);
}

void gdb_thread_alive(struct gdb_request *request)
{
	unsigned int vcpu;

	if (parse_thread(request, &vcpu) && vcpu != ALL_VCPUS && gdb_request_at_end(request))
		gdb_request_ok(request);
	else
		gdb_request_refuse(request, EINVAL);
}

void gdb_thread_list_first(struct gdb_request *request)
{
	for (unsigned int i = 0; i < request->gdb->vm->cpus; i++)
		gdb_reply_printf(request->reply, "%c%x", i ? ',' : 'm', i + 1);
}

void gdb_thread_list_more(struct gdb_request *request)
{
	gdb_reply_printf(request->reply, "l");
}

void gdb_thread_current(struct gdb_request *request)
{
	gdb_reply_printf(request->reply, "QC%x", request->gdb->current + 1);
}

void gdb_thread_describe(struct gdb_request *request)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	unsigned int vcpu;
	char text[32];

	if (!parse_thread(request, &vcpu) || vcpu == ALL_VCPUS || !gdb_request_at_end(request)) {
		gdb_request_refuse(request, EINVAL);
		return;
	}
	if (ioctl(request->gdb->vm->vcpus[vcpu].fd, KVM_GET_MP_STATE, &state) < 0)
		state.mp_state = KVM_MP_STATE_RUNNABLE;
	gdb_reply_put_hex(request->reply, text,
			  snprintf(text, sizeof(text), "vCPU %u%s", vcpu,
				   state.mp_state == KVM_MP_STATE_STOPPED ? ", off" : ""));
}

/* ---- resuming ---- */

static uint32_t all_vcpus(const struct gdb *gdb)
{
	return (1u << gdb->vm->cpus) - 1;
}

static void resume_vcpus(struct gdb_request *request, uint32_t vcpus, uint32_t stepping)
{
	struct gdb *gdb = request->gdb;
	int err;

	gdb->stepping = stepping;
	err = gdb_apply(gdb);
	if (err) {
		/* For example, no slot is free for a step.  No vCPU has run. */
		gdb->stepping = 0;
		gdb_apply(gdb);
		gdb_request_refuse(request, -err);
		return;
	}
	gdb_resume(gdb, vcpus);
	request->silent = true;
}

/* c, and C with a signal number, which means nothing to a guest. */
void gdb_thread_continue_signal(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;

	resume_vcpus(request, gdb->selected == ALL_VCPUS ? all_vcpus(gdb) : 1u << gdb->selected, 0);
}

/* c [ADDRESS] */
void gdb_thread_continue(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t pc;
	int err = 0;

	if (!gdb_request_at_end(request)) {
		if (!gdb_parse_number(&request->text, &pc) || !gdb_request_at_end(request) ||
		    pc > UINT32_MAX)
			err = -EINVAL;
		else
			err = gdb_regs_set(&gdb->regs, gdb_current_vcpu(gdb)->fd, GDB_REG_PC, pc);
	}
	if (err)
		gdb_request_refuse(request, -err);
	else
		gdb_thread_continue_signal(request);
}

/* vCont;ACTION[:THREAD]..: the first action that names a thread applies to it. */
void gdb_thread_vcont(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;
	uint32_t running = 0, stepping = 0, decided = 0;

	while (gdb_parse_char(&request->text, ';')) {
		unsigned int vcpu = ALL_VCPUS;
		uint64_t signal;
		uint32_t mask;
		char action = *request->text;

		if (!gdb_parse_char(&request->text, action) || !strchr("cCsSt", action) ||
		    !action ||
		    (strchr("CS", action) && !gdb_parse_number(&request->text, &signal)) ||
		    (gdb_parse_char(&request->text, ':') && !parse_thread(request, &vcpu))) {
			gdb_request_refuse(request, EINVAL);
			return;
		}
		mask = (vcpu == ALL_VCPUS ? all_vcpus(gdb) : 1u << vcpu) & ~decided;
		decided |= mask;
		if (action != 't')
			running |= mask;
		if (strchr("sS", action))
			stepping |= mask;
	}
	if (!gdb_request_at_end(request) || !decided)
		gdb_request_refuse(request, EINVAL);
	else if (!running)
		gdb_stop_reply(gdb, request->reply); /* already stopped */
	else
		resume_vcpus(request, running, stepping);
}

void gdb_thread_vcont_query(struct gdb_request *request)
{
	gdb_reply_printf(request->reply, "vCont;c;C;s;S;t");
}
