import type { HouseSettings } from '../house/configuration.ts';
import type { House } from '../house/house.ts';

export interface Place {
  gitlabUrl: string;
  /** GitLab's number of the repository. */
  project: number;
}

/** What the demo changes: resources of some kind, with their state somewhere. */
export interface Infrastructure {
  settings: HouseSettings;
  /** The repository before Erin's change, and the files that she changes. */
  before(place: Place): Record<string, string>;
  after(place: Place): Record<string, string>;
  /** What is proposed next, for whoever plays with the demo after the story. */
  later(place: Place): Record<string, string>;
  /** Puts in place what exists before the story begins. */
  prepare(house: House): Promise<void>;
  /** Approval numbers in a project's state, by resource address, and where that state is. */
  approvals(house: House, project: string): Promise<{ where: string; numbers: Record<string, string> }>;
  /** Stops what runs for it. */
  close(): Promise<void>;
}

/** As much of a Terraform state as is read here. */
export interface State {
  serial: number;
  resources: {
    type: string;
    name: string;
    instances: { index_key?: string | number; attributes: Record<string, unknown> }[];
  }[];
}
