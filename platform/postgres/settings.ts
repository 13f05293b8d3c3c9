/** How the embedded PostgreSQL runs: durable, archived, on a Unix socket only, and with a log that can hold no patient data. */

export type Settings = Record<string, string>;

/**
 * Archives a finished segment: copied beside, synced, renamed, the folder synced. A segment archived just before a crash is
 * accepted again when it is the same, and never overwritten. Paths are relative to the data folder, so no name needs quoting.
 */
const archiveCommand = [
  'if test -f ../archive/%f; then cmp -s %p ../archive/%f;',
  'else cp %p ../archive/%f.part && sync ../archive/%f.part',
  '&& mv ../archive/%f.part ../archive/%f && sync ../archive; fi',
].join(' ');

export const settings: Settings = {
  // A path of any length, and with any character, works: clients name the folder by a short way of their own.
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  listen_addresses: '',
  port: '5432',
  max_connections: '120',
  // Beside the page cache this is enough for the hot set of a clinic; a machine of 1 GB still runs.
  shared_buffers: '256MB',
  // Point queries only: compiling them costs more than it saves.
  jit: 'off',
  // Plans are made once for a connection (platform/database/open-db.ts) and again when statistics come: on a fresh
  // installation they come 10 s after the first rows, not a minute.
  autovacuum_naptime: '10s',
  // Statistics decide little (every statement has its index), and while tables grow they are taken again and again: 30,000
  // sampled rows each time were a seventh of PostgreSQL's work, 3,000 are as good.
  default_statistics_target: '10',

  wal_level: 'replica',
  archive_mode: 'on',
  archive_command: archiveCommand,
  synchronous_commit: 'on',
  fsync: 'on',
  full_page_writes: 'on',
  max_wal_size: '1GB',
  password_encryption: 'scram-sha-256',

  // Statement text, parameters and the DETAIL of errors quote rows: none of them may reach the log.
  log_destination: 'stderr',
  logging_collector: 'off',
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_min_duration_statement: '-1',
  log_min_duration_sample: '-1',
  log_transaction_sample_rate: '0',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
  // An error's own message quotes values too ("invalid input syntax for type uuid: ..."): only what ends a server is logged.
  log_min_messages: 'fatal',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  log_lock_waits: 'off',
  log_temp_files: '-1',
  debug_print_parse: 'off',
  track_activity_query_size: '256',
};
