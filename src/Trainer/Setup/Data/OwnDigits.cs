namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>
/// Which of somebody's own digits are trained and tested on: chosen as MNIST's are, by permutations from the seed, and as many as
/// there are where more were asked for. Where there is one split, its last fifth at most is kept to be tested on, whatever else is
/// asked for: so no digit is both trained or validated and tested on, from one run to the next.
/// </summary>
internal static class OwnDigits
{
    private const int TestShare = 5;

    /// <summary>Chooses.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="trainCount">How many the training split has.</param>
    /// <param name="testCount">How many the test split has; null where there is none.</param>
    /// <param name="name">What the user is told it is called.</param>
    /// <param name="say">Hears where it is fewer than was asked for.</param>
    /// <exception cref="BadInputException">There are too few.</exception>
    public static OwnChoice Choose(DataRequest request, int trainCount, int? testCount, string name, Action<string> say)
    {
        int tested = Math.Min(request.Test, testCount ?? trainCount / TestShare);
        int free = trainCount - (testCount is null ? tested : 0) - request.Validation;
        int train = Math.Min(request.Train, free);
        string has = FormattableString.Invariant($"{name} has {trainCount:N0} {(testCount is null ? "digits" : "training digits")}")
            + (testCount is null ? ", and no test split" : FormattableString.Invariant($" and {testCount:N0} test digits"));
        if (train < 1 || tested < 1)
        {
            throw new BadInputException(has + (request.Validation > 0
                ? FormattableString.Invariant($": {request.Validation:N0} to validate on leave none to train on. Validate on fewer.")
                : $": too few. There must be one to train on and one to test on, and of a single split a {TestShare}th is tested on."));
        }

        if (train < request.Train || (tested < request.Test && request.Validation == 0))
        {
            say(FormattableString.Invariant($"note: {has}: {train:N0} are trained on ({request.Train:N0} were asked for), ")
                + (request.Validation > 0
                    ? FormattableString.Invariant($"{request.Validation:N0} validated on")
                    : FormattableString.Invariant($"{tested:N0} tested on ({request.Test:N0})")));
        }

        (int[] trainOrder, int[] testOrder) = MnistReduction.Permutations(request.Seed, request.Order, trainCount, testCount ?? 0);
        return request.Validation > 0
            ? new OwnChoice(trainOrder[..train], trainOrder[train..(train + request.Validation)], IsOfTrain: true)
            : testCount is null
                ? new OwnChoice(trainOrder[..train], trainOrder[^tested..], IsOfTrain: true)
                : new OwnChoice(trainOrder[..train], testOrder[..tested], IsOfTrain: false);
    }
}
