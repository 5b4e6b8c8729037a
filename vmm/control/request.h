/* SPDX-License-Identifier: GPL-2.0-only */
/* One request on the control socket, from its line to its answer. */
#ifndef ARMVM_CONTROL_REQUEST_H
#define ARMVM_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "control/control.h"

/* jansson's; its header is request.c's and ctl.c's affair. */
struct json_t;

struct request {
	const struct command *command; /* NULL: there is none */
	struct json_t *id;	       /* what the client wants to find in the answer, or NULL */
};

/*
 * Read a line, without its end, and begin what it asks for.  Returns the answer, a line that the
 * caller frees, or NULL if request_finish() will have it.  *fd is a descriptor that came with the
 * line, or -1; a command that takes it sets it to -1.  *holds becomes true if the guest stands
 * still from now on until the client is gone, when the caller has to call request_let_go().
 */
char *request_begin(struct request *request, struct control_guest *guest, const char *line,
		    size_t length, int *fd, bool *holds);
/* The answer of a request that has begun, or NULL as long as it is not done. */
char *request_finish(struct request *request, struct control_guest *guest);
/* Is what has begun only of use to a client who gets the answer? */
bool request_needs_client(const struct request *request);
/* The client of a request that has begun is gone. */
void request_drop(struct request *request, struct control_guest *guest);
/* No client holds the guest any more. */
void request_let_go(struct control_guest *guest);
/* The answer to what is not a request. */
char *request_refuse(const char *why);

#endif
