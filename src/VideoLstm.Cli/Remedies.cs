using VideoLstm.Core;

namespace VideoLstm.Cli;

/// <summary>What mends what Core finds, in words of this command line: its verbs, arguments and options.</summary>
internal static class Remedies
{
    private static readonly Dictionary<Remedy, string> Table = new()
    {
        [Remedy.ExtractFiles] = "run `vlstm extract-files <extension>` first, e.g. `vlstm extract-files mp4`",
        [Remedy.ExtractFilesAgain] = "run `vlstm extract-files` again",
        [Remedy.NameExtension] = "give the extension that your clips have, e.g. `vlstm extract-files mp4`",
        [Remedy.ChooseExtension] = "run `vlstm extract-files` with the extension that is meant, or move the other away",
        [Remedy.MendList] = "mend the line, or delete the file and run `vlstm extract-files` again",
        [Remedy.NameDataFolder] = "--data names another data folder",
        [Remedy.NameDataFolderOrLayout] = "--data names another data folder, --split and --train-list take clips that lie otherwise",
        [Remedy.NameLayout] = "--split and --train-list take clips that lie otherwise",
        [Remedy.KeepDivision] = "leave --split out, or move the clips there",
        [Remedy.NumberClasses] = "--class-list says which class has which number",
        [Remedy.WriteElsewhere] = "--work DIR takes frames, the list of clips, sequences, checkpoints and logs to another folder",
        [Remedy.ChooseStream] = "--stream takes one of these",
        [Remedy.TakeOtherStream] = "--stream takes another",
        [Remedy.TakeSameStream] = "give the same --stream here, or run `vlstm extract-files` again",
        [Remedy.KeepDamaged] = "replace the file, or take it as it is with --damaged keep",
        [Remedy.DecodeInSoftware] = "take --decoder software",
        [Remedy.ExtractFeaturesAgain] = "run `vlstm extract-features` again",
        [Remedy.ReplaceFeatures] = "delete it and run `vlstm extract-features` again",
        [Remedy.PadClip] = "take a longer clip or a smaller seq_length, or keep it with --pad",
        [Remedy.PadWindows] = "take a longer --sequence-time or a smaller seq_length, or keep them with --pad",
        [Remedy.ShortenWindows] = "take a longer clip or a shorter --sequence-time, or keep it with --pad",
        [Remedy.TakeFewerWindows] = "take a longer --sequence-step, or cut the clip",
        [Remedy.ChooseWeights] = "say which with --key (`vlstm info` and `vlstm weights convert` take it)",
        [Remedy.DoNotChooseWeights] = "--key is for checkpoints of PyTorch, leave it out",
        [Remedy.NameSkippedClasses] = "say which classes, e.g. --skip Commercial",
        [Remedy.TakeOneTrack] = "--track takes one of them, e.g. --track 1",
        [Remedy.TrackCanBeTaken] = "--track takes one track",
        [Remedy.DoNotChooseTrack] = "--track goes with labels of Audacity, .labels.txt or .txt",
        [Remedy.ShortenClips] = "take a smaller --length",
        [Remedy.ShortenClipsOrLengthenSegments] = "take a smaller --length, or longer segments",
        [Remedy.LengthenClips] = "take a greater --length",
        [Remedy.CutExactly] = "cut with --exact",
        [Remedy.CutExactlyOrRename] = "cut with --exact, or give another extension",
        [Remedy.WriteTimesAnew] = "write it anew with ffmpeg -i FILE -map 0 -c copy NEW.ts",
        [Remedy.WriteMatroska] = "give --output a name that ends with .mkv",
        [Remedy.RenameOutput] = "give another name with --output",
        [Remedy.RenameOutputSo] = "give such a name with --output",
        [Remedy.DoWithoutH264] = "install a full build of ffmpeg, or leave --format h264 out",
        [Remedy.ExportToOnnx] = "give --to onnx",
        [Remedy.ExportToOnnxOrTorch] = "give --to onnx or --to torch",
        [Remedy.FetchInception] = "`vlstm weights fetch` downloads them, as do the verbs that need them; or give a file with --inception",
        [Remedy.FetchMobileNet] = "it downloads them when it is trained; or give a file with --mobilenet",
        [Remedy.TrainSmaller] = "take smaller --units, height and width",
        [Remedy.SaveSpace] = "frames as JPEG need some GiB: make room, or extract with --no-images",
        [Remedy.KeepByPadding] = "--pad keeps them",
        [Remedy.DoNotPad] = "leave --pad out, or take a --model with a recurrent layer",
        [Remedy.TakeTheirPrecision] = "give their --precision, or delete them",
        [Remedy.TryInceptionOnly] = "the real one is --inception imagenet",
        [Remedy.TryMobileNetOnly] = "the real one is --mobilenet imagenet",
        [Remedy.NameInception] = "or give a weights file with --inception FILE, or try things out with --inception random:1",
        [Remedy.NameMobileNet] = "or give a weights file with --mobilenet FILE, or try things out with --mobilenet random:1",
        [Remedy.NameItsInception] = "give the one it was trained on with --inception",
        [Remedy.DoNotNameInception] = "leave --inception out",
        [Remedy.NameOtherClips] = "--data names another data folder, --set another set",
        [Remedy.DamageCanBeTaken] = "--damaged keep takes them without complaint",
        [Remedy.NameClassifier] = "give one from data/checkpoints, which `vlstm train` writes",
        [Remedy.NameAnyClassifier] =
            "give a classifier: a .bin from data/checkpoints, which `vlstm train` writes, or a Keras model (.hdf5, .h5, .keras)",
        [Remedy.TrainOrNameClassifier] = "train one, or name a file, --data names another data folder",
        [Remedy.LeaveHintsOut] = "leave --classes, --size, --crop and --sampling out, they are for Keras models",
        [Remedy.NameSequenceLength] = "say which it learnt with --seq-length N",
        [Remedy.NameSize] = "if it learnt from others, say --size HEIGHTxWIDTH",
        [Remedy.NameClasses] = "give them in the order of its outputs with --classes A,B,...",
        [Remedy.NameClassesOrDataFolder] =
            "give them in the order of its outputs with --classes A,B,..., or with --data the data folder that it learnt from",
        [Remedy.LowerLearningRate] = "train again, with a smaller --learning-rate",
        [Remedy.TrainAfresh] = "train without --resume",
        [Remedy.ResumeOrReseed] = "--resume goes on with it, another --seed makes another run",
        [Remedy.WaitOrReseed] = "wait for it, or train with another --seed",
        [Remedy.AddClipsOrJudgeByTest] = "add some, or give --validation-split 0 to be judged by the test clips",
        [Remedy.MakeRoomAndResume] = "make room, and go on with --resume",
        [Remedy.TrainItsRecipe] = "give that one to --model, or another checkpoint",
        [Remedy.TrainItsSizes] = "give its --units, --layers and --bidirectional, or another checkpoint",
        [Remedy.TakeFasterFeatures] = "smaller pictures in training or --precision int8 would help",
        [Remedy.InstallSdk] = "install the .NET SDK, or copy the folder from a machine that has it",
        [Remedy.CheckPackageSource] = "see that the package source of the .NET SDK (dotnet nuget list source) is reached",
        [Remedy.CheckDriver] = "see that the driver is there and new enough (nvidia-smi), or take --device cpu",
        [Remedy.InstallCuda] = "run `vlstm accelerator install cuda`, or take --device cpu",
        [Remedy.InstallTorch] = "run `vlstm accelerator install cpu`, or take --device cpu",
        [Remedy.InstallAgain] = "run `vlstm accelerator remove` and `vlstm accelerator install` again, or take --device cpu",
    };

    /// <summary>What to do; null if the fact itself says it.</summary>
    public static string? Words(Remedy remedy) => remedy == Remedy.None ? null : Table[remedy];

    /// <summary>The line that a user sees.</summary>
    public static string Line(Finding finding) => Words(finding.Remedy) is { } words ? $"{finding.Fact}; {words}" : finding.Fact;
}
