/*
 * What those who may import `store` (app, views) need of the query library behind it; nobody else names kysely.
 */
export { sql } from 'kysely';
export type { Expression, ExpressionBuilder, Kysely, SqlBool, Transaction } from 'kysely';
