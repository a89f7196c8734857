namespace GpuConvnet.Tests.Report;

/// <summary>What every page of the program's has to stand.</summary>
internal static class PageChecks
{
    /// <summary>What can be used or looked at and has no name for those who hear a page.</summary>
    public static IEnumerable<object> Nameless(Browser browser) => browser.Evaluate<IEnumerable<object>>(
        """
        return [...document.querySelectorAll("button, select, a, img, progress, [role=img], [role=application], [role=region]")].filter((element) =>
          !(element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.getAttribute("alt")
            || element.textContent.trim() || element.labels?.length)).map((element) => element.outerHTML);
        """);

    /// <summary>Texts that stand out from their background by less than 4.5 to 1, which WCAG 2 asks for.</summary>
    public static IEnumerable<object> TooFaint(Browser browser) => browser.Evaluate<IEnumerable<object>>(
        """
        const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
        const luminance = ([r, g, b]) => [r, g, b]
          .map((value) => value / 255)
          .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
          .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
        const background = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] > 0) return colour;
          }
          return [255, 255, 255];
        };
        const faint = [];
        for (const element of document.body.querySelectorAll("*")) {
          const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
          if (!says || ["SCRIPT", "NOSCRIPT"].includes(element.tagName) || element.getClientRects().length === 0) continue;
          const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(background(element))];
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${element.outerHTML.slice(0, 120)}`);
        }
        return faint;
        """);
}
