namespace OrleansEtl.Steps;

/// <summary>What this process has to run programs with.</summary>
internal sealed record ProgramSite(AllowedPrograms Allowed, WorkFolders Folders, TimeProvider Time);
