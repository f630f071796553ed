using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansEtl.Steps.Tests")]
