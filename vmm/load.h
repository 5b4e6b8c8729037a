/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest finds in its RAM when it starts: kernel, initial RAM disk and device tree. */
#ifndef ARMVM_LOAD_H
#define ARMVM_LOAD_H

#include "boot.h"
#include "devtree.h"
#include "file.h"
#include "options.h"
#include "ram.h"

/*
 * The files stay open for the guest's life, so that a reset loads what the first start loaded,
 * even if a package has replaced them since.
 */
struct images {
	struct file kernel; /* not open with --firmware */
	struct file initrd; /* not open without --initrd */
	struct file dtb;    /* not open without --dtb */
	struct boot boot;
	struct devtree_machine machine; /* what the tree describes */
};

/* Each but images_close() returns 0 or, after one message, a negative errno. */

/*
 * Open the files, and ask this machine what the device tree has to say of it.  images_close() is
 * allowed after a failure too.
 */
int images_open(struct images *images, const struct options *options);
void images_close(struct images *images);
/*
 * Load everything into RAM, which must be zero, and fill images->boot.  With --dump-dtb, write
 * the device tree to a file too.
 */
int images_load(struct images *images, const struct ram *ram, const struct options *options);

#endif
