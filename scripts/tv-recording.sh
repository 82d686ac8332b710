#!/usr/bin/env bash
# Makes a recording as television gives it, and takes it through all verbs without a hand on it.
#   scripts/tv-recording.sh FOLDER [SECONDS]      (default 120; an hour is 3600)
# MPEG-TS, H.264 1080i with open groups of pictures, AC-3, programme information that comes and goes, a gap in
# reception, a change to 720x576 and back, begun inside a group of pictures. Ends with 0 if every verb did.
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
seconds=${2:-120}
vlstm=$(cd "$(dirname "$0")" && pwd)/vlstm
cd "$folder"

# Of a third of the length each: noise for the match, bars for what is between.
part() { # NAME SIZE SOURCE
  ffmpeg -nostdin -v error -y -f lavfi -i "$3" -f lavfi -i "sine=$((440 + RANDOM % 400)):r=48000" -t 10 -vf "scale=$2,format=yuv420p,setfield=tff" \
    -c:v libx264 -preset ultrafast -b:v 4M -x264-params "tff=1:interlaced=1:open-gop=1:keyint=25:bframes=2" -c:a ac3 -b:a 192k -f mpegts "once-$1.ts"
  ffmpeg -nostdin -v error -y -stream_loop -1 -i "once-$1.ts" -t $((seconds / 3)) -map 0 -c copy -copyts -f mpegts "part-$1.ts"
  rm "once-$1.ts"
}
part match 1920:1080 "testsrc2=s=480x270:r=25"
part break 720:576 "smptebars=s=480x270:r=25"

python3 - part-match.ts part-break.ts recording.ts <<'PY'
import random, sys
size, rng = 188, random.Random(1)
match, between = (open(name, 'rb').read() for name in sys.argv[1:3])
parts = [match, between, match]
# Programme information (PID 0x12), whose sections nobody can read.
def noise(): return bytes([0x47, 0x40, 0x12, 0x10]) + rng.randbytes(size - 4)
with open(sys.argv[3], 'wb') as out:
    for number, data in enumerate(parts):
        packets = [data[i:i + size] for i in range(0, len(data) - size + 1, size)]
        if number == 0:
            packets = packets[len(packets) // 97:]      # begun inside a group of pictures
        if number == 2:
            lost = len(packets) // 2                    # the reception fails for half a second
            del packets[lost:lost + max(1, len(packets) * 3 // (2 * max(1, len(data) // (700 * size))) // 100)]
        for i, packet in enumerate(packets):
            out.write(packet)
            if i % 500 == 0:
                out.write(noise())
PY
rm part-match.ts part-break.ts

# Nobody labels an hour: at most a minute of each part.
third=$((seconds / 3))
end() { echo $(($1 + 60 < $2 ? $1 + 60 : $2)); }
{
  echo start,end,class
  echo "1,$(end 1 $((third - 2))),Match"
  echo "$((third + 2)),$(end $((third + 2)) $((2 * third - 2))),Break"
  echo "$((2 * third + 2)),$(end $((2 * third + 2)) $((3 * third - 3))),Match"
} > labels.csv
run() { echo "\$ vlstm $*" >&2; "$vlstm" "$@"; }
run info recording.ts
run clips recording.ts labels.csv --length 2 --set auto
run extract-files mp4 --no-images
run extract-features 10 2 75 75 --inception random:1
run train 10 2 75 75 --inception random:1 --units 16 --epochs 20
classifier=$(ls -t data/checkpoints/*.bin | head -1)
run classify 10 2 "$classifier" recording.ts --timeline found.csv --smooth viterbi
# Interlaced pictures are re-encoded, so what is short.
run cut recording.ts labels.csv --keep Match --output match.ts
echo "all verbs did"
