using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OrleansEtl.Warden;

// Runs one program on behalf of a silo, and sees to it that nothing of it outlives the program, the silo's wish or the silo.
if (!OperatingSystem.IsLinux()) return 1;
Posix.NewSession(); // a Ctrl-C at the silo's terminal is the silo's affair
if (!Posix.AdoptOrphans()) return 1;
using var orders = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
if (Order.Read(orders) is not { } order) return 1;
Posix.KeepFilesToMyself();

using var happened = new ManualResetEventSlim();
using var aChildEnded = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => happened.Set());
var error = Spawn.Start(order, out var leader);
if (error != 0)
{
    new Ending(EndedBy.NoStart, error, TimeSpan.Zero, 0, 0).Write(order.Report);
    return 0;
}

var watch = new Watch(leader, order.Limits.Grace, happened);
PosixSignal[] goodbyes = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
var leaving = goodbyes.Select(signal => PosixSignalRegistration.Create(signal, context =>
{
    context.Cancel = true;
    watch.Kill();
})).ToArray();
new Thread(() =>
{
    while (orders.ReadByte() == Order.Stop) watch.Stop();
    watch.Kill();
})
{ IsBackground = true }.Start();
watch.UntilTheEnd().Write(order.Report);
foreach (var signal in leaving) signal.Dispose();
return 0;
