using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansEtl.Data.Tests")]
