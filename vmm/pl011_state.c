// SPDX-License-Identifier: GPL-2.0-only
#include "pl011.h"

/* The limits are what pl011.c keeps of what a guest stores. */
static const struct state_field fields[] = {
	STATE_FIELD(struct pl011, cr, 0xffff),
	STATE_FIELD(struct pl011, ifls, 0x3f),
	STATE_FIELD(struct pl011, imsc, 0x7ff),
	STATE_FIELD(struct pl011, ris, 0x7ff),
	STATE_FIELD(struct pl011, lcr_h, 0xff),
	STATE_FIELD(struct pl011, ibrd, 0xffff),
	STATE_FIELD(struct pl011, fbrd, 0x3f),
	STATE_FIELD(struct pl011, ilpr, 0xff),
	STATE_FIELD(struct pl011, dmacr, 7),
	STATE_FIELD(struct pl011, rsr, 0xf),
	STATE_FIELD(struct pl011, rx_held, 1),
	STATE_FIELD(struct pl011, rx_resting, 1),
	STATE_FIELD(struct pl011, rx_open, PL011_RX_SIZE),
	STATE_FIELD(struct pl011, rx_batch, PL011_FIFO),
};

bool pl011_tx_waits(struct pl011 *uart)
{
	bool waits;

	pthread_mutex_lock(&uart->lock);
	waits = uart->tx.head != uart->tx.tail && !uart->closed;
	pthread_mutex_unlock(&uart->lock);
	return waits;
}

struct json_t *pl011_save(struct pl011 *uart)
{
	struct json_t *to = state_save(STATE_FIELDS(fields), uart);
	uint32_t count = uart->rx.head - uart->rx.tail;
	uint8_t queued[PL011_RX_SIZE];

	for (uint32_t i = 0; i < count; i++)
		queued[i] = uart->rx.data[(uart->rx.tail + i) & (uart->rx.size - 1)];
	state_save_bytes(to, "rx", queued, count);
	return to;
}

int pl011_load(struct pl011 *uart, const struct json_t *from, const char *where)
{
	size_t count = PL011_RX_SIZE;
	int err = state_load(STATE_FIELDS(fields), uart, from, 1, where);

	if (!err)
		err = state_load_bytes(from, "rx", uart->rx_data, &count, where);
	if (!err && uart->rx_open > count)
		err = state_wrong(where, "rx_open");
	if (err)
		return err;
	uart->rx.tail = 0;
	uart->rx.head = count;
	/* Nothing was sent, but the interrupt line follows from the registers. */
	pl011_sent(uart, 0);
	return 0;
}
