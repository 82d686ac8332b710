#!/usr/bin/env bash
# Measures how often the labels are right: each recipe on each data set, several seeds, beside chance, the majority and a linear classifier.
# Usage: accuracy.sh [--set NAME=DIR]... [--ucf101 DIR] [--hmdb51 DIR] [--keras5 DIR] [--extractors "inception resnet18 ..."]
#                    [--inception WEIGHTS] [--mobilenet WEIGHTS] [--models "linear lstm ..."] [--variant "MODEL OPTIONS"]... [--seeds N]
#                    [--frames N] [--side PIXELS] [--epochs N] [--tune TIME] [--only-tuned] [--peers] [--minutes N] [--work DIR]
#                    [--write] [--fetch] [--mirror URL]
# --set: any folder with {train,test}/<Class>/*; nothing is written into it. --ucf101: Class folders with trainlist01.txt, testlist01.txt
# and classInd.txt beside them; --hmdb51: Class folders and splits/*_test_split1.txt; --keras5: train.csv, test.csv, train/, test/.
# --fetch: a folder of these three that is not there is downloaded first, 7, 2 and 0.6 GB, from where it was published, or from --mirror.
# --extractors: what recipes that see features learn from; --inception and --mobilenet say with which weights. --models: with their own
# options; --variant: one with others, as "lstm --units 256". --epochs: at most so many for recipes that see frames. --tune: each recipe also
# after a search of so long; --only-tuned: not without one. --peers: lstm and linear also in PyTorch, on the same features and with the same
# test clips (/usr/bin/python3 with torch and numpy). --minutes: stop then, with what has been measured (60). The sets are measured side by
# side, each with its share of the processors: first what learns from features, all seeds; then the rest, one seed of all before the next.
# What stands in WORK/NAME/results.tsv is not done again: the same line goes on.
# In no run does a test clip decide anything: a fifth of the training clips judges the epochs. --write keeps the tables in docs/accuracy.md.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
usage() { sed -n '3,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
fail() { echo "accuracy.sh: $1" >&2; exit 2; }

names=() folders=() kinds=() extractors=inception inception=imagenet mobilenet=imagenet seeds=5 frames=25 side=299 epochs="" minutes=60
tune="" only_tuned=0 peers=0 write=0 fetch=0 mirror="" variants=()
models="linear lstm mlp gru attention lrcn conv3d c3d i3d convnet-gru convnet-lstm convnet-flatten mobilenet mobilenet-gru mobilenet-lstm
  mobilenet-flatten"
work=${XDG_CACHE_HOME:-$HOME/.cache}/vlstm-accuracy
add() {
  [[ " ${names[*]} " != *" $1 "* ]] || fail "$1: two sets of this name would have one table; give the other one another"
  names+=("$1") kinds+=("$2") folders+=("$3")
}
while (($# > 0)); do
  case $1 in
    --only-tuned) only_tuned=1; shift; continue ;;
    --peers) peers=1; shift; continue ;;
    --write) write=1; shift; continue ;;
    --fetch) fetch=1; shift; continue ;;
  esac
  (($# > 1)) || usage
  case $1 in
    --set) [[ $2 == ?*=?* && $2 != */*=* ]] || fail "--set takes NAME=DIR, not $2"; add "${2%%=*}" folders "${2#*=}" ;;
    --ucf101) add ucf101 ucf101 "$2" ;;
    --hmdb51) add hmdb51 hmdb51 "$2" ;;
    --inception) inception=$2 ;;
    --mobilenet) mobilenet=$2 ;;
    --keras5) add keras5 keras5 "$2" ;;
    --extractors) extractors=$2 ;;
    --mirror) mirror=${2%/} ;;
    --variant) [[ $2 == ?*' '-* ]] || fail "--variant takes \"MODEL OPTIONS\", not $2"; variants+=("$2") ;;
    --work) work=$2 ;;
    --models) models=$2 ;;
    --seeds) seeds=$2 ;;
    --frames) frames=$2 ;;
    --side) side=$2 ;;
    --epochs) epochs=$2 ;;
    --minutes) [[ $2 =~ ^[0-9]{1,5}$ ]] || fail "--minutes takes a whole number, not $2"; minutes=$2 ;;
    --tune) tune=$2 ;;
    *) usage ;;
  esac
  shift 2
done
((${#names[@]} > 0)) || usage
((!only_tuned)) || [[ $tune ]] || fail "--only-tuned: of which search? Give --tune TIME too"
mkdir -p "$work"
work=$(cd "$work" && pwd)

# get URL [SIZE SHA256]: prints the file that it downloads, unless it is there; a broken download goes on where it broke.
get() {
  local url=${mirror:-${1%/*}}/${1##*/} file=$work/downloads/${1##*/} size
  if [[ ! -f $file ]]; then
    mkdir -p "$work/downloads"
    size=$(stat -c %s "$file.part" 2>/dev/null || echo 0)
    if [[ $size != "${2:-none}" ]]; then
      curl --fail --silent --show-error --location --retry 5 --continue-at - --output "$file.part" "$url" >&2 || fail "$url: not to be had"
    fi
    if [[ ${3-} && "$(stat -c %s "$file.part") $(sha256sum <"$file.part")" != "$2 $3  -" ]]; then
      rm "$file.part"
      fail "$url: expected $2 bytes with SHA-256 $3, found other ones, and threw them away"
    fi
    mv "$file.part" "$file"
  fi
  [[ ${3-} ]] || echo "${1##*/}: no digest of it is published; here it is $(sha256sum <"$file" | cut -c 1-64)" >&2
  echo "$file"
}

# fetched KIND DIR: downloads and unpacks a published set. Sizes and digests are those of TensorFlow Datasets.
fetched() {
  local kind=$1 to=$2 aside=$2.part videos lists file tool
  for tool in curl bsdtar; do
    command -v "$tool" >/dev/null || fail "--fetch takes curl and bsdtar (package libarchive-tools), found no $tool"
  done
  rm -rf "$aside"
  mkdir -p "$aside"
  case $kind in
    ucf101)
      lists=$(get https://www.crcv.ucf.edu/data/UCF101/UCF101TrainTestSplits-RecognitionTask.zip 113943 \
        5c0d1a53b8ed364a2ac830a73f405e51bece7d98ce1254fd19ed4a36b224bd27)
      videos=$(get https://storage.googleapis.com/thumos14_files/UCF101_videos.zip 6960400115 \
        dabf56f573cd19c79e096563529fec8126a2a34e18e10c72eb621dd687532b0d)
      bsdtar -xf "$lists" -C "$aside" --strip-components 1
      bsdtar -xf "$videos" -C "$aside"
      # v_<Class>_g01_c01.avi, all in one folder.
      find "$aside" -name 'v_*_g*_c*.avi' | while IFS= read -r file; do
        name=${file##*/v_}
        mkdir -p "$aside/${name%_g*}"
        mv "$file" "$aside/${name%_g*}/"
      done ;;
    hmdb51)
      lists=$(get http://serre-lab.clps.brown.edu/wp-content/uploads/2013/10/test_train_splits.rar)
      videos=$(get http://serre-lab.clps.brown.edu/wp-content/uploads/2013/10/hmdb51_org.rar)
      mkdir "$aside/splits"
      bsdtar -xf "$lists" -C "$aside/splits" --strip-components 1
      bsdtar -xf "$videos" -C "$aside"
      # One archive a class.
      for file in "$aside"/*.rar; do bsdtar -xf "$file" -C "$aside" && rm "$file"; done ;;
    keras5)
      videos=$(get https://github.com/sayakpaul/Action-Recognition-in-TensorFlow/releases/download/v1.0.0/ucf101_top5.tar.gz)
      bsdtar -xf "$videos" -C "$aside" ;;
  esac
  mv "$aside" "$to"
}

for i in "${!names[@]}"; do
  if ((fetch)) && [[ ${kinds[i]} != folders && ! -d ${folders[i]} ]]; then fetched "${kinds[i]}" "${folders[i]}"; fi
  [[ -d ${folders[i]} ]] || fail "${folders[i]}: no such folder"
  folders[i]=$(cd "${folders[i]}" && pwd)
done
vlstm=("${VLSTM:-$root/scripts/vlstm}")

# list PLACES: makes data_file.csv of the current set.
list() {
  local first places=("$@")
  case $kind in
    ucf101) "${vlstm[@]}" extract-files avi --no-images "${places[@]}" --train-list "$folder/trainlist01.txt" \
      --test-list "$folder/testlist01.txt" --class-list "$folder/classInd.txt" ;;
    hmdb51) "${vlstm[@]}" extract-files avi --no-images "${places[@]}" --split-list "$folder"/splits/*_test_split1.txt ;;
    keras5) "${vlstm[@]}" extract-files avi --no-images "${places[@]}" --train-list "$folder/train.csv" --test-list "$folder/test.csv" ;;
    *) first=$(find "$folder/train" -type f -name '*.*' -not -name '*.jpg' | sort | sed -n 1p)
      [[ $first ]] || fail "$folder/train: no clip in it"
      "${vlstm[@]}" extract-files "${first##*.}" --no-images "${places[@]}" ;;
  esac
}

# once LABEL FEATURES HOW COMMAND...: runs it unless its result is there; the result is the line that has `(RIGHT of ALL`.
once() {
  local label=$1 features=$2 how=$3 line out status=0 right all top
  shift 3
  # Where the work folder and the program are, and how many processors there are, makes no other run of it.
  line="${*:2}"
  line=${line//"$work"/WORK}
  line=${line/ --threads $threads/}
  if grep -qxF -- "$line" <(cut -f 8 "$results"); then return; fi
  if ((SECONDS >= end)); then left=$((left + 1)); return; fi
  echo "$name: $label${features:+ on $features}, $how, seed $seed" >&2
  out=$(mktemp "$work/$name/run.XXXXXX")
  timeout --kill-after 20 $((end - SECONDS)) "$@" >"$out" 2>&1 &
  running=$!
  wait "$running" || status=$?
  running=""
  if ((status > 0 && SECONDS >= end)); then
    left=$((left + 1))
  elif ((status > 0)); then
    tail -n 3 "$out" >&2
    ((status != 137)) || echo "$name: $label was killed, perhaps because memory was short" >&2
    failed=1
  elif grep -q 'is too short .*: training as without' "$out"; then
    # What was measured is no search.
    grep 'is too short .*: training as without' "$out" >&2
    failed=1
  elif IFS=$'\t' read -r right all top < <(
    sed -nE 's/^best epoch.*test accuracy [0-9.]* \(([0-9]+) of ([0-9]+)(; top 5 ([0-9.]+))?.*/\1\t\2\t\4/p' "$out" | tail -n 1); then
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$label" "$features" "$how" "$seed" "$right" "$all" "$top" "$line" >>"$results"
  else
    echo "$name: $label printed no accuracy" >&2
    failed=1
  fi
  rm "$out"
}

# train LABEL FEATURES OPTIONS ARGUMENTS...: with these options, and after a search where these have their turn; the last argument is the
# folder to work in.
train() {
  local label=$1 features=$2 options=$3 how="as the recipe says" line
  shift 3
  line=("${vlstm[@]}" train "$@" --validation-split 0.2 --seed "$seed" --threads "$threads")
  if ((searching)); then
    options+="${options:+ }--tune $tune"
  fi
  [[ -z $options ]] || how="\`$options\`"
  # shellcheck disable=SC2086 # Words of their own.
  once "$label" "$features" "$how" "${line[@]}" $options
  # Classifiers of the article's size fill a disk soon.
  rm -rf "${*: -1}/checkpoints"
}

# on MODEL OPTIONS: a recipe that sees features, on those of the current network.
on() {
  local model=$1 options=$2 size=$side from=$extractor own=$work/$name/$extractor
  # Features of each network, and of other frames, in a folder of their own.
  case $model in gru | attention) own+=-first ;; esac
  case $extractor in
    inception) from=inception:$inception ;;
    mobilenet) from=mobilenet:$mobilenet size=224 ;;
    resnet18) size=224 ;;
  esac
  [[ -f $own/data_file.csv ]] || { mkdir -p "$own" && cp "${data_file%/*}"/*.csv "$own"; }
  train "$model" "$extractor" "$options" "$frames" "$classes" "$size" "$size" --extractor "$from" --model "$model" \
    --data "$folder" --work "$own"
  case $peers$searching$model in
    # shellcheck disable=SC2086 # Words of their own.
    10linear | 10lstm) once "$model in PyTorch" "$extractor" "${options:-as the recipe says}" \
      /usr/bin/python3 "$root/scripts/peers/accuracy.py" "$model" "$own" "$frames" "$seed" $options ;;
  esac
}

# table: chance, majority, then one row a label and way, in the order in which they first ran.
table() {
  awk -F, -v name="$name" '
    { n[$1, $2]++; classes[$2]; all[$1]++ }
    END {
      for (c in classes) { k++; t = n["train", c] + 0; if (t > most || t == most && c < major) { most = t; major = c } }
      printf "### %s\n\n%d classes, %d clips to train on, %d to test on.\n\n", name, k, all["train"], all["test"]
      print "| recipe | features | trained | seeds | mean accuracy | standard deviation | least to greatest | top 5 |"
      print "|---|---|---|---|---|---|---|---|"
      printf "| chance | | | | %.3f | | | |\n| the majority | | | | %.3f | | | |\n", 1 / k, n["test", major] / all["test"]
    }' "$1"
  awk -F'\t' '
    { key = $1 "\t" $2 "\t" $3; a = $5 / $6
      if (!(key in n)) { order[++count] = key; least[key] = most[key] = a }
      n[key]++; sum[key] += a; top[key] += $7; has[key] += $7 != ""; squares[key] += a * a
      if (a < least[key]) least[key] = a
      if (a > most[key]) most[key] = a }
    END { for (i = 1; i <= count; i++) {
      key = order[i]; split(key, words, "\t"); mean = sum[key] / n[key]
      variance = n[key] > 1 ? (squares[key] - n[key] * mean * mean) / (n[key] - 1) : 0
      if (variance < 0) variance = 0
      printf "| %s | %s | %s | %d | **%.3f** | %s | %.3f to %.3f | %s |\n", words[1], words[2], words[3], n[key], mean,
        (n[key] > 1 ? sprintf("%.3f", sqrt(variance)) : ""), least[key], most[key],
        (has[key] == n[key] ? sprintf("%.3f", top[key] / n[key]) : "") } }' "$results"
  echo
}

# features: what learns from features, on the current set with the current seed.
features() {
  local variant extractor model
  for extractor in $extractors; do
    for model in $models; do
      case $model in lrcn | conv3d | c3d | i3d | convnet-* | mobilenet*) ;; *) on "$model" "" ;; esac
    done
    if ((searching)); then continue; fi
    for variant in "${variants[@]}"; do on "${variant%% *}" "${variant#* }"; done
  done
}

# frames: the same of what sees frames.
frames() {
  local model size
  for model in $models; do
    case $model in
      convnet-*) size=(5 "$classes" 80 80) ;;
      mobilenet) size=(10 "$classes" 224 224 --mobilenet "$mobilenet") ;;
      mobilenet-*) size=(5 "$classes" 224 224 --mobilenet "$mobilenet") ;;
      lrcn | conv3d | c3d | i3d) size=(16 "$classes" 80 80) ;;
      *) continue ;;
    esac
    train "$model" "" "${epochs:+--epochs $epochs}" "${size[@]}" --model "$model" "${places[@]}"
  done
}

# measure: the current set.
measure() {
  local searching=0 seed
  for ((seed = 0; seed < seeds && !only_tuned; seed++)); do features; done
  for ((seed = 0; seed < seeds; seed++)); do
    searching=0
    ((only_tuned)) || frames
    [[ $tune ]] || continue
    searching=1
    features
    frames
  done
}

# choose I: makes a set the current one.
choose() {
  name=${names[$1]} folder=${folders[$1]} kind=${kinds[$1]} results=$work/${names[$1]}/results.tsv
  mkdir -p "$work/$name"
  touch "$results"
  places=(--data "$folder" --work "$work/$name")
  data_file=$work/$name/data_file.csv left_file=$work/$name/left
}

failed=0 left=0 running="" tables=$work/tables.md end=$((SECONDS + 60 * minutes)) processes=()
threads=$(($(nproc) / ${#names[@]}))
((threads > 0)) || threads=1
export OMP_NUM_THREADS=$threads
trap 'kill "${processes[@]}" 2>/dev/null; wait; exit 130' INT TERM
for i in "${!names[@]}"; do
  (
    # A shell waits for what runs in front before it heeds a signal, and what runs behind does not get it.
    trap '[[ -z $running ]] || kill "$running"; wait; exit 143' TERM
    choose "$i"
    rm -f "$left_file" "$work/$name"/run.*
    [[ -f $data_file ]] || list "${places[@]}" >&2
    classes=$(cut -d, -f 2 "$data_file" | sort -u | wc -l)
    measure
    echo "$left" >"$left_file"
    exit "$failed"
  ) &
  processes+=($!)
done
for i in "${!names[@]}"; do wait "${processes[i]}" || failed=1; done
: >"$tables"
for i in "${!names[@]}"; do
  choose "$i"
  # What ended before its end has said why.
  [[ -f $left_file ]] || continue
  table "$data_file" >>"$tables"
  left=$((left + $(<"$left_file")))
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
((left == 0)) || echo "accuracy.sh: $minutes minutes are over, $left runs are left; the same line goes on with them" >&2
exit "$failed"
