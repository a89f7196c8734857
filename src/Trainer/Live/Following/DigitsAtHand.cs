using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Live.Following;

/// <summary>
/// The digits of runs that others train, if they are at hand: loaded when somebody looks, once for all runs that share them.
/// </summary>
/// <param name="folder">Where data sets lie; nothing is downloaded.</param>
internal sealed class DigitsAtHand(DataFolder folder)
{
    private readonly Dictionary<DataRequest, Lazy<LiveDigits>> _digits = [];

    /// <summary>The digits of an experiment.</summary>
    public Lazy<LiveDigits> Of(ExperimentConfiguration configuration)
    {
        if (!_digits.TryGetValue(configuration.Data, out Lazy<LiveDigits>? digits))
        {
            _digits[configuration.Data] = digits = new Lazy<LiveDigits>(() => Load(configuration));
        }

        return digits;
    }

    private LiveDigits Load(ExperimentConfiguration configuration)
    {
        if (configuration.Dataset.WhyNotAtHand(folder) is { } why)
        {
            return new LiveDigits(null, null, why);
        }

        try
        {
            LoadedData loaded = DataSets.Load(configuration.Data, folder, _ => { }, CancellationToken.None);
            return new LiveDigits(loaded.Train, loaded.Test, WhyNot: null);
        }
        catch (BadInputException failure)
        {
            return new LiveDigits(null, null, failure.Message);
        }
    }
}
