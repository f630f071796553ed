using System.Collections.Immutable;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Silo.Hooks;
using OrleansEtl.Steps;

namespace OrleansEtl.Silo.Embedded;

/// <summary>How an embedded home is opened.</summary>
/// <param name="Home">The folder of the store, the datasets and the spill. Made when it is not there.</param>
public sealed record EmbeddedOptions(string Home)
{
    /// <summary>The folder that <c>cache:</c> paths mean; null: there is none.</summary>
    public string? Cache { get; init; }
    /// <summary>Folders besides those of the pipeline, the home and the cache, below which files may be read and written.</summary>
    public ImmutableArray<string> AllowedFolders { get; init; } = [];
    /// <summary>The programs that steps of the kind <c>process</c> may run: absolute paths, or names on the PATH.</summary>
    public ImmutableArray<string> AllowedPrograms { get; init; } = [];
    /// <summary>Where webhooks are taken while this process drives the home; null: nowhere.</summary>
    public HookSettings? Hooks { get; init; }
    /// <summary>The kinds of steps that pipelines may have: <see cref="StepKinds.With"/> adds some of your own.</summary>
    public StepKinds Kinds { get; init; } = StepKinds.BuiltIn;
    /// <summary>Memory of all running steps together, in bytes; null: half of the machine's.</summary>
    public long? MemoryBytes { get; init; }
    /// <summary>Threads of all running steps together; null: one a processor.</summary>
    public int? Threads { get; init; }
    /// <summary>How often letters from other processes are looked for.</summary>
    public TimeSpan LettersEvery { get; init; } = TimeSpan.FromMilliseconds(200);
    /// <summary>How often this process says that it lives.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How often a run that another process drives is looked at.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(250);
    /// <summary>How often a process that drives the home looks for runs that nobody drives.</summary>
    public TimeSpan TakeUpEvery { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>How often and how long alerts are tried.</summary>
    public AlertBounds Alerts { get; init; } = AlertBounds.Default;
    /// <summary>How often a process that does not drive the home looks for alerts that are to be sent.</summary>
    public TimeSpan AlertsEvery { get; init; } = TimeSpan.FromMilliseconds(500);
    /// <summary>How long a process that ends waits for alerts that it is about to send.</summary>
    public TimeSpan AlertPatience { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How long a letter to another process may stay unanswered.</summary>
    public TimeSpan LetterPatience { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>How long a process that cancels a run which nobody drives stays for its end.</summary>
    public TimeSpan CancelPatience { get; init; } = TimeSpan.FromSeconds(30);
}
