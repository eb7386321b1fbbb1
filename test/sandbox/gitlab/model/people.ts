/** GitLab's roles as its API numbers them. */
export const LEVEL = {
  none: 0,
  guest: 10,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
  admin: 60,
} as const;

export interface User {
  id: number;
  username: string;
  name: string;
  state: 'active' | 'blocked';
  email: string;
  publicEmail: string | null;
  bot: boolean;
  createdAt: string;
}

export interface Membership {
  userId: number;
  accessLevel: number;
  expiresAt: string | null;
}

export interface Group {
  id: number;
  fullPath: string;
  name: string;
  visibility: 'private' | 'public';
  members: Membership[];
  /** Groups invited to this one: their members belong to it with at most this role. */
  invited: { groupId: number; accessLevel: number }[];
}

export interface Token {
  id: number;
  value: string;
  name: string;
  userId: number;
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  revoked: boolean;
  lastUsedAt: string | null;
  /** Set for deploy tokens: they belong to a project and need their own user name with git. */
  deploy: { projectId: number; username: string } | null;
}
