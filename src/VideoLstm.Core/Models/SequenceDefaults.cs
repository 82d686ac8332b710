using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>How frames are taken from clips.</summary>
/// <param name="Sampling">Which.</param>
/// <param name="Fit">How they come to size.</param>
/// <param name="Pad">Whether clips that are too short are kept.</param>
public sealed record SequenceDefaults(FrameSampling Sampling, FrameFit Fit, bool Pad);
