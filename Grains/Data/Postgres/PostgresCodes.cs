namespace OrleansEtl.Data.Postgres;

/// <summary>The codes of the faults of databases; each has its page (<c>etl explain CODE</c>).</summary>
public static class PostgresCodes
{
    /// <summary>A step names a connection that is not defined where it runs.</summary>
    public const string ConnectionUnknown = "ETL3801";
    /// <summary>A connection is defined by a text, or a file, that is not usable.</summary>
    public const string ConnectionInvalid = "ETL3802";
    /// <summary>The database is away: not reached, or the connection broke.</summary>
    public const string Unavailable = "ETL3810";
    /// <summary>The database does not permit it.</summary>
    public const string Denied = "ETL3811";
    /// <summary>The database refuses the query: syntax, unknown names, types.</summary>
    public const string QueryInvalid = "ETL3812";
    /// <summary>The query took longer than allowed, or the database lacks room or connections.</summary>
    public const string Exhausted = "ETL3813";
    /// <summary>Something else than one reading statement was given.</summary>
    public const string NotOneQuery = "ETL3814";
    /// <summary>A value of the database has no counterpart here.</summary>
    public const string ValueForeign = "ETL3815";
    /// <summary>The query gives more rows than allowed.</summary>
    public const string RowsTooMany = "ETL3816";
    /// <summary>The table is missing, or its columns do not take those of the rows.</summary>
    public const string TableDiffers = "ETL3820";
    /// <summary>Rows cannot be told apart by the key.</summary>
    public const string KeyInvalid = "ETL3821";
    /// <summary>A value does not fit its column, or breaks a rule of the table.</summary>
    public const string ValueRefused = "ETL3822";
    /// <summary>A later attempt has taken over the load.</summary>
    public const string Superseded = "ETL3823";
}
