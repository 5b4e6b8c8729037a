// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "bus.h"

int bus_add(struct bus *bus, uint32_t base, uint32_t size, const struct bus_ops *ops, void *owner)
{
	if (!size || base + (size - 1) < base)
		return -EINVAL;
	for (unsigned int i = 0; i < bus->count; i++) {
		const struct bus_device *other = &bus->devices[i];

		if (base <= other->base + (other->size - 1) && other->base <= base + (size - 1))
			return -EEXIST;
	}
	if (bus->count == BUS_MAX_DEVICES)
		return -ENOSPC;
	bus->devices[bus->count++] = (struct bus_device){
		.base = base,
		.size = size,
		.ops = ops,
		.owner = owner,
	};
	return 0;
}

static const struct bus_device *bus_find(const struct bus *bus, uint64_t address, uint32_t size)
{
	for (unsigned int i = 0; i < bus->count; i++) {
		const struct bus_device *device = &bus->devices[i];

		if (address >= device->base && address - device->base < device->size)
			return size <= device->size - (address - device->base) ? device : NULL;
	}
	return NULL;
}

/* With constant sizes, so that it is a load and a store each and no call. */
static void copy(void *to, const void *from, uint32_t size)
{
	if (size == 4)
		memcpy(to, from, 4);
	else if (size == 2)
		memcpy(to, from, 2);
	else
		memcpy(to, from, 1);
}

bool bus_access(const struct bus *bus, uint64_t address, uint8_t *data, uint32_t size, bool write)
{
	const struct bus_device *device = NULL;
	uint32_t value = 0, offset;

	if (size == 1 || size == 2 || size == 4)
		device = bus_find(bus, address, size);
	if (!device) {
		/* data has the eight bytes of kvm_run's mmio.data, even if size is 0 or larger. */
		if (!write)
			memset(data, 0, 8);
		return false;
	}
	offset = address - device->base;
	if (write) {
		copy(&value, data, size);
		device->ops->write(device->owner, offset, value, size);
	} else {
		value = device->ops->read(device->owner, offset, size);
		copy(data, &value, size);
	}
	return true;
}
