// SPDX-License-Identifier: GPL-2.0-only
/* PL011, polled: programs print from any state, even with interrupts masked. */
#include "console.h"

#include "arm.h"

#define UART_DR	     (UART_BASE + 0x00)
#define UART_FR	     (UART_BASE + 0x18)
#define UART_FR_BUSY (1 << 3)
#define UART_FR_TXFF (1 << 5)
#define UART_IBRD    (UART_BASE + 0x24)
#define UART_FBRD    (UART_BASE + 0x28)
#define UART_LCRH    (UART_BASE + 0x2c)
#define UART_CR	     (UART_BASE + 0x30)

void console_init(void)
{
	write32(UART_CR, 0);
	write32(UART_IBRD, 13); /* 115200 from 24 MHz */
	write32(UART_FBRD, 1);
	write32(UART_LCRH, 3 << 5 | 1 << 4); /* 8n1, FIFOs */
	write32(UART_CR, 1 << 0 | 1 << 8 | 1 << 9);
}

void console_putc(char c)
{
	if (c == '\n')
		console_putc('\r');
	while (read32(UART_FR) & UART_FR_TXFF)
		;
	write32(UART_DR, (u8)c);
}

/* sign: '-', '+' or 0. */
static void put_number(u64 v, unsigned int base, int width, char fill, char sign)
{
	char digits[24];
	int n = 0;

	do {
		/* Decimal digits bit by bit: no 64-bit division is linked in. */
		if (base == 16) {
			digits[n++] = "0123456789abcdef"[v & 15];
			v >>= 4;
		} else {
			u64 q = 0, r = 0;
			int i;

			for (i = 63; i >= 0; i--) {
				r = r << 1 | (v >> i & 1);
				q <<= 1;
				if (r >= 10) {
					r -= 10;
					q |= 1;
				}
			}
			digits[n++] = (char)('0' + r);
			v = q;
		}
	} while (v);
	if (sign)
		digits[n++] = sign;
	for (; width > n; width--)
		console_putc(fill);
	while (n)
		console_putc(digits[--n]);
}

static void put_string(const char *s, int width)
{
	for (; *s; s++, width--)
		console_putc(*s);
	for (; width > 0; width--)
		console_putc(' ');
}

void vprintf(const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		char fill = ' ', plus = 0;
		int width = 0, longs = 0;
		u64 v;

		if (*fmt != '%') {
			console_putc(*fmt);
			continue;
		}
		if (*++fmt == '+')
			plus = *fmt++;
		if (*fmt == '0')
			fill = *fmt++;
		while (*fmt >= '0' && *fmt <= '9')
			width = width * 10 + *fmt++ - '0';
		for (; *fmt == 'l'; fmt++)
			longs++;
		switch (*fmt) {
		case 'c':
			console_putc((char)va_arg(ap, int));
			break;
		case 's':
			put_string(va_arg(ap, const char *), width);
			break;
		case 'd':
			if (longs > 1)
				v = va_arg(ap, u64);
			else
				v = (u64)(int64_t)va_arg(ap, int);
			if ((int64_t)v < 0)
				put_number(-v, 10, width, fill, '-');
			else
				put_number(v, 10, width, fill, plus);
			break;
		case 'u':
		case 'x':
			v = longs > 1 ? va_arg(ap, u64) : va_arg(ap, unsigned int);
			put_number(v, *fmt == 'x' ? 16 : 10, width, fill, 0);
			break;
		default:
			console_putc(*fmt);
		}
	}
}

void printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}
