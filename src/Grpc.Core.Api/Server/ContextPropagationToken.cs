namespace Grpc.Core;

/// <summary>Stands for the served call in the options of a call made while serving it. Only transports make them.</summary>
public abstract class ContextPropagationToken
{
    internal ContextPropagationToken()
    {
    }
}
