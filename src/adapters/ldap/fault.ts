import { ResultCodeError } from 'ldapts';
import { Fault } from '#domain/fault.ts';

/** LDAP did not answer what was asked. Never holds the password. */
export class LdapFault extends Fault {
  constructor(code: LdapFaultCode, message: string) {
    super(code, message, { retryable: code === 'ldap-unreachable' });
  }
}

export type LdapFaultCode = 'ldap-unreachable' | 'ldap-unauthorized' | 'ldap-not-found' | 'ldap-rejected';

/** LDAP_INVALID_CREDENTIALS and its neighbours, RFC 4511 appendix A. */
const UNAUTHORIZED = new Set([7, 8, 13, 48, 49, 50]);
const NO_SUCH_OBJECT = 32;
/** busy, unavailable, unwilling to perform, time limit exceeded. */
const PASSING = new Set([3, 51, 52, 53]);

/** The library's error as ours: a result code has its own words, anything else is a connection that failed. */
export function faultOf(error: unknown, url: string): LdapFault {
  if (error instanceof LdapFault) return error;
  if (error instanceof ResultCodeError) {
    const said = `LDAP answered ${error.code} (${error.name})`;
    if (UNAUTHORIZED.has(error.code)) return new LdapFault('ldap-unauthorized', said);
    if (error.code === NO_SUCH_OBJECT) return new LdapFault('ldap-not-found', said);
    return new LdapFault(PASSING.has(error.code) ? 'ldap-unreachable' : 'ldap-rejected', said);
  }
  const why = error instanceof Error ? error.message : String(error);
  return new LdapFault('ldap-unreachable', `LDAP could not be reached at ${url}: ${why.slice(0, 200)}`);
}
