using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OpenShell.Driver.Vm.Quantities;

/// <summary>A share of processors, as in "2", "0.5" or "500m".</summary>
/// <param name="Millis">Thousandths of a processor.</param>
internal readonly record struct CpuQuantity(long Millis)
{
    /// <summary>The whole virtual processors that hold it.</summary>
    public long VirtualCpus => (Millis + 999) / 1000;

    public static bool TryParse([NotNullWhen(true)] string? text, out CpuQuantity value)
    {
        value = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var inMillis = text.EndsWith('m');
        if (!decimal.TryParse(inMillis ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            || amount <= 0
            || amount > int.MaxValue)
        {
            return false;
        }

        value = new CpuQuantity((long)decimal.Ceiling(inMillis ? amount : amount * 1000));
        return true;
    }
}
