using System.Diagnostics.CodeAnalysis;

namespace OrleansEtl;

/// <summary>A value, or the fault that kept it from being made.</summary>
public readonly record struct Outcome<T> where T : notnull
{
    private Outcome(T? value, Fault? fault) => (Value, Fault) = (value, fault);

    public T? Value { get; }
    public Fault? Fault { get; }

    [MemberNotNullWhen(true, nameof(Value)), MemberNotNullWhen(false, nameof(Fault))]
    public bool Succeeded => Fault is null;

    public static implicit operator Outcome<T>(T value) => new(value, null);
    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);
}
