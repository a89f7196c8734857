namespace GpuConvnet.Tests.Api;

/// <summary>Nothing public comes, goes or changes by accident.</summary>
public sealed class ApiListingTests
{
    /// <summary>The packages, and how many public types each may have: one more is a decision.</summary>
    public static TheoryData<string, int> Packages { get; } = new()
    {
        { "GpuConvnet.Model", 71 },
        { "GpuConvnet.Kernels", 10 },
        { "GpuConvnet.Recognition", 9 },
    };

    [Theory]
    [MemberData(nameof(Packages))]
    public void ThePublicNamesAreThoseThatWereAgreedTo(string package, int most)
    {
        Assert.InRange(ApiListing.Assembly(package).GetExportedTypes().Length, 1, most);
        ApiListing listing = new(package);
        string[] actual = listing.Actual();
        string[] differences = ApiListing.Differences(listing.Agreed(), actual);
        if (differences.Length == 0)
        {
            return;
        }

        string advice = $"If you want it so, run this test once with {ApiListing.Acceptance}=1, which writes {listing.File} anew, "
            + "and commit that with a line in CHANGELOG.md.";
        if (Environment.GetEnvironmentVariable(ApiListing.Acceptance) == "1")
        {
            listing.Accept(actual);
            advice = $"{listing.File} was written anew: look at it, and run this test again without {ApiListing.Acceptance}.";
        }

        Assert.Fail($"The public names of {package} are others than agreed to.\n{string.Join('\n', differences)}\n{advice}");
    }

    [Fact]
    public void ADifferenceIsSaidWithItsType()
    {
        string[] agreed = ["namespace A", "{", "    public class B", "    {", "        public int C { get; }", "    }", "}"];
        string[] actual = ["namespace A", "{", "    public class B", "    {", "        public long C { get; }", "    }", "}"];

        Assert.Equal(
            ["- public class B: public int C { get; }", "+ public class B: public long C { get; }"],
            ApiListing.Differences(agreed, actual));
    }

    [Fact]
    public void AnEmptyListingAgreesToNothing() => Assert.Equal(["+ public class B"], ApiListing.Differences([], ["    public class B"]));
}
