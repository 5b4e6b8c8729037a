// SPDX-License-Identifier: GPL-2.0-only
/* The calls that spare a VMM's thread: eventfds, routes, coalesced stores; and the dirty log. */
#include "clients.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

/* The eventfd of that number, made when it is first used. */
static int event(struct machine *m, uint64_t number)
{
	if (!m->event[number])
		m->event[number] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return m->event[number];
}

void events_close(struct machine *m)
{
	int n;

	for (n = 0; n < MAX_EVENTS; n++) {
		if (m->event[n] > 0)
			close(m->event[n]);
		m->event[n] = 0;
	}
}

long call_signal(struct machine *m, const struct step *step)
{
	uint64_t one = 1;

	return write(event(m, step->a), &one, sizeof(one)) == sizeof(one) ? 0 : -errno;
}

long call_taken(struct machine *m, const struct step *step)
{
	uint64_t count;

	return read(event(m, step->a), &count, sizeof(count)) == sizeof(count) ? (long)count
									       : -errno;
}

static long ioeventfd(struct machine *m, const struct step *step, uint64_t addr, uint32_t len)
{
	struct kvm_ioeventfd args = {
		.fd = event(m, step->a),
		.flags = (uint32_t)step->b,
		.datamatch = step->c,
		.addr = addr,
		.len = len,
	};

	return result(ioctl(m->vm, KVM_IOEVENTFD, &args));
}

long call_ioeventfd(struct machine *m, const struct step *step)
{
	return ioeventfd(m, step, NOTIFY, 4);
}

long call_ioeventfd_any(struct machine *m, const struct step *step)
{
	return ioeventfd(m, step, NOTIFY, 0);
}

long call_many_ioeventfds(struct machine *m, const struct step *step)
{
	struct step one = { .b = KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO };
	long failed = 0;
	uint64_t n;

	for (n = 0; n < step->a; n++) {
		one.a = one.c = n;
		failed += ioeventfd(m, &one, 0, 2) != 0;
	}
	one.b |= KVM_IOEVENTFD_FLAG_DEASSIGN;
	for (n = 0; n < step->a; n++) {
		one.a = one.c = n;
		failed += ioeventfd(m, &one, 0, 2) != 0;
	}
	return failed;
}

long call_irqfd(struct machine *m, const struct step *step)
{
	struct kvm_irqfd args = {
		.fd = (uint32_t)event(m, step->a),
		.gsi = (uint32_t)step->b,
		.flags = (uint32_t)step->c,
		.resamplefd = step->c & KVM_IRQFD_FLAG_RESAMPLE ? (uint32_t)event(m, RESAMPLED) : 0,
	};

	return result(ioctl(m->vm, KVM_IRQFD, &args));
}

long call_routing(struct machine *m, const struct step *step)
{
	struct kvm_irq_routing *table;
	struct kvm_irq_routing_entry *entry;
	uint32_t n;
	long ret;

	table = calloc(1, sizeof(*table) + (step->a + 1) * sizeof(*entry));
	for (n = 0; n < step->a; n++) {
		entry = &table->entries[n];
		entry->gsi = n;
		entry->type = KVM_IRQ_ROUTING_IRQCHIP;
		entry->u.irqchip.pin = n;
	}
	table->nr = n;
	if (step->b) {
		entry = &table->entries[table->nr++];
		entry->gsi = n;
		entry->type = KVM_IRQ_ROUTING_MSI;
		entry->u.msi.address_lo = 0x08020040;
		entry->u.msi.data = 32 + EDGE_PIN;
	}
	ret = result(ioctl(m->vm, KVM_SET_GSI_ROUTING, table));
	free(table);
	return ret;
}

long call_coalesced(struct machine *m, const struct step *step)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = step->b, .size = (uint32_t)step->c };

	return result(ioctl(m->vm, step->a, &zone));
}

long call_dirty_log(struct machine *m, const struct step *step)
{
	uint32_t bitmap[RAM_SIZE / PAGE / 32] = { 0 }, n, last = 0;
	struct kvm_dirty_log log = { .slot = (uint32_t)step->a, .dirty_bitmap = bitmap };
	long count = 0, ret = result(ioctl(m->vm, KVM_GET_DIRTY_LOG, &log));

	if (ret)
		return ret;
	for (n = 0; n < RAM_SIZE / PAGE; n++) {
		if (bitmap[n / 32] >> n % 32 & 1) {
			last = n;
			count++;
		}
	}
	return count == 1 ? (long)DIRTY(last) : count;
}

long call_clear_log(struct machine *m, const struct step *step)
{
	uint32_t bitmap[RAM_SIZE / PAGE / 32];
	struct kvm_clear_dirty_log log = {
		.slot = (uint32_t)step->a,
		.num_pages = RAM_SIZE / PAGE,
		.dirty_bitmap = bitmap,
	};

	memset(bitmap, 0xff, sizeof(bitmap));
	return result(ioctl(m->vm, KVM_CLEAR_DIRTY_LOG, &log));
}
