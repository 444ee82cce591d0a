#!/bin/sh
# Packs a folder into a dated tar.gz archive beside it.
set -eu

folder=$(cd "${1:-.}" && pwd)
archive="$folder-$(date +%Y-%m-%d).tar.gz"
tar -czf "$archive" -C "$(dirname "$folder")" "$(basename "$folder")"
echo "$archive"
