#!/bin/sh
# Shows how much space a folder and its subfolders take, largest first.
set -eu

folder="${1:-.}"
du -h -d 1 "$folder" | sort -rh
