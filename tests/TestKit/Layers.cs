using System.Reflection;
using NetArchTest.Rules;

namespace OpenShell.TestKit;

/// <summary>
/// Rules about who may use whom inside one program, read from its compiled code (NetArchTest). docs/architecture.md draws
/// the floors; each program's LayerTests lists them.
/// </summary>
public static class Layers
{
    /// <summary>
    /// Fails if a type uses one of a floor above its own, or another folder of its own floor, or lies in no floor at all.
    /// A folder's subfolders belong to it; the empty name is the root of the program.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="root">Namespace of the program, which the folders' names come after.</param>
    /// <param name="floors">Folders floor by floor, the highest first; a floor is names separated by commas.</param>
    public static void AssertFloors(Assembly program, string root, params string[] floors)
    {
        string[][] folders = [.. floors.Select(floor => floor.Split(',', StringSplitOptions.TrimEntries))];
        var faults = new List<string>();
        foreach (var type in OwnTypes(program, root))
        {
            var folder = Folder(type.FullName!, root);
            if (!folders.Any(floor => floor.Contains(folder)))
            {
                faults.Add($"{type.FullName}: the folder '{folder}' lies in no floor; add it to the list and to docs/architecture.md");
            }
        }

        for (var i = 0; i < folders.Length; i++)
        {
            foreach (var used in folders[i])
            {
                var below = folders.Skip(i).SelectMany(f => f).Where(f => f != used).ToHashSet();
                faults.AddRange(Uses(program, root, used, below));
            }
        }

        Assert.That(faults.Distinct().Order(StringComparer.Ordinal), Is.Empty, "a folder may use those on floors below its own only");
        AssertDocumented($"src/{root["OpenShell.".Length..]}", folders);
    }

    /// <summary>Fails if a type outside the named folders uses a namespace, such as that of the protobuf library.</summary>
    public static void AssertUsedOnlyIn(Assembly program, string root, string[] namespaces, params string[] folders)
    {
        var result = Types.InAssembly(program).That().HaveDependencyOnAny(namespaces).GetTypes()
            .Where(type => IsOwn(type, root) && !folders.Contains(Folder(type.FullName!, root)))
            .Select(type => type.FullName);
        Assert.That(result, Is.Empty, $"{string.Join(", ", namespaces)} may be used in {string.Join(", ", folders)} only");
    }

    /// <summary>Fails if a type outside the named folders declares a function of a native library.</summary>
    public static void AssertNativeOnlyIn(Assembly program, string root, params string[] folders)
    {
        const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var result = OwnTypes(program, root)
            .Where(type => !folders.Contains(Folder(type.FullName!, root)))
            .Where(type => type.GetMethods(All).Any(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)))
            .Select(type => type.FullName);
        Assert.That(result, Is.Empty, $"functions of native libraries are declared in {(folders.Length == 0 ? "src/Linux" : string.Join(", ", folders))} only");
    }

    // Once for each folder that is used: the compiled code is read anew every time. Names are compared part by part: Ssh
    // does not stand for SshAccess.
    // The document draws the same floors, in the same order.
    private static void AssertDocumented(string project, string[][] folders)
    {
        var sections = File.ReadAllText(Path.Combine(TestPaths.Root, "docs", "architecture.md")).Split("\n### ");
        var section = sections.Single(text => text.Split('\n')[0].Replace(",", "", StringComparison.Ordinal).Split(' ').Contains(project));
        var last = -1;
        foreach (var floor in folders.Select(names => names.Where(name => name.Length > 0).ToArray()).Where(names => names.Length > 0))
        {
            int[] places = [.. floor.Select(name => section.IndexOf($"`{name}`", StringComparison.Ordinal))];
            Assert.That(places, Is.All.GreaterThan(last), $"docs/architecture.md, {project}: {string.Join(", ", floor)} in its place");
            last = places.Max();
        }
    }

    private static IEnumerable<string> Uses(Assembly program, string root, string used, HashSet<string> users)
    {
        string[] names = used.Length > 0
            ? [$"{root}.{used}"]
            : [.. OwnTypes(program, root).Where(type => type.Namespace == root).Select(type => type.FullName!)];
        foreach (var type in Types.InAssembly(program).That().HaveDependencyOnAny(names).GetTypes())
        {
            if (IsOwn(type, root) && Folder(type.FullName!, root) is var folder && users.Contains(folder))
            {
                yield return $"{type.FullName} ({folder}) uses {(used.Length > 0 ? used : "the root")}";
            }
        }
    }

    private static IEnumerable<Type> OwnTypes(Assembly program, string root) => program.GetTypes().Where(type => IsOwn(type, root));

    private static bool IsOwn(Type type, string root) =>
        type.Namespace is { } name && (name == root || name.StartsWith(root + ".", StringComparison.Ordinal));

    private static string Folder(string fullName, string root)
    {
        var rest = fullName[root.Length..].TrimStart('.');
        var outer = rest.Split('+')[0];
        var dot = outer.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? "" : outer[..dot];
    }
}
