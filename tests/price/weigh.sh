#!/bin/sh
# SPDX-License-Identifier: MIT
# weigh.sh LOG COMPILER ARGUMENT...: compiles, and appends the user time, as 1m2.345s, and the object's name to LOG.
log=$1
shift
"$@" || exit
object=
before=
for word; do
  [ "$before" != -o ] || object=$word
  before=$word
done
times >"$log.$$"  # two lines of user and system time: the shell's, then its children's
{
  read -r _
  read -r user _
} <"$log.$$"
rm -f "$log.$$"
printf '%s %s\n' "$user" "$object" >>"$log"
