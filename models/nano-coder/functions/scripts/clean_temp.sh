#!/bin/sh
# Deletes the temporary files in a folder and prints their names.
set -eu

folder="${1:-.}"
find "$folder" -type f \( -name "*.tmp" -o -name "*.swp" -o -name "*~" \) -print -delete
