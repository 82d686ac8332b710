#!/usr/bin/env bash
# The main job from end to end: draws clips of two classes, trains on them, labels a longer video in which they alternate.
# Everything lies in demo/. Run again, it does only what is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vlstm=$root/scripts/vlstm
demo=$root/demo
data=$demo/data
frames=40 rate=20 length=20

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
"$root/scripts/setup.sh"
"$vlstm" --version >/dev/null

# pick SEED SALT MINIMUM MAXIMUM: a whole number that looks random and is the same on every machine.
pick() { echo $(($3 + (($1 * 7919 + $2 * 104729) * 2654435761 % 4294967296 >> 8) % ($4 - $3 + 1))); }

# fly GRAPH COLOUR WIDTH HEIGHT X Y: the graph with a box on top whose place depends on the time t.
fly() { echo "$1[under];color=c=$2:s=$3x$4:r=$rate[box];[under][box]overlay=x='$5':y='$6'"; }

# A pitch: lines on green, panning; small players that run, a white ball, the noise of a camera.
football() {
  local seed=$1 green graph shirt i
  green=$(printf '0x%02x%02x%02x' "$(pick "$seed" 1 20 70)" "$(pick "$seed" 2 90 160)" "$(pick "$seed" 3 20 60)")
  graph="color=c=$green:s=640x360:r=$rate,drawgrid=w=$(pick "$seed" 4 90 140):h=$(pick "$seed" 5 80 120):t=3:c=white@0.7"
  graph+=",drawbox=x=260:y=120:w=120:h=120:t=3:color=white@0.8"
  graph+=",crop=320:180:x='160+$(pick "$seed" 6 40 120)*sin($(pick "$seed" 7 4 9)*t/10+$seed)':y=90"
  for i in 1 2 3 4 5 6 7; do
    if ((i % 2)); then shirt=0xd02020; else shirt=0x2030c0; fi
    graph=$(fly "$graph" $shirt 7 16 "mod($(pick "$seed" $((10 + i)) 0 320)+$(pick "$seed" $((20 + i)) -40 40)*t+640,320)" \
      "$(pick "$seed" $((30 + i)) 30 140)+$(pick "$seed" $((40 + i)) 3 15)*sin(3*t+$i)")
  done
  graph=$(fly "$graph" white 6 6 "160+$(pick "$seed" 8 60 140)*sin($(pick "$seed" 9 10 30)*t/10)" "90+50*cos(1.7*t+$seed)")
  echo "$graph,noise=alls=$(pick "$seed" 50 4 14):allf=t:all_seed=$seed,format=yuv420p"
}

# A commercial: loud colours that turn, a shot that changes a few times a second, big shapes and banners that fly through.
commercial() {
  local seed=$1 graph
  graph="gradients=s=320x180:r=$rate:c0=0x$(pick "$seed" 1 100000 999999):c1=0x$(pick "$seed" 2 100000 999999):nb_colors=2:speed=0.$(pick "$seed" 3 10 60):seed=$seed"
  graph+=",hue=h='$(pick "$seed" 4 0 360)+$(pick "$seed" 5 60 200)*floor(t*$(pick "$seed" 6 2 5))':s=$(pick "$seed" 7 2 4)"
  graph=$(fly "$graph" "0x$(pick "$seed" 12 100000 999999)" "$(pick "$seed" 10 80 140)" "$(pick "$seed" 11 60 110)" "mod($(pick "$seed" 8 100 300)*t,420)-100" "$(pick "$seed" 9 10 60)")
  graph=$(fly "$graph" yellow "$(pick "$seed" 15 180 260)" 28 "$(pick "$seed" 13 0 40)" "180-mod($(pick "$seed" 14 60 160)*t,260)")
  graph=$(fly "$graph" black 150 8 "$(pick "$seed" 16 20 60)" "190-mod($(pick "$seed" 14 60 160)*t,260)")
  echo "$graph,noise=alls=$(pick "$seed" 17 2 10):allf=t:all_seed=$seed,format=yuv420p"
}

encoder=(-c:v mpeg4 -q:v 3)
if grep -q libx264 <<<"$(ffmpeg -hide_banner -encoders 2>/dev/null)"; then encoder=(-c:v libx264 -preset veryfast -crf 20); fi

# draw GRAPH FILE: whole or not at all.
draw() {
  [[ -s $2 ]] && return
  mkdir -p "$(dirname "$2")"
  ffmpeg -nostdin -v error -y -f lavfi -i "$1" -frames:v "$frames" "${encoder[@]}" -f mp4 "$2.partial"
  mv "$2.partial" "$2"
}

echo "== drawing clips of two classes"
for i in $(seq 1 12); do
  draw "$(football "$i")" "$data/train/Football/football_$i.mp4"
  draw "$(commercial "$i")" "$data/train/Commercial/commercial_$i.mp4"
done
for i in $(seq 101 106); do
  draw "$(football "$i")" "$data/test/Football/football_$i.mp4"
  draw "$(commercial "$i")" "$data/test/Commercial/commercial_$i.mp4"
done

# The long video: stretches of two or three clips' length that neither side of the split has seen.
truth=(Football Football Football Commercial Commercial Football Football Commercial Commercial Commercial Football Commercial)
list=$demo/parts/list.txt
mkdir -p "$demo/parts"
: >"$list"
for i in "${!truth[@]}"; do
  draw "$("${truth[i],,}" $((200 + i)))" "$demo/parts/$i.mp4"
  echo "file '$i.mp4'" >>"$list"
done
seconds=$((${#truth[@]} * frames / rate))
if [[ ! -s $demo/long.mp4 ]]; then
  ffmpeg -nostdin -v error -y -f concat -i "$list" -f lavfi -i "sine=frequency=330:duration=$seconds" -c:v copy -c:a aac -shortest -f mp4 "$demo/long.mp4.partial"
  mv "$demo/long.mp4.partial" "$demo/long.mp4"
fi

# A network with trained weights: InceptionV3 where its weights are to be had within a minute, else ResNet-18 out of a package of .NET's
# package source, else an untrained one.
extractor=inception side=299
if ! timeout 60 "$vlstm" weights fetch >/dev/null 2>&1; then
  extractor=resnet18 side=224
  echo "== InceptionV3's ImageNet weights cannot be had here: the demo uses ResNet-18, trained on ImageNet too"
fi

run() {
  echo "== vlstm $*"
  "$vlstm" "$@"
}
run extract-files mp4 --data "$data"
if ! run extract-features $length 2 --data "$data" --extractor $extractor; then
  extractor=inception:random:1 side=299
  echo "== nor can ResNet-18: the demo uses an untrained network, $extractor"
  run extract-features $length 2 --data "$data" --extractor $extractor
fi
rm -rf "$data/checkpoints"
run train $length 2 $side $side --data "$data" --extractor $extractor --epochs 40 --learning-rate 1e-4 | tee "$demo/train.txt"
checkpoint=$(grep '^vlstm classify' "$demo/train.txt" | sed 's/.* 2 \(.*\) VIDEO.*/\1/' | tr -d "'")
run classify $length 2 "$checkpoint" "$demo/long.mp4" --output "$demo/result.avi" | tee "$demo/windows.txt"

echo "== the windows beside the truth"
grep -E '^ *[0-9]+\.[0-9]+ +[0-9]' "$demo/windows.txt" | awk -v truth="${truth[*]}" -v part=$((frames / rate)) '
  BEGIN { split(truth, is) }
  { found = $3; sub(/:$/, "", found); expected = is[int(($1 + $2) / 2 / part) + 1]
    right += found == expected
    printf "%7.2f %7.2f  %-11s %-11s %s\n", $1, $2, expected, found, found == expected ? "" : "wrong" }
  END { printf "%d of %d windows right\n", right, NR }'

accuracy=$(sed -n 's/.*test accuracy \([0-9.]*\).*/\1/p' "$demo/train.txt")
echo "test accuracy $accuracy; the labelled video is $demo/result.avi"
awk -v a="$accuracy" 'BEGIN { exit !(a >= 0.9) }' || { echo "demo: the test accuracy is below 0.9" >&2; exit 1; }
