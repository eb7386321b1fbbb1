import { type Grant, type PermissionScheme, type ProjectPermission, projectPermissions } from './types.ts';

const administratorPermissions: readonly ProjectPermission[] = [
  'DELETE_ISSUES',
  'EDIT_ALL_COMMENTS',
  'DELETE_ALL_COMMENTS',
  'DELETE_ALL_ATTACHMENTS',
  'MODIFY_REPORTER',
  'ADMINISTER_PROJECTS',
];

/** What JIRA's default scheme comes to: people may work on issues, administrators may delete. */
export function defaultPermissionScheme(administrators: string): PermissionScheme {
  const scheme = Object.fromEntries(
    projectPermissions.map((permission): [ProjectPermission, Grant[]] => [
      permission,
      administratorPermissions.includes(permission)
        ? [{ type: 'group', group: administrators }]
        : [{ type: 'anyone' }],
    ]),
  );
  return scheme as PermissionScheme;
}
