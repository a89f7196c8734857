using GpuConvnet.Kernels.Compilation;

namespace GpuConvnet.Tests.Compilation;

/// <summary>Products and sums of OpenCL C that are put together, and those that must not be.</summary>
public sealed class MultiplyAddTests
{
    [Theory]
    [InlineData("+", "var4", "var3", "fma((float)var1, (float)var2, (float)var4)")]
    [InlineData("+", "var3", "var4", "fma((float)var1, (float)var2, (float)var4)")]
    [InlineData("-", "var4", "var3", "fma(-(float)var1, (float)var2, (float)var4)")]
    [InlineData("-", "var3", "var4", "fma((float)var1, (float)var2, -(float)var4)")]
    [InlineData("+", "0.5f", "var3", "fma((float)var1, (float)var2, (float)0.5f)")]
    public void AProductThatIsUsedOnceIsPutIntoTheSum(string sign, string left, string right, string expected)
    {
        string fused = MultiplyAdd.Fused(Text(Product, Between, Sum(sign, left, right)));

        Assert.Equal(Text("", Between, $"\tvar5 = {expected};"), fused);
    }

    [Fact]
    public void AConstantFactorStaysWhatItIs() => Assert.Equal(
        Text("", "\tvar5 = fma((float)var1, (float)-0.25f, (float)var4);"),
        MultiplyAdd.Fused(Text("\tvar3 = (float)((float) var1 *  (float)-0.25f);", Sum("+", "var4", "var3"))));

    [Theory]
    [InlineData("\tvar6 =  var3;", "another use")]
    [InlineData("\tL_3126682: ;", "a label, to which others jump")]
    [InlineData("\t goto L_3126682;", "a jump")]
    [InlineData("\tvar1 =  var6;", "a factor that is no more what it was")]
    [InlineData("\tvar2 =  * var6;", "a factor that is no more what it was")]
    [InlineData("\twork_group_barrier ( CLK_LOCAL_MEM_FENCE );", "something else than an assignment")]
    public void WhatComesBetweenKeepsThemApart(string between, string reason)
    {
        string text = Text(Product, between, Sum("+", "var4", "var3"));

        Assert.True(text == MultiplyAdd.Fused(text), reason);
    }

    [Fact]
    public void OfTwoProductsOneIsRoundedFirst() => Assert.Equal(
        Text(Product, "", "\tvar5 = fma((float)var4, (float)var4, (float)var3);"),
        MultiplyAdd.Fused(Text(Product, "\tvar6 = (float)((float) var4 *  (float)var4);", Sum("+", "var3", "var6"))));

    [Fact]
    public void ProductsOfIntegersStayAsTheyAre()
    {
        string text = Text("\tvar3 = (int)((int) var1 *  (int)var2);", "\tvar5 = (int)((int) var4 +  (int)var3);");

        Assert.Equal(text, MultiplyAdd.Fused(text));
    }

    private const string Product = "\tvar3 = (float)((float) var1 *  (float)var2);";

    // A store, a load, and the empty statement that ILGPU writes before a structure's fields.
    private const string Between = "\t *  var8 =  var4;\n\tvar6 =  * var8;\n\t;\n\tvar7.field_1 =  var6;";

    private static string Sum(string sign, string left, string right) => $"\tvar5 = (float)((float) {left} {sign}  (float){right});";

    private static string Text(params string[] statements) => string.Join(
        '\n', [.. Enumerable.Range(1, 8).Select(number => $"\tfloat var{number};"), .. statements]);
}
