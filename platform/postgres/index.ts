/** The embedded PostgreSQL, as other folders see it. */
export { startCluster, type Cluster, type ClusterOptions } from './cluster.ts';
export { archiveSegments, pruneArchive } from './archive.ts';
export type { Settings } from './settings.ts';
