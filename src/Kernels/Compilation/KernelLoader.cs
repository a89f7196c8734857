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
    private readonly Dictionary<(MethodInfo Method, KernelSpecialization Group), Kernel> _loaded = [];

    /// <summary>The device.</summary>
    public Accelerator Accelerator => accelerator;

    /// <summary>A kernel whose launches say how many groups there are, and of how many threads.</summary>
    /// <param name="kernel">The kernel's method.</param>
    /// <param name="group">Threads of its groups, if the compiler is to know.</param>
    public Action<KernelConfig, T1> Load<T1>(Action<T1> kernel, KernelSpecialization group = default)
        where T1 : struct
    {
        var launch = Launcher<Action<AcceleratorStream, KernelConfig, T1>>(kernel.Method, group);
        return (grid, one) => launch(accelerator.DefaultStream, grid, one);
    }

    /// <inheritdoc cref="Load{T1}"/>
    public Action<KernelConfig, T1, T2> Load<T1, T2>(Action<T1, T2> kernel, KernelSpecialization group = default)
        where T1 : struct
        where T2 : struct
    {
        var launch = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2>>(kernel.Method, group);
        return (grid, one, two) => launch(accelerator.DefaultStream, grid, one, two);
    }

    /// <inheritdoc cref="Load{T1}"/>
    public Action<KernelConfig, T1, T2, T3> Load<T1, T2, T3>(Action<T1, T2, T3> kernel, KernelSpecialization group = default)
        where T1 : struct
        where T2 : struct
        where T3 : struct
    {
        var launch = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3>>(kernel.Method, group);
        return (grid, one, two, three) => launch(accelerator.DefaultStream, grid, one, two, three);
    }

    /// <inheritdoc cref="Load{T1}"/>
    public Action<KernelConfig, T1, T2, T3, T4> Load<T1, T2, T3, T4>(
        Action<T1, T2, T3, T4> kernel, KernelSpecialization group = default)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        var launch = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4>>(kernel.Method, group);
        return (grid, one, two, three, four) => launch(accelerator.DefaultStream, grid, one, two, three, four);
    }

    /// <inheritdoc cref="Load{T1}"/>
    public Action<KernelConfig, T1, T2, T3, T4, T5> Load<T1, T2, T3, T4, T5>(
        Action<T1, T2, T3, T4, T5> kernel, KernelSpecialization group = default)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
    {
        var launch = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5>>(kernel.Method, group);
        return (grid, one, two, three, four, five) => launch(accelerator.DefaultStream, grid, one, two, three, four, five);
    }

    /// <inheritdoc cref="Load{T1}"/>
    public Action<KernelConfig, T1, T2, T3, T4, T5, T6> Load<T1, T2, T3, T4, T5, T6>(
        Action<T1, T2, T3, T4, T5, T6> kernel, KernelSpecialization group = default)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
    {
        var launch = Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6>>(kernel.Method, group);
        return (grid, one, two, three, four, five, six) =>
            launch(accelerator.DefaultStream, grid, one, two, three, four, five, six);
    }

    /// <summary>A kernel whose launches say how many threads there are, in groups as ILGPU thinks best.</summary>
    /// <param name="kernel">The kernel's method, whose first argument is the thread's index.</param>
    public Action<TIndex, T1, T2> LoadAutoGrouped<TIndex, T1, T2>(Action<TIndex, T1, T2> kernel)
        where TIndex : struct, IIndex
        where T1 : struct
        where T2 : struct
    {
        var launch = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2>>(kernel.Method);
        return (threads, one, two) => launch(accelerator.DefaultStream, threads, one, two);
    }

    /// <inheritdoc cref="LoadAutoGrouped{TIndex, T1, T2}"/>
    public Action<TIndex, T1, T2, T3> LoadAutoGrouped<TIndex, T1, T2, T3>(Action<TIndex, T1, T2, T3> kernel)
        where TIndex : struct, IIndex
        where T1 : struct
        where T2 : struct
        where T3 : struct
    {
        var launch = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2, T3>>(kernel.Method);
        return (threads, one, two, three) => launch(accelerator.DefaultStream, threads, one, two, three);
    }

    /// <inheritdoc cref="LoadAutoGrouped{TIndex, T1, T2}"/>
    public Action<TIndex, T1, T2, T3, T4> LoadAutoGrouped<TIndex, T1, T2, T3, T4>(Action<TIndex, T1, T2, T3, T4> kernel)
        where TIndex : struct, IIndex
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        var launch = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2, T3, T4>>(kernel.Method);
        return (threads, one, two, three, four) => launch(accelerator.DefaultStream, threads, one, two, three, four);
    }

    /// <inheritdoc cref="LoadAutoGrouped{TIndex, T1, T2}"/>
    public Action<TIndex, T1, T2, T3, T4, T5> LoadAutoGrouped<TIndex, T1, T2, T3, T4, T5>(
        Action<TIndex, T1, T2, T3, T4, T5> kernel)
        where TIndex : struct, IIndex
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
    {
        var launch = AutoGroupedLauncher<Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5>>(kernel.Method);
        return (threads, one, two, three, four, five) =>
            launch(accelerator.DefaultStream, threads, one, two, three, four, five);
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
        if (KernelIdentity.Of(backend, entry, group) is not { } name || !group.IsCompatibleWith(accelerator))
        {
            return accelerator.CompileKernel(entry, group);
        }

        GeneratedCode? code = folder?.Find(name);
        if (code is null)
        {
            code = GeneratedCode.Make(backend, entry, group);
            folder?.Keep(name, code);
        }

        return code.Restore(backend, entry, group);
    }
}
