using System.Runtime.InteropServices;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli;

/// <summary>Ctrl-C and SIGTERM. The first asks for a clean stop; the second ends the process at once, which loses nothing either, since
/// nothing is visible before it is durable.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupts(Terminal terminal)
    {
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (_source.IsCancellationRequested) Environment.Exit((int)ExitCode.Interrupted);
            terminal.Talk.WriteLine("stopping; once more to stop at once");
            _source.Cancel();
        }

        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}
