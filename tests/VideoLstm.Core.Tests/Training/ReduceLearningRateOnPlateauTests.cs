using VideoLstm.Core.Compute;
using VideoLstm.Core.Training;

namespace VideoLstm.Core.Tests.Training;

public sealed class ReduceLearningRateOnPlateauTests
{
    [Fact]
    public void APlateauReducesTheRate()
    {
        ITrainingSession session = Engine.Backend.CreateNetwork(new NetworkSpec([2], [new DenseSpec(3)]))
            .Train(new OptimizerSpec(OptimizerKind.Sgd, 1), new LossSpec());
        var schedule = new ReduceLearningRateOnPlateau(0.5, patience: 2, minimumDelta: 0.01, minimumRate: 0.3);
        (double Loss, double Rate)[] epochs =
            [(1, 1), (0.9, 1), (0.895, 1), (0.9, 0.5), (0.9, 0.5), (0.5, 0.5), (0.6, 0.5), (0.6, 0.3), (0.6, 0.3), (0.6, 0.3)];
        foreach ((double loss, double rate) in epochs)
        {
            schedule.Report(loss, session);
            Assert.Equal(rate, session.LearningRate);
        }
    }
}
