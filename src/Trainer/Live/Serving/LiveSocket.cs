using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>The socket that pages connect to: that of the port that was asked for, or of the next one that is free.</summary>
internal static class LiveSocket
{
    private const int MostPorts = 100;

    // What a slow page has not taken yet waits there: not much, or it would be told old news.
    private const int SendBuffer = 16 << 10;

    /// <summary>Takes a port.</summary>
    /// <param name="request">Where.</param>
    /// <exception cref="BadInputException">The address is none of this machine, or no port is free.</exception>
    public static Socket Bind(LiveRequest request)
    {
        int last = request.Port == 0 ? 0 : Math.Min(request.Port + MostPorts - 1, IPEndPoint.MaxPort);
        for (int port = request.Port; ; port++)
        {
            Socket socket = new(request.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = SendBuffer };
            try
            {
                if (OperatingSystem.IsWindows())
                {
                    socket.ExclusiveAddressUse = true;
                }

                // Two programs may bind the same port; only one of them may listen on it.
                socket.Bind(new IPEndPoint(request.Address, port));
                socket.Listen();
                return socket;
            }
            catch (SocketException failure)
            {
                socket.Dispose();
                if (failure.SocketErrorCode == SocketError.AddressAlreadyInUse && port < last)
                {
                    continue;
                }

                throw new BadInputException(Problem(failure, request, last), failure);
            }
        }
    }

    private static string Problem(SocketException failure, LiveRequest request, int last) => failure.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable =>
            $"--live-address {request.Address} is no address of this machine. It has {string.Join(", ", OwnAddresses())}; 0.0.0.0 is all of them.",
        SocketError.AddressAlreadyInUse => FormattableString.Invariant(
            $"--live-port {request.Port}: every port up to {last} is taken. Name another, or 0 for any that is free."),
        SocketError.AccessDenied => FormattableString.Invariant(
            $"--live-port {request.Port} is not yours to use ({failure.Message}). Name one from 1024 on."),
        _ => FormattableString.Invariant($"--live-address {request.Address} port {request.Port} cannot be used: {failure.Message}"),
    };

    /// <summary>The addresses of this machine.</summary>
    public static IEnumerable<IPAddress> OwnAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(own => own.Address)
        .Where(address => address.AddressFamily == AddressFamily.InterNetwork || !address.IsIPv6LinkLocal);
}
