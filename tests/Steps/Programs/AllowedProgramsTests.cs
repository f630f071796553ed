namespace OrleansEtl.Steps.Tests;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class AllowedProgramsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-allowed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Fault Refused(AllowedPrograms programs, string program) =>
        Assert.Throws<FaultException>(() => programs.Find(program)).Fault;

    private string Script(string name)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, "#!/bin/sh\nexit 0\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        return path;
    }

    [Fact]
    public void Nothing_is_allowed_unless_a_setting_says_so()
    {
        var fault = Refused(AllowedPrograms.None, "python3");
        Assert.Equal((FaultKind.Denied, StepCodes.ProgramRefused, "with.program"), (fault.Kind, fault.Code, fault.Path));
        Assert.Contains("--allow-program python3", fault.Hint);
        Assert.Contains("ETL_ALLOW_PROGRAMS", fault.Hint);
    }

    [Fact]
    public void A_program_is_meant_by_its_name_or_by_its_place_also_through_a_linked_folder()
    {
        var script = Script("clean");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "linked"), _folder);
        var programs = AllowedPrograms.Of([script], "");
        foreach (var way in (string[])["clean", script, Path.Combine(_folder, "linked", "clean"), Path.Combine(_folder, ".", "x", "..", "clean")])
            Assert.Equal(script, programs.Find(way));
        Assert.Equal(script, AllowedPrograms.Of(["clean"], $"/nowhere:{_folder}").Find("clean"));
    }

    /// <summary>Many programs of a small system are links to one that looks at its name.</summary>
    [Fact]
    public void Another_name_of_the_same_file_is_another_program()
    {
        var busybox = Script("busybox");
        foreach (var name in (string[])["ls", "sh"]) File.CreateSymbolicLink(Path.Combine(_folder, name), busybox);
        var programs = AllowedPrograms.Of([Path.Combine(_folder, "ls")], "");
        Assert.Equal(Path.Combine(_folder, "ls"), programs.Find("ls"));
        foreach (var other in (string[])["sh", "busybox", busybox, Path.Combine(_folder, "sh"), "/bin/sh"])
            Assert.Equal(StepCodes.ProgramRefused, Refused(programs, other).Code);
        Assert.Equal(StepCodes.FieldInvalid, Refused(programs, "./ls").Code);
    }

    [Fact]
    public void A_link_that_leads_elsewhere_than_at_the_start_is_refused()
    {
        var link = Path.Combine(_folder, "tool");
        File.CreateSymbolicLink(link, Script("v1"));
        var programs = AllowedPrograms.Of([link], "");
        Assert.Equal(link, programs.Find("tool"));
        File.Delete(link);
        Assert.Equal((FaultKind.NotFound, StepCodes.ProgramMissing), Refused(programs, "tool") is var gone ? (gone.Kind, gone.Code) : default);
        File.CreateSymbolicLink(link, Script("v2"));
        Assert.Equal(StepCodes.ProgramMissing, Refused(programs, "tool").Code);
    }

    [Fact]
    public void A_setting_that_names_no_program_is_told_at_the_start()
    {
        var text = Path.Combine(_folder, "text");
        File.WriteAllText(text, "");
        File.SetUnixFileMode(text, UnixFileMode.UserRead);
        foreach (var entry in (string[])["no-such-program", Path.Combine(_folder, "missing"), text, _folder])
        {
            var fault = Assert.Throws<FaultException>(() => AllowedPrograms.Of([entry], "/usr/bin")).Fault;
            Assert.Equal((FaultKind.NotFound, StepCodes.ProgramMissing), (fault.Kind, fault.Code));
            Assert.Contains(entry, fault.Message);
        }
    }
}
