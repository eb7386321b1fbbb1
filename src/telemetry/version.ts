import manifest from '../../package.json' with { type: 'json' };

/** The version of this very program. */
export const VERSION: string = manifest.version;
