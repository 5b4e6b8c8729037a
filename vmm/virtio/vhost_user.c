// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "error.h"
#include "vhost_user.h"

enum request {
	GET_FEATURES = 1,
	SET_FEATURES = 2,
	SET_OWNER = 3,
	SET_MEM_TABLE = 5,
	SET_VRING_NUM = 8,
	SET_VRING_ADDR = 9,
	SET_VRING_BASE = 10,
	GET_VRING_BASE = 11,
	SET_VRING_KICK = 12,
	SET_VRING_CALL = 13,
	GET_PROTOCOL_FEATURES = 15,
	SET_PROTOCOL_FEATURES = 16,
	SET_VRING_ENABLE = 18,
	GET_CONFIG = 24,
	SET_CONFIG = 25,
};

/* A message's flags: version 1. */
#define VERSION	   0x1u
#define IS_REPLY   0x4u
#define NEED_REPLY 0x8u

/* A bit of the device's features that the driver does not see .. */
#define F_PROTOCOL BIT64(30)
/* .. and those of the protocol that armvm knows. */
#define P_REPLY_ACK BIT64(3)
#define P_CONFIG    BIT64(9)

#define RING_FEATURES (BIT64(VIRTIO_RING_F_INDIRECT_DESC) | BIT64(VIRTIO_RING_F_EVENT_IDX))

/* How long a back end may take for an answer: a vCPU waits for it. */
#define PATIENCE_S 10

struct header {
	uint32_t request;
	uint32_t flags;
	uint32_t size; /* of what follows */
};

struct vring_state {
	uint32_t index;
	uint32_t value;
};

struct vring_address {
	uint32_t index;
	uint32_t flags;
	uint64_t desc;
	uint64_t used;
	uint64_t avail;
	uint64_t log;
};

struct memory {
	uint32_t regions;
	uint32_t padding;
	uint64_t guest;
	uint64_t size;
	uint64_t host; /* an address of this process: how the rings' addresses are meant */
	uint64_t offset;
};

struct config {
	uint32_t offset;
	uint32_t size;
	uint32_t flags;
	uint8_t bytes[VIRTIO_MAX_CONFIG];
};

#define CONFIG_HEADER offsetof(struct config, bytes)

_Static_assert(sizeof(struct header) == 12 && sizeof(struct vring_address) == 40 &&
		       sizeof(struct memory) == 40 && CONFIG_HEADER == 12,
	       "as the protocol has them");

void vhost_user_init(struct vhost_user *user, const char *path)
{
	*user = (struct vhost_user){ .path = path, .fd = -1 };
}

/* ---- messages ---- */

/* From here on nothing is asked of it.  Returns the negative errno. */
static int lost(struct vhost_user *user, int err)
{
	bool ended = err == -EPIPE || err == -ECONNRESET;

	user->ended |= ended && !user->gone;
	if (!user->gone)
		error("vhost-user %s: %s: the device is dead", user->path,
		      ended	       ? "the back end has ended"
		      : err == -EAGAIN ? "the back end does not answer"
				       : strerror(-err));
	user->gone = true;
	return err;
}

static int send_message(struct vhost_user *user, uint32_t request, uint32_t flags, const void *data,
			uint32_t size, int fd)
{
	struct header header = { .request = request, .flags = VERSION | flags, .size = size };
	struct iovec iov[] = { { .iov_base = &header, .iov_len = sizeof(header) },
			       { .iov_base = (void *)data, .iov_len = size } };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = size ? 2 : 1 };
	ssize_t done;

	if (user->gone)
		return -EPIPE;
	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	do {
		done = sendmsg(user->fd, &message, MSG_NOSIGNAL);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		return lost(user, -errno);
	/* Messages are much smaller than the socket's buffer, which takes them whole. */
	return (size_t)done == sizeof(header) + size ? 0 : lost(user, -EMSGSIZE);
}

static int receive_bytes(struct vhost_user *user, void *data, size_t size)
{
	uint8_t *to = data;

	while (size) {
		ssize_t got = recv(user->fd, to, size, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return lost(user, got ? -errno : -EPIPE);
		to += got;
		size -= got;
	}
	return 0;
}

/* Receive the answer to a request, which has between `least` and `most` bytes. */
static int receive_message(struct vhost_user *user, uint32_t request, void *data, uint32_t least,
			   uint32_t most)
{
	struct header header;
	int err = receive_bytes(user, &header, sizeof(header));

	if (err)
		return err;
	if (header.request != request || !(header.flags & IS_REPLY) || header.size < least ||
	    header.size > most)
		return lost(user, -EPROTO);
	return receive_bytes(user, data, header.size);
}

/* Send, and learn whether it was done, if the back end says so. */
static int command(struct vhost_user *user, uint32_t request, const void *data, uint32_t size,
		   int fd)
{
	bool acknowledged = user->protocol & P_REPLY_ACK;
	int err = send_message(user, request, acknowledged ? NEED_REPLY : 0, data, size, fd);
	uint64_t failed = 0;

	if (!err && acknowledged)
		err = receive_message(user, request, &failed, sizeof(failed), sizeof(failed));
	return !err && failed ? lost(user, -EREMOTEIO) : err;
}

static int get_u64(struct vhost_user *user, uint32_t request, uint64_t *value)
{
	int err = send_message(user, request, 0, NULL, 0, -1);

	return err ? err : receive_message(user, request, value, sizeof(*value), sizeof(*value));
}

/* ---- set-up ---- */

static int agree(struct vhost_user *user)
{
	uint64_t wanted;
	int err = get_u64(user, GET_FEATURES, &user->features);

	if (err)
		return err;
	if (!(user->features & BIT64(VIRTIO_F_VERSION_1)))
		return fail(0, "vhost-user %s: the back end has no virtio 1", user->path);
	if (user->features & F_PROTOCOL) {
		err = get_u64(user, GET_PROTOCOL_FEATURES, &wanted);
		wanted &= P_REPLY_ACK | P_CONFIG;
		if (!err)
			err = command(user, SET_PROTOCOL_FEATURES, &wanted, sizeof(wanted), -1);
		if (err)
			return err;
		user->protocol = wanted;
	}
	return command(user, SET_OWNER, NULL, 0, -1);
}

int vhost_user_open(struct vhost_user *user, const char *option, const char *help)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(user->path) >= sizeof(address.sun_path))
		return fail(ENAMETOOLONG, "%s%s", option, user->path);
	strcpy(address.sun_path, user->path);
	user->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (user->fd < 0 ||
	    setsockopt(user->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(user->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return fail(errno, "%s%s", option, user->path);
	if (connect(user->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return fail(0, "%s%s: nobody listens there: start %s first", option,
				    user->path, help);
		return fail(errno, "%s%s", option, user->path);
	}
	return agree(user);
}

void vhost_user_close(struct vhost_user *user)
{
	if (user->fd >= 0)
		close(user->fd);
	user->fd = -1;
}

void vhost_user_adopt(struct virtio *device, uint64_t features)
{
	const struct vhost_user *user = device->owner;

	device->features |= user->features & features;
	device->withheld = RING_FEATURES & ~user->features;
	device->polls[0] = (struct pollfd){ .fd = user->fd, .events = POLLIN };
	device->nr_polls = 1;
}

int vhost_user_get_config(struct vhost_user *user, void *config, unsigned int size)
{
	struct config message = { .size = size };
	int err;

	if (!(user->protocol & P_CONFIG))
		return fail(0, "vhost-user %s: the back end does not tell the device's properties",
			    user->path);
	err = send_message(user, GET_CONFIG, 0, &message, CONFIG_HEADER + size, -1);
	if (!err)
		err = receive_message(user, GET_CONFIG, &message, CONFIG_HEADER + size,
				      CONFIG_HEADER + size);
	if (!err)
		memcpy(config, message.bytes, size);
	return err;
}

/* ---- from DRIVER_OK to the reset ---- */

static int send_memory(struct vhost_user *user, const struct ram *ram)
{
	const struct memory memory = {
		.regions = 1,
		.guest = ram->base,
		.size = ram->size,
		.host = (uintptr_t)ram->host,
	};

	return command(user, SET_MEM_TABLE, &memory, sizeof(memory), ram->fd);
}

static int set_vring(struct vhost_user *user, uint32_t request, uint32_t n, uint32_t value)
{
	const struct vring_state state = { .index = n, .value = value };

	return command(user, request, &state, sizeof(state), -1);
}

/*
 * From SET_VRING_KICK on the back end may serve the queue, whatever becomes of its answers: then
 * the queue is one that vhost_user_stop() has to stop.
 */
static int start_queue(struct vhost_user *user, const struct virtio *device, uint32_t n)
{
	const struct queue *queue = &device->queues[n];
	const struct vring_address address = {
		.index = n,
		.desc = (uintptr_t)queue->table,
		.used = (uintptr_t)queue->used,
		.avail = (uintptr_t)queue->avail,
	};
	const uint64_t index = n;
	int err = set_vring(user, SET_VRING_NUM, n, queue->size);

	if (!err)
		err = set_vring(user, SET_VRING_BASE, n, 0);
	if (!err)
		err = command(user, SET_VRING_ADDR, &address, sizeof(address), -1);
	if (!err)
		err = command(user, SET_VRING_CALL, &index, sizeof(index), device->irq_fd);
	if (err)
		return err;
	user->queues++;
	err = command(user, SET_VRING_KICK, &index, sizeof(index), device->kick_fds[n]);
	if (!err && user->features & F_PROTOCOL)
		err = set_vring(user, SET_VRING_ENABLE, n, 1);
	return err;
}

/* lost() has said why, or virtio_broken() would blame the driver. */
static void give_up(struct virtio *device)
{
	device->complained = true;
	virtio_broken(device, "");
}

void vhost_user_start(struct virtio *device)
{
	struct vhost_user *user = device->owner;
	/* Nothing that the back end has not offered: some of the features may be ours. */
	uint64_t features = (device->driver_features | F_PROTOCOL) & user->features;
	int err = 0;

	for (uint32_t n = 0; n < device->kind->nr_queues; n++) {
		if (!device->queues[n].ready) {
			virtio_broken(device, "one of the device's queues is not set up");
			return;
		}
	}
	device->delegated = true;
	err = command(user, SET_FEATURES, &features, sizeof(features), -1);
	if (!err)
		err = send_memory(user, device->ram);
	for (uint32_t n = 0; !err && n < device->kind->nr_queues; n++)
		err = start_queue(user, device, n);
	if (err)
		give_up(device);
}

void vhost_user_stop(struct virtio *device)
{
	struct vhost_user *user = device->owner;
	struct vring_state state;

	while (user->queues) {
		state = (struct vring_state){ .index = --user->queues };
		/* The answer comes when the back end has stopped. */
		if (!send_message(user, GET_VRING_BASE, 0, &state, sizeof(state), -1))
			receive_message(user, GET_VRING_BASE, &state, sizeof(state), sizeof(state));
		device->stuck |= user->gone && !user->ended;
	}
	device->delegated = false;
	/* The reset is not complete, and a driver has to wait for 0 (2.4.2). */
	if (device->stuck)
		device->status = VIRTIO_CONFIG_S_NEEDS_RESET;
}

void vhost_user_check(struct virtio *device)
{
	struct vhost_user *user = device->owner;
	char byte;
	ssize_t got = recv(user->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	/* A vCPU's thread may have taken what was there: an answer to it. */
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	lost(user, got > 0 ? -EPROTO : got ? -errno : -EPIPE);
	device->polls[0].events = 0;
	give_up(device);
}

void vhost_user_set_config(struct virtio *device, unsigned int offset)
{
	struct config message = { .offset = offset, .size = 1 };

	message.bytes[0] = device->config[offset];
	command(device->owner, SET_CONFIG, &message, CONFIG_HEADER + 1, -1);
}
