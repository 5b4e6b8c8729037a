// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events, one after the other, for as long as a case disturbs the host: each is one interrupt.  A
 * resampled one goes with them, whose end in the guest is what signals the next one.
 */
#include "eventfds.h"

#include <signal.h>

#define GSI(spi) ((spi)-32)
#define LINE	 LEVEL_SPI(7)

static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	(void)sig;
	ended = 1;
}

void test_steady(void)
{
	struct sigaction action = { .sa_handler = on_term };
	int edge = new_eventfd(), line = new_eventfd(), end = new_eventfd();
	uint32_t sent, lost = 0;
	struct counter c;

	sigaction(SIGTERM, &action, NULL);
	counter_new(&c);
	must(irqfd(c.vm.fd, edge, GSI(EDGE_SPI(0)), 0, 0), "KVM_IRQFD");
	must(irqfd(c.vm.fd, line, GSI(LINE), KVM_IRQFD_FLAG_RESAMPLE, end), "KVM_IRQFD");
	counter_start(&c);
	for (sent = 0; !ended && !lost;) {
		sent++;
		signal_fd(edge);
		lost += count_reaches(&c, EDGE_SPI(0), sent) != sent;
		signal_fd(line);
		lost += wait_taken(end, 1) != 1;
		if (sent % 100 == 0)
			printf("at %u\n", sent);
	}
	claim(sent > 100, "%u events", sent);
	claim_is(count_settles(&c, EDGE_SPI(0), sent), sent, "each is one interrupt");
	claim_is(count_settles(&c, LINE, sent), sent, "so is each of the line");
	claim_is(lost, 0, "whose end is signalled once");
	claim_is(c.counts[1023], 0, "none is spurious");
	claim(counter_stop(&c), "all this without an exit to user space");
	counter_close(&c);
	close(edge);
	close(line);
	close(end);
}
