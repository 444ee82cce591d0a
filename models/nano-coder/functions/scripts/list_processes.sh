#!/bin/sh
# Lists the processes that use the most processor time.
set -eu

count="${1:-10}"
echo "  PID %CPU %MEM COMMAND"
ps -A -o pid= -o pcpu= -o pmem= -o comm= | sort -k 2 -rn | head -n "$count"
