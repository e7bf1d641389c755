namespace OpenShell.Driver.Kit.Watch;

/// <summary>Metadata of platform events that drive a progress display.</summary>
public static class ProgressKeys
{
    /// <summary>The step that has just begun.</summary>
    public const string ActiveStep = "openshell.progress.active_step";

    /// <summary>The step that has just ended.</summary>
    public const string CompletedStep = "openshell.progress.completed_step";

    /// <summary>What to call it.</summary>
    public const string Label = "openshell.progress.label";
}
