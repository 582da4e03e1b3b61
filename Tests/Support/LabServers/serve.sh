#!/bin/sh
# serve NAME SIGN COMMAND...: starts a server and returns when it has printed SIGN. NAME.pid is its process, NAME.log what it prints.
name=$1 sign=$2
shift 2
mkfifo "$name.fifo" || exit
"$@" >"$name.fifo" 2>&1 </dev/null &
echo $! >"$name.pid"
exec 3<"$name.fifo"
timeout 10 sed -u "/$sign/q" <&3 >"$name.log"
if ! grep -q "$sign" "$name.log"; then
    echo "$* does not listen after 10 s; it printed:"
    cat "$name.log"
    exit 1
fi >&2
# Somebody must read on: a full pipe would stop the server.
cat <&3 >>"$name.log" 2>/dev/null &
