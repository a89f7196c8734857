namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>Which digits an experiment uses.</summary>
public enum DatasetKind
{
    /// <summary>MNIST if it is at hand or can be downloaded, otherwise the built-in digits.</summary>
    Auto,

    /// <summary>MNIST, reduced to 16x16 as the article does.</summary>
    Mnist,

    /// <summary>The USPS digits that descend from the paper's own data.</summary>
    Usps,

    /// <summary>Digits drawn by the program itself.</summary>
    Builtin,
}
