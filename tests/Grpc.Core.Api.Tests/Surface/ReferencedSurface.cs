using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OpenShell.GrpcAbstractions.Surface;

/// <summary>What one assembly refers to in the two abstraction assemblies.</summary>
internal sealed class ReferencedSurface
{
    private const byte GenericInstantiationCode = 0x15;

    private readonly MetadataReader _reader;
    private readonly SignatureText _text = new();
    private readonly HashSet<string> _baseTypes = [];

    private ReferencedSurface(MetadataReader reader)
    {
        _reader = reader;
    }

    public List<string> Types { get; } = [];

    public List<ReferencedMember> Members { get; } = [];

    public static ReferencedSurface Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var surface = new ReferencedSurface(file.GetMetadataReader());
        surface.ReadBaseTypes();
        surface.ReadTypes();
        surface.ReadMembers();
        return surface;
    }

    private void ReadBaseTypes()
    {
        foreach (var handle in _reader.TypeDefinitions)
        {
            if (NamedType(_reader.GetTypeDefinition(handle).BaseType) is { } baseType && IsAbstraction(baseType))
            {
                _baseTypes.Add(_text.TypeName(_reader, baseType));
            }
        }
    }

    private void ReadTypes()
    {
        foreach (var handle in _reader.TypeReferences)
        {
            if (IsAbstraction(handle))
            {
                Types.Add(_text.TypeName(_reader, handle));
            }
        }
    }

    private void ReadMembers()
    {
        foreach (var handle in _reader.MemberReferences)
        {
            var member = _reader.GetMemberReference(handle);
            if (NamedType(member.Parent) is not { } parent || !IsAbstraction(parent))
            {
                continue;
            }

            var type = _text.TypeName(_reader, parent);
            var name = _reader.GetString(member.Name);
            var signature = member.GetKind() == MemberReferenceKind.Method
                ? SignatureText.Method(type, name, member.DecodeMethodSignature(_text, null))
                : SignatureText.Field(type, name, member.DecodeFieldSignature(_text, null));
            Members.Add(new ReferencedMember(signature, MayBeProtected: _baseTypes.Contains(type)));
        }
    }

    private bool IsAbstraction(EntityHandle type)
    {
        if (type.Kind != HandleKind.TypeReference)
        {
            return false;
        }

        var scope = _reader.GetTypeReference((TypeReferenceHandle)type).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsAbstraction(scope),
            HandleKind.AssemblyReference => DefinedSurface.AssemblyNames.Contains(
                _reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name)),
            _ => false,
        };
    }

    /// <summary>The type itself, or the open type of a generic instantiation.</summary>
    private EntityHandle? NamedType(EntityHandle handle)
    {
        if (handle.Kind != HandleKind.TypeSpecification)
        {
            return handle.IsNil ? null : handle;
        }

        var signature = _reader.GetBlobReader(_reader.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
        if (signature.ReadByte() != GenericInstantiationCode)
        {
            return null;
        }

        signature.ReadByte();
        return signature.ReadTypeHandle();
    }
}
