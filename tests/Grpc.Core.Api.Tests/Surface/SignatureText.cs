using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace OpenShell.GrpcAbstractions.Surface;

/// <summary>
/// Writes signatures as text that is equal exactly when the runtime would bind one to the other: full type names,
/// class or valuetype, custom modifiers, generic parameters by position.
/// </summary>
internal sealed class SignatureText : ISignatureTypeProvider<string, object?>
{
    private const byte ValueTypeCode = 0x11;
    private const byte ClassCode = 0x12;

    public static string Method(string declaringType, string name, MethodSignature<string> signature) =>
        $"{(signature.Header.IsInstance ? "" : "static ")}{signature.ReturnType} {declaringType}::{name}"
        + (signature.GenericParameterCount == 0 ? "" : $"`{signature.GenericParameterCount}")
        + $"({string.Join(", ", signature.ParameterTypes)})";

    public static string Field(string declaringType, string name, string type) => $"{type} {declaringType}::{name}";

    public string TypeName(MetadataReader reader, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeDefinition => GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(handle), handle.Kind, "Not a named type."),
    };

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        return Kind(rawTypeKind) + (type.IsNested
            ? $"{GetTypeFromDefinition(reader, type.GetDeclaringType(), 0)}/{name}"
            : $"{reader.GetString(type.Namespace)}.{name}");
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        return Kind(rawTypeKind) + (type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}/{name}"
            : $"{reader.GetString(type.Namespace)}.{name}");
    }

    public string GetTypeFromSpecification(
        MetadataReader reader,
        object? genericContext,
        TypeSpecificationHandle handle,
        byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => Method("", "", signature) + "*";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

    public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) =>
        $"{unmodifiedType} {(isRequired ? "modreq" : "modopt")}({modifier})";

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => elementType + "[]";

    private static string Kind(byte rawTypeKind) => rawTypeKind switch
    {
        ValueTypeCode => "valuetype ",
        ClassCode => "class ",
        _ => "",
    };
}
