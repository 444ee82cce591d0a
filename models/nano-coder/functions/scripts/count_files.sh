#!/bin/sh
# Counts the files in a folder and its subfolders.
set -eu

folder="${1:-.}"
find "$folder" -type f | wc -l
