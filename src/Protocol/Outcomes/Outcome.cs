using System.Diagnostics.CodeAnalysis;

namespace OpenShell.Protocol.Outcomes;

/// <summary>A value or the reason why there is none.</summary>
public readonly record struct Outcome<T>
    where T : class
{
    private readonly T? _value;
    private readonly Failure? _failure;

    private Outcome(T? value, Failure? failure) => (_value, _failure) = (value, failure);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Failure failure) => new(null, failure);

    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Failure? failure)
    {
        (value, failure) = (_value, _failure);
        return value is not null;
    }
}

/// <summary>As <see cref="Outcome{T}"/>, where reasons have kinds of their own.</summary>
public readonly record struct Outcome<T, TFailure>
    where T : class
    where TFailure : class
{
    private readonly T? _value;
    private readonly TFailure? _failure;

    private Outcome(T? value, TFailure? failure) => (_value, _failure) = (value, failure);

    public static implicit operator Outcome<T, TFailure>(T value) => new(value, null);

    public static implicit operator Outcome<T, TFailure>(TFailure failure) => new(null, failure);

    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out TFailure? failure)
    {
        (value, failure) = (_value, _failure);
        return value is not null;
    }
}
