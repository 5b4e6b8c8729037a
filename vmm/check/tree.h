/* SPDX-License-Identifier: GPL-2.0-only */
/* The device tree as the kernel shows it, a directory for each node and a file for a property. */
#ifndef ARMVM_CHECK_TREE_H
#define ARMVM_CHECK_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define TREE_ROOT "/proc/device-tree"

/* A node; path is below TREE_ROOT, and parent and dir are open only during the visit. */
struct tree_node {
	const char *path;
	int parent, dir;
};

/*
 * Visit nodes, each before those below it, until a visitor returns true or all have been
 * visited.  Returns false if there is no device tree.
 */
bool tree_walk(bool (*visit)(void *arg, const struct tree_node *node), void *arg);

/* Returns the number of bytes read, at most size, or -1. */
ssize_t tree_read(int dir, const char *property, char *data, size_t size);

/*
 * Does "compatible", a list of strings that each end with a NUL, have one that begins with
 * prefix?  Returns it, in buffer, or NULL.
 */
const char *tree_compatible(int dir, const char *prefix, char *buffer, size_t size);

#endif
