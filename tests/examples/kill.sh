#!/bin/sh
# SPDX-License-Identifier: MIT
# kill.sh PROGRAM [KILLS]: trains the fraud example, ends it at random moments (20 times, or KILLS) by SIGKILL and in turn by the
# signals of Ctrl-C, of a closed terminal and of `kill`, and starts it again with the same command; each run must end with the model
# of an uninterrupted one, byte for byte, and no temporary file may be left.
set -eu

program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
kills=${2:-20}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

awk 'BEGIN {
  srand(1)
  printf "Time"; for (i = 1; i <= 28; ++i) printf ",V%d", i; print ",Amount,Class"
  for (r = 0; r < 300; ++r) {
    fraud = r % 5 == 3
    printf "%d", r; for (i = 1; i <= 28; ++i) printf ",%.6f", rand() - 0.5 + (i < 4 ? fraud : 0)
    printf ",%.2f,%d\n", 100 * rand(), fraud
  }
}' >rows.csv

# A shell ignores SIGINT in what it starts beside itself.
interruptible=
if env --default-signal=INT true 2>/dev/null; then interruptible="env --default-signal=INT"; fi

# train FOLDER MODEL
train() {
  exec $interruptible "$program" --data rows.csv --mode corrected --loss focal --runs 1 --epochs 240 --batch 4 --schedule warmup-cosine --clip 1 --quiet \
    --checkpoint "$1" --resume --save "$2" --json "$2.json"
}
(train whole whole.safetensors >whole.out)

done=0 ended=0
while [ "$done" -lt "$kills" ] || [ "$ended" -eq 0 ]; do
  (train "run" "run.safetensors" >run.out 2>run.err) &
  process=$!
  # 0 to 255 ms
  sleep "$(od -An -N1 -tu1 /dev/urandom | awk '{printf "%.3f", $1 / 1000}')"
  case $((done % 4))$interruptible in
  0*) signal=9 ;;
  1?*) signal=2 ;;
  2*) signal=15 ;;
  *) signal=1 ;;
  esac
  kill "-$signal" "$process" 2>/dev/null || : # it may have ended
  status=0
  wait "$process" 2>/dev/null || status=$?
  if [ "$status" -eq 0 ]; then
    cmp whole.safetensors run.safetensors
    # every step's loss, of all the processes that took a part
    grep -v '"seconds"' whole.safetensors.json >whole.losses
    grep -v '"seconds"' run.safetensors.json >run.losses
    cmp whole.losses run.losses
    ended=$((ended + 1))
    rm -rf run run.safetensors
  elif [ "$status" -eq $((128 + signal)) ]; then
    done=$((done + 1))
    if [ "$signal" -ne 9 ] && [ -n "$(find . -name '*.tmp')" ]; then
      echo "kill.sh: signal $signal has left temporary files" >&2
      exit 1
    fi
  else
    echo "kill.sh: exit code $status after $done kills" >&2
    cat run.err >&2
    exit 1
  fi
done
if [ -n "$(find . -name '*.tmp')" ]; then
  echo "kill.sh: temporary files are left" >&2
  exit 1
fi
echo "kill.sh: killed $done times; $ended runs ended as an uninterrupted one"
