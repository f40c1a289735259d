// Needs the packages hyparquet and hyparquet-compressors.
export { fromParquet } from './sources/fromParquet.ts';
export { ParquetError, type ParquetErrorCode } from './sources/parquet/ParquetError.ts';
export { parquetInfo, type ParquetInfo } from './sources/parquet/parquetInfo.ts';
export type { ParquetParsers, ReadRowGroupsOptions } from './sources/parquet/rowGroups.ts';
export type { RowGroup } from './sources/parquet/RowGroup.ts';
