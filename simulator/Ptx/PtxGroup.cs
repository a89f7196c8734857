namespace GpuConvnet.Simulator.Ptx;

/// <summary>A group of threads and its shared memory; one group after the other.</summary>
internal sealed class PtxGroup
{
    private readonly PtxProgram _program;
    private readonly PtxRaces _globalRaces;
    private readonly PtxRaces _sharedRaces;
    private readonly PtxPort _port;
    private readonly PtxWarp[] _warps;
    private readonly (int X, int Y) _grid;

    public PtxGroup(
        PtxProgram program, PtxMemory memory, byte[] parameters, PtxRaces races, (int X, int Y) grid, (int X, int Y) threads)
    {
        _program = program;
        _grid = grid;
        _globalRaces = races;
        _sharedRaces = new PtxRaces(program, "shared", (program.SharedBytes + 3) / 4);
        _port = new PtxPort(memory, program.SharedBytes, races, _sharedRaces);
        int count = threads.X * threads.Y;
        _warps = [.. Enumerable.Range(0, (count + PtxWarp.Lanes - 1) / PtxWarp.Lanes)
            .Select(warp => new PtxWarp(program, _port, parameters, warp, threads))];
    }

    public IReadOnlyList<string> Races => _sharedRaces.Found;

    public IReadOnlyCollection<string> BrokenPromises => _port.BrokenPromises;

    /// <summary>Runs a group from its beginning to its end.</summary>
    public IReadOnlyList<PtxStage> Run(int x, int y)
    {
        List<PtxStage> stages = [];
        int group = y * _grid.X + x;
        _port.Begin();
        foreach (PtxWarp warp in _warps)
        {
            warp.Begin((x, y), _grid);
        }

        while (true)
        {
            _globalRaces.Enter(group);

            // The shared memory of another group is another one.
            _sharedRaces.Enter(0);
            stages.Add(new PtxStage([.. _warps.Select(warp => warp.Run())]));
            int waiting = _warps.Count(warp => !warp.IsDone);
            if (waiting == 0)
            {
                return stages;
            }

            if (waiting != _warps.Length)
            {
                throw new PtxFaultException(
                    $"{_program.Name}: {waiting} of {_warps.Length} warps wait at a barrier, and the others have ended");
            }
        }
    }
}
