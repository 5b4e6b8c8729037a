// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* PL011, polled, and a small printf. */
#include "print.h"

#include <stdarg.h>

#define PL011	   0x09000000u
#define PL011_DR   (*(volatile uint32_t *)(PL011 + 0x00))
#define PL011_FR   (*(volatile uint32_t *)(PL011 + 0x18))
#define PL011_LCRH (*(volatile uint32_t *)(PL011 + 0x2c))
#define PL011_CR   (*(volatile uint32_t *)(PL011 + 0x30))
#define FR_TXFF	   (1u << 5)

static uint32_t passed, failed;

void print_start(void)
{
	PL011_CR = 0;
	PL011_LCRH = 3 << 5 | 1 << 4; /* 8n1, FIFOs */
	PL011_CR = 1 << 0 | 1 << 8 | 1 << 9;
}

static void put(char c)
{
	if (c == '\n')
		put('\r');
	while (PL011_FR & FR_TXFF)
		;
	PL011_DR = (uint8_t)c;
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_decimal(uint32_t value)
{
	char digits[10];
	unsigned int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (n)
		put(digits[--n]);
}

static void print(const char *format, va_list args)
{
	uint32_t value;
	int shift;

	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			put_string(va_arg(args, const char *));
			break;
		case 'u':
			put_decimal(va_arg(args, uint32_t));
			break;
		default:
			value = va_arg(args, uint32_t);
			put_string("0x");
			for (shift = 28; shift >= 0; shift -= 4)
				put("0123456789abcdef"[value >> shift & 0xf]);
		}
	}
}

void note(const char *format, ...)
{
	va_list args;

	put_string("# ");
	va_start(args, format);
	print(format, args);
	va_end(args);
	put('\n');
}

void report(bool holds, const char *format, ...)
{
	va_list args;

	if (holds)
		passed++;
	else
		failed++;
	put_string(holds ? "PASS " : "FAIL ");
	put_string(program_name);
	put_string(": ");
	va_start(args, format);
	print(format, args);
	va_end(args);
	put('\n');
}

void report_equal(uint32_t got, uint32_t wanted, const char *text)
{
	if (got == wanted)
		report(true, "%s", text);
	else
		report(false, "%s: %x instead of %x", text, (unsigned int)got,
		       (unsigned int)wanted);
}

static void count(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
}

void print_end(void)
{
	count("%u passed, %u failed\n", passed, failed);
}
