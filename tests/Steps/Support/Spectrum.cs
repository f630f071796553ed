namespace OrleansEtl.Steps.Tests;

/// <summary>The files of csv-spectrum 2.0, as they are in its package; written out here, since their corner cases are
/// all there is to them.</summary>
internal static class Spectrum
{
    private static readonly Dictionary<string, string> Files = new()
    {
        ["comma_in_quotes"] = "first,last,address,city,zip\nJohn,Doe,120 any st.,\"Anytown, WW\",08123",
        ["empty"] = "a,b,c\n1,\"\",\"\"\n2,3,4",
        ["empty_crlf"] = "a,b,c\r\n1,\"\",\"\"\r\n2,3,4",
        ["escaped_quotes"] = "a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n",
        ["json"] = "key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"coordinates\"\": [102.0, 0.5]}\"\n",
        ["newlines"] = "a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n7,8,9\n",
        ["newlines_crlf"] = "a,b,c\r\n1,2,3\r\n\"Once upon \r\na time\",5,6\r\n7,8,9\r\n",
        ["quotes_and_newlines"] = "a,b\n1,\"ha \n\"\"ha\"\" \nha\"\n3,4\n",
        ["simple"] = "a,b,c\n1,2,3\n",
        ["simple_crlf"] = "a,b,c\r\n1,2,3\r\n",
        ["utf8"] = "a,b,c\n1,2,3\n4,5,ʤ",
    };

    public static byte[] Bytes(string name) => System.Text.Encoding.UTF8.GetBytes(Files[name]);

    public static string[] Header(string name) => Files[name].Split('\n')[0].TrimEnd('\r').Split(',');
}
