// SPDX-License-Identifier: GPL-2.0-only
/* Registers, memory and points. */
#include <errno.h>
#include <string.h>

#include "gdb/request.h"

/* ---- registers ---- */

void gdb_data_read_registers(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;

	for (unsigned int n = 0; n < gdb_regs_count(&gdb->regs); n++) {
		uint64_t value;

		/* 'x' means that the register is unavailable. */
		if (gdb_regs_get(&gdb->regs, gdb_current_vcpu(gdb)->fd, n, &value))
			gdb_reply_put(request->reply, "xxxxxxxxxxxxxxxx",
				      2 * gdb_regs_size(&gdb->regs, n));
		else
			gdb_reply_put_hex(request->reply, &value, gdb_regs_size(&gdb->regs, n));
	}
}

void gdb_data_write_registers(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t values[GDB_REGS_MAX] = { 0 };
	unsigned int count = gdb_regs_count(&gdb->regs);
	int err = 0;

	for (unsigned int n = 0; n < count; n++) {
		if (!gdb_parse_bytes(&request->text, (uint8_t *)&values[n],
				     gdb_regs_size(&gdb->regs, n))) {
			gdb_request_refuse(request, EINVAL);
			return;
		}
	}
	/* CPSR first: its mode selects the bank of r8 to r14. */
	err = gdb_regs_set(&gdb->regs, gdb_current_vcpu(gdb)->fd, GDB_REG_CPSR,
			   values[GDB_REG_CPSR]);
	for (unsigned int n = 0; n < count && !err; n++)
		err = gdb_regs_set(&gdb->regs, gdb_current_vcpu(gdb)->fd, n, values[n]);
	gdb_request_done(request, err);
}

void gdb_data_read_register(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t n, value;
	unsigned int size = 0;

	if (gdb_parse_number(&request->text, &n) && gdb_request_at_end(request) &&
	    n < GDB_REGS_ALL_MAX)
		size = gdb_regs_size(&gdb->regs, n);
	if (!size || gdb_regs_get(&gdb->regs, gdb_current_vcpu(gdb)->fd, n, &value))
		gdb_request_refuse(request, EINVAL);
	else
		gdb_reply_put_hex(request->reply, &value, size);
}

void gdb_data_write_register(struct gdb_request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t n, value = 0;
	unsigned int size = 0;

	if (gdb_parse_number(&request->text, &n) && gdb_parse_char(&request->text, '=') &&
	    n < GDB_REGS_ALL_MAX)
		size = gdb_regs_size(&gdb->regs, n);
	if (!size || !gdb_parse_bytes(&request->text, (uint8_t *)&value, size) ||
	    !gdb_request_at_end(request))
		gdb_request_refuse(request, EINVAL);
	else
		gdb_request_done(request,
				 gdb_regs_set(&gdb->regs, gdb_current_vcpu(gdb)->fd, n, value));
}

/* ---- memory ---- */

/* Parse ADDRESS,LENGTH.  Returns false after an error reply. */
static bool parse_range(struct gdb_request *request, uint64_t *address, uint64_t *length,
			uint64_t most)
{
	if (gdb_parse_number(&request->text, address) && gdb_parse_char(&request->text, ',') &&
	    gdb_parse_number(&request->text, length) && *address <= UINT32_MAX && *length <= most)
		return true;
	gdb_request_refuse(request, EINVAL);
	return false;
}

void gdb_data_read_memory(struct gdb_request *request)
{
	uint8_t data[GDB_PACKET_MAX / 2];
	uint64_t address, length;
	size_t got;

	if (!parse_range(request, &address, &length, UINT32_MAX))
		return;
	if (length > sizeof(data))
		length = sizeof(data); /* the protocol allows a shorter reply */
	got = gdb_memory_read(request->gdb, gdb_current_vcpu(request->gdb), address, data, length);
	if (!got && length)
		gdb_request_refuse(request, EFAULT);
	else
		gdb_reply_put_hex(request->reply, data, got);
}

static void write_memory(struct gdb_request *request, bool binary)
{
	uint8_t data[GDB_PACKET_MAX];
	uint64_t address, length;

	if (!parse_range(request, &address, &length, GDB_PACKET_MAX))
		return;
	if (!gdb_parse_char(&request->text, ':') ||
	    (binary ? (uint64_t)(request->end - request->text) != length
		    : !gdb_parse_bytes(&request->text, data, length) ||
			      !gdb_request_at_end(request))) {
		gdb_request_refuse(request, EINVAL);
		return;
	}
	if (binary)
		memcpy(data, request->text, length);
	if (gdb_memory_write(request->gdb, gdb_current_vcpu(request->gdb), address, data, length) ==
	    length)
		gdb_request_ok(request);
	else
		gdb_request_refuse(request, EFAULT);
}

void gdb_data_write_memory(struct gdb_request *request)
{
	write_memory(request, false);
}

void gdb_data_write_binary(struct gdb_request *request)
{
	write_memory(request, true);
}

/* ---- points: TYPE,ADDRESS,KIND ---- */

static void set_or_clear_point(struct gdb_request *request, bool set)
{
	struct gdb *gdb = request->gdb;
	struct gdb_points *points = &gdb->points;
	uint64_t type, address, kind, pa;
	int err = 0;

	if (!gdb_parse_number(&request->text, &type) || !gdb_parse_char(&request->text, ',')) {
		gdb_request_refuse(request, EINVAL);
		return;
	}
	if (!parse_range(request, &address, &kind, UINT32_MAX))
		return;
	if (type > GDB_POINT_ACCESS)
		return; /* not supported: an empty reply */
	if (!gdb_request_at_end(request)) {
		gdb_request_refuse(request, EINVAL); /* conditions and commands are not offered */
		return;
	}
	if (type == GDB_POINT_SOFT && set)
		err = gdb_memory_translate(gdb, gdb_current_vcpu(gdb), address, &pa)
			      ? gdb_points_set_soft(points, address, pa, kind)
			      : -EFAULT;
	else if (type == GDB_POINT_SOFT)
		gdb_points_clear_soft(points, address);
	else if (set)
		err = gdb_points_set_hard(points, type, address, kind);
	else
		gdb_points_clear_hard(points, type, address, kind);
	if (!err) {
		err = gdb_apply(gdb);
		if (err && set && type == GDB_POINT_SOFT)
			gdb_points_clear_soft(points, address);
		else if (err && set)
			gdb_points_clear_hard(points, type, address, kind);
	}
	gdb_request_done(request, err);
}

void gdb_data_set_point(struct gdb_request *request)
{
	set_or_clear_point(request, true);
}

void gdb_data_clear_point(struct gdb_request *request)
{
	set_or_clear_point(request, false);
}
