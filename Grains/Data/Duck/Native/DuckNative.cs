using System.Runtime.InteropServices;

namespace OrleansEtl.Data.Duck.Native;

/// <summary>The C API of DuckDB 1.5 as far as it is used. Names and order are those of duckdb.h; only the prefix is
/// dropped.</summary>
internal static unsafe partial class DuckNative
{
    private const string Lib = DuckLibrary.Name;
    public const int Success = 0;

    [LibraryImport(Lib, EntryPoint = "duckdb_create_config")]
    public static partial int CreateConfig(out nint config);

    [LibraryImport(Lib, EntryPoint = "duckdb_set_config", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetConfig(nint config, string name, string option);

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_config")]
    public static partial void DestroyConfig(ref nint config);

    [LibraryImport(Lib, EntryPoint = "duckdb_open_ext", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenExt(string? path, out DatabaseHandle database, nint config, out nint error);

    [LibraryImport(Lib, EntryPoint = "duckdb_close")]
    public static partial void Close(ref nint database);

    [LibraryImport(Lib, EntryPoint = "duckdb_connect")]
    public static partial int Connect(DatabaseHandle database, out ConnectionHandle connection);

    [LibraryImport(Lib, EntryPoint = "duckdb_disconnect")]
    public static partial void Disconnect(ref nint connection);

    [LibraryImport(Lib, EntryPoint = "duckdb_interrupt")]
    public static partial void Interrupt(ConnectionHandle connection);

    [LibraryImport(Lib, EntryPoint = "duckdb_query_progress")]
    public static partial NativeProgress QueryProgress(ConnectionHandle connection);

    [LibraryImport(Lib, EntryPoint = "duckdb_library_version")]
    public static partial byte* LibraryVersion();

    [LibraryImport(Lib, EntryPoint = "duckdb_free")]
    public static partial void Free(void* memory);

    [LibraryImport(Lib, EntryPoint = "duckdb_extract_statements", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ulong ExtractStatements(
        ConnectionHandle connection, string sql, out StatementsHandle statements);

    [LibraryImport(Lib, EntryPoint = "duckdb_extract_statements_error")]
    public static partial byte* ExtractStatementsError(StatementsHandle statements);

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_extracted")]
    public static partial void DestroyExtracted(ref nint statements);

    [LibraryImport(Lib, EntryPoint = "duckdb_prepare_extracted_statement")]
    public static partial int PrepareExtracted(
        ConnectionHandle connection, StatementsHandle statements, ulong index, out PreparedHandle prepared);

    [LibraryImport(Lib, EntryPoint = "duckdb_prepare_error")]
    public static partial byte* PrepareError(PreparedHandle prepared);

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_prepare")]
    public static partial void DestroyPrepare(ref nint prepared);

    [LibraryImport(Lib, EntryPoint = "duckdb_prepared_statement_column_count")]
    public static partial ulong PreparedColumnCount(PreparedHandle prepared);

    [LibraryImport(Lib, EntryPoint = "duckdb_prepared_statement_column_name")]
    public static partial byte* PreparedColumnName(PreparedHandle prepared, ulong column);

    [LibraryImport(Lib, EntryPoint = "duckdb_prepared_statement_column_logical_type")]
    public static partial TypeHandle PreparedColumnType(PreparedHandle prepared, ulong column);

    [LibraryImport(Lib, EntryPoint = "duckdb_pending_prepared")]
    public static partial int PendingPrepared(PreparedHandle prepared, out PendingHandle pending);

    [LibraryImport(Lib, EntryPoint = "duckdb_pending_prepared_streaming")]
    public static partial int PendingPreparedStreaming(PreparedHandle prepared, out PendingHandle pending);

    [LibraryImport(Lib, EntryPoint = "duckdb_pending_error")]
    public static partial byte* PendingError(PendingHandle pending);

    [LibraryImport(Lib, EntryPoint = "duckdb_execute_pending")]
    public static partial int ExecutePending(PendingHandle pending, ResultHandle result);

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_pending")]
    public static partial void DestroyPending(ref nint pending);

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_result")]
    public static partial void DestroyResult(nint result);

    [LibraryImport(Lib, EntryPoint = "duckdb_result_error")]
    public static partial byte* ResultError(ResultHandle result);

    [LibraryImport(Lib, EntryPoint = "duckdb_rows_changed")]
    public static partial ulong RowsChanged(ResultHandle result);

    [LibraryImport(Lib, EntryPoint = "duckdb_column_count")]
    public static partial ulong ColumnCount(ResultHandle result);

    [LibraryImport(Lib, EntryPoint = "duckdb_column_name")]
    public static partial byte* ColumnName(ResultHandle result, ulong column);

    [LibraryImport(Lib, EntryPoint = "duckdb_column_logical_type")]
    public static partial TypeHandle ColumnType(ResultHandle result, ulong column);

    [LibraryImport(Lib, EntryPoint = "duckdb_fetch_chunk")]
    public static partial ChunkHandle FetchChunk(NativeResult result);

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_data_chunk")]
    public static partial void DestroyChunk(ref nint chunk);

    [LibraryImport(Lib, EntryPoint = "duckdb_data_chunk_get_size")]
    public static partial ulong ChunkSize(nint chunk);

    [LibraryImport(Lib, EntryPoint = "duckdb_data_chunk_get_vector")]
    public static partial nint ChunkVector(nint chunk, ulong column);

    [LibraryImport(Lib, EntryPoint = "duckdb_vector_get_data")]
    public static partial void* VectorData(nint vector);

    [LibraryImport(Lib, EntryPoint = "duckdb_vector_get_validity")]
    public static partial ulong* VectorValidity(nint vector);

    [LibraryImport(Lib, EntryPoint = "duckdb_list_vector_get_child")]
    public static partial nint ListChild(nint vector);

    [LibraryImport(Lib, EntryPoint = "duckdb_struct_vector_get_child")]
    public static partial nint StructChild(nint vector, ulong index);

    [LibraryImport(Lib, EntryPoint = "duckdb_array_vector_get_child")]
    public static partial nint ArrayChild(nint vector);

    [LibraryImport(Lib, EntryPoint = "duckdb_get_type_id")]
    public static partial DuckKind TypeId(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_create_logical_type")]
    public static partial TypeHandle CreateType(DuckKind kind);

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_logical_type")]
    public static partial void DestroyType(ref nint type);

    [LibraryImport(Lib, EntryPoint = "duckdb_logical_type_get_alias")]
    public static partial byte* TypeAlias(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_decimal_width")]
    public static partial byte DecimalWidth(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_decimal_scale")]
    public static partial byte DecimalScale(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_decimal_internal_type")]
    public static partial DuckKind DecimalStorage(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_enum_internal_type")]
    public static partial DuckKind EnumStorage(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_enum_dictionary_size")]
    public static partial uint EnumSize(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_enum_dictionary_value")]
    public static partial byte* EnumValue(TypeHandle type, ulong index);

    [LibraryImport(Lib, EntryPoint = "duckdb_list_type_child_type")]
    public static partial TypeHandle ListItem(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_array_type_child_type")]
    public static partial TypeHandle ArrayItem(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_array_type_array_size")]
    public static partial ulong ArraySize(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_map_type_key_type")]
    public static partial TypeHandle MapKey(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_map_type_value_type")]
    public static partial TypeHandle MapValue(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_struct_type_child_count")]
    public static partial ulong StructSize(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_struct_type_child_name")]
    public static partial byte* StructFieldName(TypeHandle type, ulong index);

    [LibraryImport(Lib, EntryPoint = "duckdb_struct_type_child_type")]
    public static partial TypeHandle StructFieldType(TypeHandle type, ulong index);

    [LibraryImport(Lib, EntryPoint = "duckdb_union_type_member_count")]
    public static partial ulong UnionSize(TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_union_type_member_name")]
    public static partial byte* UnionMemberName(TypeHandle type, ulong index);

    [LibraryImport(Lib, EntryPoint = "duckdb_union_type_member_type")]
    public static partial TypeHandle UnionMemberType(TypeHandle type, ulong index);

    [LibraryImport(Lib, EntryPoint = "duckdb_create_scalar_function")]
    public static partial nint CreateScalarFunction();

    [LibraryImport(Lib, EntryPoint = "duckdb_destroy_scalar_function")]
    public static partial void DestroyScalarFunction(ref nint function);

    [LibraryImport(Lib, EntryPoint = "duckdb_scalar_function_set_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void ScalarFunctionSetName(nint function, string name);

    [LibraryImport(Lib, EntryPoint = "duckdb_scalar_function_add_parameter")]
    public static partial void ScalarFunctionAddParameter(nint function, TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_scalar_function_set_return_type")]
    public static partial void ScalarFunctionSetReturnType(nint function, TypeHandle type);

    [LibraryImport(Lib, EntryPoint = "duckdb_scalar_function_set_volatile")]
    public static partial void ScalarFunctionSetVolatile(nint function);

    [LibraryImport(Lib, EntryPoint = "duckdb_scalar_function_set_extra_info")]
    public static partial void ScalarFunctionSetExtraInfo(nint function, void* info, void* destroy);

    [LibraryImport(Lib, EntryPoint = "duckdb_scalar_function_set_function")]
    public static partial void ScalarFunctionSetFunction(
        nint function, delegate* unmanaged[Cdecl]<nint, nint, nint, void> body);

    [LibraryImport(Lib, EntryPoint = "duckdb_register_scalar_function")]
    public static partial int RegisterScalarFunction(ConnectionHandle connection, nint function);

    [LibraryImport(Lib, EntryPoint = "duckdb_scalar_function_get_extra_info")]
    [SuppressGCTransition]
    public static partial void* ScalarFunctionGetExtraInfo(nint info);

    /// <summary>Copies text that the library keeps.</summary>
    public static string? Borrowed(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    /// <summary>Copies text that the library gave away, and frees it.</summary>
    public static string? Owned(byte* text)
    {
        if (text is null) return null;
        var copy = Marshal.PtrToStringUTF8((nint)text);
        Free(text);
        return copy;
    }
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeResult
{
    public ulong ColumnCount, RowCount, RowsChanged;
    public nint Columns, ErrorMessage, Internal;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeProgress
{
    public double Percentage;
    public ulong RowsProcessed, RowsTotal;
}
