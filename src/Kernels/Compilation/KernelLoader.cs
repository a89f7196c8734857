using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// Compiles kernels for a device, each once: for all who train on it, and where there is a folder, for later runs.
/// </summary>
/// <param name="accelerator">The device.</param>
/// <param name="folder">Where generated code is kept; null for nowhere.</param>
internal sealed class KernelLoader(Accelerator accelerator, KernelCache? folder = null)
{
    private readonly Lock _gate = new();
    private readonly bool _multipliesAndAdds = MultiplyAdd.Helps(accelerator);
    private readonly Dictionary<(MethodInfo Method, KernelSpecialization Group), Kernel> _loaded = [];

    /// <summary>The device.</summary>
    public Accelerator Accelerator => accelerator;

    /// <summary>Is told of every launch, when it is queued; null for nobody. Training that nobody listens to pays nothing.</summary>
    public Action<KernelKind>? Launched { get; set; }

    /// <summary>A kernel whose launches say how many groups there are, and of how many threads.</summary>
    /// <param name="kind">What <see cref="Launched"/> is told.</param>
    /// <param name="kernel">The kernel's method.</param>
    /// <param name="launch">Queues a launch on the device's default stream.</param>
    /// <param name="group">Threads of its groups, if the compiler is to know.</param>
    public void Load<T1>(
        KernelKind kind, Action<T1> kernel, out Action<KernelConfig, T1> launch, KernelSpecialization group = default)
    {
        var queue = Launcher<Action<AcceleratorStream, KernelConfig, T1>>(kernel.Method, group);
        launch = (grid, one) =>
        {
            queue(accelerator.DefaultStream, grid, one);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="Load{T1}"/>
    public void Load<T1, T2>(
        KernelKind kind, Action<T1, T2> kernel, out Action<KernelConfig, T1, T2> launch, KernelSpecialization group = default)
    {
        var queue = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2>>(kernel.Method, group);
        launch = (grid, one, two) =>
        {
            queue(accelerator.DefaultStream, grid, one, two);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="Load{T1}"/>
    public void Load<T1, T2, T3>(
        KernelKind kind, Action<T1, T2, T3> kernel, out Action<KernelConfig, T1, T2, T3> launch,
        KernelSpecialization group = default)
    {
        var queue = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3>>(kernel.Method, group);
        launch = (grid, one, two, three) =>
        {
            queue(accelerator.DefaultStream, grid, one, two, three);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="Load{T1}"/>
    public void Load<T1, T2, T3, T4>(
        KernelKind kind, Action<T1, T2, T3, T4> kernel, out Action<KernelConfig, T1, T2, T3, T4> launch,
        KernelSpecialization group = default)
    {
        var queue = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4>>(kernel.Method, group);
        launch = (grid, one, two, three, four) =>
        {
            queue(accelerator.DefaultStream, grid, one, two, three, four);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="Load{T1}"/>
    public void Load<T1, T2, T3, T4, T5>(
        KernelKind kind, Action<T1, T2, T3, T4, T5> kernel, out Action<KernelConfig, T1, T2, T3, T4, T5> launch,
        KernelSpecialization group = default)
    {
        var queue = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5>>(kernel.Method, group);
        launch = (grid, one, two, three, four, five) =>
        {
            queue(accelerator.DefaultStream, grid, one, two, three, four, five);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="Load{T1}"/>
    public void Load<T1, T2, T3, T4, T5, T6>(
        KernelKind kind, Action<T1, T2, T3, T4, T5, T6> kernel, out Action<KernelConfig, T1, T2, T3, T4, T5, T6> launch,
        KernelSpecialization group = default)
    {
        var queue = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6>>(kernel.Method, group);
        launch = (grid, one, two, three, four, five, six) =>
        {
            queue(accelerator.DefaultStream, grid, one, two, three, four, five, six);
            Launched?.Invoke(kind);
        };
    }

    /// <summary>A kernel whose launches say how many threads there are, in groups as ILGPU thinks best.</summary>
    /// <param name="kind">What <see cref="Launched"/> is told.</param>
    /// <param name="kernel">The kernel's method, whose first argument is the thread's index.</param>
    /// <param name="launch">Queues a launch on the device's default stream.</param>
    public void LoadAutoGrouped<TIndex, T1, T2>(
        KernelKind kind, Action<TIndex, T1, T2> kernel, out Action<TIndex, T1, T2> launch)
        where TIndex : struct, IIndex
    {
        var queue = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2>>(kernel.Method);
        launch = (threads, one, two) =>
        {
            queue(accelerator.DefaultStream, threads, one, two);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="LoadAutoGrouped{TIndex, T1, T2}"/>
    public void LoadAutoGrouped<TIndex, T1, T2, T3>(
        KernelKind kind, Action<TIndex, T1, T2, T3> kernel, out Action<TIndex, T1, T2, T3> launch)
        where TIndex : struct, IIndex
    {
        var queue = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2, T3>>(kernel.Method);
        launch = (threads, one, two, three) =>
        {
            queue(accelerator.DefaultStream, threads, one, two, three);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="LoadAutoGrouped{TIndex, T1, T2}"/>
    public void LoadAutoGrouped<TIndex, T1, T2, T3, T4>(
        KernelKind kind, Action<TIndex, T1, T2, T3, T4> kernel, out Action<TIndex, T1, T2, T3, T4> launch)
        where TIndex : struct, IIndex
    {
        var queue = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2, T3, T4>>(kernel.Method);
        launch = (threads, one, two, three, four) =>
        {
            queue(accelerator.DefaultStream, threads, one, two, three, four);
            Launched?.Invoke(kind);
        };
    }

    /// <inheritdoc cref="LoadAutoGrouped{TIndex, T1, T2}"/>
    public void LoadAutoGrouped<TIndex, T1, T2, T3, T4, T5>(
        KernelKind kind, Action<TIndex, T1, T2, T3, T4, T5> kernel, out Action<TIndex, T1, T2, T3, T4, T5> launch)
        where TIndex : struct, IIndex
    {
        var queue = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5>>(kernel.Method);
        launch = (threads, one, two, three, four, five) =>
        {
            queue(accelerator.DefaultStream, threads, one, two, three, four, five);
            Launched?.Invoke(kind);
        };
    }

    private TLaunch Launcher<TLaunch>(MethodInfo method, KernelSpecialization group)
        where TLaunch : Delegate =>
        Loaded(EntryPointDescription.FromExplicitlyGroupedKernel(method), group).CreateLauncherDelegate<TLaunch>();

    private TLaunch AutoGroupedLauncher<TLaunch>(MethodInfo method)
        where TLaunch : Delegate =>
        Loaded(EntryPointDescription.FromImplicitlyGroupedKernel(method), default).CreateLauncherDelegate<TLaunch>();

    private Kernel Loaded(in EntryPointDescription entry, KernelSpecialization group)
    {
        lock (_gate)
        {
            if (!_loaded.TryGetValue((entry.MethodSource, group), out Kernel? kernel))
            {
                CompiledKernel compiled = Compiled(entry, group);
                kernel = entry.IndexType == IndexType.KernelConfig
                    ? accelerator.LoadKernel(compiled)
                    : accelerator.LoadAutoGroupedKernel(compiled);
                _loaded.Add((entry.MethodSource, group), kernel);
            }

            return kernel;
        }
    }

    private CompiledKernel Compiled(in EntryPointDescription entry, KernelSpecialization group)
    {
        Backend backend = accelerator.GetBackend();
        if (KernelIdentity.Of(backend, entry, group, _multipliesAndAdds) is not { } name || !group.IsCompatibleWith(accelerator))
        {
            return accelerator.CompileKernel(entry, group);
        }

        GeneratedCode? code = folder?.Find(name);
        if (code is null)
        {
            code = GeneratedCode.Make(backend, entry, group);
            code = _multipliesAndAdds ? code with { Text = MultiplyAdd.Fused(code.Text) } : code;
            folder?.Add(name, code);
        }

        return code.Restore(backend, entry, group);
    }
}
