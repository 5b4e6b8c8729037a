// SPDX-License-Identifier: GPL-2.0-only
/* Registers, memory and points. */
#include <errno.h>
#include <string.h>

#include "gdb/request.h"

/* ---- registers ---- */

void gdb_read_registers(struct request *request)
{
	struct gdb *gdb = request->gdb;

	for (unsigned int n = 0; n < gdb_regs_count(&gdb->regs); n++) {
		uint64_t value;

		/* What cannot be read is unavailable, not wrong. */
		if (gdb_reg_get(&gdb->regs, current_vcpu(gdb)->fd, n, &value))
			gdb_put(request->reply, "xxxxxxxxxxxxxxxx",
				2 * gdb_reg_size(&gdb->regs, n));
		else
			gdb_put_hex(request->reply, &value, gdb_reg_size(&gdb->regs, n));
	}
}

void gdb_write_registers(struct request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t values[GDB_REGS_MAX] = { 0 };
	unsigned int count = gdb_regs_count(&gdb->regs);
	int err = 0;

	for (unsigned int n = 0; n < count; n++) {
		if (!gdb_bytes(&request->text, (uint8_t *)&values[n],
			       gdb_reg_size(&gdb->regs, n))) {
			gdb_refuse(request, EINVAL);
			return;
		}
	}
	/* CPSR first: its mode says which r8 to r14 are meant. */
	err = gdb_reg_set(&gdb->regs, current_vcpu(gdb)->fd, GDB_REG_CPSR, values[GDB_REG_CPSR]);
	for (unsigned int n = 0; n < count && !err; n++)
		err = gdb_reg_set(&gdb->regs, current_vcpu(gdb)->fd, n, values[n]);
	gdb_done(request, err);
}

void gdb_read_register(struct request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t n, value;
	unsigned int size = 0;

	if (gdb_number(&request->text, &n) && at_end(request) && n < GDB_REGS_MAX)
		size = gdb_reg_size(&gdb->regs, n);
	if (!size || gdb_reg_get(&gdb->regs, current_vcpu(gdb)->fd, n, &value))
		gdb_refuse(request, EINVAL);
	else
		gdb_put_hex(request->reply, &value, size);
}

void gdb_write_register(struct request *request)
{
	struct gdb *gdb = request->gdb;
	uint64_t n, value = 0;
	unsigned int size = 0;

	if (gdb_number(&request->text, &n) && gdb_char(&request->text, '=') && n < GDB_REGS_MAX)
		size = gdb_reg_size(&gdb->regs, n);
	if (!size || !gdb_bytes(&request->text, (uint8_t *)&value, size) || !at_end(request))
		gdb_refuse(request, EINVAL);
	else
		gdb_done(request, gdb_reg_set(&gdb->regs, current_vcpu(gdb)->fd, n, value));
}

/* ---- memory ---- */

/* ADDRESS,LENGTH; false after an error was answered. */
static bool range(struct request *request, uint64_t *address, uint64_t *length, uint64_t most)
{
	if (gdb_number(&request->text, address) && gdb_char(&request->text, ',') &&
	    gdb_number(&request->text, length) && *address <= UINT32_MAX && *length <= most)
		return true;
	gdb_refuse(request, EINVAL);
	return false;
}

void gdb_read_memory(struct request *request)
{
	uint8_t data[GDB_PACKET_MAX / 2];
	uint64_t address, length;
	size_t got;

	if (!range(request, &address, &length, UINT32_MAX))
		return;
	if (length > sizeof(data))
		length = sizeof(data); /* less than asked for is allowed */
	got = gdb_read_virtual(request->gdb, address, data, length);
	if (!got && length)
		gdb_refuse(request, EFAULT);
	else
		gdb_put_hex(request->reply, data, got);
}

static void write_memory(struct request *request, bool binary)
{
	uint8_t data[GDB_PACKET_MAX];
	uint64_t address, length;

	if (!range(request, &address, &length, GDB_PACKET_MAX))
		return;
	if (!gdb_char(&request->text, ':') ||
	    (binary ? (uint64_t)(request->end - request->text) != length
		    : !gdb_bytes(&request->text, data, length) || !at_end(request))) {
		gdb_refuse(request, EINVAL);
		return;
	}
	if (binary)
		memcpy(data, request->text, length);
	if (gdb_write_virtual(request->gdb, address, data, length) == length)
		gdb_ok(request);
	else
		gdb_refuse(request, EFAULT);
}

void gdb_write_memory(struct request *request)
{
	write_memory(request, false);
}

void gdb_write_binary(struct request *request)
{
	write_memory(request, true);
}

/* ---- points: TYPE,ADDRESS,KIND ---- */

static void point(struct request *request, bool set)
{
	struct gdb *gdb = request->gdb;
	struct gdb_points *points = &gdb->points;
	uint64_t type, address, kind, pa;
	int err = 0;

	if (!gdb_number(&request->text, &type) || !gdb_char(&request->text, ',')) {
		gdb_refuse(request, EINVAL);
		return;
	}
	if (!range(request, &address, &kind, UINT32_MAX))
		return;
	if (type > GDB_POINT_ACCESS)
		return; /* not supported: an empty answer */
	if (!at_end(request)) {
		gdb_refuse(request, EINVAL); /* conditions and commands were not offered */
		return;
	}
	if (type == GDB_POINT_SOFT && set)
		err = gdb_translate(gdb, current_vcpu(gdb), address, &pa)
			      ? gdb_soft_set(points, address, pa, kind)
			      : -EFAULT;
	else if (type == GDB_POINT_SOFT)
		gdb_soft_clear(points, address);
	else if (set)
		err = gdb_hard_set(points, type, address, kind);
	else
		gdb_hard_clear(points, type, address, kind);
	if (!err) {
		err = gdb_apply(gdb);
		if (err && set && type == GDB_POINT_SOFT)
			gdb_soft_clear(points, address);
		else if (err && set)
			gdb_hard_clear(points, type, address, kind);
	}
	gdb_done(request, err);
}

void gdb_set_point(struct request *request)
{
	point(request, true);
}

void gdb_clear_point(struct request *request)
{
	point(request, false);
}
