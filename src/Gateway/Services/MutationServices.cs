using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Configuration;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Requests that are done at most once, and the methods whose requests they are.</summary>
internal static class MutationServices
{
    public static IServiceCollection AddMutations(this IServiceCollection services) => services
        .AddSingleton(p => new RequestFingerprints(p.GetRequiredService<StateDirectory>().Path))
        .AddSingleton<RequestAdmission>()
        .AddSingleton<MutationInterceptor>()
        .AddSingleton<Mutation<CreateSandboxRequest, SandboxResponse>, CreateSandboxMutation>()
        .AddSingleton<Mutation<StartSandboxRequest, SandboxResponse>, StartSandboxMutation>()
        .AddSingleton<Mutation<StopSandboxRequest, SandboxResponse>, StopSandboxMutation>()
        .AddSingleton<Mutation<DeleteSandboxRequest, DeleteSandboxResponse>, DeleteSandboxMutation>()
        .AddSingleton<Mutation<CreateWorkspaceRequest, CreateWorkspaceResponse>, CreateWorkspaceMutation>()
        .AddSingleton<Mutation<DeleteWorkspaceRequest, DeleteWorkspaceResponse>, DeleteWorkspaceMutation>()
        .AddSingleton<Mutation<AddWorkspaceMemberRequest, AddWorkspaceMemberResponse>, AddWorkspaceMemberMutation>()
        .AddSingleton<Mutation<RemoveWorkspaceMemberRequest, RemoveWorkspaceMemberResponse>, RemoveWorkspaceMemberMutation>();
}
