export interface TerraformLock {
  ID: string;
  Operation: string;
  Info: string;
  Who: string;
  Version: string;
  Created: string;
  Path: string;
}

export interface TerraformState {
  name: string;
  lock: TerraformLock | null;
  versions: { serial: number; body: Buffer; userId: number; createdAt: string }[];
}
