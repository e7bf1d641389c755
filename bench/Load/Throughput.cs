namespace OpenShell.Load;

/// <summary>What a transfer did.</summary>
/// <param name="BestRate">MB/s (10^6) in its best second.</param>
/// <param name="Bytes">All of it, from its first byte.</param>
internal readonly record struct Throughput(double BestRate, long Bytes);
