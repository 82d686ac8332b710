using VideoLstm.Core;

namespace VideoLstm.Torch.Tests;

/// <summary>What libtorch says of a card that does not compute, in its own words.</summary>
public sealed class ProviderTests
{
    [Theory]
    [InlineData("CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors might be ...",
        "cuda:0: CUDA error: no kernel image is available for execution on the device", Remedy.TakeNewerCard)]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 14.74 GiB\nException raised from malloc",
        "cuda:0: CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 14.74 GiB", Remedy.FreeCard)]
    [InlineData("CUDA error: unknown error", "cuda:0: CUDA error: unknown error", Remedy.CheckDriver)]
    public void CardThatDoesNotComputeIsOneLine(string said, string line, Remedy remedy)
    {
        InputException refusal = TorchProvider.Explain("cuda:0", new InvalidOperationException(said));
        Assert.Equal((line, remedy), (refusal.Message, refusal.Remedy));
    }
}
