namespace VideoLstm.Core.Compute;

/// <summary>How fast an extractor's parts are while they work, waiting not counted, frames/s.</summary>
/// <param name="Network">What the network computes; 0 before it has computed anything.</param>
/// <param name="Copying">What goes to the device; null where nothing is copied.</param>
public readonly record struct ExtractorRates(double Network, double? Copying = null);
