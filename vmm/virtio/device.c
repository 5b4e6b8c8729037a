// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "device.h"
#include "error.h"
#include "thread.h"

/* EAGAIN: the counter is full, so whoever reads it has enough to do. */
static void signal_fd(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static int make_eventfd(void)
{
	return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

int virtio_create(struct virtio *device, const struct virtio_kind *kind, const struct ram *ram,
		  void *owner)
{
	memset(device, 0, sizeof(*device));
	device->kind = kind;
	device->owner = owner;
	device->ram = ram;
	device->poll_timeout = -1;
	pthread_mutex_init(&device->lock, NULL);
	device->irq_fd = make_eventfd();
	device->wake_fd = make_eventfd();
	for (unsigned int i = 0; i < VIRTIO_MAX_QUEUES; i++)
		device->kick_fds[i] = i < kind->nr_queues ? make_eventfd() : -1;
	for (unsigned int i = 0; i < kind->nr_queues; i++) {
		if (device->kick_fds[i] < 0)
			return fail(errno, "eventfd (virtio %s)", kind->name);
	}
	return device->irq_fd < 0 || device->wake_fd < 0
		       ? fail(errno, "eventfd (virtio %s)", kind->name)
		       : 0;
}

void virtio_lock(struct virtio *device)
{
	atomic_fetch_add(&device->wanted, 1);
	pthread_mutex_lock(&device->lock);
	atomic_fetch_sub(&device->wanted, 1);
}

void virtio_unlock(struct virtio *device)
{
	pthread_mutex_unlock(&device->lock);
}

bool virtio_yields(struct virtio *device, unsigned int queue)
{
	if (!atomic_load(&device->wanted))
		return false;
	virtio_serve_again(device, queue);
	return true;
}

void virtio_serve_again(struct virtio *device, unsigned int queue)
{
	signal_fd(device->kick_fds[queue]);
}

void virtio_pump(struct virtio *device, unsigned int queue,
		 bool (*move)(struct virtio *device, void *arg), void *arg)
{
	unsigned int count = 0;

	while (move(device, arg)) {
		if (virtio_yields(device, queue))
			break;
		if (++count == QUEUE_MAX_SIZE) {
			virtio_serve_again(device, queue);
			break;
		}
	}
	virtio_used(device, queue);
}

uint64_t virtio_offered(const struct virtio *device)
{
	uint64_t queues = BIT64(VIRTIO_RING_F_INDIRECT_DESC) | BIT64(VIRTIO_RING_F_EVENT_IDX);

	return device->features | BIT64(VIRTIO_F_VERSION_1) | (queues & ~device->withheld);
}

bool virtio_has(const struct virtio *device, unsigned int feature)
{
	return device->driver_features & BIT64(feature);
}

bool virtio_live(const struct virtio *device)
{
	return device->status & VIRTIO_CONFIG_S_DRIVER_OK &&
	       !(device->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

static void interrupt(struct virtio *device, unsigned int why)
{
	atomic_fetch_or(&device->interrupt_status, why);
	signal_fd(device->irq_fd);
}

void virtio_delegate(struct virtio *device)
{
	if (device->kind->delegate && device->running && virtio_live(device))
		device->kind->delegate(device);
}

static void recall(struct virtio *device)
{
	if (!device->kind->recall || !device->delegated)
		return;
	device->kind->recall(device);
	device->delegated = false;
	/* The kernel has interrupted without saying why; the driver may not have asked yet. */
	atomic_fetch_or(&device->interrupt_status, VIRTIO_MMIO_INT_VRING);
}

void virtio_stop_queue(struct virtio *device, struct queue *queue)
{
	bool delegated = device->delegated;

	recall(device);
	/*
	 * What the driver has asked of the other queues it has told the kernel, and only once; and
	 * the worker does not wait for notifications yet.
	 */
	if (delegated && !device->delegated) {
		virtio_kick_all(device);
		signal_fd(device->wake_fd);
	}
	/* A back end in another process. */
	if (device->delegated && device->kind->stopped)
		device->kind->stopped(device);
	queue->ready = false;
}

void virtio_reset(struct virtio *device)
{
	recall(device);
	for (unsigned int i = 0; i < device->kind->nr_queues; i++)
		queue_reset(&device->queues[i]);
	device->status = 0;
	device->feature_select = device->driver_select = device->queue_select = 0;
	device->driver_features = 0;
	atomic_store(&device->interrupt_status, 0);
	if (device->kind->stopped)
		device->kind->stopped(device);
}

static void drain_fd(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

void virtio_restart(struct virtio *device)
{
	virtio_reset(device);
	for (unsigned int i = 0; i < device->kind->nr_queues; i++)
		drain_fd(device->kick_fds[i]);
	drain_fd(device->irq_fd);
}

void virtio_broken(struct virtio *device, const char *why)
{
	if (device->status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return;
	/* Once: a guest can do this as often as it likes. */
	if (!device->complained)
		error("virtio %s: the guest's driver broke a queue (%s); the device does nothing "
		      "until the driver resets it",
		      device->kind->name, why);
	device->complained = true;
	device->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	if (device->status & VIRTIO_CONFIG_S_DRIVER_OK)
		interrupt(device, VIRTIO_MMIO_INT_CONFIG);
}

void virtio_used(struct virtio *device, unsigned int queue)
{
	if (queue_must_interrupt(&device->queues[queue]))
		interrupt(device, VIRTIO_MMIO_INT_VRING);
}

void virtio_config_changed(struct virtio *device)
{
	device->config_generation++;
	if (device->status & VIRTIO_CONFIG_S_DRIVER_OK)
		interrupt(device, VIRTIO_MMIO_INT_CONFIG);
}

void virtio_kick_all(struct virtio *device)
{
	for (unsigned int i = 0; i < device->kind->nr_queues; i++)
		signal_fd(device->kick_fds[i]);
}

void virtio_take_over(struct virtio *device)
{
	virtio_kick_all(device);
	if (atomic_load(&device->interrupt_status))
		signal_fd(device->irq_fd);
}

static void serve(struct virtio *device, unsigned int n)
{
	struct queue *queue = &device->queues[n];

	if (virtio_live(device) && queue->ready)
		device->kind->serve(device, n);
	if (queue->broken)
		virtio_broken(device, queue->broken);
}

/* For poll(): notifications, what others change, and what the kind waits for. */
static unsigned int prepare(struct virtio *device, struct pollfd *fds, int *timeout)
{
	unsigned int nr_queues = device->kind->nr_queues, n = 0;

	pthread_mutex_lock(&device->lock);
	for (; n < nr_queues; n++)
		fds[n] = (struct pollfd){ .fd = device->delegated ? -1 : device->kick_fds[n],
					  .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = device->wake_fd, .events = POLLIN };
	for (unsigned int i = 0; i < device->nr_polls; i++) {
		fds[n] = device->polls[i];
		fds[n].revents = 0;
		if (!fds[n].events)
			fds[n].fd = -1;
		n++;
	}
	*timeout = device->poll_timeout;
	pthread_mutex_unlock(&device->lock);
	return n;
}

static void serve_polls(struct virtio *device, const struct pollfd *fds, unsigned int count,
			bool timed_out)
{
	bool any = timed_out;

	for (unsigned int i = 0; i < count; i++) {
		/* The registers may have changed meanwhile what is waited for. */
		device->polls[i].revents = device->polls[i].fd == fds[i].fd ? fds[i].revents : 0;
		any |= device->polls[i].revents != 0;
	}
	if (any)
		device->kind->ready(device);
}

/* Wait for work and do it; returns false when the worker shall end. */
static bool work(struct virtio *device)
{
	struct pollfd fds[VIRTIO_MAX_QUEUES + 1 + VIRTIO_MAX_POLLS];
	unsigned int nr_queues = device->kind->nr_queues;
	int timeout, nr_ready;
	unsigned int nr = prepare(device, fds, &timeout);
	uint64_t count;
	bool ends;

	nr_ready = poll(fds, nr, timeout);
	if (nr_ready < 0)
		return errno == EINTR;
	pthread_mutex_lock(&device->lock);
	ends = device->ends;
	if (fds[nr_queues].revents)
		drain_fd(device->wake_fd);
	for (unsigned int i = 0; i < nr_queues && !ends && !device->delegated; i++) {
		if (fds[i].revents && read(fds[i].fd, &count, sizeof(count)) > 0)
			serve(device, i);
	}
	if (!ends)
		serve_polls(device, &fds[nr_queues + 1], nr - nr_queues - 1, !nr_ready);
	else if (device->kind->ending)
		device->kind->ending(device);
	for (unsigned int i = 0; i < nr_queues; i++) {
		if (device->queues[i].broken)
			virtio_broken(device, device->queues[i].broken);
	}
	pthread_mutex_unlock(&device->lock);
	return !ends;
}

static void *worker(void *arg)
{
	while (work(arg))
		;
	return NULL;
}

int virtio_start(struct virtio *device)
{
	int err;

	device->running = true;
	/* Before there is a worker, which could take notifications that are the kernel's. */
	virtio_lock(device);
	virtio_delegate(device);
	/* What the driver had asked for before, the kernel may have seen too early. */
	if (device->delegated)
		virtio_kick_all(device);
	virtio_unlock(device);
	err = thread_start(&device->thread, device->kind->thread, worker, device, 0,
			   device->kind->name);
	if (!err)
		return 0;
	virtio_lock(device);
	recall(device);
	virtio_unlock(device);
	device->running = false;
	return fail(err, "cannot start the thread of virtio %s", device->kind->name);
}

void virtio_stop(struct virtio *device)
{
	if (!device->running)
		return;
	virtio_lock(device);
	recall(device);
	device->ends = true;
	virtio_unlock(device);
	signal_fd(device->wake_fd);
	atomic_fetch_add(&device->wanted, 1);
	pthread_join(device->thread, NULL);
	atomic_fetch_sub(&device->wanted, 1);
	drain_fd(device->wake_fd);
	device->running = device->ends = false;
}

void virtio_destroy(struct virtio *device)
{
	if (!device->kind)
		return;
	for (unsigned int i = 0; i < VIRTIO_MAX_QUEUES; i++) {
		if (device->kick_fds[i] >= 0)
			close(device->kick_fds[i]);
	}
	if (device->irq_fd >= 0)
		close(device->irq_fd);
	if (device->wake_fd >= 0)
		close(device->wake_fd);
	if (device->kind->destroy)
		device->kind->destroy(device);
	device->kind = NULL;
}
