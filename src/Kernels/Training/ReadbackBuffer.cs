using GpuConvnet.Model;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Training;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// Where a snapshot's numbers pass from the device to the host: on the device so that later evaluations do not overwrite
/// them before they are copied, and in page-locked memory, which the device fills while the host does something else.
/// </summary>
internal sealed class ReadbackBuffer : IDisposable
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _losses;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _misses;
    private readonly PageLockedArray1D<float> _hostLosses;
    private readonly PageLockedArray1D<int> _hostMisses;
    private readonly PageLockedArray1D<float> _hostParameters;
    private Task? _answer;

    /// <summary>Allocates a slot.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="groups">The most groups whose sums there are.</param>
    /// <param name="parameters">How many parameters there are.</param>
    public ReadbackBuffer(Accelerator accelerator, int groups, int parameters)
    {
        _losses = accelerator.Allocate1D<float>(groups);
        _misses = accelerator.Allocate1D<int>(groups);
        _hostLosses = accelerator.AllocatePageLocked1D<float>(groups);
        _hostMisses = accelerator.AllocatePageLocked1D<int>(groups);
        _hostParameters = accelerator.AllocatePageLocked1D<float>(parameters);
    }

    /// <summary>(groups), on the device: each group's summed loss.</summary>
    public ArrayView<float> Losses => _losses.View;

    /// <summary>(groups), on the device: each group's misses.</summary>
    public ArrayView<int> Misses => _misses.View;

    /// <summary>Queues the copy of the sums, and of the parameters as they will be then.</summary>
    public void EnqueueCopy(MemoryBuffer1D<float, Stride1D.Dense> parameters)
    {
        EnqueueCopyOfSums();
        parameters.View.AsContiguous().CopyTo(_hostParameters.ArrayView);
    }

    /// <summary>Copies the sums, waits for them and adds them up.</summary>
    public Evaluation ReadSums(Accelerator accelerator, int first, int end, int examples, IRanks? ranks)
    {
        EnqueueCopyOfSums();
        accelerator.Synchronize();
        return Sums(first, end, examples, ranks);
    }

    /// <summary>The evaluation that groups' copied sums make, added in their order; of several ranks', in that of the ranks.</summary>
    public Evaluation Sums(int first, int end, int examples, IRanks? ranks)
    {
        ReadOnlySpan<float> losses = _hostLosses.Span[first..end];
        ReadOnlySpan<int> misses = _hostMisses.Span[first..end];
        if (ranks is not null)
        {
            losses = ranks.Join(losses);
            misses = ranks.Join(misses);
        }

        double loss = 0;
        int missed = 0;
        for (int group = 0; group < losses.Length; group++)
        {
            loss += losses[group];
            missed += misses[group];
        }

        return new Evaluation(examples, loss / examples, missed);
    }

    /// <summary>The copied parameters.</summary>
    public float[] Parameters() => _hostParameters.Span.ToArray();

    /// <summary>Answers from a thread of its own; until then the slot is taken.</summary>
    /// <param name="answer">Waits for the device and reads.</param>
    public Task<Snapshot> Answer(Func<Snapshot> answer)
    {
        Task<Snapshot> task = Task.Run(answer);
        _answer = task;
        return task;
    }

    /// <summary>Waits until the slot is free. A failure is for who asked for the answer, not for who waits here.</summary>
    public void Wait()
    {
        if (_answer is { } answer)
        {
            Task.WhenAny(answer).Wait();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _losses.Dispose();
        _misses.Dispose();
        _hostLosses.Dispose();
        _hostMisses.Dispose();
        _hostParameters.Dispose();
    }

    private void EnqueueCopyOfSums()
    {
        // Not CopyToPageLockedAsync, which waits on OpenCL; the arrays are pinned, which is all that this copy needs.
        _losses.View.AsContiguous().CopyTo(_hostLosses.ArrayView);
        _misses.View.AsContiguous().CopyTo(_hostMisses.ArrayView);
    }
}
