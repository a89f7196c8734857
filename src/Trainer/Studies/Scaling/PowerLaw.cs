namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>
/// A power law y = a x^-b through points, by least squares in the logarithms: with u = ln x and v = ln y, b = -Suv / Suu and
/// ln a = mean(v) + b mean(u), Suv being the sum of the products of the deviations from the means. The standard error of b is
/// sqrt(R / (n - 2) / Suu) with R the sum of the squared residuals of v (Draper and Smith, "Applied Regression Analysis",
/// 3rd edition, chapter 1).
/// </summary>
/// <param name="A">The factor, in the unit of y.</param>
/// <param name="B">The exponent; above 0 where y falls.</param>
/// <param name="StandardError">The standard error of the exponent; null with two points, which any law fits.</param>
/// <param name="Points">How many points it goes through.</param>
internal sealed record PowerLaw(double A, double B, double? StandardError, int Points)
{
    /// <summary>What a doubling of x multiplies y by.</summary>
    public double PerDoubling => Math.Pow(2, -B);

    /// <summary>The law at a place.</summary>
    public double At(double x) => A * Math.Pow(x, -B);

    /// <summary>Fits a law.</summary>
    /// <param name="points">The points. One of which a coordinate is not above 0 has no logarithm and is passed over.</param>
    /// <returns>The law; null where fewer than two different x are left.</returns>
    public static PowerLaw? Fit(IEnumerable<(double X, double Y)> points)
    {
        (double U, double V)[] logarithms =
            [.. points.Where(point => point.X > 0 && point.Y > 0).Select(point => (Math.Log(point.X), Math.Log(point.Y)))];
        if (logarithms.Select(point => point.U).Distinct().Count() < 2)
        {
            return null;
        }

        int n = logarithms.Length;
        double meanU = logarithms.Average(point => point.U);
        double meanV = logarithms.Average(point => point.V);
        double suu = logarithms.Sum(point => (point.U - meanU) * (point.U - meanU));
        double suv = logarithms.Sum(point => (point.U - meanU) * (point.V - meanV));
        double b = -suv / suu;
        double residuals = logarithms.Sum(point => Math.Pow(point.V - meanV + b * (point.U - meanU), 2));
        return new PowerLaw(
            Math.Exp(meanV + b * meanU), b, n > 2 ? Math.Sqrt(residuals / (n - 2) / suu) : null, n);
    }
}
