namespace VideoLstm.Core.Compute;

/// <summary>What changes the weights.</summary>
public enum OptimizerKind
{
    /// <summary>D. Kingma, J. Ba, "Adam" (2014); see <see cref="Numerics.Optimizers.Adam"/>.</summary>
    Adam,

    /// <summary>Stochastic gradient descent; see <see cref="Numerics.Optimizers.Sgd"/>.</summary>
    Sgd,

    /// <summary>G. Hinton, T. Tieleman (2012); see <see cref="Numerics.Optimizers.RmsProp"/>.</summary>
    RmsProp,

    /// <summary>M. Zeiler (2012); see <see cref="Numerics.Optimizers.Adadelta"/>.</summary>
    Adadelta,

    /// <summary>J. Duchi et al. (2011); see <see cref="Numerics.Optimizers.Adagrad"/>.</summary>
    Adagrad,
}
