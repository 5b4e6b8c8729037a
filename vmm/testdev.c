// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "testdev.h"

/* bus_access() has checked that offset + size is inside the device. */
static uint32_t testdev_read(void *owner, uint32_t offset, unsigned int size)
{
	struct testdev *dev = owner;
	uint32_t value = 0;

	pthread_mutex_lock(&dev->lock);
	memcpy(&value, dev->bytes + offset, size);
	pthread_mutex_unlock(&dev->lock);
	return value;
}

static void testdev_write(void *owner, uint32_t offset, uint32_t value, unsigned int size)
{
	struct testdev *dev = owner;

	pthread_mutex_lock(&dev->lock);
	memcpy(dev->bytes + offset, &value, size);
	pthread_mutex_unlock(&dev->lock);
}

const struct bus_ops testdev_ops = { .read = testdev_read, .write = testdev_write };

void testdev_init(struct testdev *dev)
{
	memset(dev, 0, sizeof(*dev));
	pthread_mutex_init(&dev->lock, NULL);
}

void testdev_reset(struct testdev *dev)
{
	memset(dev->bytes, 0, sizeof(dev->bytes));
}

struct json_t *testdev_save(const struct testdev *dev)
{
	struct json_t *to = state_save(NULL, 0, dev);

	state_save_bytes(to, "bytes", dev->bytes, sizeof(dev->bytes));
	return to;
}

int testdev_load(struct testdev *dev, const struct json_t *from)
{
	size_t size = sizeof(dev->bytes);
	int err = state_load(NULL, 0, dev, from, 1, "testdev");

	return err ? err : state_load_bytes(from, "bytes", dev->bytes, &size, "testdev");
}
