/** `tenant create|list|suspend|resume`: the clinics of this installation and the host names they are reached by. */
import { parseArgs } from 'node:util';
import { systemId } from '@afar/access';
import { TenantFault, within } from '@afar/platform';
import type { Config } from '../config.ts';
import type { House } from '../house.ts';
import { withHouse } from './open.ts';

const usage = [
  'tenant create --name NAME --host HOST [--host HOST...] [--region WORD]',
  'tenant list',
  'tenant suspend NUMBER',
  'tenant resume NUMBER',
];

type Act = (house: House) => Promise<void>;

/** Exit code 1 when it cannot be: a host name that is another's, a tenant that is not there. */
export async function tenantCommand(config: Config, args: string[]): Promise<number> {
  const act = read(args);
  if (!act) {
    for (const line of usage) console.error(line);
    return 2;
  }
  return withHouse(config, async (house) => {
    try {
      await act(house);
      return 0;
    } catch (error) {
      if (!(error instanceof TenantFault)) throw error;
      console.error(error.message);
      return 1;
    }
  });
}

function read(args: string[]): Act | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        host: { type: 'string', multiple: true },
        region: { type: 'string' },
      },
    });
    const [verb, number, ...more] = positionals;
    if (more.length > 0) return undefined;
    if (verb === 'create' && !number && values.name && values.host) {
      const { name, host: hosts, region } = values;
      return (house) => create(house, { name, hosts, ...(region !== undefined && { region }) });
    }
    if (verb === 'list' && !number) return list;
    const id = Number(number);
    if (!Number.isInteger(id)) return undefined;
    if (verb === 'suspend') return (house) => setStatus(house, id, 'suspended');
    return verb === 'resume' ? (house) => setStatus(house, id, 'active') : undefined;
  } catch {
    return undefined;
  }
}

async function create(house: House, asked: { name: string; hosts: string[]; region?: string }) {
  const { id, hosts } = await house.tenants.create(asked);
  // Its own key from the first moment: nothing of it is ever sealed under another's.
  await house.keys.tenant(id);
  await record(house, id, 'create-tenant', 'C');
  console.log(`Tenant ${id} is made: ${hosts.join(', ')}, at ${house.tenants.baseUrl(id)}`);
  console.log('Its first administrator:');
  console.log(
    `  npm run afar -- user create --tenant ${id} --role administrator --email ADDRESS --name NAME`,
  );
}

async function setStatus(house: House, id: number, status: 'active' | 'suspended'): Promise<void> {
  await house.tenants.setStatus(id, status);
  await record(house, id, status === 'active' ? 'resume-tenant' : 'suspend-tenant', 'U');
  console.log(`Tenant ${id} is ${status === 'active' ? 'served' : 'served no longer'}.`);
}

function list({ tenants }: House): Promise<void> {
  for (const { id, name, status, region, hosts } of tenants.list()) {
    const at = hosts.length ? hosts.join(', ') : tenants.baseUrl(id);
    console.log(`${String(id).padStart(4)}  ${status.padEnd(9)}  ${region}  ${name}  ${at}`);
  }
  return Promise.resolve();
}

/** In the tenant's own trail: her auditor sees who made, shut and opened her clinic. */
const record = ({ access, clock }: House, tenant: number, action: string, verb: 'C' | 'U') =>
  within(tenant, () =>
    access.audit.append({
      tenant,
      at: clock.now(),
      requestId: `cli:${action}`,
      who: systemId,
      role: 'system',
      ip: '',
      verb,
      action,
      purpose: 'HOPERAT',
      outcome: 0,
    }),
  );
