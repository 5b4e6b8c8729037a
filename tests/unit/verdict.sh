#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# verdict.sh NAME PROGRAM LOG: run one program and say in one line how it went.
# PASS needs exit status 0, cmocka's own summary and at least one case.
name=$1 program=$2 log=$3

"$program" >"$log" 2>&1
status=$?
cases=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s)\.$/\1/p' "$log")
if [ "$status" -eq 0 ] && [ "${cases:-0}" -gt 0 ] && ! grep -q '^\[  FAILED  \]' "$log"; then
	echo "PASS unit/$name ($cases cases)"
	exit 0
fi
echo "FAIL unit/$name (status $status)"
sed 's/^/    /' "$log" | tail -n 40
exit 1
