using System.CommandLine;
using System.Net;
using GpuConvnet.Trainer.Live.Serving;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The options of the page that shows a training.</summary>
internal sealed class LiveOptions
{
    private const string PortName = "--live-port";
    private const string AddressName = "--live-address";

    /// <summary><c>--live</c>: whether there is one.</summary>
    public Option<bool> Live { get; } = new("--live")
    {
        Description = "Show the training on a web page while it goes on; its address is printed, and only this machine reaches it",
    };

    /// <summary><c>--live-port</c>: its port.</summary>
    public Option<long?> Port { get; } = NumberOption.Create(
        PortName, 0, IPEndPoint.MaxPort, $"The page's port, or the next that is free; 0: any; otherwise {LiveRequest.DefaultPort}");

    /// <summary><c>--live-address</c>: the address of this machine that it is reached by.</summary>
    public Option<IPAddress?> Address { get; } = new(AddressName)
    {
        Description = "The address of this machine by which the page is reached, also by others who know the token; 0.0.0.0: all; "
            + "otherwise 127.0.0.1, which others do not reach",
        HelpName = "IP",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (text.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(text, out IPAddress? address))
            {
                return address;
            }

            result.AddError($"{AddressName} takes an IP address of this machine, such as 192.168.1.7, or 0.0.0.0 for all, not '{text}'.");
            return null;
        },
    };

    /// <summary>Where the page is wanted; null for none.</summary>
    /// <exception cref="BadInputException">It is said where, and not that.</exception>
    public LiveRequest? Request(ParseResult arguments)
    {
        if (arguments.GetValue(Live))
        {
            return Place(arguments);
        }

        Option? lonely = ((Option[])[Port, Address]).FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false });
        return lonely is null
            ? null
            : throw new BadInputException($"{lonely.Name} says where the page of --live is. Give it with --live, or leave it out.");
    }

    /// <summary>Where a page is, of a command that always has one.</summary>
    public LiveRequest Place(ParseResult arguments) => new(
        (int)(arguments.GetValue(Port) ?? LiveRequest.DefaultPort), arguments.GetValue(Address) ?? IPAddress.Loopback);
}
