// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "state.h"
#include "virtio/saved.h"

/* What Status can have (2.1). */
#define STATUS_ALL                                                                          \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_DRIVER_OK | \
	 VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_NEEDS_RESET | VIRTIO_CONFIG_S_FAILED)

static const struct state_field registers[] = {
	STATE_FIELD(struct virtio, status, STATUS_ALL),
	STATE_FIELD(struct virtio, feature_select, UINT32_MAX),
	STATE_FIELD(struct virtio, driver_select, UINT32_MAX),
	STATE_FIELD(struct virtio, driver_features, UINT64_MAX),
	STATE_FIELD(struct virtio, queue_select, UINT32_MAX),
	STATE_FIELD(struct virtio, interrupt_status, 3),
	STATE_FIELD(struct virtio, config_generation, UINT32_MAX),
};

static const struct state_field queue_fields[] = {
	STATE_FIELD(struct queue, size, UINT32_MAX),
	STATE_FIELD(struct queue, desc_address, UINT64_MAX),
	STATE_FIELD(struct queue, avail_address, UINT64_MAX),
	STATE_FIELD(struct queue, used_address, UINT64_MAX),
	STATE_FIELD(struct queue, ready, 1),
	STATE_FIELD(struct queue, next_avail, UINT16_MAX),
	STATE_FIELD(struct queue, next_used, UINT16_MAX),
	STATE_FIELD(struct queue, told_used, UINT16_MAX),
};

const char *virtio_set_unsavable(const struct virtio_set *set, bool live, const char **name)
{
	const char *why = NULL;

	for (unsigned int i = 0; !why && i < set->count; i++) {
		const struct virtio_kind *kind = set->devices[i].kind;

		*name = kind->name;
		if (kind->unsavable)
			why = kind->unsavable(&set->devices[i], live);
	}
	return why;
}

int virtio_set_settle(struct virtio_set *set)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < set->count; i++) {
		if (set->devices[i].kind->settle)
			err = set->devices[i].kind->settle(&set->devices[i]);
	}
	return err;
}

int virtio_set_hold(struct virtio_set *set, bool hold)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < set->count; i++) {
		if (set->devices[i].kind->hold)
			err = set->devices[i].kind->hold(&set->devices[i], hold);
	}
	return err;
}

struct json_t *virtio_set_describe(const struct virtio_set *set)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < set->count; i++) {
		const struct virtio *device = &set->devices[i];
		json_t *one = json_pack("{s:s}", "kind", device->kind->name);

		state_save_number(one, "features", virtio_offered(device));
		if (device->kind->describe)
			device->kind->describe(device, one);
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *save_device(const struct virtio *device)
{
	json_t *to = state_save(STATE_FIELDS(registers), device), *queues = json_array();

	for (unsigned int i = 0; i < device->kind->nr_queues; i++)
		json_array_append_new(queues,
				      state_save(STATE_FIELDS(queue_fields), &device->queues[i]));
	json_object_set_new(to, "queues", queues);
	state_save_bytes(to, "config", device->config + device->config_writable,
			 device->config_writable_size);
	json_object_set_new(to, "more",
			    device->kind->save ? device->kind->save(device) : json_null());
	return to;
}

struct json_t *virtio_set_save(struct virtio_set *set)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < set->count; i++)
		json_array_append_new(list, save_device(&set->devices[i]));
	return list;
}

/* The rules that transport.c keeps drivers to. */
static bool is_possible(const struct virtio *device)
{
	bool settled = virtio_has(device, VIRTIO_F_VERSION_1) &&
		       !(device->driver_features & ~virtio_offered(device));

	if (device->status & ~STATUS_ALL)
		return false;
	if (device->status & VIRTIO_CONFIG_S_FEATURES_OK && !settled)
		return false;
	return !(device->status & VIRTIO_CONFIG_S_DRIVER_OK) ||
	       device->status & VIRTIO_CONFIG_S_FEATURES_OK;
}

static int load_queue(struct virtio *device, struct queue *queue, const json_t *from,
		      const char *where)
{
	struct queue saved;
	int err;

	queue_reset(queue);
	err = state_load(STATE_FIELDS(queue_fields), queue, from, 0, where);
	if (err || !queue->ready)
		return err;
	saved = *queue;
	queue->ready = false;
	/* It checks that all of the queue is in RAM. */
	if (queue->size > device->kind->queue_size ||
	    !queue_start(queue, device->ram, virtio_has(device, VIRTIO_RING_F_INDIRECT_DESC),
			 virtio_has(device, VIRTIO_RING_F_EVENT_IDX)))
		return state_wrong(where, "the place of a queue");
	queue->next_avail = saved.next_avail;
	queue->next_used = saved.next_used;
	queue->told_used = saved.told_used;
	return 0;
}

static int load_queues(struct virtio *device, const json_t *from, const char *where)
{
	const json_t *queues;
	int err = state_load_list(from, "queues", device->kind->nr_queues, &queues, where);

	for (unsigned int i = 0; !err && i < device->kind->nr_queues; i++)
		err = load_queue(device, &device->queues[i], json_array_get(queues, i), where);
	return err;
}

static int load_config(struct virtio *device, const json_t *from, const char *where)
{
	size_t size = device->config_writable_size;
	int err = state_load_bytes(from, "config", device->config + device->config_writable, &size,
				   where);

	return err || size == device->config_writable_size ? err : state_wrong(where, "config");
}

static int load_device(struct virtio *device, const json_t *from, const char *where)
{
	const json_t *more = json_object_get(from, "more");
	int err = state_load(STATE_FIELDS(registers), device, from, 3, where);

	if (!err && !is_possible(device))
		err = state_wrong(where, "status");
	if (!err)
		err = load_queues(device, from, where);
	if (!err)
		err = load_config(device, from, where);
	if (err)
		return err;
	if (virtio_live(device) && device->kind->started)
		device->kind->started(device);
	if (device->kind->load)
		err = device->kind->load(device, more, where);
	else if (!json_is_null(more))
		err = state_wrong(where, "more");
	if (!err)
		virtio_take_over(device);
	return err;
}

int virtio_set_load(struct virtio_set *set, const struct json_t *from)
{
	int err = 0;

	if (!json_is_array(from) || json_array_size(from) != set->count)
		return state_wrong("virtio", "the number of devices");
	for (unsigned int i = 0; !err && i < set->count; i++) {
		char where[48];

		snprintf(where, sizeof(where), "virtio device %u (%s)", i,
			 set->devices[i].kind->name);
		err = load_device(&set->devices[i], json_array_get(from, i), where);
	}
	return err;
}
