// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "error.h"
#include "sandbox/user.h"

/*
 * Returns 1 if there is no such user, or -errno; prints no message.  getpwnam() would load
 * libraries that a static program cannot count on.
 */
static int look_up(struct user *user, const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	if (!file)
		return errno == ENOENT ? 1 : -errno;
	do {
		entry = fgetpwent(file);
	} while (entry && strcmp(entry->pw_name, name) != 0);
	if (entry) {
		user->uid = entry->pw_uid;
		user->gid = entry->pw_gid;
	}
	fclose(file);
	return entry ? 0 : 1;
}

int user_find(struct user *user, const char *option)
{
	int err;

	*user = (struct user){ .option = option, .uid = geteuid(), .gid = getegid() };
	if (!option && geteuid())
		return 0;
	err = look_up(user, option ? option : OWN_USER);
	if (err < 0)
		return fail(-err, "--user %s: /etc/passwd", option ? option : OWN_USER);
	if (err && option)
		return fail(0, "--user %s: /etc/passwd has no such user", option);
	user->missing = err;
	user->changes = user->uid != geteuid() || user->uid != getuid();
	if (user->changes && geteuid())
		return fail(0, "--user %s: only root can run armvm as another user", option);
	return 0;
}

/* Without further groups: everything that needs one has been opened. */
int user_become(const struct user *user)
{
	uid_t uid = user->uid;
	gid_t gid = user->gid;

	if (!user->changes)
		return 0;
	/* The caller drops capabilities, and may keep one. */
	prctl(PR_SET_KEEPCAPS, 1);
	if (setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
	    setresuid(uid, uid, uid) == 0)
		return 0;
	if (user->option)
		return fail(errno, "--user %s", user->option);
	return fail(errno, "cannot become the user %s, as root does without --user root", OWN_USER);
}
