using System.Globalization;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>The pad of a page, whose script runs the network.</summary>
internal static class PagePad
{
    /// <summary>The most parameters in a page: some 10 MB.</summary>
    public const int MostParameters = 2_000_000;

    /// <summary>The scripts that all pages with a pad have in common; the page's own follows.</summary>
    public static string Script => "\"use strict\";\n" + ScriptFormula.Activations + string.Concat(
        ((string[])["network.js", "framing.js", "finding.js", "drawing.js", "pad.js", "pictures.js", "theme.js"]).Select(HtmlPage.Resource));

    /// <summary>Why a page cannot run a network; null if it can.</summary>
    /// <param name="name">What the network is called.</param>
    /// <param name="configuration">Its configuration.</param>
    public static string? WhyNone(string name, ExperimentConfiguration configuration) => configuration.ParameterCount > MostParameters
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"There is no drawing pad: the {configuration.ParameterCount:N0} parameters of {name} are more than a page should carry, "
            + $"{MostParameters:N0}.")
        : PageLayer.Of(configuration.Layers.Chain.Layers) is null
            ? $"There is no drawing pad: the page's script cannot run every layer of {name}."
            : null;

    /// <summary>How digits are framed, as the script calls it: <c>mnist</c>, or <c>box</c>, which they fill.</summary>
    public static string FrameOf(DataSet dataset) => dataset.Framing == Framing.Usps ? "box" : "mnist";
}
