using System.Runtime.InteropServices;

namespace OpenShell.Ssh.Native;

/// <summary>libssh: keys.</summary>
internal static unsafe partial class LibSshKeys
{
    public const int Ed25519 = 5;

    private const string Library = "libssh";

    /// <summary>The type of a key as authorized_keys has it.</summary>
    public static string NameOf(nint key) => Marshal.PtrToStringUTF8(TypeName(Type(key))) ?? "";

    /// <summary>The public key in base64, without its type.</summary>
    public static string PublicBase64Of(nint key)
    {
        nint text;
        var exported = ExportPublic(key, &text);
        return TakeText(exported, text);
    }

    /// <summary>A text that libssh has exported and we free.</summary>
    /// <exception cref="InvalidOperationException">It has not.</exception>
    public static string TakeText(int result, nint text)
    {
        if (result != LibSsh.Ok)
        {
            throw new InvalidOperationException("libssh could not export a key.");
        }

        var taken = Marshal.PtrToStringUTF8(text)!;
        FreeText(text);
        return taken;
    }

    [LibraryImport(Library, EntryPoint = "ssh_pki_generate")]
    public static partial int Generate(int type, int parameter, nint* key);

    [LibraryImport(Library, EntryPoint = "ssh_pki_import_privkey_base64", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ImportPrivate(string text, nint passphrase, nint passphraseCallback, nint callbackData, nint* key);

    [LibraryImport(Library, EntryPoint = "ssh_pki_export_privkey_base64")]
    public static partial int ExportPrivate(nint key, nint passphrase, nint passphraseCallback, nint callbackData, nint* text);

    [LibraryImport(Library, EntryPoint = "ssh_pki_export_pubkey_base64")]
    private static partial int ExportPublic(nint key, nint* text);

    [LibraryImport(Library, EntryPoint = "ssh_key_type")]
    public static partial int Type(nint key);

    [LibraryImport(Library, EntryPoint = "ssh_key_free")]
    public static partial void Free(nint key);

    [LibraryImport(Library, EntryPoint = "ssh_string_free_char")]
    private static partial void FreeText(nint text);

    [LibraryImport(Library, EntryPoint = "ssh_key_type_to_char")]
    private static partial nint TypeName(int type);
}
