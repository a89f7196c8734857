using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Model.Teaching;

/// <summary>
/// A teacher at work beside one thread's training: it is shown examples as a step distorts them, some at a time, and says what
/// their outputs should be. Units that training drops are the learner's matter, not the teacher's.
/// </summary>
internal sealed class Lessons : IDisposable
{
    /// <summary>The most examples of a lesson: whole passes of every engine, and little memory.</summary>
    public const int Most = 64;

    private readonly Teacher _teacher;
    private readonly IClassifier _asked;
    private readonly Loss _loss;
    private readonly Distillation _distillation;

    // An example set is as long as its arrays: there is one per length, and few lengths occur.
    private readonly Dictionary<int, Lesson> _lessons = [];

    /// <summary>Opens a teacher.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="loss">What its learner is trained by.</param>
    /// <param name="distillation">How it learns.</param>
    public Lessons(Teacher teacher, Loss loss, Distillation distillation)
    {
        _teacher = teacher;
        _loss = loss;
        _distillation = distillation;
        _asked = teacher.Open();
    }

    /// <summary>The lessons of a thread; null where there is no teacher.</summary>
    /// <param name="teacher">The teacher, or null.</param>
    /// <param name="loss">What its learner is trained by.</param>
    /// <param name="distillation">How it learns; null where it does not.</param>
    /// <exception cref="ArgumentException">Only one of the two is there.</exception>
    public static Lessons? Of(Teacher? teacher, Loss loss, Distillation? distillation)
    {
        Teacher.RequireBoth(teacher, distillation);
        return teacher is null || distillation is null ? null : new Lessons(teacher, loss, distillation);
    }

    /// <summary>Presents examples: as they are, or, of a teacher, some at a time as the step shows them.</summary>
    /// <param name="lessons">The lessons; null for none.</param>
    /// <param name="block">The training set, or a block of it.</param>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many.</param>
    /// <param name="perturbation">The step's perturbation.</param>
    /// <param name="present">Takes them in.</param>
    public static void Present(
        Lessons? lessons, Examples block, int start, int count, in Perturbation perturbation, Presented present)
    {
        if (lessons is null)
        {
            present(block, start, count, perturbation);
            return;
        }

        for (int first = 0; first < count; first += Most)
        {
            int here = Math.Min(Most, count - first);
            present(lessons.Of(block, start + first, here, perturbation), 0, here, perturbation.OfUnits);
        }
    }

    /// <summary>Examples as a step shows them, and what the teacher says of each; they stay until the next call.</summary>
    /// <param name="block">The training set, or a block of it.</param>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many, <see cref="Most"/> at most.</param>
    /// <param name="perturbation">The step's perturbation.</param>
    private Examples Of(Examples block, int start, int count, in Perturbation perturbation)
    {
        for (int index = 0; index < count; index++)
        {
            Show(count, index, block, start + index, perturbation);
        }

        return Taught(count);
    }

    /// <summary>Shows the teacher an example of a lesson whose examples have a perturbation each.</summary>
    /// <param name="count">How many examples the lesson has, <see cref="Most"/> at most.</param>
    /// <param name="index">Which of them, from 0.</param>
    /// <param name="block">The training set, or a block of it.</param>
    /// <param name="example">The example in it.</param>
    /// <param name="perturbation">Its perturbation.</param>
    public void Show(int count, int index, Examples block, int example, in Perturbation perturbation) =>
        LessonOf(count).Show(index, block, example, perturbation);

    /// <summary>
    /// The examples of a lesson, all of which have been shown, and what the teacher says of each; they stay until the next one.
    /// </summary>
    /// <param name="count">How many there are.</param>
    public Examples Taught(int count)
    {
        Lesson lesson = LessonOf(count);
        _asked.Outputs(lesson.Examples, lesson.Targets);
        _teacher.ToTargets(lesson.Targets, _loss, _distillation);
        return lesson.Examples;
    }

    /// <inheritdoc/>
    public void Dispose() => _asked.Dispose();

    private Lesson LessonOf(int count)
    {
        if (!_lessons.TryGetValue(count, out Lesson? lesson))
        {
            lesson = new Lesson(count);
            _lessons.Add(count, lesson);
        }

        return lesson;
    }

    /// <summary>Room for so many examples.</summary>
    private sealed class Lesson
    {
        private readonly float[] _pixels;
        private readonly byte[] _labels;
        private readonly int[] _places;

        public Lesson(int count)
        {
            _pixels = new float[count * Shape1989.InputUnits];
            _labels = new byte[count];
            _places = new int[count];
            Targets = new float[count * Shape1989.Outputs];
            Examples = new Examples(_pixels, _labels, Targets, _places);
        }

        public float[] Targets { get; }

        public Examples Examples { get; }

        public void Show(int place, Examples block, int example, in Perturbation perturbation)
        {
            _places[place] = block.PlaceOf(example);
            _labels[place] = block.Label(example);
            ImageDistorter.Perturb(
                perturbation, _places[place], block.Image(example),
                _pixels.AsSpan(place * Shape1989.InputUnits, Shape1989.InputUnits));
        }
    }
}
