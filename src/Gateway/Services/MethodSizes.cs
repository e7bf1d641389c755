using System.Collections.Frozen;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using OpenShell.Gateway.Connections;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>The methods that the gateway answers: as the .proto files declare them, and those known by name only.</summary>
internal static class MethodSizes
{
    public static RequestSizes OfRequests()
    {
        FileDescriptor[] files = [OpenshellReflection.Descriptor, SshAccessReflection.Descriptor, HealthReflection.Descriptor];
        return new RequestSizes(files
            .SelectMany(f => f.Services)
            .SelectMany(s => s.Methods.Where(m => !m.IsClientStreaming).Select(m => (Path: $"/{s.FullName}/{m.Name}", m.Name)))
            .Concat(UnbuiltMethods.KnownByNameOnly.Select(m => (Path: m.Key, Name: "")))
            .ToFrozenDictionary(
                m => m.Path, m => m.Name == nameof(ExecService.ExecSandbox) ? RequestSizes.Exec : RequestSizes.Usual, StringComparer.Ordinal));
    }
}
