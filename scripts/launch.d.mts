/** Says whether the stamp in node_modules fits package-lock.json. */
export function isStamped(root: string): boolean;
/** Says whether npm's record of what it installed covers package-lock.json. */
export function isInstalled(root: string): boolean;
export function stampInstall(root: string): void;
/** Runs a file of the repository under the pinned Node, installing first what is missing. */
export function launch(root: string, file: string, args: readonly string[]): void;
