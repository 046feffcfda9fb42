#!/bin/sh
# SPDX-License-Identifier: MIT
# weigh.sh LOG COMPILER ARGUMENT...: compiles, and appends to LOG the user seconds it took, as 1m2.345s, and the object's name.
log=$1
shift
"$@" || exit
object=
before=
for word; do
  [ "$before" != -o ] || object=$word
  before=$word
done
times >"$log.$$"  # the shell's own, and then its children's: user, system
{
  read -r _
  read -r user _
} <"$log.$$"
rm -f "$log.$$"
printf '%s %s\n' "$user" "$object" >>"$log"
