/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One virtio device: what every kind has in common, and its worker thread.
 *
 * vCPU threads only get as far as the registers (transport.c) and an eventfd for
 * each queue; the worker does all else.  The lock is the worker's while it
 * serves, so the registers wait for the request that it is at, but for no other
 * one.  The interrupt's registers do not take it: a guest reads them all the
 * time.
 */
#ifndef ARMVM_VIRTIO_DEVICE_H
#define ARMVM_VIRTIO_DEVICE_H

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bit.h"
#include "queue.h"
#include "ram.h"
#include "sandbox/apply.h"
#include "state.h"

/* As many as the console has, for eight ports. */
#define VIRTIO_MAX_QUEUES 18u
#define VIRTIO_MAX_POLLS  8u
#define VIRTIO_MAX_CONFIG 64u

struct virtio;

/* A kind of device.  All functions run with the device's lock held. */
struct virtio_kind {
	const char *name; /* for messages */
	uint32_t id;	  /* VIRTIO_ID_* */
	unsigned int nr_queues;
	unsigned int queue_size;
	enum sandbox_thread thread; /* what the worker may do */
	/* On the worker's thread: the driver has notified of this queue. */
	void (*serve)(struct virtio *device, unsigned int queue);
	/*
	 * On the worker's thread: one of device->polls is ready, as its revents say, or
	 * device->poll_timeout has passed; NULL if the kind has neither.
	 */
	void (*ready)(struct virtio *device);
	/* The driver has written to the configuration space, and device->config has it; or NULL. */
	void (*configured)(struct virtio *device);
	/* The driver is done with its set-up (DRIVER_OK); or NULL. */
	void (*started)(struct virtio *device);
	/* On the worker's thread, the last time: take what can be taken at once; or NULL. */
	void (*ending)(struct virtio *device);
	/* The driver has reset the device; or NULL. */
	void (*stopped)(struct virtio *device);
	/*
	 * For a kind whose queues the kernel can serve; else both are NULL.
	 * delegate(): the device is live and has a worker: hand its queues over, from where they
	 * stand, and set device->delegated; or call virtio_broken() after a message.
	 * recall(): take them back.  The queues then know where the kernel has stopped.
	 */
	void (*delegate)(struct virtio *device);
	void (*recall)(struct virtio *device);
	/* Close what the kind has opened; or NULL. */
	void (*destroy)(struct virtio *device);

	/*
	 * For a saved machine, while the worker is stopped; each may be NULL.
	 * unsavable(): why the device cannot be saved now, or NULL; live: while the guest runs.
	 * settle(): write what the host still holds back; 0 or a negative errno after a message.
	 * hold(): take what only one process can have, or let another one take it; as settle().
	 * describe(): add what has to be the same where the machine is restored.
	 * save(), load(): what is not in struct virtio, load() as state.h says.
	 */
	const char *(*unsavable)(const struct virtio *device, bool live);
	int (*settle)(struct virtio *device);
	int (*hold)(struct virtio *device, bool hold);
	void (*describe)(const struct virtio *device, struct json_t *to);
	struct json_t *(*save)(const struct virtio *device);
	int (*load)(struct virtio *device, const struct json_t *from, const char *where);
};

struct virtio {
	const struct virtio_kind *kind;
	void *owner;
	const struct ram *ram;
	uint64_t features; /* offered, without VIRTIO_F_VERSION_1 and those of queues */
	uint64_t withheld; /* of those of queues, because who serves the queues lacks them */
	uint8_t config[VIRTIO_MAX_CONFIG];
	unsigned int config_size;
	/* The one field that a driver may write. */
	unsigned int config_writable;
	unsigned int config_writable_size; /* 0: there is none */
	uint32_t config_generation;
	/* What the worker waits for beside notifications; events 0: not now. */
	struct pollfd polls[VIRTIO_MAX_POLLS];
	unsigned int nr_polls;
	int poll_timeout; /* in milliseconds; -1: none */

	pthread_mutex_t lock;
	atomic_uint wanted; /* how many threads wait for the lock to leave the worker */
	struct queue queues[VIRTIO_MAX_QUEUES];
	int kick_fds[VIRTIO_MAX_QUEUES]; /* eventfds: the driver's notifications */
	int irq_fd;			 /* an eventfd: interrupts to the guest */
	int wake_fd;			 /* an eventfd: the worker shall look again, or end */
	pthread_t thread;
	bool running;	       /* there is a worker, or will be in a moment */
	bool ends;	       /* .. and it shall end */
	atomic_bool delegated; /* the kernel serves the queues, the worker does not */
	bool complained;       /* about its driver */
	bool stuck;	       /* who served the queues may still write to the guest's memory */

	/* The registers. */
	uint32_t status;
	uint32_t feature_select;
	uint32_t driver_select;
	uint64_t driver_features;
	uint32_t queue_select;
	atomic_uint interrupt_status;
};

/* Both return 0 or, after one message, a negative errno; virtio_destroy() releases the rest. */
int virtio_create(struct virtio *device, const struct virtio_kind *kind, const struct ram *ram,
		  void *owner);
int virtio_start(struct virtio *device);
/* Take the queues back from the kernel, end the worker and wait for it. */
void virtio_stop(struct virtio *device);
/*
 * The driver is done with its set-up: a kind that can hands the queues to the kernel, now or when
 * the worker starts.  With the lock held.
 */
void virtio_delegate(struct virtio *device);
/*
 * The driver stops one queue.  Whoever else serves the device's queues gives all of them back; a
 * kind that can goes on with the others itself.  With the lock held.
 */
void virtio_stop_queue(struct virtio *device, struct queue *queue);
void virtio_destroy(struct virtio *device);

/* For other threads than the worker. */
void virtio_lock(struct virtio *device);
void virtio_unlock(struct virtio *device);
/* After a request: does somebody wait?  Then serve() returns, and is called again later. */
bool virtio_yields(struct virtio *device, unsigned int queue);
/* Have serve() called again for this queue, after the others. */
void virtio_serve_again(struct virtio *device, unsigned int queue);
/*
 * Call move(device, arg) until it returns false, but not for ever, because other queues have
 * their turn; then tell the driver.  For serve().
 */
void virtio_pump(struct virtio *device, unsigned int queue,
		 bool (*move)(struct virtio *device, void *arg), void *arg);

/* What a driver can choose from. */
uint64_t virtio_offered(const struct virtio *device);
bool virtio_has(const struct virtio *device, unsigned int feature);
/* Serve queues?  The driver is done with its set-up, and has done nothing wrong. */
bool virtio_live(const struct virtio *device);

/* Back to what it was before a driver came (2.4). */
void virtio_reset(struct virtio *device);
/*
 * The machine is reset, and the worker has been stopped: reset, and forget notifications and
 * interrupts that are under way.
 */
void virtio_restart(struct virtio *device);
/* The driver broke the rules: nothing is served until it resets the device (2.1.2). */
void virtio_broken(struct virtio *device, const char *why);
/* Tell the driver of what was given back in this queue, if it wants to know. */
void virtio_used(struct virtio *device, unsigned int queue);
/* For other threads: the device has changed device->config, and holds the lock. */
void virtio_config_changed(struct virtio *device);
/* Have the worker serve every queue, as if the driver had notified. */
void virtio_kick_all(struct virtio *device);
/*
 * The device was saved elsewhere, and goes on here: notify and interrupt again, as what was under
 * way is lost.  One too many is allowed.
 */
void virtio_take_over(struct virtio *device);

#endif
