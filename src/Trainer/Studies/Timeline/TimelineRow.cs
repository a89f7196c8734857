namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>A row of the timeline: an experiment, and the one thing that it changes.</summary>
/// <param name="Year">When it was done first: by the paper, by the article, or here.</param>
/// <param name="Experiment">The configuration: the name of one that comes with the program, or a file.</param>
/// <param name="Change">What it changes, and of which row where that is not the one before.</param>
internal sealed record TimelineRow(int Year, string Experiment, string Change)
{
    /// <summary>From the paper to what we have found; each year's rows go on from the one before, or say from which.</summary>
    public static IReadOnlyList<TimelineRow> All { get; } =
    [
        new(1989, "1989-paper", "the paper: its network and a diagonal Newton method, on USPS") { IsOfPaper = true },
        new(2022, "1989-base", "the article's replay: MNIST's digits, SGD"),
        new(2022, "softmax", "cross entropy for squared error"),
        new(2022, "adamw", "AdamW for SGD"),
        new(2022, "shift", "images shifted by a pixel"),
        new(2022, "dropout-relu", "dropout, and ReLU for tanh"),
        new(2022, "modern-50k", "50,000 digits for 7,291"),
        new(2026, "1989-fullbatch", "1989-base full batch: 500 steps of AdamW for 167,693 of SGD"),
        new(2026, "muon-fullbatch", "Muon for AdamW: 130 steps"),
        new(2026, "muon-shift-fullbatch", "muon-fullbatch with images shifted by a pixel: 500 steps"),
        new(2026, "modern-fullbatch", "dropout-relu full batch: 3,000 steps of AdamW for 583,280"),
        new(2026, "best-7291", "dropout-relu with GELU, images turned, scaled and bent, 480 passes"),
        new(2026, "best-7291", "all seeds of the row above as one model, their probabilities averaged") { IsEnsemble = true },
        new(2026, "taught-7291", "best-7291 by Muon, in batches of 64, with a teacher of three wider networks and an undistorted end")
        {
            Teacher = new("teacher-7291", Seeds: 3),
        },
        new(2026, "modern-50k-fullbatch", "modern-50k full batch: 2,000 steps, images turned and scaled too"),
        new(2026, "taught-50k", "taught-7291 on 50,000 digits, with one teacher of as many, distorted to the end") { Teacher = new("teacher-50k") },
    ];

    /// <summary>The teacher, which is trained first; null for none.</summary>
    public TimelineTeacher? Teacher { get; init; }

    /// <summary>Whether it is the ensemble of the experiment's seeds, which trains nothing of its own.</summary>
    public bool IsEnsemble { get; init; }

    /// <summary>Whether it is the paper's, whose digits are USPS.</summary>
    public bool IsOfPaper { get; init; }
}
