namespace VideoLstm.Core.Storage;

/// <summary>There is no room for what is to be written, nor for anything after it: the work ends.</summary>
/// <param name="message">What could not be written where, and what the system says.</param>
/// <param name="inner">What it comes from.</param>
internal sealed class StoreFullException(string message, Exception? inner = null)
    : InputException(message, Remedy.MakeRoomAndGoOn, inner);
