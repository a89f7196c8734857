using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>
/// Who is answered: those who know the token, call this machine by its address, and are no other site's page. A site that a browser was
/// led to by a name of its own for this address is refused by its Host, whatever it knows.
/// </summary>
/// <param name="token">The token.</param>
internal sealed class LiveGuard(string token)
{
    private const string Bearer = "Bearer ";

    private readonly byte[] _token = Encoding.UTF8.GetBytes(token);

    /// <summary>A token that nobody guesses: 128 bits.</summary>
    public static string CreateToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Why a request is refused; null where it is not.</summary>
    public string? Refusal(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!IsOwnHost(request.Host.Host, context.Connection.LocalIpAddress ?? IPAddress.None))
        {
            return "This page does not answer to that name. Open the address that the trainer printed.";
        }

        if (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host.Value}")
        {
            return "Other sites are not answered.";
        }

        // A link may lead to the page itself, from wherever it is.
        bool isPage = request.Path == "/" && HttpMethods.IsGet(request.Method);
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none") && !isPage)
        {
            return "Other sites are not answered.";
        }

        return !IsToken(request)
            ? "The token is missing or is another run's. Open the address that the trainer printed, with its token."
            : null;
    }

    /// <summary>Whether a host is a name of this machine as it was reached: no other's name leads here by right.</summary>
    private static bool IsOwnHost(string host, IPAddress reached)
    {
        IPAddress local = reached.IsIPv4MappedToIPv6 ? reached.MapToIPv4() : reached;
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
        {
            return address.Equals(local);
        }

        return IPAddress.IsLoopback(local)
            ? host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            : host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Commands have it in a header, which no link and no form of another site can send.</summary>
    private bool IsToken(HttpRequest request)
    {
        StringValues given = request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.Ordinal)
            ? header[Bearer.Length..]
            : HttpMethods.IsGet(request.Method) ? request.Query["token"] : default;
        return given is [{ } one] && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), _token);
    }
}
