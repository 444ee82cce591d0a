#!/bin/sh
# Renames all files with one extension in a folder to another extension.
set -eu

folder="${1:-.}"
old="${2:-txt}"
new="${3:-md}"
for file in "$folder"/*."$old"; do
    target="${file%.*}.$new"
    if [ -e "$file" ] && [ ! -e "$target" ]; then
        mv "$file" "$target"
        echo "$target"
    fi
done
