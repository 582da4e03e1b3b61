#!/bin/sh
# enter NODE COMMAND...: the command in the network of a node, with the node's own files of /etc.
node=$1
shift
if [ ! -d "${0%/*}/etc/$node" ]; then exec nsenter --net="/run/netns/$node" -- "$@"; fi
# shellcheck disable=SC2016  # for the inner shell
exec unshare --mount sh -c '
    node=$1 etc=$2
    shift 2
    for file in "$etc"/*; do mount --bind "$file" "/etc/${file##*/}" || exit; done
    exec nsenter --net="/run/netns/$node" -- "$@"' enter "$node" "${0%/*}/etc/$node" "$@"
