namespace OpenShell.Ssh.Loop;

/// <summary>What the loop polls a descriptor for.</summary>
internal interface ILoopDescriptor : IDisposable
{
    /// <summary>Reads what is there and does what follows, without waiting. Called on the loop's thread.</summary>
    void Turn();
}
