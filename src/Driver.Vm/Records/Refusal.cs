namespace OpenShell.Driver.Vm.Records;

/// <summary>Why something was not done; nothing has been changed.</summary>
/// <param name="Kind">Who has to change something.</param>
/// <param name="Message">What was wrong, with the value, and what to do.</param>
internal sealed record Refusal(RefusalKind Kind, string Message)
{
    public static Refusal Invalid(string message) => new(RefusalKind.Invalid, message);

    public static Refusal Precondition(string message) => new(RefusalKind.Precondition, message);

    public static Refusal NotFound(string id) => new(RefusalKind.NotFound, $"sandbox '{id}' does not exist");
}
