using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>The page: one HTML file that asks nobody but this program for anything.</summary>
internal static class LivePage
{
    /// <summary>Makes the page.</summary>
    public static byte[] Of(LiveBoard board) => HtmlPage.Fill(
        "live.html",
        PagePad.Script + HtmlPage.Resource("curves.js") + HtmlPage.Resource("live.js"),
        new Dictionary<string, string>
        {
            ["title"] = HtmlPage.Escape(board.Title),
            ["connect"] = "connect-src 'self'; ",
            ["choice"] = "",
            ["pad"] = "",
            ["outputsHeading"] = "The ten outputs",
            ["reach"] = board.IsInReach ? "" : "hidden",
            ["footer"] = HtmlPage.Escape($"GpuConvnet's trainer {RunEnvironment.ProgramVersion}, live."),
        },
        HtmlPage.Resource("live.css") + $$"""
        :root { --test: {{LineColors.OnLight[0]}}; --train: {{LineColors.OnLight[1]}}; }
        :root[data-theme="dark"] { --test: {{LineColors.OnDark[0]}}; --train: {{LineColors.OnDark[1]}}; }

        """);
}
