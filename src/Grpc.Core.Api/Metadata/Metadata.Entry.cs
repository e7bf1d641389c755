using System.Text;

namespace Grpc.Core;

public sealed partial class Metadata
{
    /// <summary>One key with one value, text or bytes. Immutable.</summary>
    public class Entry
    {
        private readonly string? _value;
        private readonly byte[]? _valueBytes;

        /// <summary>A binary entry. The bytes are copied.</summary>
        /// <exception cref="ArgumentException">The key has a character that is not allowed, or does not end in <c>-bin</c>.</exception>
        /// <exception cref="ArgumentNullException">The key or the value is null.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            Key = MetadataKey.Normalize(key);
            if (!MetadataKey.IsBinary(Key))
            {
                throw new ArgumentException(
                    $"Metadata key '{key}' of a binary value must end in '{BinaryHeaderSuffix}'.",
                    nameof(key));
            }

            ArgumentNullException.ThrowIfNull(valueBytes);
            _valueBytes = valueBytes.AsSpan().ToArray();
        }

        /// <summary>A text entry. HTTP/2 lets only printable ASCII through, which the transport checks.</summary>
        /// <exception cref="ArgumentException">The key has a character that is not allowed, or ends in <c>-bin</c>.</exception>
        /// <exception cref="ArgumentNullException">The key or the value is null.</exception>
        public Entry(string key, string value)
        {
            Key = MetadataKey.Normalize(key);
            if (MetadataKey.IsBinary(Key))
            {
                throw new ArgumentException(
                    $"Metadata key '{key}' of a text value must not end in '{BinaryHeaderSuffix}'.",
                    nameof(key));
            }

            ArgumentNullException.ThrowIfNull(value);
            _value = value;
        }

        /// <summary>The key in lower case.</summary>
        public string Key { get; }

        /// <summary>Whether the value is bytes, which is so exactly when the key ends in <c>-bin</c>.</summary>
        public bool IsBinary => _valueBytes is not null;

        /// <summary>The text.</summary>
        /// <exception cref="InvalidOperationException">The entry is binary.</exception>
        public string Value => _value
            ?? throw new InvalidOperationException($"Metadata entry '{Key}' is binary and has no text value.");

        /// <summary>A copy of the bytes; for text, its ASCII bytes.</summary>
        public byte[] ValueBytes => _valueBytes is not null
            ? _valueBytes.AsSpan().ToArray()
            : Encoding.ASCII.GetBytes(_value!);

        /// <summary>The key and the value, for logs and debuggers.</summary>
        public override string ToString() => _valueBytes is not null
            ? $"[Entry: key={Key}, valueBytes={Convert.ToHexString(_valueBytes)}]"
            : $"[Entry: key={Key}, value={_value}]";
    }
}
