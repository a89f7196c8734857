using System.Globalization;
using System.Text;

namespace GpuConvnet.Tests.Live;

/// <summary>A program's output, out of which the address of its page is taken as soon as it is there.</summary>
internal sealed class AddressWriter : StringWriter
{
    private const string Mark = "live: ";

    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AddressWriter()
        : base(CultureInfo.InvariantCulture)
    {
    }

    public Task<Uri> Address => _address.Task;

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.StartsWith(Mark, StringComparison.Ordinal) == true)
        {
            _address.TrySetResult(new Uri(value[Mark.Length..]));
        }
    }

    public override void Write(string? value) => base.Write(value);

    public override Encoding Encoding => Encoding.UTF8;
}
