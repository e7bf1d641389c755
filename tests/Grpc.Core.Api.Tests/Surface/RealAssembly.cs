using System.Reflection;
using System.Runtime.Loader;

namespace OpenShell.GrpcAbstractions.Surface;

/// <summary>One of the real packages' assemblies that run on the abstractions.</summary>
public sealed record RealAssembly(string Name, string Path)
{
    public static IEnumerable<RealAssembly> All { get; } =
    [
        new("server", typeof(Grpc.AspNetCore.Server.GrpcServiceOptions).Assembly.Location),
        new("client", typeof(Grpc.Net.Client.GrpcChannel).Assembly.Location),
        new("client for AOT", System.IO.Path.Combine(AppContext.BaseDirectory, "Aot", "Grpc.Net.Client.dll")),
    ];

    /// <summary>Loads the assembly by itself; what it references comes from the test, our abstractions among it.</summary>
    public Assembly Load() => new AssemblyLoadContext(Name, isCollectible: false).LoadFromAssemblyPath(Path);

    public override string ToString() => Name;
}
