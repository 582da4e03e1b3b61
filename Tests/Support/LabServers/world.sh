#!/bin/sh
# world.sh DIRECTORY: the first process in a lab's own mount, network and process namespaces. It runs the scripts of the
# directory whose numbers come on standard input, and says on standard output with which status each has ended. Input that ends
# ends the world: with this process the kernel ends all others in it, and its networks with them.
cd "$1" || exit
mount -t tmpfs -o mode=755 lab /run && mkdir /run/netns || exit
# Where a file of /etc is a link into /run there must be something to mount a node's own file over.
for file in /etc/resolv.conf /etc/hosts; do
    target=$(readlink -m "$file")
    case $target in /run/*) mkdir -p "${target%/*}" && : >"$target" ;; esac
done
# The ends of impaired links stand here, and must say nothing themselves.
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null
echo ready
while read -r number; do
    {
        sh "$number.sh" </dev/null >"$number.out" 2>"$number.err"
        echo "$number $?"
    } &
done
[ ! -e kept ] || exec sleep infinity
