// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests are served one after the other on the device's thread.  A driver's
 * mistake in a request is its S_IOERR; only a request without room for a status
 * breaks the queue, as there is no other way to answer it.
 */
#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>

#include "disk.h"
#include "error.h"
#include "image.h"

/* The header and the status take two of the QUEUE_MAX_SIZE buffers. */
#define MAX_DATA_BUFFERS (QUEUE_MAX_SIZE - 2)
#define MAX_RANGES	 32u
/* Where the host cannot make zeroes, armvm writes them, so not too many at once: 64 MiB. */
#define MAX_ZERO_SECTORS    0x20000u
#define MAX_DISCARD_SECTORS 0x400000u
/* File systems have blocks of 4 KiB. */
#define DISCARD_ALIGN_SECTORS 8u

/* All fields are little-endian, as every machine is that this is built for. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields are not swapped");

/* 5.2.4, up to what the last of the features needs. */
struct config {
	uint64_t capacity; /* in sectors */
	uint32_t size_max;
	uint32_t seg_max;
	uint32_t geometry;
	uint32_t blk_size;
	uint64_t topology;
	uint8_t wce;
	uint8_t unused;
	uint16_t num_queues;
	uint32_t max_discard_sectors;
	uint32_t max_discard_seg;
	uint32_t discard_sector_alignment;
	uint32_t max_write_zeroes_sectors;
	uint32_t max_write_zeroes_seg;
	uint8_t write_zeroes_may_unmap;
	uint8_t unused1[3];
	/* The structure has padding from here on. */
};

/* 5.2.6: what a request begins with, and the data of one that discards or writes zeroes. */
struct header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

struct range {
	uint64_t sector;
	uint32_t num_sectors;
	uint32_t flags;
};

#define WCE	    offsetof(struct config, wce)
#define CONFIG_SIZE (offsetof(struct config, unused1) + 3)

_Static_assert(WCE == offsetof(struct virtio_blk_config, wce), "5.2.4");
_Static_assert(CONFIG_SIZE == offsetof(struct virtio_blk_config, unused1) + 3, "5.2.4");
_Static_assert(CONFIG_SIZE <= VIRTIO_MAX_CONFIG, "it has room in struct virtio");
_Static_assert(sizeof(struct header) == 16 && sizeof(struct range) == 16, "5.2.6");

/* A request without its header and status byte. */
struct request {
	struct header header;
	bool whole; /* is all of the header there? */
	struct iovec *out;
	unsigned int nr_out;
	uint32_t out_length;
	struct iovec *in;
	unsigned int nr_in;
	uint32_t in_length;
	uint8_t *status;
};

/* Does the driver flush (5.2.5.2)?  If not, a write is complete only when it is on the disk. */
static bool is_writeback(const struct virtio *device)
{
	if (virtio_has(device, VIRTIO_BLK_F_CONFIG_WCE))
		return device->config[WCE];
	return virtio_has(device, VIRTIO_BLK_F_FLUSH);
}

/* Copy up to size bytes from the front of buffers, and cut them off.  Returns how many. */
static uint32_t take(struct iovec **iov, unsigned int *count, void *to, uint32_t size)
{
	uint32_t done = 0;

	while (*count && done < size) {
		size_t part = (*iov)->iov_len < size - done ? (*iov)->iov_len : size - done;

		memcpy((uint8_t *)to + done, (*iov)->iov_base, part);
		done += part;
		(*iov)->iov_base = (uint8_t *)(*iov)->iov_base + part;
		(*iov)->iov_len -= part;
		if (!(*iov)->iov_len) {
			++*iov;
			--*count;
		}
	}
	return done;
}

/* Returns false if there is no room for a status. */
static bool parse(struct queue_chain *chain, struct request *request)
{
	struct iovec *last;
	uint32_t header;

	if (!chain->nr_in)
		return false;
	last = &chain->iov[chain->nr_out + chain->nr_in - 1];
	*request = (struct request){ .out = chain->iov,
				     .nr_out = chain->nr_out,
				     .in = chain->iov + chain->nr_out,
				     .nr_in = chain->nr_in,
				     .in_length = chain->in_length - 1 };
	request->status = (uint8_t *)last->iov_base + last->iov_len - 1;
	last->iov_len--;
	if (!last->iov_len)
		request->nr_in--;
	header = take(&request->out, &request->nr_out, &request->header, sizeof(request->header));
	request->whole = header == sizeof(request->header);
	request->out_length = chain->out_length - header;
	return true;
}

static bool is_inside(const struct image *image, uint64_t sector, uint64_t sectors)
{
	uint64_t capacity = image->size / IMAGE_SECTOR;

	return sector <= capacity && sectors <= capacity - sector;
}

static uint8_t to_status(int err)
{
	return err ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
}

static uint8_t do_read(struct disk *disk, struct request *request)
{
	struct image *image = &disk->image;
	uint64_t sector = request->header.sector;

	if (request->out_length || request->in_length % IMAGE_SECTOR ||
	    !is_inside(image, sector, request->in_length / IMAGE_SECTOR))
		return VIRTIO_BLK_S_IOERR;
	return to_status(image_read(image, request->in, request->nr_in, sector * IMAGE_SECTOR));
}

/* After a change.  A flush that fails fails the request. */
static uint8_t settle(struct virtio *device, int err)
{
	struct disk *disk = device->owner;

	if (!err && !is_writeback(device))
		err = image_flush(&disk->image);
	return to_status(err);
}

static uint8_t do_write(struct virtio *device, struct request *request)
{
	struct disk *disk = device->owner;
	uint64_t sector = request->header.sector;

	if (disk->image.readonly || request->in_length || request->out_length % IMAGE_SECTOR ||
	    !is_inside(&disk->image, sector, request->out_length / IMAGE_SECTOR))
		return VIRTIO_BLK_S_IOERR;
	return settle(device, image_write(&disk->image, request->out, request->nr_out,
					  sector * IMAGE_SECTOR));
}

/* Discard or write zeroes: the data are ranges. */
static uint8_t do_ranges(struct virtio *device, struct request *request)
{
	bool discards = request->header.type == VIRTIO_BLK_T_DISCARD;
	uint32_t max = discards ? MAX_DISCARD_SECTORS : MAX_ZERO_SECTORS;
	uint32_t known = discards ? 0 : VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
	struct range ranges[MAX_RANGES];
	uint32_t size = request->out_length, count = size / sizeof(ranges[0]);
	struct disk *disk = device->owner;
	int err = 0;

	if (disk->image.readonly || request->in_length || !size || size > sizeof(ranges) ||
	    size % sizeof(ranges[0]))
		return VIRTIO_BLK_S_IOERR;
	take(&request->out, &request->nr_out, ranges, size);
	for (uint32_t i = 0; i < count; i++) {
		/* 5.2.6.2: flags that the device does not know. */
		if (ranges[i].flags & ~known)
			return VIRTIO_BLK_S_UNSUPP;
		if (ranges[i].num_sectors > max ||
		    !is_inside(&disk->image, ranges[i].sector, ranges[i].num_sectors))
			return VIRTIO_BLK_S_IOERR;
	}
	for (uint32_t i = 0; !err && i < count; i++) {
		uint64_t offset = ranges[i].sector * IMAGE_SECTOR;
		uint64_t length = (uint64_t)ranges[i].num_sectors * IMAGE_SECTOR;

		if (!length)
			continue;
		err = discards ? image_discard(&disk->image, offset, length)
			       : image_zero(&disk->image, offset, length, ranges[i].flags);
	}
	return settle(device, err);
}

static uint8_t do_flush(struct disk *disk, const struct request *request)
{
	if (request->in_length)
		return VIRTIO_BLK_S_IOERR;
	return to_status(disk->image.readonly ? 0 : image_flush(&disk->image));
}

static uint8_t do_get_id(const struct disk *disk, struct request *request)
{
	uint32_t left = sizeof(disk->serial);
	const char *from = disk->serial;

	if (request->out_length || request->in_length < left)
		return VIRTIO_BLK_S_IOERR;
	for (struct iovec *iov = request->in; left; iov++) {
		size_t part = iov->iov_len < left ? iov->iov_len : left;

		memcpy(iov->iov_base, from, part);
		from += part;
		left -= part;
	}
	return VIRTIO_BLK_S_OK;
}

static uint8_t serve_request(struct virtio *device, struct request *request)
{
	struct disk *disk = device->owner;

	if (!request->whole)
		return VIRTIO_BLK_S_IOERR;
	if (disk->image.fd < 0 && request->header.type != VIRTIO_BLK_T_GET_ID)
		return VIRTIO_BLK_S_IOERR;
	switch (request->header.type) {
	case VIRTIO_BLK_T_IN:
		return do_read(disk, request);
	case VIRTIO_BLK_T_OUT:
		return do_write(device, request);
	case VIRTIO_BLK_T_FLUSH:
		return do_flush(disk, request);
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		return do_ranges(device, request);
	case VIRTIO_BLK_T_GET_ID:
		return do_get_id(disk, request);
	}
	return VIRTIO_BLK_S_UNSUPP;
}

static void disk_serve(struct virtio *device, unsigned int n)
{
	struct queue *queue = &device->queues[n];
	struct disk *disk = device->owner;
	struct queue_chain chain;
	struct request request;

	/* The driver has turned the cache off since it wrote. */
	if (!disk->image.readonly && disk->image.dirty && !is_writeback(device))
		image_flush(&disk->image);
	do {
		while (queue_pop(queue, &chain)) {
			uint8_t status;

			if (!parse(&chain, &request)) {
				queue->broken = "a request has no room for its status";
				return;
			}
			status = serve_request(device, &request);
			*request.status = status;
			/* Of a request that failed, nothing in front of the status is new. */
			queue_push(queue, &chain,
				   status && request.in_length ? 0 : request.in_length + 1);
			virtio_used(device, n);
			if (virtio_yields(device, n))
				return;
		}
	} while (queue_rearm(queue));
}

/* On a vCPU's thread, so the flush is the worker's. */
static void disk_configured(struct virtio *device)
{
	device->config[WCE] = device->config[WCE] != 0;
	if (!device->config[WCE])
		virtio_kick_all(device);
}

static void disk_stopped(struct virtio *device)
{
	struct disk *disk = device->owner;

	device->config[WCE] = !disk->image.readonly;
}

static void disk_destroy(struct virtio *device)
{
	struct disk *disk = device->owner;

	image_close(&disk->image);
	free(disk);
}

/* The guest may be restored after this machine has lost its power. */
static int disk_settle(struct virtio *device)
{
	struct disk *disk = device->owner;

	return disk->image.readonly || !disk->image.dirty ? 0 : image_flush(&disk->image);
}

static int disk_hold(struct virtio *device, bool hold)
{
	struct disk *disk = device->owner;

	if (hold)
		return image_lock(&disk->image);
	image_unlock(&disk->image);
	return 0;
}

static void disk_describe(const struct virtio *device, struct json_t *to)
{
	const struct disk *disk = device->owner;

	json_object_set_new(to, "size", json_integer((json_int_t)disk->image.size));
	json_object_set_new(to, "readonly", json_boolean(disk->image.readonly));
	state_save_bytes(to, "serial", disk->serial, sizeof(disk->serial));
}

static int disk_load(struct virtio *device, const struct json_t *from, const char *where)
{
	if (!json_is_null(from) || (device->config_writable_size && device->config[WCE] > 1))
		return state_wrong(where, "the state of its cache");
	return 0;
}

static const struct virtio_kind disk_kind = {
	.name = "disk",
	.id = VIRTIO_ID_BLOCK,
	.nr_queues = 1,
	.queue_size = QUEUE_MAX_SIZE,
	.thread = SANDBOX_DISK,
	.serve = disk_serve,
	.configured = disk_configured,
	.stopped = disk_stopped,
	.destroy = disk_destroy,
	.settle = disk_settle,
	.hold = disk_hold,
	.describe = disk_describe,
	.load = disk_load,
};

static void describe(struct virtio *device, const struct image *image)
{
	struct config config = {
		.capacity = image->size / IMAGE_SECTOR,
		.seg_max = MAX_DATA_BUFFERS,
		.wce = !image->readonly,
		.max_discard_sectors = MAX_DISCARD_SECTORS,
		.max_discard_seg = MAX_RANGES,
		.discard_sector_alignment = DISCARD_ALIGN_SECTORS,
		.max_write_zeroes_sectors = MAX_ZERO_SECTORS,
		.max_write_zeroes_seg = MAX_RANGES,
		.write_zeroes_may_unmap = 1,
	};

	device->features = BIT64(VIRTIO_BLK_F_SEG_MAX);
	if (image->readonly)
		device->features |= BIT64(VIRTIO_BLK_F_RO);
	else
		device->features |= BIT64(VIRTIO_BLK_F_FLUSH) | BIT64(VIRTIO_BLK_F_CONFIG_WCE) |
				    BIT64(VIRTIO_BLK_F_DISCARD) | BIT64(VIRTIO_BLK_F_WRITE_ZEROES);
	device->config_size = CONFIG_SIZE;
	memcpy(device->config, &config, CONFIG_SIZE);
	device->config_writable = WCE;
	device->config_writable_size = image->readonly ? 0 : 1;
}

int disk_create(struct virtio *device, const struct ram *ram, const struct disk_options *options)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	int err;

	if (!disk)
		return fail(ENOMEM, "--disk %s", options->path ? options->path : "none");
	/* From here on virtio_destroy() frees it. */
	err = virtio_create(device, &disk_kind, ram, disk);
	disk->image = (struct image){ .fd = -1, .readonly = options->readonly };
	if (!err && options->path)
		err = image_open(&disk->image, "--disk", options->path, options->readonly,
				 !options->comes_later);
	if (err)
		return err;
	if (options->serial)
		memcpy(disk->serial, options->serial,
		       strnlen(options->serial, sizeof(disk->serial)));
	describe(device, &disk->image);
	return 0;
}
