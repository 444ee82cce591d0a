#!/bin/sh
# Greets the world or the given name.
set -eu

name="${1:-World}"
echo "Hello, $name!"
