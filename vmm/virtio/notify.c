// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>
#include <linux/virtio_mmio.h>

#include "error.h"
#include "gic.h"
#include "notify.h"
#include "thread.h"
#include "vm.h"

static bool offers(const struct vm *vm, int extension)
{
	return ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, extension) > 0;
}

void notify_init(struct notify *notify, struct vm *vm)
{
	memset(notify, 0, sizeof(*notify));
	notify->vm = vm;
	notify->stop_fd = -1;
	notify->ioeventfd = offers(vm, KVM_CAP_IOEVENTFD);
	notify->irqfd = offers(vm, KVM_CAP_IRQFD);
	if (!notify->ioeventfd || !notify->irqfd)
		error("/dev/kvm lacks %s%s%s: virtio devices work, but each notification costs an "
		      "exit or a switch of threads more (a newer kvm_armv7 has both)",
		      notify->ioeventfd ? "" : "KVM_IOEVENTFD",
		      notify->ioeventfd || notify->irqfd ? "" : " and ",
		      notify->irqfd ? "" : "KVM_IRQFD");
}

int notify_connect(struct notify *notify, struct virtio *device, uint32_t base, uint32_t spi)
{
	for (unsigned int i = 0; notify->ioeventfd && i < device->kind->nr_queues; i++) {
		struct kvm_ioeventfd kick = {
			.datamatch = i,
			.addr = base + VIRTIO_MMIO_QUEUE_NOTIFY,
			.len = 4,
			.fd = device->kick_fds[i],
			.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
		};

		if (ioctl(notify->vm->fd, KVM_IOEVENTFD, &kick) < 0)
			return fail(errno, "KVM_IOEVENTFD (virtio %s)", device->kind->name);
	}
	if (notify->irqfd) {
		/* Without a routing table, pin n is SPI n. */
		struct kvm_irqfd irq = { .fd = device->irq_fd, .gsi = spi };

		if (ioctl(notify->vm->fd, KVM_IRQFD, &irq) < 0)
			return fail(errno, "KVM_IRQFD (virtio %s)", device->kind->name);
		return 0;
	}
	/* Here, because the sandbox lets nothing be opened once a guest has been started. */
	if (notify->stop_fd < 0)
		notify->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (notify->stop_fd < 0)
		return fail(errno, "eventfd");
	notify->lines[notify->nr_lines].fd = device->irq_fd;
	notify->lines[notify->nr_lines].spi = spi;
	notify->nr_lines++;
	return 0;
}

/* The interrupt is edge-triggered, so a pulse is one. */
static void pulse(struct vm *vm, uint32_t spi)
{
	struct gic_line line = { .vm = vm, .spi = spi };

	gic_set_line(&line, true);
	gic_set_line(&line, false);
}

static void *relay(void *arg)
{
	struct notify *notify = arg;
	struct pollfd fds[VIRTIO_SLOTS + 1];
	unsigned int nr = notify->nr_lines;
	uint64_t count;

	for (unsigned int i = 0; i < nr; i++)
		fds[i] = (struct pollfd){ .fd = notify->lines[i].fd, .events = POLLIN };
	fds[nr] = (struct pollfd){ .fd = notify->stop_fd, .events = POLLIN };
	while (!fds[nr].revents) {
		if (poll(fds, nr + 1, -1) < 0)
			continue;
		for (unsigned int i = 0; i < nr; i++) {
			if (fds[i].revents && read(fds[i].fd, &count, sizeof(count)) > 0)
				pulse(notify->vm, notify->lines[i].spi);
		}
	}
	return NULL;
}

int notify_start(struct notify *notify)
{
	int err;

	if (!notify->nr_lines)
		return 0;
	err = thread_start(&notify->thread, SANDBOX_RELAY, relay, notify, 0, "virtio-irq");
	if (err)
		return fail(err, "cannot start the thread for virtio's interrupts");
	notify->running = true;
	return 0;
}

void notify_stop(struct notify *notify)
{
	uint64_t count = 1;

	if (notify->running && write(notify->stop_fd, &count, sizeof(count)) > 0) {
		pthread_join(notify->thread, NULL);
		/* For the next start.  It does not block, as the counter is not 0. */
		if (read(notify->stop_fd, &count, sizeof(count)) > 0)
			notify->running = false;
	}
}
