namespace Grpc.Core;

/// <summary>What is known of a remote method without its message types.</summary>
public interface IMethod
{
    /// <summary>Which sides are streams.</summary>
    MethodType Type { get; }

    /// <summary>The service with its package, such as <c>acme.v1.Greeter</c>.</summary>
    string ServiceName { get; }

    /// <summary>The method without the service.</summary>
    string Name { get; }

    /// <summary>The request path, <c>/service/method</c>.</summary>
    string FullName { get; }
}
