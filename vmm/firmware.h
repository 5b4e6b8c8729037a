/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware in read-only memory, where QEMU's `virt` machine has its flash: --firmware, and what
 * --image is short for.
 */
#ifndef ARMVM_FIRMWARE_H
#define ARMVM_FIRMWARE_H

#include <stdint.h>

#include "options.h"
#include "vm.h"

struct firmware {
	void *host;    /* the file's contents, padded to whole pages; NULL without --firmware */
	uint32_t size; /* .. in bytes */
	void *empty;   /* FLASH1_SIZE bytes of zero */
};

/* Each but firmware_close() returns 0 or, after one message, a negative errno. */

/*
 * Complete options with what --image is short for: U-Boot from Debian's package unless there is
 * a --firmware, the image as the first disk, and the network of passt, if that is installed and
 * there is no --net.
 */
int firmware_complete_image(struct options *options);
/* Read the file, which may change after that.  firmware_close() is allowed after a failure too. */
int firmware_open(struct firmware *firmware, const char *path);
/* Show it to the guest: after vm_open(), before vm_build(). */
int firmware_connect(const struct firmware *firmware, struct vm *vm);
void firmware_close(struct firmware *firmware);

#endif
