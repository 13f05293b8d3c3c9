/** The manifest of a job that is done [Bulk Data Access 2.0, Bulk Data Output File Request]. */
import type { Bulk } from './deps.ts';
import { filesOf } from './store.ts';
import type { FileKind, FileRow, JobRow, Request } from './types.ts';

interface Listed {
  type: string;
  url?: string;
  count: number;
  inputUrl?: string;
}

export interface Manifest {
  transactionTime: string;
  request: string;
  requiresAccessToken: true;
  output: Listed[];
  deleted?: Listed[];
  error: Listed[];
}

export async function manifestOf(bulk: Bulk, job: JobRow, request: Request): Promise<Manifest> {
  const files = await filesOf(bulk, job);
  const base = `${bulk.baseUrlOf ? bulk.baseUrlOf(job.tenant) : bulk.baseUrl}/fhir/R4/bulk/${job.id}`;
  const inputUrl = ({ source }: Pick<FileRow, 'source'>) => {
    const url = request.kind === 'import' ? request.inputs[source]?.url : undefined;
    return url === undefined ? {} : { inputUrl: url };
  };
  const listed = (kind: FileKind, type?: string): Listed[] =>
    files
      .filter((file) => file.kind === kind)
      .map((file) => ({
        type: type ?? file.type,
        // What an import took in is in the store, not in a file.
        ...(file.bytes > 0 && { url: `${base}/${file.number}` }),
        count: file.count,
        ...inputUrl(file),
      }));
  return {
    transactionTime: new Date(job.made).toISOString(),
    request: request.url,
    requiresAccessToken: true,
    output: listed('output'),
    ...(request.kind === 'export' && { deleted: listed('deleted', 'Bundle') }),
    error: listed('error', 'OperationOutcome'),
  };
}
