/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet while it is handled, and the functions that handle packets. */
#ifndef ARMVM_GDB_REQUEST_H
#define ARMVM_GDB_REQUEST_H

#include "gdb/state.h"

struct gdb_request {
	struct gdb *gdb;
	const char *text; /* the part of the packet not parsed yet */
	const char *end;  /* of the packet, which may contain any byte */
	struct gdb_reply *reply;
	bool silent; /* send no reply now */
};

void gdb_request_ok(struct gdb_request *request);
/* err is a positive errno. */
void gdb_request_refuse(struct gdb_request *request, int err);
/* err is 0 or a negative errno. */
void gdb_request_done(struct gdb_request *request, int err);

static inline bool gdb_request_at_end(const struct gdb_request *request)
{
	return request->text == request->end;
}

static inline const struct vcpu *gdb_current_vcpu(const struct gdb *gdb)
{
	return &gdb->vm->vcpus[gdb->current];
}

/* data.c: g G p P m M X, Z z */
void gdb_data_read_registers(struct gdb_request *request);
void gdb_data_write_registers(struct gdb_request *request);
void gdb_data_read_register(struct gdb_request *request);
void gdb_data_write_register(struct gdb_request *request);
void gdb_data_read_memory(struct gdb_request *request);
void gdb_data_write_memory(struct gdb_request *request);
void gdb_data_write_binary(struct gdb_request *request);
void gdb_data_set_point(struct gdb_request *request);
void gdb_data_clear_point(struct gdb_request *request);

/* monitor.c: qRcmd */
void gdb_monitor(struct gdb_request *request);

/* thread.c: H T qfThreadInfo qsThreadInfo qC qThreadExtraInfo, c C vCont vCont? */
void gdb_thread_select(struct gdb_request *request);
void gdb_thread_alive(struct gdb_request *request);
void gdb_thread_list_first(struct gdb_request *request);
void gdb_thread_list_more(struct gdb_request *request);
void gdb_thread_current(struct gdb_request *request);
void gdb_thread_describe(struct gdb_request *request);
void gdb_thread_continue(struct gdb_request *request);
void gdb_thread_continue_signal(struct gdb_request *request);
void gdb_thread_vcont(struct gdb_request *request);
void gdb_thread_vcont_query(struct gdb_request *request);

#endif
