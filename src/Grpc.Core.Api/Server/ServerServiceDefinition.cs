namespace Grpc.Core;

/// <summary>The methods of a service with their handlers, ready to be given to a server. Immutable.</summary>
public partial class ServerServiceDefinition
{
    private readonly IReadOnlyList<Action<ServiceBinderBase>> _addMethods;

    internal ServerServiceDefinition(IReadOnlyList<Action<ServiceBinderBase>> addMethods)
    {
        _addMethods = addMethods;
    }

    /// <summary>Starts an empty definition.</summary>
    public static Builder CreateBuilder() => new();

    /// <summary>Adds every method to a binder, in the order in which they were defined. For servers.</summary>
    public void BindService(ServiceBinderBase serviceBinder)
    {
        foreach (var addMethod in _addMethods)
        {
            addMethod(serviceBinder);
        }
    }
}
