// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "loop.h"

/* loop_drain() gives up after this long without progress. */
#define DRAIN_MS 5000
/* The second Ctrl-c has to come within this time. */
#define ANSWER_MS 5000

int64_t loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A signal that the caller ignored (nohup, a shell's background job) stays ignored. */
static void add_signal(sigset_t *set, int number)
{
	struct sigaction action;

	if (!sigaction(number, NULL, &action) && action.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

int loop_signals(struct loop *loop)
{
	/* All that would end or stop armvm with the terminal raw; console.c handles crashes. */
	static const int handled[] = { SIGINT,	  SIGTERM, SIGHUP,  SIGQUIT, SIGTSTP,
				       SIGCONT,	  SIGXCPU, SIGUSR2, SIGALRM, SIGVTALRM,
				       SIGSTKFLT, SIGPROF, SIGPWR,  SIGIO };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		add_signal(&set, handled[i]);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		add_signal(&set, number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* write() returns the error instead: no reader is left, or the file may not grow. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* The same: whoever types in the shell that has put armvm into the background. */
	signal(SIGTTIN, SIG_IGN);
	/* vcpu_kick() uses it, so it must not end armvm from here on. */
	signal(SIGUSR1, SIG_IGN);
	loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return loop->signal_fd < 0 ? fail(errno, "signalfd") : 0;
}

static void end_by_signal(struct loop *loop, int number)
{
	loop->signal = number;
	vm_end(loop->vm, STATUS_FAILURE);
}

/*
 * Is standard error a terminal with armvm in its foreground?  Then somebody reads a question
 * there, and can have pressed Ctrl-c by mistake.
 */
static bool on_terminal(void)
{
	return tcgetpgrp(STDERR_FILENO) == getpgrp() && error_has_reader();
}

/* The first SIGINT on a terminal does nothing but ask.  Returns false if it has been answered. */
static bool ask_first(struct loop *loop)
{
	int64_t now = loop_now();

	if (loop->vm->status != VM_RUNNING || loop->power.stop_signal || now < loop->answer_by ||
	    !on_terminal())
		return false;
	loop->answer_by = now + ANSWER_MS;
	error("%s: to %s, %s again within %d s", strsignal(SIGINT),
	      power_listens(&loop->power)
		      ? "shut the guest down"
		      : "end the guest, which does not listen for its power key",
	      console_is_raw() ? "send SIGINT" : "press Ctrl-c", ANSWER_MS / 1000);
	return true;
}

/* SIGTERM and SIGINT ask the guest first, if there is one and it listens. */
static void handle_stop(struct loop *loop, int number)
{
	if (loop->vm->status != VM_RUNNING || !power_stop(&loop->power, number, loop_now())) {
		end_by_signal(loop, number);
		return;
	}
	if (error_has_reader())
		error("%s: pressed the guest's power key; another signal ends it at once",
		      strsignal(number));
}

static void handle_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGTSTP:
			console_leave();
			raise(SIGSTOP);
			console_enter(&loop->console);
			break;
		case SIGCONT:
			/* After SIGSTOP the shell changed the terminal without our notice. */
			console_leave();
			console_enter(&loop->console);
			break;
		case SIGINT:
			if (ask_first(loop))
				break;
			/* fall through */
		case SIGTERM:
			handle_stop(loop, info.ssi_signo);
			break;
		default:
			end_by_signal(loop, info.ssi_signo);
		}
	}
}

/* The terminal is not raw yet, so there is nothing to restore and to set. */
bool loop_ended_by_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (!loop->signal && read(loop->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTSTP)
			raise(SIGSTOP);
		else if (info.ssi_signo != SIGCONT)
			loop->signal = info.ssi_signo;
	}
	return loop->signal;
}

/* The guest has not switched itself off in its time. */
static void give_up(struct loop *loop)
{
	if (error_has_reader())
		error("the guest did not power off within %lld s: ended it",
		      (long long)loop->power.limit / 1000);
	end_by_signal(loop, loop->power.stop_signal);
}

static void loop_serve(struct loop *loop, int64_t limit)
{
	/* Two for each port, then gdb's, the control socket's, the wake-up and the signals. */
	struct port_poll io[LOOP_PORTS];
	struct pollfd fds[2 * LOOP_PORTS + GDB_POLLFDS + CONTROL_POLLFDS + 2], *rest;
	uint64_t count;
	int64_t now = loop_now(), timeout = limit, alarm = pl031_poll(loop->rtc);
	unsigned int n = 0;

	if (alarm >= 0 && (timeout < 0 || alarm * 1000 < timeout))
		timeout = alarm * 1000;
	/* vm_end() wakes the poll() below. */
	if (!power_poll(&loop->power, now, &timeout) && loop->vm->status == VM_RUNNING)
		give_up(loop);
	for (unsigned int i = 0; i < loop->nr_ports; i++) {
		port_prepare(&loop->ports[i], &io[i], now, &timeout);
		fds[n++] = io[i].in;
		fds[n++] = io[i].out;
	}
	rest = &fds[n];
	gdb_prepare(loop->gdb, rest);
	control_prepare(loop->control, rest + GDB_POLLFDS, now, &timeout);
	n += GDB_POLLFDS + CONTROL_POLLFDS;
	fds[n++] = (struct pollfd){ .fd = loop->vm->wake_fd, .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = loop->signal_fd, .events = POLLIN };
	if (poll(fds, n, timeout > INT32_MAX ? INT32_MAX : (int)timeout) < 0)
		return;
	now = loop_now();
	/* A shell's `fg` says nothing to a job that runs: the first key, or line, does. */
	if (fds[0].revents & POLLIN)
		console_enter(&loop->console);
	for (unsigned int i = 0; i < loop->nr_ports; i++) {
		io[i].in = fds[2 * i];
		io[i].out = fds[2 * i + 1];
		port_service(&loop->ports[i], &io[i], now);
	}
	/* A failed read means that the counter was 0: nothing to wake up for. */
	if (fds[n - 2].revents && read(loop->vm->wake_fd, &count, sizeof(count)) < 0)
		count = 0;
	if (fds[n - 1].revents)
		handle_signals(loop);
	gdb_service(loop->gdb, rest);
	control_service(loop->control, rest + GDB_POLLFDS);
}

void loop_run(struct loop *loop)
{
	/* Once at least: a guest that resets itself at once must not keep signals and keys out. */
	do {
		loop_serve(loop, -1);
	} while (loop->vm->status == VM_RUNNING);
}

static bool ports_pending(const struct loop *loop, uint32_t *left)
{
	bool any = false;

	*left = 0;
	for (unsigned int i = 0; i < loop->nr_ports; i++) {
		if (port_pending(&loop->ports[i])) {
			*left += pl011_tx_count(loop->ports[i].uart);
			any = true;
		}
	}
	return any;
}

/*
 * Standard error can be what nobody reads, such as `2>&1` into a pager that has
 * ended: then a message is lost, and writing it would block.
 */
static void report_lost_output(const struct loop *loop)
{
	for (unsigned int i = 0; i < loop->nr_ports; i++) {
		const struct port *port = &loop->ports[i];

		if (port_pending(port) && error_has_reader())
			error("%s: nobody read the guest's last %zu bytes", port->name,
			      pl011_tx_count(port->uart));
	}
}

void loop_drain(struct loop *loop)
{
	int64_t deadline = loop_now() + DRAIN_MS;
	uint32_t left, before = UINT32_MAX;

	for (unsigned int i = 0; i < loop->nr_ports; i++)
		loop->ports[i].in = -1;
	while (!loop->signal && ports_pending(loop, &left) && loop_now() < deadline) {
		if (left < before)
			deadline = loop_now() + DRAIN_MS;
		before = left;
		loop_serve(loop, DRAIN_MS);
	}
	if (!loop->signal)
		report_lost_output(loop);
}
