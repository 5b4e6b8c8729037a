// SPDX-License-Identifier: GPL-2.0-only
/* What gdb watches in the demo: a global variable, next to one that changes as often. */
#include <stdio.h>

int beside = 100;
int counter = 7;

static void tally(int n)
{
	printf("tally %d\n", n);
}

int main(void)
{
	for (int i = 1; i <= 3; i++) {
		beside++;
		counter += i;
	}
	tally(counter);
	return 0;
}
