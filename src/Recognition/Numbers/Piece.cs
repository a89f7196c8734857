using GpuConvnet.Recognition.Finding;

namespace GpuConvnet.Recognition.Numbers;

/// <summary>Ink that is never cut any further: a mark, or what lies between two cuts through one.</summary>
/// <param name="Box">The box around it.</param>
/// <param name="Runs">Its pixels: row, first column, column after the last.</param>
/// <param name="Mark">Which mark of the line it is of.</param>
/// <param name="CutBefore">What the cut on its left costs; 0 where the mark begins with it.</param>
internal sealed record Piece(InkBox Box, List<(int Row, int From, int To)> Runs, int Mark, double CutBefore);
