using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OpenShell.GrpcAbstractions.Surface;

/// <summary>What the two abstraction assemblies of this build offer.</summary>
internal sealed class DefinedSurface
{
    public static readonly IReadOnlyList<string> AssemblyNames = ["Grpc.Core.Api", "Grpc.Net.Common"];

    public static readonly Assembly[] Assemblies =
        [typeof(CallInvoker).Assembly, typeof(Grpc.Net.Compression.ICompressionProvider).Assembly];

    private readonly SignatureText _text = new();
    private readonly HashSet<string> _types = [];
    private readonly HashSet<string> _publicMembers = [];
    private readonly HashSet<string> _protectedMembers = [];

    private DefinedSurface()
    {
    }

    public static DefinedSurface Read()
    {
        var surface = new DefinedSurface();
        foreach (var assembly in Assemblies)
        {
            using var file = new PEReader(File.OpenRead(assembly.Location));
            surface.ReadAssembly(file.GetMetadataReader());
        }

        return surface;
    }

    public bool HasType(string name) => _types.Contains(name);

    public bool HasMember(ReferencedMember member) =>
        _publicMembers.Contains(member.Signature)
        || (member.MayBeProtected && _protectedMembers.Contains(member.Signature));

    private void ReadAssembly(MetadataReader reader)
    {
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (!IsVisible(reader, type))
            {
                continue;
            }

            var typeName = _text.TypeName(reader, handle);
            _types.Add(typeName);
            foreach (var methodHandle in type.GetMethods())
            {
                var method = reader.GetMethodDefinition(methodHandle);
                Add(
                    method.Attributes & MethodAttributes.MemberAccessMask,
                    SignatureText.Method(typeName, reader.GetString(method.Name), method.DecodeSignature(_text, null)));
            }

            foreach (var fieldHandle in type.GetFields())
            {
                var field = reader.GetFieldDefinition(fieldHandle);
                Add(
                    (MethodAttributes)(field.Attributes & FieldAttributes.FieldAccessMask),
                    SignatureText.Field(typeName, reader.GetString(field.Name), field.DecodeSignature(_text, null)));
            }
        }
    }

    private void Add(MethodAttributes access, string signature)
    {
        if (access == MethodAttributes.Public)
        {
            _publicMembers.Add(signature);
        }
        else if (access is MethodAttributes.Family or MethodAttributes.FamORAssem)
        {
            _protectedMembers.Add(signature);
        }
    }

    private static bool IsVisible(MetadataReader reader, TypeDefinition type) =>
        (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem =>
                IsVisible(reader, reader.GetTypeDefinition(type.GetDeclaringType())),
            _ => false,
        };
}
