using System.Reflection;

namespace OpenShell.GrpcAbstractions.Surface;

[TestFixtureSource(typeof(RealAssembly), nameof(RealAssembly.All))]
public class SurfaceTests(RealAssembly real)
{
    private ReferencedSurface _referenced = null!;
    private DefinedSurface _defined = null!;

    [OneTimeSetUp]
    public void Read()
    {
        _referenced = ReferencedSurface.Read(real.Path);
        _defined = DefinedSurface.Read();
    }

    [Test]
    public void ReferencedTypes_AreDefined()
    {
        // The smallest of the three, the server, refers to about 30: fewer means that the reading is broken.
        Assert.That(_referenced.Types, Has.Count.GreaterThan(25));
        Assert.That(_referenced.Types.Where(type => !_defined.HasType(type)), Is.Empty, "types that are missing");
    }

    [Test]
    public void ReferencedMembers_AreDefined()
    {
        Assert.That(_referenced.Members, Has.Count.GreaterThan(40));
        Assert.That(
            _referenced.Members.Where(member => !_defined.HasMember(member)).Select(member => member.Signature),
            Is.Empty,
            "members that are missing, differ in signature, or are not visible enough");
    }

    /// <summary>A class that leaves an abstract or interface member of ours without implementation cannot be loaded.</summary>
    [Test]
    public void AllTypes_Load()
    {
        var assembly = real.Load();
        try
        {
            Assert.That(assembly.GetTypes(), Is.Not.Empty);
        }
        catch (ReflectionTypeLoadException e)
        {
            Assert.Fail(string.Join(Environment.NewLine, e.LoaderExceptions.Select(inner => inner?.Message)));
        }
    }

    [Test]
    public void ReferencedIdentity_IsOurs()
    {
        var referenced = real.Load().GetReferencedAssemblies()
            .Where(name => DefinedSurface.AssemblyNames.Contains(name.Name))
            .Select(name => name.FullName);
        var ours = DefinedSurface.Assemblies.Select(assembly => assembly.GetName().FullName);

        Assert.That(referenced, Is.EquivalentTo(ours));
    }

    [Test]
    public void PublicKey_IsThatOfTheRealAssembly()
    {
        var expected = AssemblyName.GetAssemblyName(real.Path).GetPublicKey();

        Assert.That(expected, Has.Length.EqualTo(160));
        Assert.That(
            DefinedSurface.Assemblies.Select(assembly => assembly.GetName().GetPublicKey()),
            Is.All.EqualTo(expected));
    }
}
