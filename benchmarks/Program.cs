using OrleansEtl.Bench;

var (name, rest) = args is [var first, ..] ? (first, args[1..]) : ("", []);
switch (name)
{
    case "start": Start.Measure(); return 0;
    case "engine": await Engine.Measure(); return 0;
    case "batch": await Batch.Measure(); return 0;
    case "memory": Memory.Measure(); return 0;
    case "durable" when rest is ["serve", ..]: await DurableHttp.Serve(rest.Length > 1 ? int.Parse(rest[1]) : 8080); return 0;
    case "orchestrate": await Orchestrate.Measure(rest); return 0;
    case "growth": await Growth.Measure(); return 0;
    case "durable": await Durable.Measure(rest); return 0;
    case "state": await State.Measure(rest is [var seconds] ? double.Parse(seconds) : 5); return 0;
    case "recovery": await Recovery.Measure(); return 0;
    case BareDuck.Name: await BareDuck.Execute(rest[0]); return 0;
    default:
        Console.Error.WriteLine($"there is no bench '{name}'; there are: start, engine, batch, memory, state, runtime, durable, growth, orchestrate, recovery");
        return 2;
}
