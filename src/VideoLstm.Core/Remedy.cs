namespace VideoLstm.Core;

/// <summary>
/// What a user can do about a fact. Here it has a name only: which option or verb does it, a program says that has options and verbs.
/// </summary>
public enum Remedy
{
    /// <summary>Nothing, or what the fact itself says.</summary>
    None,

    /// <summary>List the clips, which has not been done yet.</summary>
    ExtractFiles,

    /// <summary>List the clips again.</summary>
    ExtractFilesAgain,

    /// <summary>List the clips with the extension that they have.</summary>
    NameExtension,

    /// <summary>Of two files of one name, list the one that is meant, or move the other away.</summary>
    ChooseExtension,

    /// <summary>Mend a line of the list of clips, or list the clips again.</summary>
    MendList,

    /// <summary>Name another data folder.</summary>
    NameDataFolder,

    /// <summary>Name another data folder, or say how the clips lie in this one.</summary>
    NameDataFolderOrLayout,

    /// <summary>Say how the clips lie in the data folder.</summary>
    NameLayout,

    /// <summary>Have the clips divided.</summary>
    Divide,

    /// <summary>Do not have the clips divided.</summary>
    DoNotDivide,

    /// <summary>Do not divide the clips, or undo the division that is there.</summary>
    KeepDivision,

    /// <summary>Say which class has which number.</summary>
    NumberClasses,

    /// <summary>Write somewhere else than into the data folder.</summary>
    WriteElsewhere,

    /// <summary>Take a video stream that there is.</summary>
    ChooseStream,

    /// <summary>Another video stream can be taken than the usual one.</summary>
    TakeOtherStream,

    /// <summary>Take the video stream that was taken before, or list the clips again.</summary>
    TakeSameStream,

    /// <summary>Replace a damaged video, or take it as it is.</summary>
    KeepDamaged,

    /// <summary>Let ffmpeg itself decode.</summary>
    DecodeInSoftware,

    /// <summary>Take the features again.</summary>
    ExtractFeaturesAgain,

    /// <summary>Delete a file of features and take them again.</summary>
    ReplaceFeatures,

    /// <summary>Take a longer clip or a shorter sequence, or pad.</summary>
    PadClip,

    /// <summary>Take longer windows or shorter sequences, or pad.</summary>
    PadWindows,

    /// <summary>Take a longer clip or shorter windows, or pad.</summary>
    ShortenWindows,

    /// <summary>Take fewer windows, or cut the clip.</summary>
    TakeFewerWindows,

    /// <summary>Say which of several sets of weights in one file is meant.</summary>
    ChooseWeights,

    /// <summary>Do not choose among weights: there is one set.</summary>
    DoNotChooseWeights,

    /// <summary>Say which classes are to be skipped.</summary>
    NameSkippedClasses,

    /// <summary>Take one label track alone.</summary>
    TakeOneTrack,

    /// <summary>All label tracks are taken together; one alone can be taken.</summary>
    TrackCanBeTaken,

    /// <summary>Do not choose a label track: only Audacity's labels have some.</summary>
    DoNotChooseTrack,

    /// <summary>Take one tier alone.</summary>
    TakeOneTier,

    /// <summary>All tiers are taken together; one alone can be taken.</summary>
    TierCanBeTaken,

    /// <summary>Do not choose a tier: the labels have none.</summary>
    DoNotChooseTier,

    /// <summary>Say the rate of the video.</summary>
    SayFrameRate,

    /// <summary>Take shorter clips.</summary>
    ShortenClips,

    /// <summary>Take shorter clips, or label longer segments.</summary>
    ShortenClipsOrLengthenSegments,

    /// <summary>Take longer clips.</summary>
    LengthenClips,

    /// <summary>Cut at the very frames.</summary>
    CutExactly,

    /// <summary>Cut at the very frames, or write another container.</summary>
    CutExactlyOrRename,

    /// <summary>Write the recording anew, with times that rise.</summary>
    WriteTimesAnew,

    /// <summary>Write Matroska.</summary>
    WriteMatroska,

    /// <summary>Give the output another name.</summary>
    RenameOutput,

    /// <summary>Give the output a name that fits.</summary>
    RenameOutputSo,

    /// <summary>Install a full ffmpeg, or do without H.264.</summary>
    DoWithoutH264,

    /// <summary>Export to ONNX.</summary>
    ExportToOnnx,

    /// <summary>Export to ONNX or PyTorch.</summary>
    ExportToOnnxOrTorch,

    /// <summary>Download InceptionV3's weights, or name their file.</summary>
    FetchInception,

    /// <summary>Let MobileNet's weights be downloaded in training, or name their file.</summary>
    FetchMobileNet,

    /// <summary>Train a smaller network on smaller pictures.</summary>
    TrainSmaller,

    /// <summary>Make room on the disk, or keep no frames there.</summary>
    SaveSpace,

    /// <summary>Make room, and go on.</summary>
    MakeRoomAndGoOn,

    /// <summary>Keep what is too short, padded.</summary>
    KeepByPadding,

    /// <summary>Do not pad, or take a recipe with recurrent layers.</summary>
    DoNotPad,

    /// <summary>Compute with the precision that files were computed with, or delete them.</summary>
    TakeTheirPrecision,

    /// <summary>Take another precision, or what computes with this one.</summary>
    TakeOtherPrecision,

    /// <summary>Take smaller frames, a smaller precision, or the machine's own memory.</summary>
    TakeSmallerFrames,

    /// <summary>Learn from fewer samples in a step, or with the machine's own memory.</summary>
    TakeSmallerBatch,

    /// <summary>Train a smaller network on smaller pictures, or compute with the machine's own memory.</summary>
    TrainSmallerOrOnCpu,

    /// <summary>Good for trying things out only.</summary>
    TryInceptionOnly,

    /// <summary>Good for trying things out only.</summary>
    TryMobileNetOnly,

    /// <summary>Name a file with weights, or take untrained ones.</summary>
    NameInception,

    /// <summary>Name a file with weights, or take untrained ones.</summary>
    NameMobileNet,

    /// <summary>Name the weights that the classifier learnt with.</summary>
    NameItsExtractor,

    /// <summary>Name no weights: it has none.</summary>
    DoNotNameExtractor,

    /// <summary>Do not ask for what is unknown.</summary>
    DoNotAskForUnknown,

    /// <summary>Train again, so that the classifier can tell what is unknown, or do not ask for it.</summary>
    TrainAgainForUnknown,

    /// <summary>Name another data folder, or other clips of this one.</summary>
    NameOtherClips,

    /// <summary>Damaged videos can be taken without complaint.</summary>
    DamageCanBeTaken,

    /// <summary>Name a classifier that was trained here.</summary>
    NameClassifier,

    /// <summary>Name a classifier, of ours or of Keras.</summary>
    NameAnyClassifier,

    /// <summary>Train a classifier, or name one.</summary>
    TrainOrNameClassifier,

    /// <summary>Say nothing of a classifier that says all of itself.</summary>
    LeaveHintsOut,

    /// <summary>Say how long the sequences are.</summary>
    NameSequenceLength,

    /// <summary>Say of what size the pictures were, if they were of another.</summary>
    NameSize,

    /// <summary>Name the classes.</summary>
    NameClasses,

    /// <summary>Name the classes, or the data folder that lists them.</summary>
    NameClassesOrDataFolder,

    /// <summary>Train again, in smaller steps.</summary>
    LowerLearningRate,

    /// <summary>Begin the run anew.</summary>
    TrainAfresh,

    /// <summary>Go on with the run that was, or make another one.</summary>
    ResumeOrReseed,

    /// <summary>Wait for the run that is on, or make another one.</summary>
    WaitOrReseed,

    /// <summary>Add clips, or let the test clips validate the epochs.</summary>
    AddClipsOrJudgeByTest,

    /// <summary>Add training clips, or train without a search.</summary>
    AddClipsOrDoNotTune,

    /// <summary>Make room, and go on.</summary>
    MakeRoomAndResume,

    /// <summary>Train the recipe that the weights are of, or begin with others.</summary>
    TrainItsRecipe,

    /// <summary>Train a network of the sizes that the weights have, or begin with others.</summary>
    TrainItsSizes,

    /// <summary>Take features faster.</summary>
    TakeFasterFeatures,

    /// <summary>Name clips that are listed.</summary>
    NameListedClips,

    /// <summary>Wait for who cuts, or cut with the same labels.</summary>
    WaitForCutting,

    /// <summary>Install the .NET SDK.</summary>
    InstallSdk,

    /// <summary>See that the package source is reached.</summary>
    CheckPackageSource,

    /// <summary>See that the driver answers.</summary>
    CheckDriver,

    /// <summary>Install what computes on cards.</summary>
    InstallCuda,

    /// <summary>Install what computes by libtorch.</summary>
    InstallTorch,

    /// <summary>Make room on the disk, or use another.</summary>
    MakeRoom,

    /// <summary>Install what binds a libtorch that is there.</summary>
    InstallBinding,

    /// <summary>Name another folder of libtorch, or none.</summary>
    NameLibtorch,

    /// <summary>Compute on a newer card, or on none.</summary>
    TakeNewerCard,

    /// <summary>End what else computes on the card.</summary>
    FreeCard,

    /// <summary>Install the accelerator again.</summary>
    InstallAgain,

    /// <summary>Name one of the networks that are known, or an ONNX file.</summary>
    NameExtractor,

    /// <summary>Say which network the weights are of.</summary>
    NameWeightsOfExtractor,

    /// <summary>Say nothing of the input and output of a network that is known.</summary>
    LeaveOnnxOptionsOut,

    /// <summary>Say nothing of how pictures are prepared.</summary>
    LeavePreprocessingOut,

    /// <summary>Say how pictures are prepared.</summary>
    SayPreprocessing,

    /// <summary>Name another output of the network.</summary>
    NameOutput,

    /// <summary>Say how many frames a network sees at once.</summary>
    NameClipFrames,

    /// <summary>Say nothing of frames at once.</summary>
    LeaveClipOut,

    /// <summary>Say nothing of a precision.</summary>
    LeavePrecisionOut,

    /// <summary>Give the size that the network takes.</summary>
    GiveItsSize,

    /// <summary>Take an ONNX Runtime that computes on cards.</summary>
    TakeCudaRuntime,

    /// <summary>Take the file of ResNet-18 from elsewhere, or another network.</summary>
    NameResNet,
}
