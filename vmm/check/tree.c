// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/tree.h"

#define MAX_DEPTH 8

struct walk_state {
	bool (*visit)(void *arg, const struct tree_node *node);
	void *arg;
	char path[512];
};

ssize_t tree_read(int dir, const char *property, char *data, size_t size)
{
	int fd = openat(dir, property, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -1;
	got = read(fd, data, size);
	close(fd);
	return got;
}

const char *tree_compatible(int dir, const char *prefix, char *buffer, size_t size)
{
	ssize_t length = tree_read(dir, "compatible", buffer, size - 1);

	if (length < 0)
		return NULL;
	buffer[length] = 0;
	for (ssize_t at = 0; at < length; at += strlen(buffer + at) + 1) {
		if (!strncmp(buffer + at, prefix, strlen(prefix)))
			return buffer + at;
	}
	return NULL;
}

static bool walk_below(struct walk_state *state, int parent, unsigned int depth)
{
	size_t length = strlen(state->path);
	struct dirent *entry;
	bool done = false;
	int copy = dup(parent);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);

	if (!stream) {
		if (copy >= 0)
			close(copy);
		return false;
	}
	while (!done && (entry = readdir(stream))) {
		struct tree_node node = { .path = state->path, .parent = parent };

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (length + strlen(entry->d_name) + 2 > sizeof(state->path))
			continue;
		node.dir = openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (node.dir < 0)
			continue;
		sprintf(state->path + length, "/%s", entry->d_name);
		done = state->visit(state->arg, &node) ||
		       (depth && walk_below(state, node.dir, depth - 1));
		state->path[length] = 0;
		close(node.dir);
	}
	closedir(stream);
	return done;
}

bool tree_walk(bool (*visit)(void *arg, const struct tree_node *node), void *arg)
{
	struct walk_state state = { .visit = visit, .arg = arg };
	/* The dot follows the symbolic link. */
	int root = open(TREE_ROOT "/.", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return false;
	walk_below(&state, root, MAX_DEPTH);
	close(root);
	return true;
}
