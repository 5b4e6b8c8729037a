/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtio devices of a saved machine, while their workers are stopped. */
#ifndef ARMVM_VIRTIO_SAVED_H
#define ARMVM_VIRTIO_SAVED_H

#include "virtio.h"

/*
 * Why one of the devices cannot be saved now, or if live, sent while the guest runs; NULL if all
 * can.  Sets its name.
 */
const char *virtio_set_unsavable(const struct virtio_set *set, bool live, const char **name);
/* Make sure that nothing which the devices have written can be lost.  0 or a negative errno. */
int virtio_set_settle(struct virtio_set *set);
/* Take what only one process can have, or let another one take it.  0 or a negative errno. */
int virtio_set_hold(struct virtio_set *set, bool hold);
/* Lists, with an element for each device: what has to be the same elsewhere, and the state. */
struct json_t *virtio_set_describe(const struct virtio_set *set);
struct json_t *virtio_set_save(struct virtio_set *set);
/* Before virtio_set_start(), with the GIC restored.  Returns as state.h says. */
int virtio_set_load(struct virtio_set *set, const struct json_t *from);

#endif
