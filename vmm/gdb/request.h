/* SPDX-License-Identifier: GPL-2.0-only */
/* One packet of the client's while it is obeyed, and what can be asked for. */
#ifndef ARMVM_GDB_REQUEST_H
#define ARMVM_GDB_REQUEST_H

#include "gdb/state.h"

struct request {
	struct gdb *gdb;
	const char *text; /* what is left of the packet */
	const char *end;  /* of the packet, which may hold any byte */
	struct gdb_reply *reply;
	bool silent; /* the answer comes later, or none does */
};

void gdb_ok(struct request *request);
/* err: a positive errno. */
void gdb_refuse(struct request *request, int err);
/* err: 0 or a negative errno. */
void gdb_done(struct request *request, int err);

static inline bool at_end(const struct request *request)
{
	return request->text == request->end;
}

static inline const struct vcpu *current_vcpu(const struct gdb *gdb)
{
	return &gdb->vm->vcpus[gdb->current];
}

/* data.c: g G p P m M X, Z z */
void gdb_read_registers(struct request *request);
void gdb_write_registers(struct request *request);
void gdb_read_register(struct request *request);
void gdb_write_register(struct request *request);
void gdb_read_memory(struct request *request);
void gdb_write_memory(struct request *request);
void gdb_write_binary(struct request *request);
void gdb_set_point(struct request *request);
void gdb_clear_point(struct request *request);

/* thread.c: H T qfThreadInfo qsThreadInfo qC qThreadExtraInfo, c C vCont vCont? */
void gdb_select_thread(struct request *request);
void gdb_thread_alive(struct request *request);
void gdb_first_threads(struct request *request);
void gdb_more_threads(struct request *request);
void gdb_current_thread(struct request *request);
void gdb_describe_thread(struct request *request);
void gdb_continue(struct request *request);
void gdb_continue_signal(struct request *request);
void gdb_resume_some(struct request *request);
void gdb_resume_how(struct request *request);

#endif
