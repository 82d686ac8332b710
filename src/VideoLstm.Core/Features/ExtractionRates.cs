using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Features;

/// <summary>
/// How fast each part of an extraction was while it worked, waiting for the others not counted: the slowest was the limit.
/// </summary>
/// <param name="Decoding">Frames/s of all decoders together.</param>
/// <param name="Decoders">How many clips were decoded at a time.</param>
/// <param name="Extractor">Of what comes behind them.</param>
public sealed record ExtractionRates(double Decoding, int Decoders, ExtractorRates Extractor);
