#!/usr/bin/env bash
# Measures how often the labels are right: each recipe on each data set, several seeds, beside chance, the majority and a linear classifier.
# Usage: accuracy.sh [--set NAME=DIR]... [--ucf101 DIR] [--hmdb51 DIR] [--inception WEIGHTS] [--mobilenet WEIGHTS] [--work DIR]
#                    [--models "linear lstm ..."] [--seeds N] [--frames N] [--side PIXELS] [--epochs N] [--tune TIME] [--only-tuned]
#                    [--peers] [--write]
# --set: any folder with {train,test}/<Class>/*; nothing is written into it. --ucf101: Class folders with trainlist01.txt,
# testlist01.txt and classInd.txt beside them; --hmdb51: Class folders and splits/*_test_split1.txt. --epochs: at most so many for recipes that see frames.
# --tune: each recipe that sees features also after a search of so long. --peers: the article's network and the linear classifier also in
# PyTorch, on the same features and splits (/usr/bin/python3 with torch and numpy). What stands in DIR/NAME/results.tsv is not done again.
# In no run does a test clip decide anything: a fifth of the training clips judges the epochs. --write keeps the tables in docs/accuracy.md.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
usage() { sed -n '3,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
fail() { echo "accuracy.sh: $1" >&2; exit 2; }

names=() folders=() kinds=() inception=imagenet mobilenet="" seeds=5 frames=25 side=299 epochs=20 tune="" only_tuned=0 peers=0 write=0
models="linear lstm gru attention mlp lrcn conv3d c3d convnet-gru"
work=${XDG_CACHE_HOME:-$HOME/.cache}/vlstm-accuracy
add() { [[ -d $3 ]] || fail "$3: no such folder"; names+=("$1") kinds+=("$2") folders+=("$(cd "$3" && pwd)"); }
while (($# > 0)); do
  case $1 in
    --only-tuned) only_tuned=1; shift; continue ;;
    --peers) peers=1; shift; continue ;;
    --write) write=1; shift; continue ;;
  esac
  (($# > 1)) || usage
  case $1 in
    --set) [[ $2 == ?*=?* && $2 != */*=* ]] || fail "--set takes NAME=DIR, not $2"; add "${2%%=*}" folders "${2#*=}" ;;
    --ucf101) add ucf101 ucf101 "$2" ;;
    --hmdb51) add hmdb51 hmdb51 "$2" ;;
    --inception) inception=$2 ;;
    --mobilenet) mobilenet=$2 models+=" mobilenet-gru" ;;
    --work) work=$2 ;;
    --models) models=$2 ;;
    --seeds) seeds=$2 ;;
    --frames) frames=$2 ;;
    --side) side=$2 ;;
    --epochs) epochs=$2 ;;
    --tune) tune=$2 ;;
    *) usage ;;
  esac
  shift 2
done
((${#names[@]} > 0)) || usage
mkdir -p "$work"
work=$(cd "$work" && pwd)
vlstm=("${VLSTM:-$root/scripts/vlstm}")

# list: makes data_file.csv of the current set.
list() {
  local first
  case $kind in
    ucf101) "${vlstm[@]}" extract-files avi --no-images "${places[@]}" --train-list "$folder/trainlist01.txt" \
      --test-list "$folder/testlist01.txt" --class-list "$folder/classInd.txt" ;;
    hmdb51) "${vlstm[@]}" extract-files avi --no-images "${places[@]}" --split-list "$folder"/splits/*_test_split1.txt ;;
    *) first=$(find "$folder/train" -type f -name '*.*' -not -name '*.jpg' | sort | sed -n 1p)
      [[ $first ]] || fail "$folder/train: no clip in it"
      "${vlstm[@]}" extract-files "${first##*.}" --no-images "${places[@]}" ;;
  esac
}

# once LABEL HOW SEED COMMAND...: runs it unless its result is there; the result is the line that has `(RIGHT of ALL`.
once() {
  local label=$1 how=$2 seed=$3 line out=$work/$name/last.log
  shift 3
  # Where the work folder and the program are makes no other run of it.
  line="${*:2}"
  line=${line//"$work"/WORK}
  if grep -qxF -- "$line" <(cut -f 6 "$results"); then return; fi
  echo "$name: $label, $how, seed $seed" >&2
  if ! "$@" >"$out" 2>&1; then
    tail -n 3 "$out" >&2
    failed=1
    return
  fi
  sed -n 's/^best epoch.*test accuracy [0-9.]* (\([0-9]*\) of \([0-9]*\).*/\1\t\2/p' "$out" | tail -n 1 |
    { IFS=$'\t' read -r right all && printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$label" "$how" "$seed" "$right" "$all" "$line" >>"$results"; } ||
    { echo "$name: $label printed no accuracy" >&2; failed=1; }
}

# table: chance, majority, then one row a label and way, in the order in which they first ran.
table() {
  awk -F, -v name="$name" '
    { n[$1, $2]++; classes[$2]; all[$1]++ }
    END {
      for (c in classes) { k++; t = n["train", c] + 0; if (t > most || t == most && c < major) { most = t; major = c } }
      printf "### %s\n\n%d classes, %d clips to train on, %d to test on.\n\n", name, k, all["train"], all["test"]
      print "| recipe | trained | seeds | mean accuracy | standard deviation | least to greatest |\n|---|---|---|---|---|---|"
      printf "| chance | | | %.3f | | |\n| the majority | | | %.3f | | |\n", 1 / k, n["test", major] / all["test"]
    }' "$1"
  awk -F'\t' '
    { key = $1 "\t" $2; a = $4 / $5
      if (!(key in n)) { order[++count] = key; least[key] = most[key] = a }
      n[key]++; sum[key] += a; squares[key] += a * a
      if (a < least[key]) least[key] = a
      if (a > most[key]) most[key] = a }
    END { for (i = 1; i <= count; i++) {
      key = order[i]; split(key, words, "\t"); mean = sum[key] / n[key]
      variance = n[key] > 1 ? (squares[key] - n[key] * mean * mean) / (n[key] - 1) : 0
      if (variance < 0) variance = 0
      printf "| %s | %s | %d | **%.3f** | %s | %.3f to %.3f |\n", words[1], words[2], n[key], mean,
        (n[key] > 1 ? sprintf("%.3f", sqrt(variance)) : ""), least[key], most[key] } }' "$results"
  echo
}

failed=0 tables=$work/tables.md
: >"$tables"
for i in "${!names[@]}"; do
  name=${names[i]} folder=${folders[i]} kind=${kinds[i]} results=$work/${names[i]}/results.tsv
  mkdir -p "$work/$name"
  touch "$results"
  places=(--data "$folder" --work "$work/$name")
  data_file=$work/$name/data_file.csv
  [[ -f $data_file ]] || list >&2
  classes=$(cut -d, -f 2 "$data_file" | sort -u | wc -l)
  honest=("${places[@]}" --validation-split 0.2)
  for model in $models; do
    sees=()
    case $model in
      convnet-gru) sees=(5 "$classes" 112 112 --epochs "$epochs") ;;
      mobilenet-gru) sees=(5 "$classes" 224 224 --epochs "$epochs" --mobilenet "${mobilenet:-imagenet}") ;;
      lrcn | conv3d | c3d) sees=(16 "$classes" 80 80 --epochs "$epochs" --learning-rate 1e-4) ;;
    esac
    for ((seed = 0; seed < seeds; seed++)); do
      if ((${#sees[@]} > 0)); then
        train=("${vlstm[@]}" train "${sees[@]}" --model "$model" "${honest[@]}" --seed "$seed")
        ((only_tuned)) || once "$model" "at most $epochs epochs" "$seed" "${train[@]}"
      else
        train=("${vlstm[@]}" train "$frames" "$classes" "$side" "$side" --inception "$inception" --model "$model"
          "${honest[@]}" --seed "$seed")
        ((only_tuned)) || once "$model" "as the recipe says" "$seed" "${train[@]}"
        [[ -z $tune ]] || once "$model" "\`--tune $tune\`" "$seed" "${train[@]}" --tune "$tune"
      fi
      # Classifiers of the article's size fill a disk soon.
      rm -rf "${work:?}/$name/checkpoints"
    done
  done
  if ((peers)); then
    for model in linear lstm; do
      for ((seed = 0; seed < seeds; seed++)); do
        once "$model in PyTorch" "as ours" "$seed" \
          /usr/bin/python3 "$root/scripts/peers/accuracy.py" "$model" "$work/$name" "$frames" "$seed"
      done
    done
  fi
  table "$data_file" >>"$tables"
done
cat "$tables"
if ((write)); then
  page=$root/docs/accuracy.md
  awk -v tables="$tables" '
    /^<!-- measured -->$/ { print; print ""; while ((getline line < tables) > 0) print line; skip = 1; next }
    /^<!-- end -->$/ { skip = 0 }
    !skip' "$page" >"$page.new"
  mv "$page.new" "$page"
fi
exit "$failed"
