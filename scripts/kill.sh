#!/usr/bin/env bash
# Kills every verb at random moments of its work, runs it again, and compares what is there with a run that nobody disturbed.
#   scripts/kill.sh [--kills N] [--seed N] [--program DLL] [verb...]      (20 kills a verb; a verb: a name of the table, or its beginning)
# SIGKILL goes to vlstm alone. A second later nothing that it started may live. After the same command again the folder must hold the same
# files, byte for byte, and nothing else: its data, its results, and its folder for temporary files. A line a verb; ends with 1 if one is not so.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[[ -d /proc/self/task ]] || { echo "kill.sh: looks for what is left in /proc, which is not there; run it on Linux" >&2; exit 2; }
case " $* " in *" --program "*) ;; *) "$root/scripts/vlstm" --version >/dev/null ;; esac
exec python3 - "$root/src/VideoLstm.Cli/bin/Release/net10.0/vlstm.dll" "$@" <<'PY'
import argparse, filecmp, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(prog='kill.sh')
parser.add_argument('--kills', type=int, default=20)
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--program', default=sys.argv[1])
parser.add_argument('verbs', nargs='*')
options = parser.parse_args(sys.argv[2:])

NETWORK = '--inception random:1'
SEQUENCES = f'6 2 75 75 {NETWORK}'
TRAIN = f'train {SEQUENCES} --units 16 --epochs 40 --patience 0 --learning-rate 1e-4'

# Name in the table, arguments, and which of the verbs before it have been there. Not here: what is live, `weights fetch`, whose download has
# tests with a server of its own, and `completion`, which only prints.
VERBS = [
    ('extract-files', 'extract-files mp4', []),
    ('extract-files --no-images', 'extract-files mp4 --no-images', []),
    ('extract-features', f'extract-features {SEQUENCES}', ['extract-files']),
    ('extract-features sliding', f'extract-features {SEQUENCES} --sampling sliding --sequence-time 0.6 --sequence-step 0.2', ['extract-files']),
    ('extract-features copies', f'extract-features {SEQUENCES} --augmented-copies 2 --flip --rotate 8', ['extract-files --no-images']),
    ('train', TRAIN, ['extract-files', 'extract-features']),
    ('train --resume', f'{TRAIN} --resume', ['extract-files', 'extract-features']),
    ('train conv3d', 'train 16 2 80 80 --model conv3d --epochs 2 --learning-rate 1e-4', ['extract-files --no-images']),
    ('evaluate', 'evaluate best --report evaluation.html', ['extract-files', 'extract-features', 'train']),
    ('classify', 'classify 6 2 best match.mp4 --timeline match.srt --timeline match.json', ['extract-files', 'extract-features', 'train']),
    ('classify h264', 'classify 6 2 best match.mp4 --format h264 --report match.html --stride 5 --smooth viterbi', ['extract-files', 'extract-features', 'train']),
    ('review', 'review match.mp4 match.csv', []),
    ('clips', 'clips match.mp4 match.csv --length 0.8 --set auto', []),
    ('cut', 'cut match.mp4 match.csv --drop Noise', []),
    ('cut anew', 'cut match.mkv match.csv --drop Noise', []),
    ('cut --fast', 'cut match.mp4 match.csv --drop Noise --fast', []),
    ('cut --split', 'cut match.mp4 match.csv --keep Noise --split', []),
    ('preview', 'preview 6 --flip --rotate 8', ['extract-files']),
    ('preview --gif', 'preview 6 --gif --only a --input flow', ['extract-files --no-images']),
    ('export onnx', 'export best --to onnx --output out.onnx', ['extract-files', 'extract-features', 'train']),
    ('export onnx both', 'export best --to onnx --part both --output out.onnx', ['extract-files', 'extract-features', 'train']),
    ('export keras', 'export best --to keras --output out.h5', ['extract-files', 'extract-features', 'train']),
    ('export torch', 'export best --to torch --output out.pth', ['extract-files', 'extract-features', 'train']),
    ('weights convert', 'weights convert random:1 --output inception.safetensors', []),
    ('weights convert keras', 'weights convert out.h5 --output model.bin --size 75x75 ' + NETWORK, ['extract-files', 'extract-features', 'train', 'export keras']),
    ('info video', 'info match.mp4 --all', []),
    ('doctor', 'doctor', []),
]

# What is of the moment and not of the work, and so differs between any two runs: when a training began, ended and was resumed, in its description
# and its page, and when each point of TensorBoard's curves was written, with the checksum over it, and the name of that file.
TIMES = {
    'run.json': rb'"(started|ended)": "[^"]*"|"resumed": \[[^\]]*\]',
    'report.html': rb'; begun [^<;]*;',
}
EVENTS = re.compile(r'(events\.out\.tfevents\.)\d+')


work = pathlib.Path(tempfile.mkdtemp(prefix='vlstm-kill-'))
draws = random.Random(options.seed)
finished = {}


def environment_of(folder, mark):
    # Without the diagnostics of .NET, whose sockets a kill leaves in the folder for temporary files.
    return dict(os.environ, VLSTM_KILLED=mark, TMPDIR=str(folder / 'tmp'), VLSTM_CACHE=str(folder / 'cache'),
                KERAS_HOME=str(folder), TORCH_HOME=str(folder), DOTNET_EnableDiagnostics='0')


def start(folder, arguments, mark='none'):
    (folder / 'tmp').mkdir(exist_ok=True)
    return subprocess.Popen(['dotnet', options.program, *arguments.split()], cwd=folder, env=environment_of(folder, mark), start_new_session=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(folder.parent / 'errors.txt').open('wb'))


def run(folder, arguments):
    began = time.monotonic()
    code = start(folder, arguments).wait()
    if code != 0:
        last = (folder.parent / 'errors.txt').read_text(errors='replace').strip().split('\n')[-1]
        return None, f'vlstm {arguments} ended with {code}: {last}'
    return time.monotonic() - began, None


def ffmpeg(folder, *arguments):
    subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-y', *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL)


def draw(folder):
    """Clips of two classes, and a recording with both."""
    sources = {'Bars': lambda n: f'testsrc=s=96x64:r=10,hue=h={40 * n}', 'Noise': lambda n: f'cellauto=s=96x64:r=10:rule=30:random_seed={n}'}
    for number, place in enumerate(['train/Bars/a', 'train/Bars/b', 'train/Noise/c', 'train/Noise/d', 'test/Bars/e', 'test/Noise/f']):
        clip = folder / 'data' / f'{place}.mp4'
        clip.parent.mkdir(parents=True, exist_ok=True)
        ffmpeg(folder, '-f', 'lavfi', '-i', sources[clip.parent.name](number), '-frames:v', '30', '-c:v', 'mpeg4', '-q:v', '3', f'file:{clip}')
    parts = ';'.join(f'{sources["Bars" if n % 2 == 0 else "Noise"](n)},trim=duration=2,setsar=1,format=yuv420p[p{n}]' for n in range(4))
    graph = f'{parts};{"".join(f"[p{n}]" for n in range(4))}concat=n=4'
    ffmpeg(folder, '-f', 'lavfi', '-i', graph, '-f', 'lavfi', '-i', 'sine=d=8', '-c:v', 'libx264', '-g', '12', '-flags', '+cgop', '-c:a', 'aac', '-shortest', 'match.mp4')
    ffmpeg(folder, '-i', 'match.mp4', '-c:v', 'mpeg4', '-c:a', 'copy', 'match.mkv')
    rows = ''.join(f'{2 * n + 0.25:.2f},{2 * n + 2:.2f},{"Bars" if n % 2 == 0 else "Noise"}\n' for n in range(4))
    (folder / 'match.csv').write_text('start,end,class\n' + rows)


def copy(source, target):
    # Times of files are kept: by them vlstm knows what is done.
    shutil.copytree(source, target, symlinks=True)


def after(verbs):
    """The folder in which some verbs have run, one after the other."""
    key = tuple(verbs)
    if key not in finished:
        folder = work / 'starts' / ('+'.join(verbs) or 'nothing').replace(' ', '_') / 'x'
        if not verbs:
            folder.mkdir(parents=True)
            draw(folder)
        else:
            copy(after(verbs[:-1]), folder)
            _, fault = run(folder, next(arguments for name, arguments, _ in VERBS if name == verbs[-1]))
            if fault:
                sys.exit(f'kill.sh: {fault}')
        finished[key] = folder
    return finished[key]


def living(mark):
    """Programs that inherited the mark: id and command."""
    found = {}
    for entry in os.listdir('/proc'):
        try:
            if entry.isdigit() and f'VLSTM_KILLED={mark}\0'.encode() in pathlib.Path('/proc', entry, 'environ').read_bytes():
                found[int(entry)] = pathlib.Path('/proc', entry, 'cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace')[:60]
        except OSError:
            pass    # It has ended, or is another's.
    return found


def files(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob('*')}


def events(path):
    """The records of TensorBoard's file without the time in front of each."""
    content, place, records = path.read_bytes(), 0, []
    while place < len(content):
        size = int.from_bytes(content[place:place + 8], 'little')
        records.append(content[place + 12 + 9:place + 12 + size])
        place += 12 + size + 4
    return records


def masked(path):
    if EVENTS.match(path.name):
        return events(path)
    return re.sub(TIMES[path.name], b'', path.read_bytes()) if path.name in TIMES else None


def differences(folder, reference):
    here, there = ({EVENTS.sub(r'\1TIME', p): root / p for p in files(root)} for root in (folder, reference))
    yield from (f'missing: {p}' for p in sorted(there.keys() - here.keys()))
    yield from (f'left: {p}' for p in sorted(here.keys() - there.keys()))
    if len(here) != len(files(folder)):
        yield 'two files of TensorBoard where there was one'
    for p in sorted(here.keys() & there.keys()):
        if here[p].is_file() and not filecmp.cmp(here[p], there[p], shallow=False) and (masked(here[p]) is None or masked(here[p]) != masked(there[p])):
            yield f'differs: {p}'


def test(name, arguments, before):
    begin = after(before)
    reference = work / 'reference' / 'x'
    copy(begin, reference)
    duration, fault = run(reference, arguments)
    if fault:
        sys.exit(f'kill.sh: {fault}')
    hits, survivors, faults = 0, [], []
    for number in range(options.kills):
        folder = work / 'killed' / 'x'
        copy(begin, folder)
        mark = f'{os.getpid()}-{number}-{name.replace(" ", "_")}'
        moment = draws.uniform(0.05, duration)
        process = start(folder, arguments, mark)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            hits += 1
        time.sleep(1)
        left = living(mark)
        survivors += [f'{moment:.2f} s: {command}' for command in left.values()]
        for other in left:
            try:
                os.kill(other, signal.SIGKILL)
            except ProcessLookupError:
                pass
        between = sorted(files(folder) - files(begin)) if os.environ.get('VLSTM_KILL_SHOW') else []
        _, fault = run(folder, arguments)
        found = [fault] if fault else list(differences(folder, reference))
        faults += [f'{moment:.2f} s: {line}' for line in found]
        if between:
            print(f'    {moment:.2f} of {duration:.2f} s: {between}')
        shutil.rmtree(work / 'killed')
    shutil.rmtree(work / 'reference')
    print(f'{name:28} {duration:6.1f} s {hits:4} of {options.kills} killed alive {len(survivors):4} processes left {len(faults):4} differences', flush=True)
    for line in (survivors + faults)[:10]:
        print('    ' + line, flush=True)
    return not survivors and not faults


try:
    chosen = [v for v in VERBS if not options.verbs or any(v[0] == o or v[0].startswith(o + ' ') for o in options.verbs)]
    if not chosen:
        sys.exit(f'kill.sh: {" ".join(options.verbs)}: no such verb; there are {", ".join(v[0] for v in VERBS)}')
    results = [test(*verb) for verb in chosen]
finally:
    shutil.rmtree(work, ignore_errors=True)
sys.exit(0 if all(results) else 1)
PY
