#!/bin/sh
# SPDX-License-Identifier: MIT
# fraud_cli.sh PROGRAM: the fraud example's flags, exit codes, messages and files.

program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
exec 3>&1  # the report of the checks, separate from the output of the commands

# check WHAT COMMAND...: passes if the command succeeds.
check() {
  what=$1
  shift
  if "$@"; then
    echo "ok: $what" >&3
  else
    echo "FAILED: $what" >&3
    failures=$((failures + 1))
  fi
}
# ends CODE SENTENCE ARGUMENTS...: the program exits with CODE, its standard error matches SENTENCE, and it does not crash.
ends() {
  code=$1 sentence=$2
  shift 2
  "$program" "$@" > out 2> err
  found=$?
  if [ "$found" -ne "$code" ]; then
    echo "exit code $found, expected $code: $*"
    cat err
    return 1
  fi
  if ! grep -q -e "$sentence" err; then
    echo "expected on stderr: $sentence"
    cat err
    return 1
  fi
  if grep -q -e "terminate called" -e "core dumped" err; then return 1; fi
}
no() { ! "$@"; }
nothing_left() { test -z "$(find . -name '*.tmp' -o -name '*.part')"; }
without_times() { grep -v '"seconds"' "$1"; }
same_runs() { [ "$(without_times "$1")" = "$(without_times "$2")" ]; }

# --- flags
"$program" --help > help 2> err
check "--help exits with 0" test $? -eq 0
for flag in data download mode loss gamma epochs batch learning-rate seed runs jobs threads no-shuffle quiet initial-weights json plots save load score checkpoint resume schedule clip; do
  check "--help names --$flag" grep -q -e "--$flag" help
done
check "--help complains of nothing" test ! -s err
if [ -c /dev/full ]; then
  "$program" --help > /dev/full 2> err
  check "--help that cannot be written exits with 1" test $? -eq 1
fi
{ "$program" --help; echo $? > code; } 2> err | :
check "--help into a closed pipe is no crash" grep -q '^[01]$' code
for flag in data json save plots load checkpoint initial-weights; do
  check "an empty --$flag is refused" ends 2 "--$flag: an empty text" "--$flag" ""
done
check "an empty --seed is refused" ends 2 "--seed: an empty text" --seed ""
check "a last seed beyond 64 bits is refused" ends 2 "--runs: the last run's seed is above" --seed 18446744073709551615 --runs 2
check "one file for two outputs is refused" ends 2 "--json: the same file as --save" --json ./x --save x --mode corrected --loss bce
ln -s x link
check "a link to another output is refused" ends 2 "--json: the same file as --save" --json link --save x --mode corrected --loss bce
rm link
ln -s a_loop b_loop && ln -s b_loop a_loop
check "links that lead nowhere are refused" ends 1 "a_loop: cannot write" --json a_loop --save x --mode corrected --loss bce
rm a_loop b_loop
check "a folder and a file of one name are refused" ends 2 "--json: the same file as --plots" --json x --plots x
check "an output in place of the data is refused" ends 2 "--json: the same file as --data" --json rows.csv --data rows.csv
check "control characters of a flag are escaped" ends 2 'x1b\[31m' "$(printf -- '--\033[31m')"
check "an unknown flag is refused" ends 2 "--frobnicate" --frobnicate
check "an argument without a flag is refused" ends 2 "not expected" rows.csv
check "--batch 0 is refused" ends 2 "--batch.*0.*range" --batch 0
check "--batch -1 is refused" ends 2 "--batch" --batch -1
check "--epochs 0 is refused" ends 2 "--epochs" --epochs 0
check "--gamma -1 is refused" ends 2 "--gamma.*-1.*range" --gamma -1
check "--gamma nan is refused" ends 2 "--gamma.*nan is not a number" --gamma nan
check "--learning-rate nan is refused" ends 2 "--learning-rate.*nan is not a number" --learning-rate nan
check "--learning-rate fast is refused" ends 2 "--learning-rate" --learning-rate fast
check "--mode x is refused" ends 2 "--mode.*x.*published,corrected,both" --mode x
check "--loss x is refused" ends 2 "--loss.*x.*bce,focal,both" --loss x
check "--runs 0 is refused" ends 2 "--runs.*0.*range" --runs 0
check "--threads 0 is refused" ends 2 "--threads" --threads 0
check "--seed -1 is refused" ends 2 "--seed.*-1 is negative" --seed -1
check "a flag without its value is refused" ends 2 "--data" --data
check "--save of several models is refused" ends 2 "--save: one model is kept: say which" --save m.safetensors
check "--save of two losses is refused" ends 2 "one model is kept" --save m.safetensors --mode corrected
check "--save with --load is refused" ends 2 "--load excludes --save\|--save excludes --load" --load a --save b --mode corrected --loss bce
check "--resume without --checkpoint is refused" ends 2 "--resume requires --checkpoint" --resume
check "--schedule x is refused" ends 2 "--schedule.*x.*constant" --schedule x
check "--clip -1 is refused" ends 2 "--clip.*-1.*range" --clip -1
check "--score without --load is refused" ends 2 "--score requires --load" --score rows.csv
check "--score with --data is refused" ends 2 "excludes" --score rows.csv --load a --data rows.csv

# --- data that cannot be used
# A table of 400 rows, of which every seventh is a fraud; V1 to V3 separate the classes.
awk 'BEGIN {
  srand(1)
  printf "Time"; for (i = 1; i <= 28; ++i) printf ",V%d", i; print ",Amount,Class"
  for (r = 0; r < 400; ++r) {
    fraud = r % 7 == 3
    printf "%d", 10 * r
    for (i = 1; i <= 28; ++i) printf ",%.6f", 4 * rand() - 2 + (fraud && i <= 3 ? 3 : 0)
    printf ",%.2f,%d\n", 100 * rand(), fraud
  }
}' > rows.csv
check "a missing file" ends 1 "none.csv: cannot open" --data none.csv
check "a folder in place of a file" ends 1 "directory" --data .
sed '3s/,[^,]*/,one/' rows.csv > bad.csv
column=$(($(sed -n 3p rows.csv | cut -d, -f1 | wc -c) + 1))
check "a field that is no number, by file, line and column" ends 1 "bad.csv:3:$column: .*one" --data bad.csv
sed '5s/,[^,]*$//' rows.csv > bad.csv
check "a row with too few fields" ends 1 "bad.csv:5:[0-9]*: .*30" --data bad.csv
sed '5s/$/,1/' rows.csv > bad.csv
check "a row with too many fields" ends 1 "bad.csv:5:[0-9]*: " --data bad.csv
for missing in V7:8 Amount:30 Class:31; do
  number=${missing#*:}
  cut -d, -f"1-$((number - 1)),$((number + 1))-" rows.csv > bad.csv
  check "no column ${missing%:*}" ends 1 "no column \"${missing%:*}\"" --data bad.csv
done
sed '2,$s/,[01]$/,0/' rows.csv > bad.csv
check "one class only" ends 1 "one class only" --data bad.csv
sed '9s/,[01]$/,2/' rows.csv > bad.csv
check "a class that is neither 0 nor 1" ends 1 "neither 0 nor 1" --data bad.csv
sed '12s/^\([^,]*\),[^,]*/\1,nan/' rows.csv > bad.csv
check "a feature that is nan, by column and row of the table" ends 1 '"V1" is nan in row 10' --data bad.csv
sed '12s/,[^,]*,\([01]\)$/,-5,\1/' rows.csv > bad.csv
check "an amount without a logarithm" ends 1 '"LogAmount" is nan in row 10' --data bad.csv
sed 1q rows.csv > bad.csv
check "a header alone" ends 1 "one class only" --data bad.csv
: > bad.csv
check "an empty file" ends 1 "bad.csv" --data bad.csv

# --- weights in the format of numpy.save, alternating between 0.1 and -0.1
weights() {
  printf '\223NUMPY\001\000v\000'
  printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1,), }"
  i=0
  while [ $i -lt "$1" ]; do
    if [ $((i % 2)) -eq 0 ]; then printf '\315\314\314\075'; else printf '\315\314\314\275'; fi
    i=$((i + 1))
  done
}
weights 625 > weights.npy
weights 624 > short.npy
head -c 1000 weights.npy > cut.npy
check "weights of the wrong length" ends 1 "short.npy: expected 625 weights, found 624" --data rows.csv --initial-weights short.npy
check "a weights file that is cut off" ends 1 "cut.npy" --data rows.csv --initial-weights cut.npy
check "a weights file that is none" ends 1 "rows.csv" --data rows.csv --initial-weights rows.csv
check "a missing weights file" ends 1 "none.npy" --data rows.csv --initial-weights none.npy

# --- the JSON file is replaced atomically
check "--json where nothing can be written" ends 1 "no/such/folder/runs.json: cannot write" --data rows.csv --json no/such/folder/runs.json
check "... which is found out before any training" test ! -s out
echo old > old.json
check "--json when the data is bad" ends 1 "one class only\|bad.csv" --data bad.csv --json old.json
check "... leaves the old file" grep -qx old old.json
check "--json when the data is bad and there is no file" ends 1 "bad.csv" --data bad.csv --json new.json
check "... leaves none" test ! -e new.json
check "no temporary file is left" nothing_left

# --- runs
small="--data rows.csv --batch 32"
for mode in published corrected both; do
  check "--mode $mode runs" "$program" $small --mode $mode --runs 1 > out
  case $mode in
    published) check "... as published only" no grep -q "^Corrected" out && check "... and says so" grep -q "^As published, BCE" out ;;
    corrected) check "... corrected only" no grep -q "^As published" out && check "... and says so" grep -q "^Corrected, BCE" out ;;
    both) check "... in both modes" test "$(grep -c -e "^As published, BCE" -e "^Corrected, focal" out)" -eq 2 ;;
  esac
  check "... and speaks of no synthetic rows" no grep -q SYNTHETIC out
done
check "--runs 2 --seed 5 runs" "$program" $small --runs 2 --seed 5 --gamma 2 --json runs.json > out
check "... with a study" grep -q "^Study: 2 runs of each, seeds 5 to 6" out
check "... and the split that 400 rows have" grep -q "320 rows.*80 rows" out
if command -v python3 > /dev/null 2>&1; then
  check "... and JSON with every run" python3 - <<'PY'
import json
told = json.load(open("runs.json"))
assert told["data"] == "rows.csv", told["data"]
runs = told["runs"]
assert sorted((r["mode"], r["loss"], r["seed"]) for r in runs) == sorted(
    (m, l, s) for m in ("published", "corrected") for l in ("bce", "focal") for s in (5, 6))
for r in runs:
    assert set(r) >= {"mode", "loss", "seed", "losses", "confusion", "average_precision", "roc_auc", "seconds"}, r.keys()
    assert len(r["losses"]) == 2 * (3 if r["mode"] == "published" else 10)  # 80 or 320 rows in batches of 32
    assert all(0 <= loss < 10 for loss in r["losses"])
    (tn, fp), (fn, tp) = r["confusion"]
    assert tn + fp + fn + tp == 80 and fn + tp > 0 and tn + fp > 0
    assert 0 <= r["average_precision"] <= 1 and 0 <= r["roc_auc"] <= 1 and r["seconds"] > 0
PY
else
  for key in data runs mode loss seed losses confusion average_precision roc_auc seconds; do
    check "... and JSON with \"$key\"" grep -q "\"$key\":" runs.json
  done
fi
check "the same again gives the same" "$program" $small --runs 2 --seed 5 --gamma 2 --json again.json > out
check "... to the digit" same_runs runs.json again.json
check "--threads 2 runs" "$program" $small --runs 2 --seed 5 --gamma 2 --threads 2 --json again.json > out
check "... and gives the same to the digit" same_runs runs.json again.json
"$program" $small --runs 5 --seed 5 --json one.json > one.txt
check "--jobs 3 runs" "$program" $small --runs 5 --seed 5 --jobs 3 --json three.json > three.txt
check "... and gives the same runs in the same order, to the digit" same_runs one.json three.json
for printed in one three; do sed 's/ *([0-9.]* s)$//; s/ *[0-9.]* ([0-9.]*)$//' $printed.txt > $printed.cut; done  # but seconds
check "... and prints the same" cmp one.cut three.cut
check "--jobs 0 is refused" ends 2 "--jobs.*0.*range" --jobs 0
"$program" $small --runs 1 --seed 6 --gamma 2 --json again.json > out
check "another seed gives another run" no same_runs runs.json again.json
given="$small --mode corrected --runs 1 --no-shuffle --initial-weights weights.npy"
check "--initial-weights --no-shuffle runs" "$program" $given --json first.json > out
"$program" $given --json second.json > out
check "... reproducibly" same_runs first.json second.json
"$program" $given --seed 77 --json second.json > out
sed 's/"seed": 77/"seed": 0/' second.json > third.json
check "... whatever the seed" same_runs first.json third.json
check "no temporary file is left" nothing_left

# --- a saved model
keep="$small --mode corrected --loss focal --epochs 30"
check "--save trains and saves" "$program" $keep --runs 2 --save kept.safetensors > out
check "... and says where" grep -qx "Model in kept.safetensors" out
grep -A 3 "predicted 0" out | tail -n 3 | sed 's/ *([^)]*)$//' > trained
check "--load evaluates it" "$program" --data rows.csv --load kept.safetensors > out
check "... and trains nothing" no grep -q "loss:" out
grep -A 3 "predicted 0" out | tail -n 3 | sed 's/ *([^)]*)$//' > loaded
check "... with the trained model's scores" cmp trained loaded
check "... which found some frauds" grep -q "fraud  *[0-9]*  *[1-9]" loaded
check "the same model on 2 threads" "$program" --data rows.csv --load kept.safetensors --threads 2 > out
check "--score writes probabilities" "$program" --load kept.safetensors --score rows.csv > scores.csv
check "... under a header" test "$(sed -n 1p scores.csv)" = probability
check "... one for each row" test "$(wc -l < scores.csv)" -eq 401
# right CLASS: the number of the 57 frauds (1) or of the 343 others (0) that the threshold 1/2 classifies correctly
sed 1d scores.csv > scores.body
right() { sed 1d rows.csv | sed 's/.*,//' | paste -d, - scores.body | awk -F, -v class="$1" '$1 == class && ($2 > 0.5) == class { ++n } END { print n + 0 }'; }
check "... high for frauds" test "$(right 1)" -gt 45
check "... low for the others" test "$(right 0)" -gt 330
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; printf "Amount"; for (i = 28; i; --i) printf ",V%d", i; print "" }
  NR > 1 { printf "%s", $at["Amount"]; for (i = 28; i; --i) printf ",%s", $at["V" i]; print "" }' rows.csv > other_order.csv
"$program" --load kept.safetensors --score other_order.csv > again.csv
check "... whatever the columns' order, with neither Time nor Class" cmp scores.csv again.csv
sed 1q rows.csv > none.csv
check "--score of no rows" test "$("$program" --load kept.safetensors --score none.csv)" = probability
rm none.csv
check "a model of the published mode is kept too" "$program" $small --mode published --loss bce --runs 1 --save published.safetensors > out
check "... and scores" "$program" --load published.safetensors --score rows.csv > scores.csv
cut -d, -f1-5 rows.csv > few.csv
check "a CSV with other columns" ends 1 'few.csv: .*no column "Amount"; there are: Time, V1' --load kept.safetensors --score few.csv
cut -d, -f1-7,9- rows.csv > few.csv
check "a CSV without V7" ends 1 'few.csv: .*no column "V7"' --load kept.safetensors --score few.csv
check "... which writes no half of an answer" test ! -s out
sed '12s/,[^,]*,\([01]\)$/,-5,\1/' rows.csv > few.csv
check "a row that cannot be scored" ends 1 'few.csv: .*"LogAmount" is nan in row 10' --load kept.safetensors --score few.csv
check "a CSV that is not there" ends 1 "none.csv: cannot open" --load kept.safetensors --score none.csv
check "a model that is not there" ends 1 "none.safetensors" --load none.safetensors --data rows.csv
check "a model that is none" ends 1 "rows.csv: " --load rows.csv --data rows.csv
head -c 1000 kept.safetensors > cut.safetensors
check "a model that is cut off" ends 1 "cut.safetensors: " --load cut.safetensors --score rows.csv
# safetensors HEADER NUMBERS: writes a file with this header and NUMBERS float32 zeros
safetensors() {
  length=${#1}
  printf "\\$(printf %o $((length % 256)))\\$(printf %o $((length / 256)))\0\0\0\0\0\0"
  printf %s "$1"
  head -c $((4 * $2)) /dev/zero
}
safetensors '{"0.weight":{"dtype":"F32","shape":[4,2],"data_offsets":[0,32]}}' 8 > other.safetensors
check "a model of another network" ends 1 "other.safetensors: .*0.weight.*expected shape (16, 29), found (4, 2)" --load other.safetensors --score rows.csv
sed 's/V1,V2/V2,V1/' kept.safetensors > other.safetensors
check "a model of other features" ends 1 "other.safetensors: expected a model of the features V1,V2" --load other.safetensors --score rows.csv
check "--save where nothing can be written" ends 1 "no/such/m.safetensors.*: cannot write" $keep --runs 1 --save no/such/m.safetensors
check "... which is found out before any training" test ! -s out
cp kept.safetensors before.safetensors
check "--save when the data is bad" ends 1 "bad.csv" --data bad.csv --mode corrected --loss bce --save kept.safetensors
check "... leaves the old model" cmp before.safetensors kept.safetensors
check "no temporary file is left" nothing_left

# --- plots
pictures() { ls "$1" | tr '\n' ' '; }
png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }
: > file
check "--plots into a file" ends 1 "file: cannot make the folder" --data rows.csv --plots file
check "... which is found out before any training" test ! -s out
check "--plots where no folder can be made" ends 1 "file/sub: cannot make the folder" --data rows.csv --plots file/sub
mkdir nothing fake
PATH=$folder/nothing "$program" $small --runs 1 --plots without > out 2> err
check "--plots without gnuplot goes on" test $? -eq 0
check "... and says so" grep -q "nothing will be drawn, as there is no gnuplot" err
check "... and trains" grep -q "^Corrected, focal" out
printf '#!/bin/sh\ncase $* in *pngcairo) exit 0 ;; *) exit 3 ;; esac\n' > fake/gnuplot
chmod +x fake/gnuplot
mkdir old && echo old > old/losses.png
PATH=$folder/fake:$PATH "$program" $small --runs 1 --plots old --json runs.json > out 2> err
check "a gnuplot that fails" test $? -eq 1
check "... is named" grep -q "gnuplot failed with exit code 3" err
check "... and leaves the old picture alone" test "$(pictures old)" = "losses.png "
check "... as it was" grep -qx old old/losses.png
check "... and the JSON is written" grep -q '"average_precision"' runs.json
if gnuplot -e "set terminal pngcairo" > /dev/null 2>&1; then
  check "--plots draws" "$program" $small --runs 2 --plots "it's new/plots" --json drawn.json > out 2> err
  check "... without a complaint" test ! -s err
  check "... every picture" test "$(pictures "it's new/plots")" = "confusion.png losses.png precision_recall.png probabilities.png study.png training.png "
  for picture in "it's new/plots"/*; do check "... $picture as PNG" png "$picture"; done
  "$program" $small --runs 2 --json runs.json > out
  check "... and changes no result" same_runs runs.json drawn.json
  check "--plots of one loss, mode and run draws" "$program" $small --runs 1 --loss bce --mode published --plots one > out 2> err
  check "... without a complaint" test ! -s err
  check "... no study" test "$(pictures one)" = "confusion.png losses.png precision_recall.png probabilities.png training.png "
else
  echo "skipped: no gnuplot with PNG output"
fi
check "no temporary file is left" nothing_left

# --- without data
check "the stand-in runs" "$program" --runs 1 --epochs 1 --mode published > out
check "... and is announced as synthetic" grep -q "SYNTHETIC" out
check "... of the real table's size" test "$(grep -A2 -x "Examples:" out | tr "\n" "|")" = "Examples:| Total: 284807| Positive: 492 (0.17% of total)|"
check "... on the backend's device" grep -qx "Using cpu device" out
check "... its first five rows are a table" test "$(grep -A5 "^ *Time .*V1 .* Class$" out | grep -c "^ *[0-9][0-9. ]*.* [01]$")" -eq 5
check "... its losses are those of every 100th batch" test "$(grep -A1 -x -e "-------------------------------" out | grep -c "^loss: [0-9.]* \[    0/56962\]$")" -eq 2
check "... with the rows trained so far" test "$(grep -c "^loss: [0-9.]* \[12800/56962\]$" out)" -eq 2
check "... and it is done" test "$(grep -cx "Done!" out)" -eq 2
"$program" --runs 1 --epochs 1 --mode published --quiet > quiet
check "--quiet prints no losses, but the same scores" test "$(grep -c -e "^loss:" -e "^Epoch" -e "Done!" quiet)" -eq 0 -a "$(grep -c "^  precision" quiet)" -eq 2
check "an output that cannot take it is an error" test "$("$program" $small --runs 1 --quiet 2>&1 > /dev/full; echo $?)" = "${program##*/}: standard output: cannot write
1"
until_closed() { (trap '' PIPE; while echo; do :; done) 2> /dev/null; }  # the reader may end later than the program would
check "... and so is a closed pipe" test "$( (until_closed; "$program" $small --runs 1 2> err; echo $? > code) | true; cat code)" = 1
mkdir folder
check "--json of a folder" ends 1 "folder: cannot write: Is a directory" $small --json folder
check "... which is found out before any training" test ! -s out
check "--save of a folder" ends 1 "folder: cannot write: Is a directory" $keep --runs 1 --save folder
check "... which is found out before any training" test ! -s out
check "--seed beyond 64 bits is refused" ends 2 "--seed" --seed 18446744073709551616
mkdir data && cp rows.csv data/creditcard.csv
check "data/creditcard.csv is used when it is there" "$program" --runs 1 --mode published > out
check "... and is not called synthetic" grep -q "^Data: data/creditcard.csv" out

[ "$failures" -eq 0 ] || echo "$failures checks failed"
[ "$failures" -eq 0 ]
