/* SPDX-License-Identifier: GPL-2.0-only */
/* One function per command of armvm; each returns the exit status. */
#ifndef ARMVM_COMMANDS_H
#define ARMVM_COMMANDS_H

int command_run(int argc, char *const *argv);
int command_debug(int argc, char *const *argv);
int command_ctl(int argc, char *const *argv);
int command_save(int argc, char *const *argv);
int command_migrate(int argc, char *const *argv);
int command_list(int argc, char *const *argv);
int command_check(int argc, char *const *argv);

#endif
