// SPDX-License-Identifier: GPL-2.0-only
/*
 * `fail-nth list` names the calls, `fail-nth NAME..` tests them.  What fails is the n-th call that
 * tests/modules/fail-sites.c has a probe on; without that module, the n-th allocation or copy that
 * the kernel's own fault injection knows, at a load the n-th in kvm_armv7's init function
 * (tests/debug/fail-init); and on a kernel without it, nothing.
 */
#include "fail-nth.h"

#include <dirent.h>

#define MOST 400 /* more failures than any call has places for */

static int nth_fd = -1, all_fd = -1;
static const char *all; /* what makes all fail */

/* One file for both, of a module of ours. */
static bool open_file(const char *name)
{
	nth_fd = all_fd = open(name, O_RDWR | O_CLOEXEC);
	all = "-1";
	return nth_fd >= 0;
}

static void open_files(const struct call *call)
{
	if (open_file("/proc/fail_sites") || (call->is_load && open_file("/proc/fail_init")))
		return;
	nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	all_fd = open("/proc/self/make-it-fail", O_RDWR | O_CLOEXEC);
	all = "1";
}

static void close_files(void)
{
	if (all_fd >= 0 && all_fd != nth_fd)
		close(all_fd);
	if (nth_fd >= 0)
		close(nth_fd);
}

/* The n-th from now on fails, or none if n is 0. */
static void arm(int n)
{
	char text[16];
	int length = sprintf(text, "%d", n);

	if (nth_fd < 0)
		return;
	/* The kernel copies from user space for this, too: what was armed before may fail it. */
	while (write(nth_fd, text, length) != length)
		if (errno != EFAULT)
			must(-1, "fail-nth");
}

/* After arm() and a call: did it come to the n-th? */
static bool was_hit(void)
{
	char text[16] = "0";

	if (nth_fd < 0)
		return false;
	/* A failure that is left may hit this copy; then none has hit the call. */
	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 0)
		return false;
	arm(0);
	return !atoi(text);
}

static void fail_all(bool on)
{
	const char *text = on ? all : "0";

	must(write(all_fd, text, strlen(text)), "make-it-fail");
}

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

/* One failure at most; what came of it. */
struct outcome {
	bool hit;
	int error; /* 0: it worked */
};

static int error_of(int (*function)(struct world *w), struct world *w)
{
	return function(w) < 0 ? errno : 0;
}

static struct outcome attempt(const struct call *call, struct world *w, int n)
{
	struct outcome outcome;

	if (n)
		arm(n);
	else
		fail_all(true);
	outcome.error = error_of(call->call, w);
	if (n) {
		outcome.hit = was_hit();
	} else {
		fail_all(false);
		outcome.hit = true;
	}
	return outcome;
}

/* ENOMEM is what the call says; EFAULT is a copy from or to user space. */
static bool may_say(const struct call *call, struct outcome outcome)
{
	if (outcome.error == call->refused)
		return true;
	return outcome.hit && !call->never_fails &&
	       (outcome.error == ENOMEM || outcome.error == EFAULT);
}

/* With the n-th failure, or with all of them if n is 0; false if there was none to come. */
static bool one(const struct call *call, int n, unsigned int *errors)
{
	unsigned int before = open_fds(), fds;
	struct outcome outcome;
	struct world w;
	int error;

	world_new(&w, call->has);
	if (call->before)
		call->before(&w);
	fds = open_fds();
	outcome = attempt(call, &w, n);
	error = outcome.error;
	if (!may_say(call, outcome))
		claim(false, "%s, failure %d: %s", call->name, n, strerror(error));
	if (error != call->refused) {
		*errors += 1;
		if (open_fds() != fds)
			claim(false, "%s, failure %d: a descriptor is left", call->name, n);
		error = error_of(call->again ? call->again : call->call, &w);
		if (error != call->refused)
			claim(false, "%s, failure %d: %s, and then %s", call->name, n,
			      strerror(outcome.error), strerror(error));
	}
	if (error == call->refused && call->worked && !call->worked(&w))
		claim(false, "%s, failure %d: %s, and not what it was for", call->name, n,
		      strerror(outcome.error));
	world_end(&w);
	if (open_fds() != before)
		claim(false, "%s, failure %d: a descriptor is left at the end", call->name, n);
	return outcome.hit;
}

static void test(const struct call *call)
{
	unsigned int errors = 0, of_all = 0;
	int n = 1;

	open_files(call);
	while (n < MOST && one(call, n, &errors))
		n++;
	if (!call->only_nth && all_fd >= 0)
		one(call, 0, &of_all);
	close_files();
	claim(n < MOST, "%s: %d failures, %u of them made it fail, %s", call->name, n - 1, errors,
	      call->only_nth ? "not all at once"
	      : of_all	     ? "so did all at once"
			     : "not all at once");
}

static const struct call *const tables[] = { vm_calls, vcpu_calls, run_calls, device_calls };

int main(int argc, char **argv)
{
	bool list = argc == 2 && !strcmp(argv[1], "list");
	unsigned int found = 0;

	setbuf(stdout, NULL);
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct call *call = tables[t]; call->name; call++) {
			if (list)
				puts(call->name);
			for (int n = 1; n < argc && !list; n++)
				if (!strcmp(argv[n], call->name)) {
					found++;
					test(call);
				}
		}
	if (list)
		return 0;
	claim_is(found, argc - 1, "calls of these names");
	return claims_end();
}
