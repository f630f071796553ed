using System.CommandLine;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl init [NAME]</c>: a pipeline that runs as it is, as a beginning of one's own.</summary>
internal static class Init
{
    private static readonly Argument<string> Name = new("NAME")
    {
        Description = "The pipeline's name; the file is NAME.yaml", DefaultValueFactory = _ => "my_pipeline", Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("init", "Write a commented pipeline to start from") { Name };
        command.SetAction(parsed => (int)Write(parsed.GetValue(Name)!, surroundings.Terminal));
        return command;
    }

    private static ExitCode Write(string name, Terminal terminal)
    {
        if (name.Length > 63 || !char.IsAsciiLetter(name[0]) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')))
        {
            terminal.Talk.WriteLine($"a pipeline's name is a letter and then at most 62 letters, digits, _, - or .; found '{name}'");
            return ExitCode.Usage;
        }
        var file = $"{name}.yaml";
        try
        {
            using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            using var text = new StreamWriter(stream);
            text.Write(Starter.Replace("NAME", name));
        }
        catch (IOException) when (File.Exists(file))
        {
            FaultText.Print(terminal, new Fault(
                FaultKind.Conflict, CliCodes.FileExists, $"{file} is already there and is not overwritten", Hint: "give another name: etl init NAME"));
            return ExitCode.Conflict;
        }
        terminal.Data.WriteLine(file);
        terminal.Talk.WriteLine($"next: etl run {file}");
        return ExitCode.Succeeded;
    }

    private const string Starter = """
        # A pipeline is a graph of steps. Run it:    etl run NAME.yaml
        # Check it without running it:               etl validate NAME.yaml
        # All kinds of steps:                        etl kinds
        # What a kind takes, with an example:        etl explain transform.sql
        pipeline: NAME
        description: Made-up orders, cleaned, checked and summed by day.

        # Values that can be set at the start: etl run NAME.yaml -p orders=5000
        params:
          orders: { type: integer, default: 1000, description: How many orders to make up }

        steps:
          # Replace this step by your own data, for example by kind extract.csv with `path: orders.csv`.
          - id: orders
            kind: extract.generate
            with:
              rows: "{{ params.orders }}"
              seed: 7
              columns:
                order_id: { generator: sequence }
                placed_at: { generator: timestamp, from: 2026-01-01, to: 2026-02-01 }
                amount: { generator: normal, mean: 60, stddev: 12, decimals: 2, null_ratio: 0.02 }

          # A step reads what the steps in depends_on gave.
          - id: priced
            kind: transform.clean_nulls
            depends_on: [orders]
            with: { columns: [amount], method: drop }

          # A check that fails stops everything that depends on it; else it gives its rows on.
          - id: sane
            kind: check.range
            depends_on: [priced]
            with: { columns: [amount], min: 0 }

          # In SQL the inputs are tables with the ids of their steps.
          - id: by_day
            kind: transform.sql
            depends_on: [sane]
            with:
              query: |
                SELECT placed_at::DATE AS day, count(*) AS orders, sum(amount)::DECIMAL(18,2) AS amount
                FROM sane GROUP BY ALL

          # Published whole or not at all, and once, whatever dies on the way.
          - id: export
            kind: load.csv
            depends_on: [by_day]
            with: { path: out/NAME.csv, order_by: [day] }

        """;
}
