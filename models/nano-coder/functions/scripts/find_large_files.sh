#!/bin/sh
# Lists the files of a folder above a size such as 100M, largest first.
set -eu

folder="${1:-.}"
size="${2:-100M}"
find "$folder" -type f -size +"$size" -exec du -h {} + | sort -rh
