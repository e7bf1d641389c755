using System.Security.Cryptography;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Keys;

/// <summary>An ed25519 host key.</summary>
public sealed class SshHostKey
{
    private SshHostKey(string privateText, string publicBase64)
    {
        PrivateText = privateText;
        PublicBase64 = publicBase64;
    }

    /// <summary>The key in OpenSSH's format. A secret.</summary>
    public string PrivateText { get; }

    /// <summary>The public key, as in known_hosts after "ssh-ed25519 ".</summary>
    public string PublicBase64 { get; }

    /// <summary>SHA256:… as ssh and ssh-keygen show it.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(PublicBase64))).TrimEnd('=');

    /// <summary>A new key.</summary>
    public static unsafe SshHostKey Generate()
    {
        nint key;
        if (LibSshKeys.Generate(LibSshKeys.Ed25519, 0, &key) != LibSsh.Ok)
        {
            throw new InvalidOperationException("libssh could not make a host key.");
        }

        try
        {
            nint text;
            var exported = LibSshKeys.ExportPrivate(key, 0, 0, 0, &text);
            return new SshHostKey(LibSshKeys.TakeText(exported, text), LibSshKeys.PublicBase64Of(key));
        }
        finally
        {
            LibSshKeys.Free(key);
        }
    }

    /// <summary>Reads a key in OpenSSH's format. Null: it is none, or not an ed25519 key.</summary>
    public static SshHostKey? TryParse(string privateText)
    {
        var key = Import(privateText);
        if (key == 0)
        {
            return null;
        }

        try
        {
            return LibSshKeys.Type(key) == LibSshKeys.Ed25519 ? new SshHostKey(privateText, LibSshKeys.PublicBase64Of(key)) : null;
        }
        finally
        {
            LibSshKeys.Free(key);
        }
    }

    /// <summary>The key as libssh has it; 0 if it is none. The caller's to free.</summary>
    internal static unsafe nint Import(string privateText)
    {
        nint key;
        return LibSshKeys.ImportPrivate(privateText, 0, 0, 0, &key) == LibSsh.Ok ? key : 0;
    }
}
