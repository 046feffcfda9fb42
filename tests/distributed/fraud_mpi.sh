#!/bin/sh
# SPDX-License-Identifier: MIT
# fraud_mpi.sh PROGRAM MPI_PROGRAM MPIRUN: the fraud example prints on one process what it prints alone, and on two the same study but
# for the rounding of the run that they share; it names a batch that they cannot share.
set -eu
alone=$1 shared=$2 mpirun=$3
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
set -- --mode corrected --loss focal --epochs 1 --batch 512 --runs 3 --quiet
"$alone" "$@" --json alone.json >alone
"$mpirun" -n 1 "$shared" "$@" >one
# seconds differ: of a run, and in the last column of the study
sed -e '/ of 3 /s/ [^ ]* ([^ ]*)$//' -e 's/([0-9.]* s)$//' alone >alone.words
sed -e '/ of 3 /s/ [^ ]* ([^ ]*)$//' -e 's/([0-9.]* s)$//' one >one.words
diff alone.words one.words
"$mpirun" -n 2 "$shared" "$@" --json two.json >two
python3 - <<'EOT'
import json
alone, two = (json.load(open(name))["runs"] for name in ("alone.json", "two.json"))
assert len(alone) == len(two) == 3
for a, b in zip(alone, two):
    assert a["seed"] == b["seed"] and len(a["losses"]) == len(b["losses"])
    assert max(abs(x - y) for x, y in zip(a["losses"], b["losses"])) < 1e-5, a["seed"]
EOT
if "$mpirun" -n 2 "$shared" --batch 127 --runs 1 2>error >/dev/null; then exit 1; fi
grep -q 'batch 127 cannot be shared by 2 ranks' error
