/** Opens a day at the demo clinic for a test: a clinician with time now, and a patient with a long chart. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { signIn, type Session } from './people.ts';
import { accountOf, clientToken, type DemoAccount, type Product } from './product.ts';

const root = join(import.meta.dirname, '..');
/** Charts by Synthea, when they lie beside the project; without them a patient of the demo clinic serves. */
const synthea = join(root, '..', 'shared', 'data', 'synthea');
const longChart = 'Milan_Beatty';

/** Runs `afar` on the product's data folder, beside the running server, as an operator would. */
export async function afar(
  product: Product,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ['server/cli/afar.ts', ...args], {
    cwd: root,
    env: { ...process.env, AFAR_DATA: product.data, AFAR_MODE: 'demo' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve) =>
    child.once('exit', (one) => resolve(one ?? 1)),
  );
  return { code, output };
}

export interface ClinicDay {
  doctor: DemoAccount;
  doctorName: string;
  patient: DemoAccount;
  /** What the chart must show, read from the record itself. */
  chart: { patientId: string; name: string; problem: string };
}

interface Named {
  id: string;
  name: { family: string; given: string[] }[];
}

async function fhir<T>(product: Product, path: string): Promise<T> {
  const answer = await fetch(product.demo.fhirUrl + path, {
    headers: { authorization: `Bearer ${await clientToken(product)}` },
  });
  if (!answer.ok) throw new Error(`${path.split('?')[0]}: ${answer.status}`);
  return (await answer.json()) as T;
}

/** The clinician sees patients from now on, at every hour of every day. */
export async function openHours(product: Product, doctor: Session): Promise<string> {
  const me = await doctor.get<{ fhirUser: { id: string } }>('/auth/me');
  const clinician = me.body.fhirUser.id;
  const path = `/api/schedules/${clinician}`;
  const { body: rule } = await doctor.get<Record<string, unknown>>(path);
  const changed = await doctor.put(path, {
    ...rule,
    noticeMinutes: 0,
    exceptions: [],
    closures: [],
    hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' })),
  });
  if (changed.status !== 200) throw new Error(`the schedule was refused: ${changed.status}`);
  const { body } = await doctor.get<{ clinicians: { id: string; name: string }[] }>(
    '/api/clinicians',
  );
  return body.clinicians.find((one) => one.id === clinician)!.name;
}

async function syntheaPatient(
  product: Product,
  [admin, second]: [Session, Session],
): Promise<DemoAccount> {
  const file = readdirSync(synthea).find((name) => name.startsWith(longChart))!;
  const imported = await afar(product, 'import', join(synthea, file));
  if (imported.code !== 0) throw new Error(`import failed:\n${imported.output}`);
  const family = longChart.split('_')[1]!;
  const found = await fhir<{ entry: { resource: Named }[] }>(product, `/Patient?family=${family}`);
  const email = 'synthea.patient@example.org';
  const made = await admin.post<{ password: string; approval: { id: string } }>(
    '/api/office/users',
    {
      role: 'patient',
      email,
      name: 'A patient by Synthea',
      fhirUser: { type: 'Patient', id: found.entry[0]!.resource.id },
    },
  );
  if (made.status !== 202) throw new Error(`no account for the patient: ${made.status}`);
  const yes = await second.post(`/api/office/approvals/${made.body.approval.id}/approve`);
  if (yes.status !== 200) throw new Error(`the account was not agreed to: ${yes.status}`);
  return { role: 'patient', email, password: made.body.password };
}

/** @param long with a chart of many years, by Synthea, when it lies beside the project */
export async function openClinic(
  product: Product,
  { long = false }: { long?: boolean } = {},
): Promise<ClinicDay> {
  const doctor = accountOf(product, 'practitioner');
  const doctorName = await openHours(product, await signIn(product.baseUrl, doctor));
  const patient =
    long && existsSync(synthea)
      ? await syntheaPatient(
          product,
          await Promise.all([
            signIn(product.baseUrl, accountOf(product, 'administrator')),
            signIn(product.baseUrl, accountOf(product, 'administrator', 1)),
          ]),
        )
      : accountOf(product, 'patient');
  const session = await signIn(product.baseUrl, patient);
  const me = await session.get<{ fhirUser: { id: string } }>('/auth/me');
  const patientId = me.body.fhirUser.id;
  const person = await fhir<Named>(product, `/Patient/${patientId}`);
  const problems = await fhir<{ entry: { resource: { code: { text: string } } }[] }>(
    product,
    `/Condition?patient=${patientId}&clinical-status=active`,
  );
  return {
    doctor,
    doctorName,
    patient,
    chart: {
      patientId,
      name: person.name[0]!.family,
      problem: problems.entry[0]!.resource.code.text,
    },
  };
}
