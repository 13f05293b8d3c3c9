/** /auth/forgotten: the way back in, which never goes around the second factor. */
import type { FastifyInstance } from 'fastify';
import type {
  FactorProof,
  ForgottenCodeRequest,
  ForgottenRequest,
  ForgottenSent,
  ForgottenStep,
  NewPasswordRequest,
  SignInResponse,
} from '../contract.ts';
import type { Forgotten } from '../recovery/forgotten.ts';
import { body, factorProof, text } from './bodies.ts';

const who = { email: text(254, 3), by: { type: 'string', enum: ['email', 'phone'] } };

export function forgottenRoutes(
  http: FastifyInstance,
  { forgotten, tenantOf }: { forgotten: Forgotten; tenantOf(host: string): number },
): void {
  http.post<{ Body: ForgottenRequest; Reply: ForgottenSent }>(
    '/auth/forgotten',
    body(who, ['email']),
    async (req) => {
      req.evidence.action = 'forgotten-password';
      return forgotten.begin(req, tenantOf(req.host), req.body);
    },
  );

  http.post<{ Body: ForgottenCodeRequest; Reply: ForgottenStep }>(
    '/auth/forgotten/code',
    body({ ...who, ticket: text(100), code: text(16) }, ['email', 'ticket', 'code']),
    async (req, reply) => {
      req.evidence.action = 'forgotten-code';
      return forgotten.code(req, reply, tenantOf(req.host), req.body);
    },
  );

  http.post<{ Body: FactorProof; Reply: ForgottenStep }>(
    '/auth/forgotten/second-factor',
    factorProof,
    async (req, reply) => {
      req.evidence.action = 'forgotten-second-factor';
      return forgotten.secondFactor(req, reply, req.body);
    },
  );

  http.post<{ Body: NewPasswordRequest; Reply: SignInResponse }>(
    '/auth/forgotten/password',
    body({ password: text(256) }),
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'reset-password', verb: 'U' });
      return {
        status: 'signed-in',
        me: await forgotten.password(req, reply, req.body.password),
      };
    },
  );
}
