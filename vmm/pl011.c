// SPDX-License-Identifier: GPL-2.0-only
/* Register names and numbers: DDI 0183G, chapter 3. */
#include <string.h>

#include "pl011.h"

enum {
	UARTDR = 0x00,
	UARTRSR = 0x04,
	UARTFR = 0x18,
	UARTILPR = 0x20,
	UARTIBRD = 0x24,
	UARTFBRD = 0x28,
	UARTLCR_H = 0x2c,
	UARTCR = 0x30,
	UARTIFLS = 0x34,
	UARTIMSC = 0x38,
	UARTRIS = 0x3c,
	UARTMIS = 0x40,
	UARTICR = 0x44,
	UARTDMACR = 0x48,
	UARTPERIPHID0 = 0xfe0,
};

#define DR_OE	  (1u << 11)
#define RSR_OE	  (1u << 3)
#define FR_CTS	  (1u << 0)
#define FR_DSR	  (1u << 1)
#define FR_DCD	  (1u << 2)
#define FR_BUSY	  (1u << 3)
#define FR_RXFE	  (1u << 4)
#define FR_TXFF	  (1u << 5)
#define FR_RXFF	  (1u << 6)
#define FR_TXFE	  (1u << 7)
#define LCR_H_FEN (1u << 4)
#define CR_UARTEN (1u << 0)
#define CR_LBE	  (1u << 7)
#define CR_TXE	  (1u << 8)
#define CR_RXE	  (1u << 9)
#define INT_RX	  (1u << 4)
#define INT_TX	  (1u << 5)
#define INT_RT	  (1u << 6)
#define INT_OE	  (1u << 10)
#define INT_ALL	  0x7ffu

/* PeriphID2 says revision 3 (r1p5): the first one with FIFOs of 32 bytes. */
static const uint8_t periph_id[8] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static uint32_t ring_count(const struct ring *ring)
{
	return ring->head - ring->tail;
}

static uint32_t ring_room(const struct ring *ring)
{
	return ring->size - ring_count(ring);
}

static void ring_put(struct ring *ring, uint8_t byte)
{
	ring->data[ring->head++ & (ring->size - 1)] = byte;
}

static uint32_t pl011_fifo_depth(const struct pl011 *uart)
{
	return uart->lcr_h & LCR_H_FEN ? PL011_FIFO : 1;
}

/* Let the guest see what has arrived, as far as this batch goes. */
static void pl011_rx_open(struct pl011 *uart)
{
	uint32_t hidden = ring_count(&uart->rx) - uart->rx_open;
	uint32_t opened = hidden < uart->rx_batch ? hidden : uart->rx_batch;

	uart->rx_open += opened;
	uart->rx_batch -= opened;
}

/* The part of rx that the guest sees in its FIFO.  Loopback is not paced. */
static uint32_t pl011_rx_level(const struct pl011 *uart)
{
	uint32_t queued = uart->cr & CR_LBE ? ring_count(&uart->rx) : uart->rx_open;
	uint32_t depth = pl011_fifo_depth(uart);

	if (uart->rx_held || !(uart->cr & CR_UARTEN) || !(uart->cr & CR_RXE))
		return 0;
	return queued < depth ? queued : depth;
}

static uint32_t pl011_rx_trigger(const struct pl011 *uart)
{
	static const uint8_t eighths[8] = { 1, 2, 4, 6, 7, 7, 7, 7 };

	if (!(uart->lcr_h & LCR_H_FEN))
		return 1;
	return PL011_FIFO * eighths[(uart->ifls >> 3) & 7] / 8;
}

/*
 * RXRIS and RTRIS follow the FIFO: RX is set while the FIFO is at or above the
 * trigger level, RT while it is not empty.  The receive timeout is 32 bit
 * periods without another byte; here they pass at once.  A guest that clears
 * the interrupt with bytes left in the FIFO gets it again, as it would after
 * the timeout.
 */
static void pl011_update(struct pl011 *uart)
{
	uint32_t level = pl011_rx_level(uart);

	uart->ris &= ~(INT_RX | INT_RT);
	if (level >= pl011_rx_trigger(uart))
		uart->ris |= INT_RX;
	if (level)
		uart->ris |= INT_RT;
	uart->set_irq(uart->owner, uart->ris & uart->imsc);
}

/*
 * The guest's FIFO is the last PL011_FIFO bytes of tx; what is queued before
 * them has left for the line, in the guest's view.  So FR.BUSY clears at
 * once (Linux's early console waits for that after each byte), unless the line
 * is blocked.
 */
static bool pl011_tx_fifo_empty(const struct pl011 *uart)
{
	return ring_room(&uart->tx) >= PL011_FIFO || uart->closed;
}

/* After this interrupt a driver writes half a FIFO without reading FR. */
static void pl011_tx_event(struct pl011 *uart)
{
	if (pl011_tx_fifo_empty(uart))
		uart->ris |= INT_TX;
}

static void pl011_loop_back(struct pl011 *uart, uint8_t byte)
{
	if (pl011_rx_level(uart) < pl011_fifo_depth(uart) && ring_room(&uart->rx)) {
		ring_put(&uart->rx, byte);
	} else {
		uart->rsr |= RSR_OE;
		uart->ris |= INT_OE;
	}
	uart->ris |= INT_TX;
}

/* Ignore UARTEN and TXE: early consoles write before they set them. */
static void pl011_write_dr(struct pl011 *uart, uint8_t byte)
{
	if (uart->cr & CR_LBE) {
		pl011_loop_back(uart, byte);
		return;
	}
	while (!ring_room(&uart->tx) && !uart->closed && !uart->stopping)
		pthread_cond_wait(&uart->tx_room, &uart->lock);
	if (!uart->closed && ring_room(&uart->tx)) {
		ring_put(&uart->tx, byte);
		if (ring_count(&uart->tx) == 1 || ring_count(&uart->tx) == PL011_TX_BATCH)
			uart->wake(uart->owner);
	}
	uart->ris &= ~INT_TX;
	pl011_tx_event(uart);
}

static uint32_t pl011_read_dr(struct pl011 *uart)
{
	uint32_t value = uart->rsr & RSR_OE ? DR_OE : 0;

	if (pl011_rx_level(uart)) {
		value |= uart->rx.data[uart->rx.tail++ & (uart->rx.size - 1)];
		if (uart->rx_open)
			uart->rx_open--;
		if (!uart->rx_open && !uart->rx_batch && !uart->rx_resting) {
			uart->rx_resting = true;
			uart->wake(uart->owner);
		}
		/*
		 * The other side stops only when the ring is full.  One
		 * wake-up, when it has drained to half, is enough and cheaper
		 * than one for each byte.
		 */
		if (ring_room(&uart->rx) == uart->rx.size / 2)
			uart->wake(uart->owner);
	}
	return value;
}

static uint32_t pl011_read_fr(const struct pl011 *uart)
{
	uint32_t value = FR_CTS | FR_DSR | FR_DCD, level = pl011_rx_level(uart);

	if (!level)
		value |= FR_RXFE;
	if (level == pl011_fifo_depth(uart))
		value |= FR_RXFF;
	value |= pl011_tx_fifo_empty(uart) ? FR_TXFE : FR_BUSY;
	if (!ring_room(&uart->tx) && !uart->closed)
		value |= FR_TXFF;
	return value;
}

static uint32_t pl011_read_register(struct pl011 *uart, uint32_t reg)
{
	switch (reg) {
	case UARTDR:
		return pl011_read_dr(uart);
	case UARTRSR:
		return uart->rsr;
	case UARTFR:
		return pl011_read_fr(uart);
	case UARTILPR:
		return uart->ilpr;
	case UARTIBRD:
		return uart->ibrd;
	case UARTFBRD:
		return uart->fbrd;
	case UARTLCR_H:
		return uart->lcr_h;
	case UARTCR:
		return uart->cr;
	case UARTIFLS:
		return uart->ifls;
	case UARTIMSC:
		return uart->imsc;
	case UARTRIS:
		return uart->ris;
	case UARTMIS:
		return uart->ris & uart->imsc;
	case UARTDMACR:
		return uart->dmacr;
	}
	if (reg >= UARTPERIPHID0)
		return periph_id[(reg - UARTPERIPHID0) / 4];
	return 0;
}

static void pl011_write_cr(struct pl011 *uart, uint32_t value)
{
	const uint32_t receive = CR_UARTEN | CR_RXE;
	bool was = (uart->cr & receive) == receive, loopback = uart->cr & CR_LBE;

	uart->cr = value;
	if (!was && (uart->cr & receive) == receive && !(uart->cr & CR_LBE)) {
		uart->rx_held = true;
		uart->wake(uart->owner);
	}
	if (uart->cr & CR_LBE)
		uart->rx_held = false;
	if (loopback && !(uart->cr & CR_LBE)) /* pl011_rx_room() was 0 until now */
		uart->wake(uart->owner);
}

static void pl011_write_register(struct pl011 *uart, uint32_t reg, uint32_t value)
{
	switch (reg) {
	case UARTDR:
		pl011_write_dr(uart, value);
		break;
	case UARTRSR: /* UARTECR: any write clears it */
		uart->rsr = 0;
		break;
	case UARTILPR:
		uart->ilpr = value & 0xff;
		break;
	case UARTIBRD:
		uart->ibrd = value;
		break;
	case UARTFBRD:
		uart->fbrd = value & 0x3f;
		break;
	case UARTLCR_H:
		uart->lcr_h = value & 0xff;
		break;
	case UARTCR:
		pl011_write_cr(uart, value & 0xff87);
		break;
	case UARTIFLS:
		uart->ifls = value & 0x3f;
		break;
	case UARTIMSC:
		uart->imsc = value & INT_ALL;
		break;
	case UARTICR:
		uart->ris &= ~(value & INT_ALL);
		break;
	case UARTDMACR: /* stored; the device tree offers no DMA */
		uart->dmacr = value & 7;
		break;
	}
}

static uint32_t pl011_read(void *owner, uint32_t offset, unsigned int size)
{
	struct pl011 *uart = owner;
	uint32_t value;

	(void)size;
	/* Only the first byte of each word is a register. */
	if (offset & 3)
		return 0;
	pthread_mutex_lock(&uart->lock);
	value = pl011_read_register(uart, offset);
	if (offset == UARTDR) /* no other register changes anything when it is read */
		pl011_update(uart);
	pthread_mutex_unlock(&uart->lock);
	return value;
}

static void pl011_write(void *owner, uint32_t offset, uint32_t value, unsigned int size)
{
	struct pl011 *uart = owner;

	(void)size;
	if (offset & 3)
		return;
	pthread_mutex_lock(&uart->lock);
	pl011_write_register(uart, offset, value);
	pl011_update(uart);
	pthread_mutex_unlock(&uart->lock);
}

const struct bus_ops pl011_ops = { .read = pl011_read, .write = pl011_write };

void pl011_init(struct pl011 *uart, void (*set_irq)(void *owner, bool level),
		void (*wake)(void *owner), void *owner)
{
	memset(uart, 0, sizeof(*uart));
	pthread_mutex_init(&uart->lock, NULL);
	pthread_cond_init(&uart->tx_room, NULL);
	uart->rx = (struct ring){ .data = uart->rx_data, .size = PL011_RX_SIZE };
	uart->tx = (struct ring){ .data = uart->tx_data, .size = PL011_TX_SIZE };
	uart->set_irq = set_irq;
	uart->wake = wake;
	uart->owner = owner;
	pl011_reset(uart);
}

void pl011_stop(struct pl011 *uart)
{
	pthread_mutex_lock(&uart->lock);
	uart->stopping = true;
	pthread_cond_broadcast(&uart->tx_room);
	pthread_mutex_unlock(&uart->lock);
}

void pl011_reset(struct pl011 *uart)
{
	pthread_mutex_lock(&uart->lock);
	if (uart->cr & CR_LBE)
		uart->rx.tail = uart->rx.head; /* these bytes came from the guest */
	uart->stopping = uart->rx_held = uart->rx_resting = false;
	uart->rx_open = 0;
	uart->rx_batch = PL011_FIFO;
	uart->cr = CR_TXE | CR_RXE;
	uart->ifls = 0x12;
	uart->imsc = uart->ris = uart->lcr_h = uart->ibrd = uart->fbrd = uart->ilpr = 0;
	uart->dmacr = 0;
	uart->rsr = 0;
	pl011_rx_open(uart);
	pl011_update(uart);
	pthread_mutex_unlock(&uart->lock);
}

void pl011_close(struct pl011 *uart)
{
	pthread_mutex_lock(&uart->lock);
	uart->closed = true;
	pl011_tx_event(uart);
	pl011_update(uart);
	pthread_cond_broadcast(&uart->tx_room);
	pthread_mutex_unlock(&uart->lock);
}

/* Loopback disconnects the receiver from the line. */
static uint32_t pl011_line_room(const struct pl011 *uart)
{
	return uart->cr & CR_LBE || uart->rx_stopped ? 0 : ring_room(&uart->rx);
}

void pl011_rx_stop(struct pl011 *uart, bool stop)
{
	pthread_mutex_lock(&uart->lock);
	uart->rx_stopped = stop;
	pthread_mutex_unlock(&uart->lock);
}

size_t pl011_rx_room(struct pl011 *uart)
{
	size_t room;

	pthread_mutex_lock(&uart->lock);
	room = pl011_line_room(uart);
	pthread_mutex_unlock(&uart->lock);
	return room;
}

size_t pl011_receive(struct pl011 *uart, const uint8_t *data, size_t count)
{
	size_t taken;

	pthread_mutex_lock(&uart->lock);
	for (taken = 0; taken < count && pl011_line_room(uart); taken++)
		ring_put(&uart->rx, data[taken]);
	pl011_rx_open(uart);
	pl011_update(uart);
	pthread_mutex_unlock(&uart->lock);
	return taken;
}

bool pl011_rx_held(struct pl011 *uart)
{
	bool held;

	pthread_mutex_lock(&uart->lock);
	held = uart->rx_held;
	pthread_mutex_unlock(&uart->lock);
	return held;
}

void pl011_rx_release(struct pl011 *uart)
{
	pthread_mutex_lock(&uart->lock);
	uart->rx_held = false;
	pl011_update(uart);
	pthread_mutex_unlock(&uart->lock);
}

bool pl011_rx_resting(struct pl011 *uart)
{
	bool resting;

	pthread_mutex_lock(&uart->lock);
	resting = uart->rx_resting;
	pthread_mutex_unlock(&uart->lock);
	return resting;
}

void pl011_rx_resume(struct pl011 *uart)
{
	pthread_mutex_lock(&uart->lock);
	uart->rx_resting = false;
	uart->rx_batch = PL011_FIFO;
	pl011_rx_open(uart);
	pl011_update(uart);
	pthread_mutex_unlock(&uart->lock);
}

size_t pl011_peek(struct pl011 *uart, uint8_t *data, size_t max)
{
	size_t count;

	pthread_mutex_lock(&uart->lock);
	for (count = 0; count < max && count < ring_count(&uart->tx); count++)
		data[count] = uart->tx.data[(uart->tx.tail + count) & (uart->tx.size - 1)];
	pthread_mutex_unlock(&uart->lock);
	return count;
}

void pl011_sent(struct pl011 *uart, size_t count)
{
	pthread_mutex_lock(&uart->lock);
	if (count > ring_count(&uart->tx))
		count = ring_count(&uart->tx);
	uart->tx.tail += count;
	if (count) {
		pl011_tx_event(uart);
		pthread_cond_broadcast(&uart->tx_room);
	}
	pl011_update(uart);
	pthread_mutex_unlock(&uart->lock);
}

size_t pl011_tx_count(struct pl011 *uart)
{
	size_t count;

	pthread_mutex_lock(&uart->lock);
	count = ring_count(&uart->tx);
	pthread_mutex_unlock(&uart->lock);
	return count;
}
