using System.Text.Json;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Models;

/// <summary>An ensemble as it is saved: trained networks, and what is averaged of them.</summary>
internal sealed class SavedEnsemble
{
    /// <summary>The most parameters of all members together: 400 MB.</summary>
    private const int MostParameters = 100_000_000;

    private const int LongestName = 190;

    /// <summary>Joins networks.</summary>
    /// <param name="members">The networks, two or more.</param>
    /// <param name="average">What is averaged.</param>
    /// <exception cref="BadInputException">They do not go together.</exception>
    public SavedEnsemble(IReadOnlyList<ModelMember> members, OutputAverage average)
    {
        if (members.Count < 2)
        {
            throw new BadInputException(
                "An ensemble has two networks or more, and one was named. Name several runs, or the folder of a run of several seeds.");
        }

        if (members.Count > EnsembleDescription.MostMembers)
        {
            throw new BadInputException($"{members.Count} networks are more than an ensemble can have, {EnsembleDescription.MostMembers}.");
        }

        RequireDifferent(members);
        if (members.FirstOrDefault(member => member.Configuration.Dataset.Framing != members[0].Configuration.Dataset.Framing) is { } other)
        {
            throw new BadInputException(
                $"{other.Source} was trained on {other.Configuration.Dataset.DisplayName}, and {members[0].Source} on "
                + $"{members[0].Configuration.Dataset.DisplayName}, whose digits lie otherwise in their images: no picture can be framed for "
                + "both. Name networks that were trained on digits of one kind.");
        }

        Loss[] losses = [.. members.Select(member => member.Configuration.Loss)];
        if (OutputAveraging.Problem(losses, average) is { } problem)
        {
            ModelMember without = members.First(member => !OutputAveraging.IsOfProbabilities(member.Configuration.Loss));
            throw new BadInputException($"{without.Source}: {problem}.");
        }

        if (members.Sum(member => (long)member.Parameters.Length) is > MostParameters and var all)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"The members have {all:N0} parameters in all, more than an ensemble may have, {MostParameters:N0}."));
        }

        Members = members;
        Averaging = new OutputAveraging(losses, average);
    }

    /// <summary>The networks.</summary>
    public IReadOnlyList<ModelMember> Members { get; }

    /// <summary>How their outputs become one network's.</summary>
    public OutputAveraging Averaging { get; }

    /// <summary>The fingerprint of all members' parameters, in order.</summary>
    public string ParametersSha256 => ParameterBytes.Sha256(Members.SelectMany(member => member.Parameters).ToArray());

    /// <summary>What it is called: how many there are, and of what.</summary>
    public string Name => Members.Select(member => member.Configuration.Experiment).Distinct().ToArray() is [var experiment]
        ? Excerpt.Of($"ensemble of {Members.Count} {experiment}", LongestName)
        : $"ensemble of {Members.Count}";

    /// <summary>The digits that it is evaluated on where none are named: those of the first member.</summary>
    public ExperimentConfiguration Digits => Members[0].Configuration with { Experiment = Name };

    /// <summary>What a user should know of members that were trained on other digits than the first; null for nothing.</summary>
    public string? Note
    {
        get
        {
            ModelMember[] others = [.. Members.Where(member => !IsOfSameDigits(member.Configuration, Members[0].Configuration))];
            return others.Length == 0
                ? null
                : $"{others.Length} of {Members.Count} members were trained or tested on other digits than {Members[0].Source}, whose digits are "
                    + $"those that the ensemble is evaluated on ({others[0].Source} is the first). Digits that a member was trained on tell "
                    + "nothing of how well it does.";
        }
    }

    /// <summary>The ensemble's networks, ready to classify; to be disposed.</summary>
    public EnsembleClassifier CreateClassifier() =>
        new([.. Members.Select(member => member.Configuration.CreateClassifier(member.Parameters))], Averaging);

    /// <summary>The members with what came out for them.</summary>
    /// <param name="train">On the training digits, when asked for.</param>
    /// <param name="test">On the digits that it is tested on, when asked for.</param>
    public EnsembleSummary Summarize(EnsembleEvaluation? train, EnsembleEvaluation? test)
    {
        EnsembleMemberResult[] members = [.. Members.Select((member, index) => new EnsembleMemberResult
        {
            Source = member.Source,
            Experiment = member.Configuration.Experiment,
            Seed = member.Seed,
            Parameters = member.Parameters.Length,
            Train = train is null ? null : RunEvaluation.Of(train.Members[index]),
            Test = test is null ? null : RunEvaluation.Of(test.Members[index]),
            ParametersSha256 = member.ParametersSha256,
        })];
        return new EnsembleSummary
        {
            Average = AverageNames.All[Averaging.Average],
            Members = members,
            MemberTestMisses = test is null ? null : Statistic.Of([.. test.Members.Select(member => (double)member.Misses)]),
            TrainDisagreement = EnsembleDisagreement.Of(train),
            TestDisagreement = EnsembleDisagreement.Of(test),
        };
    }

    /// <summary>All that its file holds.</summary>
    public SavedModel ToModel()
    {
        float[] parameters = [.. Members.SelectMany(member => member.Parameters)];
        Dictionary<string, string> metadata = ModelMetadata.OfDigits(Digits);
        metadata["loss"] = Averaging.Loss.Name;
        metadata[ModelMetadata.EnsembleKey] = JsonSerializer.Serialize(
            new EnsembleDescription(AverageNames.All[Averaging.Average], [.. Members.Select(member => member.Description)]),
            ModelJson.Compact.EnsembleDescription);
        ModelMetadata.AddContent(metadata, parameters);
        return new SavedModel(parameters, metadata) { Parts = EnsembleParts.Of(Members.Select(member => member.Configuration.Parts)) };
    }

    /// <summary>The parts of the ensemble that a file's metadata describe.</summary>
    /// <param name="metadata">The metadata, with <see cref="ModelMetadata.EnsembleKey"/>.</param>
    /// <param name="path">What errors call the file.</param>
    /// <exception cref="BadInputException">They describe none.</exception>
    public static IReadOnlyList<ParameterPart> PartsOf(IReadOnlyDictionary<string, string> metadata, string path)
    {
        IReadOnlyList<ParameterPart>[] members = [.. Configurations(Describe(metadata, path), path).Select(member => member.Parts)];
        return members.Sum(parts => parts.Sum(part => (long)part.Count)) <= MostParameters
            ? EnsembleParts.Of(members)
            : throw new BadInputException($"{path}: metadata 'ensemble': the members have more parameters than an ensemble may have.");
    }

    /// <summary>The ensemble that a file holds.</summary>
    /// <param name="model">What was read.</param>
    /// <param name="path">What errors call the file.</param>
    /// <exception cref="BadInputException">It is none.</exception>
    public static SavedEnsemble Of(SavedModel model, string path)
    {
        EnsembleDescription description = Describe(model.Metadata, path);
        if (!AverageNames.All.TryParse(description.Average, out OutputAverage average))
        {
            throw new BadInputException($"{path}: metadata 'ensemble': expected an average of {string.Join(" or ", AverageNames.All.Names)}, "
                + $"found \"{Excerpt.Of(description.Average)}\".");
        }

        List<ModelMember> members = [];
        int offset = 0;
        foreach ((int index, ExperimentConfiguration configuration) in Configurations(description, path).Index())
        {
            float[] parameters = model.Parameters[offset..(offset + configuration.ParameterCount)];
            RequireSame(parameters, description.Members[index], model, $"{path}, {NameOf(index)}");
            members.Add(new ModelMember(NameOf(index), configuration, description.Members[index], parameters));
            offset += configuration.ParameterCount;
        }

        try
        {
            return new SavedEnsemble(members, average);
        }
        catch (BadInputException problem)
        {
            throw new BadInputException($"{path}: {problem.Message}", problem);
        }
    }

    /// <summary>Holds a member to the fingerprint of its parameters, where the file has it and the numbers as they were saved.</summary>
    private static void RequireSame(
        float[] parameters, IReadOnlyDictionary<string, string> description, SavedModel model, string name)
    {
        if (model.Note is null && description.TryGetValue(EnsembleDescription.ParametersKey, out string? expected)
            && expected != ParameterBytes.Sha256(parameters))
        {
            throw new BadInputException(
                $"{name} does not hold the parameters that it says it does ({EnsembleDescription.ParametersKey}). Take the file from a copy, or "
                + "make the ensemble again. If a program of yours changed it, have it leave that key out.");
        }
    }

    private static EnsembleDescription Describe(IReadOnlyDictionary<string, string> metadata, string path)
    {
        try
        {
            string text = metadata[ModelMetadata.EnsembleKey];
            return JsonSerializer.Deserialize(text, ModelJson.Compact.EnsembleDescription) is { IsWhole: true } description
                ? description
                : throw new BadInputException(FormattableString.Invariant(
                    $"{path}: metadata 'ensemble': expected an average and 1 to {EnsembleDescription.MostMembers} members, each with texts."));
        }
        catch (JsonException failure)
        {
            throw new BadInputException(
                $"{path}: metadata 'ensemble': {Excerpt.Of(failure.Message.Split(" Path:")[0], 300)}", failure);
        }
    }

    private static IEnumerable<ExperimentConfiguration> Configurations(EnsembleDescription description, string path) =>
        description.Members.Select((member, index) => ModelMetadata.Describe(member, null, $"{path}, {NameOf(index)}"));

    private static string NameOf(int member) => FormattableString.Invariant($"member {member}");

    private static bool IsOfSameDigits(ExperimentConfiguration one, ExperimentConfiguration other) =>
        one.Dataset == other.Dataset && one.Files?.Identity == other.Files?.Identity && one.Train == other.Train && one.Test == other.Test
        && one.Order == other.Order && one.DataSeed == other.DataSeed && one.Validation == other.Validation;

    /// <summary>Refuses a network that is named twice: it would count twice.</summary>
    private static void RequireDifferent(IReadOnlyList<ModelMember> members)
    {
        Dictionary<string, ModelMember> known = [];
        foreach (ModelMember member in members)
        {
            if (!known.TryAdd(member.ParametersSha256, member))
            {
                throw new BadInputException(
                    $"{member.Source} has the parameters of {known[member.ParametersSha256].Source} (parametersSha256 "
                    + $"{Excerpt.Of(member.ParametersSha256, 16)}): it would count twice. Name every network once.");
            }
        }
    }
}
