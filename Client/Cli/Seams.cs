using System.Collections.Immutable;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli;

internal static class Homes
{
    public static IEtl Open(string home) => throw new FaultException(new Fault(FaultKind.Unavailable, "ETL9001", "no host yet"));
}

internal sealed record Diagnostic(string Code, bool IsError, string Message, string File, int Line, int Column, int Length, string? Hint);

internal sealed record PipelineFile(PipelineSpec? Spec, ImmutableArray<Diagnostic> Diagnostics, string Folder)
{
    public bool HasErrors => Diagnostics.Any(d => d.IsError);
    public static PipelineFile? Load(string path) => null;
    public static ExitCode PrintMissing(Terminal terminal, string path)
    {
        FaultText.Print(terminal, new Fault(FaultKind.NotFound, "ETL1000", $"there is no file {path}"));
        return ExitCode.NotFound;
    }

    public static void PrintDifference(Terminal terminal, PipelineSpec stored, PipelineSpec given) { }
}

internal static class DiagnosticText
{
    public static void PrintAll(Terminal terminal, ImmutableArray<Diagnostic> diagnostics) { }
}

internal static class Catalog
{
    public static ImmutableArray<KindSpec> Kinds => [];
}
