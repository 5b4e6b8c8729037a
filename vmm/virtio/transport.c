// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "device.h"
#include "transport.h"

#define MAGIC	0x74726976u /* "virt" */
#define VERSION 2u
/* There is no registered vendor; "kv7a" is nobody else's. */
#define VENDOR 0x6137766bu

/* What a driver may add to Status (2.1); FEATURES_OK has its own rule. */
#define STATUS_DRIVER                                                                       \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_DRIVER_OK | \
	 VIRTIO_CONFIG_S_FAILED)

static struct queue *selected(struct virtio *device)
{
	return device->queue_select < device->kind->nr_queues
		       ? &device->queues[device->queue_select]
		       : NULL;
}

static uint32_t half(uint64_t value, uint32_t select)
{
	return select > 1 ? 0 : value >> (32 * select);
}

static uint32_t read_register(struct virtio *device, uint32_t offset)
{
	struct queue *queue = selected(device);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return device->kind->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return half(virtio_offered(device), device->feature_select);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return queue ? device->kind->queue_size : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return queue && queue->ready;
	case VIRTIO_MMIO_STATUS:
		return device->status;
	/* Shared memory: there is none, and its length and base say so (4.2.2). */
	case VIRTIO_MMIO_SHM_LEN_LOW:
	case VIRTIO_MMIO_SHM_LEN_HIGH:
	case VIRTIO_MMIO_SHM_BASE_LOW:
	case VIRTIO_MMIO_SHM_BASE_HIGH:
		return ~0u;
	case VIRTIO_MMIO_CONFIG_GENERATION:
		return device->config_generation;
	}
	return 0;
}

static void set_half(uint64_t *value, bool high, uint32_t word)
{
	unsigned int shift = high ? 32 : 0;

	*value = (*value & ~(0xffffffffull << shift)) | (uint64_t)word << shift;
}

/* An active queue keeps its size and addresses, until the driver stops it (4.2.2.2). */
static void write_queue_register(struct virtio *device, uint32_t offset, uint32_t value)
{
	struct queue *queue = selected(device);

	if (queue && queue->ready && offset == VIRTIO_MMIO_QUEUE_READY && !value)
		virtio_stop_queue(device, queue);
	if (!queue || queue->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		queue->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&queue->desc_address, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&queue->avail_address, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&queue->used_address, offset == VIRTIO_MMIO_QUEUE_USED_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		if (value != 1)
			break;
		if (queue->size > device->kind->queue_size)
			queue->broken = "it has more entries than the device offers";
		else
			queue_start(queue, device->ram,
				    virtio_has(device, VIRTIO_RING_F_INDIRECT_DESC),
				    virtio_has(device, VIRTIO_RING_F_EVENT_IDX));
		if (queue->broken)
			virtio_broken(device, queue->broken);
		break;
	}
}

static void write_status(struct virtio *device, uint32_t value)
{
	bool was_live = virtio_live(device);

	if (!value) {
		virtio_reset(device);
		return;
	}
	device->status |= value & STATUS_DRIVER;
	/* The driver reads FEATURES_OK back; clear means that the device cannot work so (3.1.1). */
	if (value & VIRTIO_CONFIG_S_FEATURES_OK && virtio_has(device, VIRTIO_F_VERSION_1) &&
	    !(device->driver_features & ~virtio_offered(device)))
		device->status |= VIRTIO_CONFIG_S_FEATURES_OK;
	if (!(device->status & VIRTIO_CONFIG_S_FEATURES_OK))
		device->status &= ~VIRTIO_CONFIG_S_DRIVER_OK;
	if (was_live || !virtio_live(device))
		return;
	if (device->kind->started)
		device->kind->started(device);
	virtio_delegate(device);
	virtio_kick_all(device);
}

static void write_register(struct virtio *device, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		device->feature_select = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		device->driver_select = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		/* Features are settled once FEATURES_OK is (2.2.1). */
		if (device->driver_select < 2 && !(device->status & VIRTIO_CONFIG_S_FEATURES_OK))
			set_half(&device->driver_features, device->driver_select, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		device->queue_select = value;
		break;
	case VIRTIO_MMIO_STATUS:
		write_status(device, value);
		break;
	default:
		write_queue_register(device, offset, value);
	}
}

static uint32_t read_config(struct virtio *device, uint32_t offset, unsigned int size)
{
	uint32_t value = 0;

	if (offset < device->config_size && size <= device->config_size - offset)
		memcpy(&value, device->config + offset, size);
	return value;
}

static void write_config(struct virtio *device, uint32_t offset, uint32_t value, unsigned int size)
{
	if (!size || offset != device->config_writable || size != device->config_writable_size)
		return;
	memcpy(device->config + offset, &value, size);
	if (device->kind->configured)
		device->kind->configured(device);
}

static uint32_t transport_read(void *owner, uint32_t offset, unsigned int size)
{
	struct virtio *device = owner;
	uint32_t value = 0;

	/* The kernel interrupts without setting the bit, which may be set for nothing. */
	if (offset == VIRTIO_MMIO_INTERRUPT_STATUS && size == 4)
		return atomic_load(&device->interrupt_status) |
		       (atomic_load(&device->delegated) ? VIRTIO_MMIO_INT_VRING : 0);
	virtio_lock(device);
	if (offset >= VIRTIO_MMIO_CONFIG)
		value = read_config(device, offset - VIRTIO_MMIO_CONFIG, size);
	else if (size == 4 && !(offset & 3))
		value = read_register(device, offset);
	virtio_unlock(device);
	return value;
}

static void transport_write(void *owner, uint32_t offset, uint32_t value, unsigned int size)
{
	struct virtio *device = owner;

	if (offset < VIRTIO_MMIO_CONFIG && (size != 4 || offset & 3))
		return;
	if (offset == VIRTIO_MMIO_QUEUE_NOTIFY) {
		/* Only without KVM_IOEVENTFD, and for a value that is no queue's number. */
		if (value < device->kind->nr_queues)
			virtio_serve_again(device, value);
		return;
	}
	if (offset == VIRTIO_MMIO_INTERRUPT_ACK) {
		atomic_fetch_and(&device->interrupt_status, ~value);
		return;
	}
	virtio_lock(device);
	if (offset >= VIRTIO_MMIO_CONFIG)
		write_config(device, offset - VIRTIO_MMIO_CONFIG, value, size);
	else
		write_register(device, offset, value);
	virtio_unlock(device);
}

const struct bus_ops transport_ops = { .read = transport_read, .write = transport_write };
