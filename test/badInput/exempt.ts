/** The public values that take nothing from a user that could be wrong, each with the reason. */
export const EXEMPT: Readonly<Record<string, string>> = {
  ConformanceError: 'users catch it, the package makes it',
  ChannelClosedError: 'users catch it, the package makes it',
  DeadLetterError: 'users catch it, the package makes it',
  EncodeError: 'users catch it, the package makes it',
  FileReadError: 'users catch it, the package makes it',
  FileWriteError: 'users catch it, the package makes it',
  FlowError: 'users catch it, the package makes it',
  LeakError: 'users catch it, the package makes it',
  LineTooLongError: 'users catch it, the package makes it',
  OverflowError: 'users catch it, the package makes it',
  ParquetError: 'users catch it, the package makes it',
  SimulationError: 'users catch it, the package makes it',
  WriteError: 'users catch it, the package makes it',
  noLeaks: 'it refuses with a rejected promise, as it says: see test/testing/noLeaks.test.ts',
  hooks: 'an object whose functions users replace and the package calls',
};
